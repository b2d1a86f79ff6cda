import { random } from '../../generate.ts'
import { type AuditJson, events, merged } from '../events.ts'
import { type World, worldOf } from '../world.ts'
import { decoys } from './decoys.ts'
import { incidents, type Planted } from './incidents.ts'

/** A log with incidents in it, what is true of it, and the bindings and the directory that go with it. */
export interface PlantedLog extends Planted {
  readonly log: Iterable<AuditJson>
  readonly world: World
}

/** `count` events of the world, and those that are planted. Without incidents it is clean. */
export function planted(seed: number, count: number, isClean = false): PlantedLog {
  const world = worldOf(seed)
  const draw = random(seed + 1_000)
  const made = incidents(world, draw)
  const own = [...decoys(draw), ...(isClean ? [] : made.events)].sort((a, b) =>
    a.stageTimestamp < b.stageTimestamp ? -1 : 1,
  )
  return {
    ...made,
    ...(isClean ? { truth: [], events: [], directory: 'user,status\n', sleepers: [] } : {}),
    world,
    log: { [Symbol.iterator]: () => merged(events(seed, count, world), own) },
  }
}

/** The bindings of those of the world that the log shows, and of those who sleep. */
export function bindingsOf({ world: { identities }, log, sleepers }: PlantedLog): readonly object[] {
  const api = 'rbac.authorization.k8s.io'
  const found = new Map<string, object>()
  const seen = new Set<string>()
  for (const { user, annotations } of log)
    if (annotations?.['authorization.k8s.io/decision'] === 'allow') seen.add(user.username)
  for (const { kind, user, groups, namespace, binding, habits } of identities) {
    if (kind === 'node' || !seen.has(user)) continue
    const where = binding.kind === 'RoleBinding' ? { namespace } : {}
    const [, , home, account] = user.split(':')
    const subject =
      kind === 'person'
        ? { kind: 'Group', name: groups[0], apiGroup: api }
        : { kind: 'ServiceAccount', name: account, namespace: home }
    const roleKind = binding.kind === 'RoleBinding' ? 'Role' : 'ClusterRole'
    const metadata = { name: binding.name, ...where }
    found.set(`${binding.kind}/${namespace}/${binding.name}`, {
      apiVersion: `${api}/v1`,
      kind: binding.kind,
      metadata,
      roleRef: { apiGroup: api, kind: roleKind, name: binding.role },
      subjects: [subject],
    })
    const rules = habits
      .filter(({ resource }) => resource !== '')
      .map(({ group, resource, subresource, verb }) => ({
        apiGroups: [group],
        resources: [subresource === '' ? resource : `${resource}/${subresource}`],
        verbs: [verb],
      }))
    found.set(`${roleKind}/${namespace}/${binding.role}`, {
      apiVersion: `${api}/v1`,
      kind: roleKind,
      metadata: { name: binding.role, ...where },
      rules,
    })
  }
  for (const name of sleepers)
    found.set(`sleeper/${name}`, {
      apiVersion: `${api}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'sleepers' },
      roleRef: { apiGroup: api, kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'User', name, apiGroup: api }],
    })
  return [...found.values()]
}
