import { type AwsMapping, mappingPath } from '../../cluster/aws-auth.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import { editableFile } from '../../cluster/edit/file.ts'
import { at, list, string } from '../../cluster/json.ts'
import { writtenAt } from '../../cluster/made.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { decodeBinding, type Subject, subjectId } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { OwnBinding } from '../../engines/access/holdings/granted.ts'
import { isPerson, placesOf, recordEdit } from '../access/subjects.ts'
import type { Change, Fix } from '../fix.ts'
import { fixIds } from '../slug.ts'

export interface Leaving {
  readonly subject: Subject
  readonly bindings: readonly OwnBinding[]
  readonly mappings: readonly AwsMapping[]
  readonly tokenSecrets: readonly KubeObject[]
  /** Of a service account that no workload runs as: with it end all its tokens. */
  readonly account?: KubeObject
}

/** One change that takes from a subject all that objects of the input give it; undefined where they give nothing. */
export function offboard(leaving: Leaving): { fix: Fix | undefined; refused: readonly string[] } {
  const refused: string[] = []
  const changes: Change[] = [...bindingChanges(leaving.bindings), ...mappingChanges(leaving.mappings, refused)]
  for (const object of leaving.tokenSecrets) changes.push({ action: 'remove', object })
  if (leaving.account) changes.push({ action: 'remove', object: leaving.account })
  if (changes.length === 0) return { fix: undefined, refused }
  const { kind, namespace, name } = leaving.subject
  const text = subjectText(leaving.subject)
  return {
    fix: {
      id: fixIds('offboard')(text, kind.toLowerCase(), namespace, name),
      kind: 'offboard',
      title: `Take from ${text} all that the input gives it`,
      changes,
      witness: 'access',
      notes: [],
    },
    refused,
  }
}

/** Those of a definition are taken out where they are written, once for all bindings that are made of it. */
function bindingChanges(own: readonly OwnBinding[]): readonly Change[] {
  const edits = new Map<KubeObject, Edit[]>()
  const removed: Change[] = []
  const done = new Set<string>()
  for (const { binding, subjects } of own) {
    const { object } = binding
    if (object.made) {
      for (const subject of subjects)
        for (const place of placesOf(binding, subject)) {
          const written = writtenAt(object, ['subjects', place])
          const key = JSON.stringify([written.object.id, written.path])
          if (done.has(key)) continue
          done.add(key)
          edits.set(written.object, [...(edits.get(written.object) ?? []), { op: 'remove', path: written.path }])
        }
      continue
    }
    const gone = new Set(subjects.map(subjectId))
    const rest = list(at(object.body, 'subjects')).filter(
      (item) =>
        !decodeBinding({ ...object, body: { subjects: [item] } }).subjects.some((each) => gone.has(subjectId(each))),
    )
    if (rest.length === 0 && !subjects.some(isPerson)) {
      removed.push({ action: 'remove', object })
      continue
    }
    const removals: readonly Edit[] =
      rest.length === 0
        ? [{ op: 'set', path: ['subjects'], value: [] }]
        : [...new Set(subjects.flatMap((subject) => placesOf(binding, subject)))]
            .sort((a, b) => b - a)
            .map((place): Edit => ({ op: 'remove', path: ['subjects', place] }))
    edits.set(object, [...removals, ...recordEdit(binding, subjects)])
  }
  return [...[...edits].map(([object, all]): Change => ({ action: 'edit', object, edits: lastFirst(all) })), ...removed]
}

/** Of several items of one list the last goes first, so that the others keep their places. */
function lastFirst(edits: readonly Edit[]): readonly Edit[] {
  const removals = edits.filter(({ op, path }) => op === 'remove' && typeof path.at(-1) === 'number')
  const others = edits.filter((each) => !removals.includes(each))
  return [...removals.toSorted((a, b) => (b.path.at(-1) as number) - (a.path.at(-1) as number)), ...others]
}

/** The lists of aws-auth are texts of their own, whose comments stay where they can. */
function mappingChanges(mappings: readonly AwsMapping[], refused: string[]): readonly Change[] {
  const byObject = Map.groupBy(mappings, ({ object }) => object)
  return [...byObject].flatMap(([object, own]): readonly Change[] => {
    const edits = [...Map.groupBy(own, (each) => each.list).values()].flatMap((entries): readonly Edit[] => {
      const path = mappingPath(entries[0] as AwsMapping)
      const text = string(at(object.body, ...path)) ?? ''
      const after = withoutItems(
        text,
        entries.map(({ index }) => index),
      )
      if (typeof after === 'string') return [{ op: 'set', path, value: after }]
      refused.push(`${object.namespace}/${object.name}: ${after.why}`)
      return []
    })
    return edits.length === 0 ? [] : [{ action: 'edit', object, edits }]
  })
}

function withoutItems(text: string, indexes: readonly number[]): string | { readonly why: string } {
  const bytes = Buffer.from(text)
  const file = editableFile('aws-auth', bytes)
  const origin = { source: 0, start: 0, end: bytes.length, inner: [] }
  const edits = [...indexes].sort((a, b) => b - a).map((index): Edit => ({ op: 'remove', path: [index] }))
  const failed = file.edit(origin, edits)
  return failed ? { why: failed.why } : file.bytes.toString('utf8')
}
