import type { CheckItem, CheckRun } from '../../../checks.ts'
import { type EditableFile, editableFile } from '../../../cluster/edit/file.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { mend, type Workshop } from '../../../fix/checks/mend.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { Replacement } from '../../../report/checks/sarif.ts'
import { mutators } from '../fix-checks.ts'

/** Each asks the policies anew: beyond these a run would take minutes for what few readers of SARIF show. */
const MOST = 1_000
const LARGEST = 1024 ** 2

/** What `fix --in-place` would do for one failure alone, as changes of whole lines; empty where it can or may do nothing. */
export function replacer(
  input: Input,
  run: CheckRun,
  fixes: ReadonlyMap<string, KubeObject>,
): (item: CheckItem) => readonly Replacement[] {
  let workshop: Workshop | undefined
  let file: { source: number; editable: EditableFile | undefined } | undefined
  let made = 0
  const editableOf = (source: number): EditableFile | undefined => {
    if (file?.source === source) return file.editable
    const bytes = input.bytes(source)
    const isText = Buffer.isBuffer(bytes) && bytes.length <= LARGEST
    file = { source, editable: isText ? editableFile(input.files[source] as string, bytes) : undefined }
    return file.editable
  }
  return ({ check, object, exception }) => {
    // Of what is accepted in part the rest is for a person to decide; the line of a Secret may hold its value.
    if (!fixes.has(check.id) || !object.origin || exception || object.kind === 'Secret' || made >= MOST) return []
    const editable = editableOf(object.origin.source)
    if (!editable) return []
    made++
    workshop ??= {
      minor: run.cluster.version.minor,
      request: run.request,
      judge: run.judge,
      fixOf: mutators(fixes, run),
    }
    const others = run.judge(object).filter((verdict) => verdict.check.id !== check.id)
    const { done } = mend(object, new Map(others.map((verdict) => [verdict.check.id, ''])), workshop)
    const edits = done.filter((each) => each.check.id === check.id).flatMap((each) => each.edits)
    if (edits.length === 0) return []
    const changed = editable.fork()
    return changed.edit(object.origin, edits) ? [] : replacementsOf(editable.name, changed.diff())
  }
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@/

/** The runs of removed and added lines of a unified diff of one file. None where a last line has no end: ranges of lines cannot say that. */
export function replacementsOf(file: string, diff: string): readonly Replacement[] {
  const found: Replacement[] = []
  let line = 0
  let run: { start: number; removed: number; added: string[] } | undefined
  const close = (): void => {
    if (run)
      found.push({
        file,
        startLine: run.start,
        startColumn: 1,
        endLine: run.start + run.removed,
        endColumn: 1,
        text: run.added.map((each) => `${each}\n`).join(''),
      })
    run = undefined
  }
  let isInHunk = false
  for (const text of diff.split('\n')) {
    const hunk = HUNK.exec(text)
    if (hunk) {
      close()
      // Where nothing was, the line before is named.
      line = Number(hunk[1]) + (hunk[2] === '0' ? 1 : 0)
      isInHunk = true
    } else if (!isInHunk) continue
    else if (text.startsWith('\\')) return []
    else if (text.startsWith('-') || text.startsWith('+')) {
      run ??= { start: line, removed: 0, added: [] }
      if (text.startsWith('+')) run.added.push(text.slice(1))
      else {
        run.removed++
        line++
      }
    } else {
      close()
      line++
    }
  }
  close()
  return found
}
