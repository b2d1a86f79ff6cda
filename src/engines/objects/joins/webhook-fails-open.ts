import { ruleMeans, type WebhookRule } from '../../../cluster/webhooks.ts'
import { webhookJoin } from './webhook-join.ts'

/** What security webhooks guard. */
const GUARDED: readonly (readonly [group: string, resource: string])[] = [
  ['', 'pods'],
  ['', 'pods/ephemeralcontainers'],
  ['', 'pods/exec'],
  ['', 'secrets'],
  ['', 'namespaces'],
  ['apps', 'deployments'],
  ['apps', 'daemonsets'],
  ['apps', 'statefulsets'],
  ['batch', 'jobs'],
  ['batch', 'cronjobs'],
  ['networking.k8s.io', 'networkpolicies'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
]

/** Of a webhook that changes objects many may fail open; of one that refuses them, whoever silences it is let in. */
export const webhookFailsOpen = webhookJoin(
  {
    id: 'webhook-fails-open',
    title: 'A validating webhook lets everything in while it does not answer',
    severity: 'medium',
    category: 'security',
    profiles: [],
    aliases: { 'kube-linter': 'webhook-failure-policy-ignore' },
    references: [
      'MITRE ATT&CK T1562.001',
      'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
    ],
  },
  ({ failsOpen, rules }, _cluster, { kind }) =>
    failsOpen && kind === 'ValidatingWebhookConfiguration' && rules.some(isGuard)
      ? { says: 'has failurePolicy Ignore', path: ['failurePolicy'], isSure: true }
      : undefined,
)

function isGuard(rule: WebhookRule): boolean {
  const writes = rule.operations.some(
    (each) => each === '*' || each === 'CREATE' || each === 'UPDATE' || each === 'CONNECT',
  )
  return writes && GUARDED.some(([group, resource]) => ruleMeans(rule, group, resource))
}
