import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { runsCommands } from './powers.ts'

export const clusterRoleBindingPodExec: Join = bindingJoin(
  {
    id: 'cluster-role-binding-pod-exec',
    title: 'A ClusterRoleBinding lets run commands in every pod',
    severity: 'high',
    category: 'security',
    profiles: ['default'],
    aliases: { polaris: 'clusterrolebindingPodExecAttach' },
    polaris: 'danger',
    references: ['MITRE ATT&CK T1609', 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  },
  (binding) => binding.kind === 'ClusterRoleBinding' && binding.roleKind === 'ClusterRole',
  runsCommands,
)
