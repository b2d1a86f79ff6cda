import type { RbacPolicy } from '../../authz/policy.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { applyEdits, difference } from '../../cluster/edit/apply.ts'
import type { Json, JsonObject } from '../../cluster/json.ts'
import { selects } from '../../cluster/labels.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { type Binding, type Role, ruleBody, type Subject, subjectId } from '../../cluster/rbac.ts'
import { bindingsOf, isRestored, nameOf } from '../access/evidence.ts'
import { placesOf, recordEdit } from '../access/subjects.ts'
import type { Change, Fix } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { objectsOf, type Pair } from './objects.ts'

/** A pair as it will be in the cluster: made anew, or one of today whose role is given these rules. */
export interface Placed {
  readonly pair: Pair
  readonly role: KubeObject
  readonly binding: KubeObject
  readonly isNew: boolean
}

export interface Changed {
  readonly placed: readonly Placed[]
  /** Bindings of today that lose subjects, as they will be. */
  readonly withdrawn: readonly KubeObject[]
  readonly fixes: readonly Fix[]
}

/** Turns today's objects into those that are wanted: in place where a role and its binding are just for these subjects. */
export function changesOf(
  cluster: Cluster,
  policy: RbacPolicy,
  pairs: readonly Pair[],
  /** By binding, the subjects whose rights are made anew. */
  touched: ReadonlyMap<Binding, readonly Subject[]>,
  window: string,
): Changed {
  const placed: Placed[] = []
  const fixes: Fix[] = []
  const adopted = new Set<Binding>()
  const idFor = fixIds('minimize')
  const fix = (
    object: { readonly id: string; readonly namespace: string; readonly name: string },
    title: string,
    changes: readonly Change[],
  ): void => {
    const id = idFor(object.id, object.namespace, object.name)
    fixes.push({ id, kind: 'minimize', title, changes, witness: 'access', notes: [] })
  }
  const isTaken = (id: string): boolean => cluster.get(id) !== undefined
  for (const pair of pairs) {
    const own = adoptable(cluster, policy, pair, touched, adopted)
    if (!own) {
      const [role, binding] = objectsOf(pair, { window, isTaken })
      placed.push({ pair, role, binding, isNew: true })
      continue
    }
    adopted.add(own.binding)
    const before = own.role.object
    const rules = pair.rules.map(ruleBody)
    const edits = difference(before.body.rules, rules, ['rules'])
    const role = edits.length === 0 ? before : { ...before, body: { ...before.body, rules: rules as readonly Json[] } }
    placed.push({ pair, role, binding: own.binding.object, isNew: false })
    if (edits.length > 0)
      fix(before, `Reduce ${own.role.kind} ${nameOf(own.role)} to what was used`, [
        { action: 'edit', object: before, edits },
      ])
  }
  const withdrawn: KubeObject[] = []
  for (const [binding, subjects] of touched) {
    if (adopted.has(binding)) continue
    const { object } = binding
    const gone = new Set(subjects.map(subjectId))
    const left = binding.subjects.filter((each) => !gone.has(subjectId(each)))
    const places = subjects.flatMap((each) => placesOf(binding, each)).sort((a, b) => b - a)
    const edits =
      left.length === 0
        ? [{ op: 'set' as const, path: ['subjects'], value: [] as Json }]
        : places.map((place) => ({ op: 'remove' as const, path: ['subjects', place] }))
    const all = [...edits, ...(left.length === 0 ? recordEdit(binding, subjects) : [])]
    fix(object, `Take ${binding.kind} ${nameOf(object)} from those who have their own`, [
      { action: 'edit', object, edits: all },
    ])
    withdrawn.push({ ...object, body: applyEdits(object.body, all) as JsonObject })
  }
  const news = placed.filter(({ isNew }) => isNew).flatMap(({ role, binding }) => [role, binding])
  if (news.length > 0)
    fixes.push({
      id: 'minimize',
      kind: 'minimize',
      title: 'Add the roles of what was used',
      changes: news.map((object) => ({ action: 'add', object })),
      witness: 'access',
      notes: [],
    })
  return { placed, withdrawn, fixes }
}

/** A role that is given by one binding, to these subjects and nobody else, and is no part of another role. */
function adoptable(
  cluster: Cluster,
  policy: RbacPolicy,
  { namespace, subjects }: Pair,
  touched: ReadonlyMap<Binding, readonly Subject[]>,
  adopted: ReadonlySet<Binding>,
): { readonly binding: Binding; readonly role: Role } | undefined {
  const wanted = new Set(subjects.map(subjectId))
  const [first] = subjects
  for (const binding of first ? policy.bindingsOf(subjectId(first)) : []) {
    const role = policy.roleOf(binding)
    if (!role || adopted.has(binding) || !touched.has(binding) || binding.namespace !== namespace) continue
    if (role.namespace !== namespace || role.assumed || role.aggregation || !role.object.origin) continue
    if (bindingsOf(policy, role).length !== 1 || isRestored(role.object)) continue
    const ids = new Set(binding.subjects.map(subjectId))
    if (ids.size !== wanted.size || ![...ids].every((id) => wanted.has(id))) continue
    if (touched.get(binding)?.length !== ids.size) continue
    const isPart = policy.roles.some(({ aggregation }) => aggregation?.some((each) => selects(each, role.labels)))
    if (isPart && role.kind === 'ClusterRole') continue
    if (cluster.get(role.object.id)) return { binding, role }
  }
  return undefined
}
