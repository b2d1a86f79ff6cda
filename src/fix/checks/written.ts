import { applyEdit, difference, same } from '../../cluster/edit/apply.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import { at, field, isObject, type Json, type JsonObject, type Path, type Step } from '../../cluster/json.ts'
import { applyOperation, indexIn, type Operation, pointerSteps } from '../../engines/policy/mutating/json-patch.ts'
import type { MutationStep } from '../../engines/policy/mutating/mutate.ts'

/**
 * What operations on an object as admission sees it are as edits of the object as it is written. Defaults that were filled
 * in are never written: a removal of what is not written is nothing, and of a value that an operation replaces only what
 * differs is changed. List indices are the same on both sides. Each edit is of the object as those before it left it.
 * Throws `PatchError` and `Impossible`.
 */
export function editsOf(written: JsonObject, steps: readonly MutationStep[]): readonly Edit[] {
  const text = new Text(written)
  for (const { before, operations } of steps) {
    let seen: Json = before
    for (const operation of operations) {
      const after = applyOperation(seen, operation)
      text.take(operation, seen, after)
      seen = after
    }
  }
  return text.edits
}

/** The object as written, while it is edited. */
class Text {
  readonly edits: Edit[] = []
  #body: Json

  constructor(body: JsonObject) {
    this.#body = body
  }

  take({ op, path, from }: Operation, before: Json, after: Json): void {
    if (op === 'remove') this.#remove(pathOf(before, path))
    else if (op === 'move' || op === 'copy') {
      const source = pathOf(before, from)
      const value = at(this.#body, ...source) ?? at(before, ...source) ?? null
      if (op === 'move') this.#remove(source)
      this.#put(pathOf(after, path), undefined, value, after)
    } else if (op === 'add' || op === 'replace') {
      const target = pathOf(after, path)
      const isNew = op === 'add' && typeof target.at(-1) === 'number'
      this.#put(target, isNew ? undefined : at(before, ...target), at(after, ...target) ?? null, after)
    }
  }

  #remove(path: Path): void {
    if (at(this.#body, ...path) !== undefined) this.#add({ op: 'remove', path })
  }

  /** `old`: what admission saw there before; undefined where `value` comes to stand between others of a list. */
  #put(path: Path, old: Json | undefined, value: Json, after: Json): void {
    const step = path.at(-1)
    const here = at(this.#body, ...path)
    if (typeof step === 'number' && old === undefined) this.#insert(path.slice(0, -1), step, value, after)
    else if (here !== undefined && old !== undefined && isAlike(old, value))
      for (const edit of difference(old, value, path)) this.#change(edit)
    else if (isObject(here) && isObject(value) && Object.keys(value).length > 0)
      for (const [key, each] of Object.entries(value)) this.#put([...path, key], undefined, each, after)
    else if (!same(here, value)) this.#add({ op: 'set', path, value })
  }

  /** An edit that was found between what admission saw before and after. */
  #change(edit: Edit): void {
    if (edit.op === 'remove') this.#remove(edit.path)
    else if (edit.op === 'append' || !same(at(this.#body, ...edit.path), edit.value)) this.#add(edit)
  }

  #insert(list: Path, index: number, value: Json, after: Json): void {
    const here = at(this.#body, ...list)
    const items = Array.isArray(here) ? (here as readonly Json[]) : undefined
    if (items?.length === index) this.#add({ op: 'append', path: list, value })
    else this.#add({ op: 'set', path: list, value: items?.toSpliced(index, 0, value) ?? at(after, ...list) ?? [value] })
  }

  /** What is changed inside a value that was set a moment ago is set with it. */
  #add(edit: Edit): void {
    this.#body = applyEdit(this.#body, edit)
    const last = this.edits.at(-1)
    if (last?.op !== 'set' || edit.path.length <= last.path.length || !startsWith(edit.path, last.path)) {
      this.edits.push(edit)
      return
    }
    const inner = { ...edit, path: edit.path.slice(last.path.length) }
    this.edits[this.edits.length - 1] = { ...last, value: applyEdit(last.value, inner) }
  }
}

function isAlike(a: Json, b: Json): boolean {
  return (Array.isArray(a) && Array.isArray(b)) || (isObject(a) && isObject(b))
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => step === path[index])
}

/** The steps of a pointer into a document that has what they lead to, but for the last one. */
function pathOf(document: Json, pointer: string): Path {
  let here: Json | undefined = document
  const path: Step[] = []
  for (const step of pointerSteps(pointer) ?? []) {
    const items: readonly Json[] | undefined = Array.isArray(here) ? here : undefined
    const next: Step = items === undefined ? step : step === '-' ? items.length - 1 : indexIn(items.length, step)
    path.push(next)
    here = typeof next === 'number' ? items?.[next] : field(here, next)
  }
  return path
}
