import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { doesEverything } from './powers.ts'

export const clusterRoleBindingAdmin: Join = bindingJoin(
  {
    id: 'cluster-role-binding-admin',
    title: 'A ClusterRoleBinding gives everything in the cluster',
    severity: 'critical',
    category: 'security',
    profiles: ['default'],
    aliases: {
      polaris: 'clusterrolebindingClusterAdmin',
      'kube-linter': 'cluster-admin-role-binding',
      kubescape: 'C-0035, C-0185',
    },
    polaris: 'danger',
    references: [
      'CIS Kubernetes Benchmark 5.1.1',
      'MITRE ATT&CK T1078',
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
    ],
  },
  (binding) => binding.kind === 'ClusterRoleBinding' && binding.roleKind === 'ClusterRole',
  doesEverything,
)
