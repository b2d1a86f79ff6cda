import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { doesEverything } from './powers.ts'

export const roleBindingAdminRole: Join = bindingJoin(
  {
    id: 'role-binding-admin-role',
    title: 'A RoleBinding to a Role gives everything in its namespace',
    severity: 'high',
    category: 'security',
    profiles: ['default'],
    aliases: { polaris: 'rolebindingClusterAdminRole' },
    polaris: 'danger',
    references: [
      'CIS Kubernetes Benchmark 5.1.1',
      'MITRE ATT&CK T1078',
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
    ],
  },
  (binding) => binding.kind === 'RoleBinding' && binding.roleKind === 'Role',
  doesEverything,
)
