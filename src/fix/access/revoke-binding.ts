import type { Fix, FixContext, Proposer } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { bindingsToFix, nameOf } from './evidence.ts'
import { describeAll, isPerson, notesOfUse, recordEdit } from './subjects.ts'

/** Takes all that a binding gives away. */
export const revokeBinding: Proposer = { kind: 'revoke-binding', propose }

function* propose(context: FixContext): Generator<Fix> {
  const idFor = fixIds(revokeBinding.kind)
  for (const { binding, role } of bindingsToFix(context)) {
    const { object, subjects } = binding
    if (subjects.length === 0) continue
    const people = subjects.filter(isPerson)
    yield {
      id: idFor(object.id, object.namespace, object.name),
      kind: revokeBinding.kind,
      title: `Revoke ${binding.kind} ${nameOf(object)}: take ${role.kind} ${role.name} from ${describeAll(subjects)}`,
      changes: [
        people.length === 0
          ? { action: 'remove', object }
          : {
              action: 'edit',
              object,
              edits: [{ op: 'set', path: ['subjects'], value: [] }, ...recordEdit(binding, subjects)],
            },
      ],
      witness: 'access',
      notes: [
        ...(people.length === 0
          ? []
          : [`an annotation keeps on record who lost it: ${describeAll(people)}; their credentials stay valid`]),
        ...notesOfUse(context, binding, role, subjects),
      ],
    }
  }
}
