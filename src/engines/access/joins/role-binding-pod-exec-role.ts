import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { runsCommands } from './powers.ts'

export const roleBindingPodExecRole: Join = bindingJoin(
  {
    id: 'role-binding-pod-exec-role',
    title: 'A RoleBinding to a Role lets run commands in pods',
    severity: 'high',
    category: 'security',
    profiles: ['default'],
    aliases: { polaris: 'rolebindingRolePodExecAttach' },
    polaris: 'danger',
    references: ['MITRE ATT&CK T1609', 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  },
  (binding) => binding.kind === 'RoleBinding' && binding.roleKind === 'Role',
  runsCommands,
)
