import { field, formatPath, isObject, type Json, type JsonObject, type Path } from '../json.ts'
import type { Edit } from './change.ts'

/** An edit that no object of that shape can take: a key of a list, an item that is not there. */
export class Impossible extends Error {}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Deeply equal; the order of keys means nothing. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => same(item, b[index] as Json))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key] as Json))
  )
}

/**
 * What edits mean: the value that a file must read as once they are made. What they leave alone is shared with the value
 * before, and a value that they do not change is itself. Throws `Impossible`.
 */
export function applyEdits(value: Json, edits: readonly Edit[]): Json {
  return edits.reduce(applyEdit, value)
}

export function applyEdit(value: Json, edit: Edit): Json {
  return alter(value, edit, 0) ?? null
}

/** Undefined is what is not there. */
function alter(here: Json | undefined, edit: Edit, depth: number): Json | undefined {
  const step = edit.path[depth]
  if (step === undefined) return leaf(here, edit)
  const inside = edit.path.slice(0, depth)
  if (typeof step === 'number') {
    const old = isList(here) && Number.isInteger(step) ? here[step] : undefined
    if (!isList(here) || old === undefined) return orElse(here, edit, inside, `has no item ${step}`)
    const item = alter(old, edit, depth + 1)
    if (item === old) return here
    return item === undefined ? here.toSpliced(step, 1) : here.with(step, item)
  }
  if (here !== undefined && here !== null && !isObject(here)) return orElse(here, edit, inside, 'is no mapping')
  const old = field(here, step)
  const item = alter(old, edit, depth + 1)
  if (item === old) return here
  return item === undefined ? without(here as JsonObject, step) : { ...here, [step]: item }
}

function leaf(old: Json | undefined, edit: Edit): Json | undefined {
  switch (edit.op) {
    case 'remove':
      return undefined
    case 'set':
      return same(old, edit.value) ? old : edit.value
    case 'append':
      if (old === undefined || old === null) return [edit.value]
      return isList(old) ? [...old, edit.value] : orElse(old, edit, edit.path, 'is no list')
    default:
      return edit satisfies never
  }
}

/** What is not there needs no removal. */
function orElse(here: Json | undefined, edit: Edit, path: Path, why: string): Json | undefined {
  if (edit.op === 'remove') return here
  throw new Impossible(`${path.length === 0 ? 'the document' : formatPath(path)} ${why}`)
}

function without(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key))
}

/**
 * The small edits that turn one value into the other, so that what both have keeps its text. Of a mapping keys are set
 * before others are removed: it is never empty in between.
 */
export function difference(before: Json | undefined, after: Json, path: Path = []): readonly Edit[] {
  if (same(before, after)) return []
  if (isObject(before) && isObject(after) && Object.keys(before).length > 0 && Object.keys(after).length > 0) {
    const sets = Object.entries(after).flatMap(([key, value]) => difference(field(before, key), value, [...path, key]))
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
    return [...sets, ...gone.map((key) => ({ op: 'remove', path: [...path, key] }) as const)]
  }
  if (isList(before) && isList(after) && before.length > 0 && after.length > 0)
    return listDifference(before, after, path)
  return [{ op: 'set', path, value: after }]
}

function listDifference(before: readonly Json[], after: readonly Json[], path: Path): readonly Edit[] {
  const kept = new Set<number>()
  for (let index = 0; index < before.length; index++) if (same(before[index], after[kept.size])) kept.add(index)
  const remove = (index: number): Edit => ({ op: 'remove', path: [...path, index] })
  // From the back, so that indices hold.
  const indices = before.map((_, index) => index).reverse()
  if (kept.size === after.length) return indices.filter((index) => !kept.has(index)).map(remove)
  return [
    ...after.slice(0, before.length).flatMap((item, index) => difference(before[index], item, [...path, index])),
    ...after.slice(before.length).map((value): Edit => ({ op: 'append', path, value })),
    ...indices.filter((index) => index >= after.length).map(remove),
  ]
}
