import type { Edit } from '../../cluster/edit/change.ts'
import { subjectId } from '../../cluster/rbac.ts'
import type { Fix, FixContext, Proposer } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { fitting } from '../titles.ts'
import { adminNotes, mayLose, takesLastAdmin } from './components.ts'
import { bindingsToFix, evidenceOf, nameOf } from './evidence.ts'
import { describe, isPerson, notesOfLoss, notesOfUse, placesOf, recordEdit } from './subjects.ts'

/** Takes one of several subjects out of a binding. */
export const revokeSubject: Proposer = { kind: 'revoke-subject', propose }

function* propose(context: FixContext): Generator<Fix> {
  const idFor = fixIds(revokeSubject.kind)
  const evidence = evidenceOf(context)
  for (const { binding, role } of bindingsToFix(context)) {
    const { object, subjects } = binding
    if (new Set(subjects.map(subjectId)).size < 2) continue
    const seen = new Set<string>()
    for (const index of [...(evidence.bindings.get(object.id) ?? [])].sort((a, b) => a - b)) {
      const subject = subjects[index]
      if (!subject || seen.has(subjectId(subject))) continue
      seen.add(subjectId(subject))
      if (!mayLose(context, binding, role, subject) || takesLastAdmin(context, binding, [subject])) continue
      const places = placesOf(binding, subject).toReversed()
      const removals = places.map((place): Edit => ({ op: 'remove', path: ['subjects', place] }))
      yield {
        id: idFor(
          `${object.id} ${subjectId(subject)}`,
          object.namespace,
          object.name,
          subject.kind.toLowerCase(),
          subject.namespace,
          subject.name,
        ),
        kind: revokeSubject.kind,
        title: fitting(
          `Take ${role.kind} ${role.name} from ${describe(subject)} in ${binding.kind} ${nameOf(object)}`,
          `Take ${describe(subject)} out of ${nameOf(object)} (${role.name})`,
          `Take ${nameOf(subject)} out of ${nameOf(object)}`,
        ),
        changes: [{ action: 'edit', object, edits: [...removals, ...recordEdit(binding, [subject])] }],
        witness: 'access',
        notes: [
          ...notesOfLoss(context, binding, role, [subject]),
          ...adminNotes(context, binding, [subject]),
          ...(isPerson(subject) ? ['an annotation keeps on record who lost it; the credential stays valid'] : []),
          ...notesOfUse(context, binding, role, [subject]),
        ],
      }
    }
  }
}
