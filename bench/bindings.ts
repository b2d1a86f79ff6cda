import { random } from './generate.ts'

type Document = Record<string, unknown>

const RBAC = 'rbac.authorization.k8s.io'
const API = `${RBAC}/v1`

/**
 * A cluster of bindings: namespaces of 50 each, a few roles in each, bound to service accounts, users and groups; one in a
 * hundred binds a ClusterRole everywhere.
 */
export function* bindings(count: number): Generator<Document> {
  const next = random(count)
  const namespaces = Math.max(1, Math.round(count / 50))
  const pick = (most: number): number => Math.floor(next() * most)
  for (const [name, resources] of [
    ['reads-secrets', ['secrets']],
    ['reads-pods', ['pods', 'pods/log']],
    ['runs', ['deployments', 'statefulsets']],
  ] as const)
    yield {
      apiVersion: API,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: ['', 'apps'], resources, verbs: ['get', 'list'] }],
    }
  for (let at = 0; at < namespaces; at++) {
    const namespace = `team-${at}`
    for (const [index, verbs] of [['get', 'list', 'watch'], ['get'], ['create', 'delete']].entries())
      yield {
        apiVersion: API,
        kind: 'Role',
        metadata: { name: `role-${index}`, namespace },
        rules: [{ apiGroups: [''], resources: [index === 1 ? 'configmaps' : 'secrets'], verbs }],
      }
    for (let account = 0; account < 5; account++)
      yield { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: `app-${account}`, namespace } }
  }
  for (let at = 0; at < count; at++) {
    const namespace = `team-${pick(namespaces)}`
    const isWide = at % 100 === 0
    const role =
      isWide || next() < 0.3
        ? { kind: 'ClusterRole', name: ['reads-secrets', 'reads-pods', 'runs'][pick(3)] }
        : { kind: 'Role', name: `role-${pick(3)}` }
    yield {
      apiVersion: API,
      kind: isWide ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: { name: `binding-${at}`, ...(isWide ? {} : { namespace }) },
      roleRef: { apiGroup: RBAC, ...role },
      subjects: [subject(namespace, pick, next())],
    }
  }
}

function subject(namespace: string, pick: (most: number) => number, chance: number): Document {
  if (chance < 0.6) return { kind: 'ServiceAccount', name: `app-${pick(5)}`, namespace }
  if (chance < 0.9) return { kind: 'User', apiGroup: RBAC, name: `person-${pick(5000)}@example.com` }
  if (chance < 0.99) return { kind: 'Group', apiGroup: RBAC, name: `group-${pick(500)}` }
  return { kind: 'Group', apiGroup: RBAC, name: `system:serviceaccounts:${namespace}` }
}
