// The RBAC under which a generated log was written: wide, as people write it.
import type { Habit, Identity, World } from '../../bench/audit/world.ts'
import type { JsonObject } from '../../src/cluster/json.ts'
import { rbacObject } from './policy.ts'

const RBAC = 'rbac.authorization.k8s.io'
const READS = ['get', 'list', 'watch']
const ALL = [...READS, 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Whatever is granted besides what is used; nobody is granted what the log shows to be refused. */
function rulesOf({ kind, habits }: Identity): readonly JsonObject[] {
  const resources = habits.filter(({ resource }) => resource !== '')
  const urls = habits.filter(({ path }) => path !== '').map(({ path }) => path)
  const nameOf = ({ resource, subresource }: Habit): string =>
    subresource === '' ? resource : `${resource}/${subresource}`
  const rules: JsonObject[] = [...new Set(resources.map(({ group }) => group))].map((group) => ({
    verbs: kind === 'person' ? [...READS, 'create', 'patch'] : ALL,
    apiGroups: [group],
    resources: [...new Set(resources.filter((each) => each.group === group).map(nameOf))],
  }))
  rules.push({ verbs: READS, apiGroups: ['batch', 'networking.k8s.io'], resources: ['cronjobs', 'ingresses'] })
  if (urls.length > 0 && kind !== 'person') rules.push({ verbs: ['get'], nonResourceURLs: urls })
  return rules
}

/** A role and a binding for each account, and for each team of people; nodes have their own authorizer. */
export function todaysPolicy({ identities }: World): readonly JsonObject[] {
  const found = new Map<string, JsonObject>()
  for (const identity of identities) {
    const { kind, user, groups, namespace, binding } = identity
    if (kind === 'node') continue
    const isWide = binding.kind === 'ClusterRoleBinding'
    const place = isWide ? '' : namespace
    const name = isWide ? binding.name : binding.role
    const role = rbacObject(
      { kind: isWide ? 'ClusterRole' : 'Role', namespace: place, name },
      { rules: rulesOf(identity) },
    )
    const known = found.get(`role ${place}/${name}`)
    // Members of a team share a role that gives what any of them does.
    found.set(`role ${place}/${name}`, known ? joined(known, role) : role)
    const [, , home = '', account = ''] = user.split(':')
    const subject =
      kind === 'person'
        ? { kind: 'Group', apiGroup: RBAC, name: groups[0] ?? '' }
        : { kind: 'ServiceAccount', namespace: home, name: account }
    found.set(
      `binding ${place}/${binding.name}`,
      rbacObject(
        { kind: binding.kind, namespace: place, name: binding.name },
        { roleRef: { apiGroup: RBAC, kind: isWide ? 'ClusterRole' : 'Role', name }, subjects: [subject] },
      ),
    )
  }
  return [...found.values()]
}

function joined(a: JsonObject, b: JsonObject): JsonObject {
  const rules = [...(a.rules as JsonObject[]), ...(b.rules as JsonObject[])]
  return { ...a, rules: [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()] }
}
