import type { Binding, Role, Subject } from '../../cluster/rbac.ts'
import type { Fix, FixContext, Proposer } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { fitting } from '../titles.ts'
import { adminNotes, mayLose, takesLastAdmin } from './components.ts'
import { bindingsToFix, nameOf } from './evidence.ts'
import { describe, describeAll, isPerson, notesOfLoss, notesOfUse, recordEdit } from './subjects.ts'

/** Takes all that a binding gives away. */
export const revokeBinding: Proposer = { kind: 'revoke-binding', propose }

function* propose(context: FixContext): Generator<Fix> {
  const idFor = fixIds(revokeBinding.kind)
  for (const { binding, role } of bindingsToFix(context)) {
    const { object, subjects } = binding
    if (subjects.length === 0 || takesLastAdmin(context, binding, subjects)) continue
    if (!subjects.every((each) => mayLose(context, binding, role, each))) continue
    const people = subjects.filter(isPerson)
    yield {
      id: idFor(object.id, object.namespace, object.name),
      kind: revokeBinding.kind,
      title: titleOf(binding, role),
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
        ...notesOfLoss(context, binding, role, subjects),
        ...adminNotes(context, binding, subjects),
        ...(people.length === 0
          ? []
          : [`an annotation keeps on record who lost it: ${describeAll(people)}; their credentials stay valid`]),
        ...notesOfUse(context, binding, role, subjects),
      ],
    }
  }
}

/** The object first: the end of a title is what a narrow table leaves out. */
function titleOf({ kind, object, subjects }: Binding, role: Role): string {
  const [first] = subjects as readonly [Subject, ...Subject[]]
  const more = subjects.length > 1 ? ` and ${subjects.length - 1} more` : ''
  const name = nameOf(object)
  const of = role.name === object.name ? '' : ` (${role.name})`
  return fitting(
    `Revoke ${kind} ${name}${of} from ${describeAll(subjects)}`,
    `Revoke ${name}${of} from ${describe(first)}${more}`,
    `Revoke ${name}${of} from ${nameOf(first)}${more}`,
    `Revoke ${name} from ${nameOf(first)}${more}`,
  )
}
