import type { Cluster } from '../cluster/cluster.ts'
import { same } from '../cluster/edit/apply.ts'
import type { KubeObject } from '../cluster/object.ts'
import { isBinding, isRole } from '../cluster/rbac.ts'
import type { Change, Fix, Witness } from './fix.ts'

/** A change that a user brings, as fixes by what of the history can speak against them. */
export function fixOf(
  cluster: Cluster,
  applied: readonly KubeObject[],
  deleted: readonly KubeObject[],
): readonly Fix[] {
  const changes: Change[] = [
    ...applied.flatMap((object): Change[] => {
      const before = cluster.get(object.id)
      if (!before) return [{ action: 'add', object }]
      const edits = replaced(before, object)
      return edits.length === 0 ? [] : [{ action: 'edit', object: before, edits }]
    }),
    ...deleted.map((object): Change => ({ action: 'remove', object })),
  ]
  return [...Map.groupBy(changes, witnessOf)].map(([witness, own]) => ({
    id: `brought-${witness}`,
    kind: 'brought',
    title: 'The change that was given',
    changes: own,
    witness,
    notes: own.flatMap(noteOf),
  }))
}

/** Key by key, so that what was given stands in the place of what was. */
function replaced(before: KubeObject, after: KubeObject): (Change & { action: 'edit' })['edits'] {
  return [
    ...Object.keys(before.body)
      .filter((key) => !Object.hasOwn(after.body, key) && key !== 'status')
      .map((key) => ({ op: 'remove' as const, path: [key] })),
    ...Object.entries(after.body)
      .filter(([key, value]) => key !== 'status' && !same(before.body[key], value))
      .map(([key, value]) => ({ op: 'set' as const, path: [key], value })),
  ]
}

function witnessOf({ object, action }: Change): Witness {
  if (isRole(object) || isBinding(object)) return 'access'
  if (object.kind === 'NetworkPolicy') return 'connections'
  // With a namespace goes all that is in it, which no log can speak for.
  if (object.kind === 'Namespace') return action === 'remove' ? 'none' : 'admission'
  return 'none'
}

/** rbac.authorization.k8s.io validation: the role of a binding cannot be changed. */
function noteOf(change: Change): readonly string[] {
  const { object } = change
  if (change.action !== 'edit' || !isBinding(object) || !change.edits.some(({ path }) => path[0] === 'roleRef'))
    return []
  return [`the roleRef of ${object.kind} ${object.name} cannot be changed: the API server takes it only after a delete`]
}
