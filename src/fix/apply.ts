import { applyEdits } from '../cluster/edit/apply.ts'
import type { JsonObject } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Fix } from './fix.ts'

/** The objects after a fix, in the order of the objects before; new ones follow. */
export function applyFix(objects: readonly KubeObject[], fix: Fix): readonly KubeObject[] {
  const after = new Map<string, KubeObject | undefined>()
  const added: KubeObject[] = []
  for (const change of fix.changes) {
    const { object } = change
    if (change.action === 'add') added.push(object)
    else if (change.action === 'remove') after.set(object.id, undefined)
    else {
      const before = after.get(object.id) ?? object
      after.set(object.id, { ...before, body: applyEdits(before.body, change.edits) as JsonObject })
    }
  }
  const kept = objects.flatMap((object) => {
    if (!after.has(object.id)) return [object]
    const changed = after.get(object.id)
    return changed ? [changed] : []
  })
  return added.length === 0 ? kept : [...kept, ...added]
}

/** How many objects somebody must agree to change: what controllers make of them is asked of nobody. */
export function costOf({ changes }: Fix): number {
  return new Set(changes.flatMap((change) => ('derived' in change && change.derived ? [] : [change.object.id]))).size
}
