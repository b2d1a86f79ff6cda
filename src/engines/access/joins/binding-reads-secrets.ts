import type { Join } from '../../check.ts'
import { bindingJoin } from './binding-join.ts'
import { readsSecrets } from './powers.ts'

export const bindingReadsSecrets: Join = bindingJoin(
  {
    id: 'binding-reads-secrets',
    title: 'A binding lets read all Secrets',
    severity: 'medium',
    category: 'security',
    profiles: [],
    aliases: { 'kube-linter': 'access-to-secrets' },

    references: [
      'CIS Kubernetes Benchmark 5.1.2',
      'MITRE ATT&CK T1552.007',
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
    ],
  },
  () => true,
  readsSecrets,
)
