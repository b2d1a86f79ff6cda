import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { runsCommands } from './powers.ts'

export const roleBindingPodExecClusterRole: Join = bindingJoin(
  {
    id: 'role-binding-pod-exec-cluster-role',
    title: 'A RoleBinding to a ClusterRole lets run commands in pods',
    severity: 'high',
    category: 'security',
    profiles: ['default'],
    aliases: { polaris: 'rolebindingClusterRolePodExecAttach' },
    polaris: 'danger',
    references: ['MITRE ATT&CK T1609', 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  },
  (binding) => binding.kind === 'RoleBinding' && binding.roleKind === 'ClusterRole',
  runsCommands,
)
