import type { Json } from '../json.ts'
import { firstDocument, parseYaml } from '../yaml.ts'
import { applyEdit, applyEdits, difference, Impossible, same } from './apply.ts'
import type { Edit } from './change.ts'
import { Unwritable } from './place.ts'
import { scan } from './scan.ts'
import { hasAlias, Unscannable } from './tree.ts'
import { write } from './write.ts'

/** The text of one document, or of one item of a list, and what it reads as. */
export interface Slice {
  readonly text: string
  readonly value: Json
  readonly isJson: boolean
}

export interface Refusal {
  readonly why: string
  /** In the text. */
  readonly offset: number
}

const BYTE_ORDER_MARK = '\ufeff'

/** As the reader of files does: JSON where it is JSON, else YAML. */
export function readSlice(text: string, mayBeJson = true): Slice | Refusal {
  if (mayBeJson && /^\s*[[{"]/.test(text)) {
    try {
      return { text, value: JSON.parse(text) as Json, isJson: true }
    } catch {
      // Flow style, which begins alike.
    }
  }
  const { value, problem } = parseYaml(text)
  if (problem) return { why: problem.message, offset: 0 }
  return { text, value, isJson: false }
}

/** All edits, or none. What the edits do not change is the slice itself. */
export function editSlice(slice: Slice, edits: readonly Edit[]): Slice | Refusal {
  const made = attempt(slice, edits, true)
  // A block scalar swallows white space and comments that follow it.
  return 'why' in made ? attempt(slice, edits, false) : made
}

function attempt(slice: Slice, edits: readonly Edit[], mayBeLiteral: boolean): Slice | Refusal {
  const mark = slice.text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  let text = slice.text.slice(mark.length)
  let offset = 0
  try {
    let { value } = slice
    for (const edit of edits) {
      for (const small of smallEdits(value, edit)) {
        value = applyEdit(value, small)
        text = write(text, small, value, { isJson: slice.isJson, mayBeLiteral })
      }
    }
    if (value === slice.value) return slice
    const made = readSlice(mark + text, slice.isJson)
    if (
      'why' in made ||
      !same(made.value, value) ||
      made.isJson !== slice.isJson ||
      breaksOut(slice.text.slice(mark.length), text)
    )
      return { why: whyNot(slice, mark.length), offset: firstDifference(slice.text, mark + text) }
    return made
  } catch (error) {
    if (error instanceof Unwritable) offset = error.offset
    else if (!(error instanceof Impossible || error instanceof Unscannable)) throw error
    return { why: error.message, offset }
  }
}

/** An edit in the steps that keep most of the text. */
function smallEdits(value: Json, edit: Edit): readonly Edit[] {
  const after = applyEdits(value, [edit])
  if (after === value) return []
  const isListEdit = edit.op === 'append' || (edit.op === 'remove' && typeof edit.path.at(-1) === 'number')
  return isListEdit ? [edit] : difference(value, after)
}

/** Lines that would end the document, or the item of a list, for those who cut before they parse. */
function breaksOut(before: string, after: string): boolean {
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
  return [/^---/gm, /^\.\.\.(?=\s|$)/gm, /^[^\s#]/gm].slice(0, /^- /.test(before) ? 3 : 2).some((pattern) => {
    return count(after, pattern) > count(before, pattern)
  })
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

function whyNot({ text, isJson }: Slice, from: number): string {
  return !isJson && hasAlias(scan(firstDocument(text.slice(from))))
    ? 'anchors, aliases or merge keys tie the place to others, which would change as well'
    : 'the changed text would not read as intended'
}
