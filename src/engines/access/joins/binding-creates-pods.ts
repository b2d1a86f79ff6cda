import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { makesPods } from './powers.ts'

export const bindingCreatesPods: Join = bindingJoin(
  {
    id: 'binding-creates-pods',
    title: 'A binding lets start pods of choice',
    severity: 'medium',
    category: 'security',
    profiles: [],
    aliases: { 'kube-linter': 'access-to-create-pods' },

    references: [
      'CIS Kubernetes Benchmark 5.1.4',
      'MITRE ATT&CK T1610',
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
    ],
  },
  () => true,
  makesPods,
)
