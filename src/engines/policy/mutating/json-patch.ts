import { same } from '../../../cluster/edit/apply.ts'
import { isObject, type Json, type JsonObject } from '../../../cluster/json.ts'

/** One operation of RFC 6902, its pointers as text. `value` is undefined where the operation has none. */
export interface Operation {
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: Json | undefined
}

/** Why a patch does not apply, in the words of the API server. */
export class PatchError extends Error {}

/** A `test` that does not hold: the object stays as it was, and that is no error. */
export class TestFailed extends Error {}

/** A patch that takes longer than any that people write. */
export class TooLong extends Error {}

/** Each operation makes the lists and mappings on its way anew; a key takes as long as ten items. */
const MOST_WORK = 10_000_000
const WORK_OF_KEY = 10
let work = 0

function spend(container: Container): void {
  work += isList(container) ? container.length : Object.keys(container).length * WORK_OF_KEY
  if (work > MOST_WORK) throw new TooLong('the outcome of a patch that takes too long')
}

/**
 * The document after a patch, as gopkg.in/evanphx/json-patch.v4 applies it, which is more lenient than RFC 6902: indices
 * may count from the end, `replace` adds a key that is not there, `copy` from one gives null. Nothing is changed in
 * place. A patch that writes null and then looks into it breaks the API server; here it does not apply. Throws
 * `PatchError`, `TestFailed` and `TooLong`.
 */
export function applyPatch(document: Json, operations: readonly Operation[]): Json {
  work = 0
  return operations.reduce(applyOperation, document)
}

export function applyOperation(document: Json, operation: Operation): Json {
  const { op, path, from, value = null } = operation
  switch (op) {
    case 'add':
      return inContainer(document, path, `add operation does not apply: doc is missing path: "${path}"`, (here, key) =>
        wrapped(`error in add for path: '${path}'`, () => added(here, key, value)),
      )
    case 'remove':
      return inContainer(
        document,
        path,
        `remove operation does not apply: doc is missing path: "${path}"`,
        (here, key) => wrapped(`error in remove for path: '${path}'`, () => removed(here, key)),
      )
    case 'replace':
      return replace(document, path, value)
    case 'move': {
      const [here, key] = source(document, from, 'move')
      const moved = wrapped(`error in move for path: '${key}'`, () => held(here, key))
      const rest = inContainer(document, from, '', (each, name) =>
        wrapped(`error in move for path: '${name}'`, () => removed(each, name)),
      )
      return inContainer(
        rest,
        path,
        `move operation does not apply: doc is missing destination path: ${path}`,
        (each, name) => wrapped(`error in move for path: '${path}'`, () => added(each, name, moved ?? null)),
      )
    }
    case 'copy': {
      const [here, key] = source(document, from, 'copy')
      const copied = wrapped(`error in copy for from: '${from}'`, () => held(here, key))
      return inContainer(
        document,
        path,
        `copy operation does not apply: doc is missing destination path: ${path}`,
        (each, name) => wrapped('error while adding value during copy', () => added(each, name, copied ?? null)),
      )
    }
    case 'test':
      return tested(document, operation)
    default:
      throw new PatchError(`Unexpected kind: ${op}`)
  }
}

/** The keys that a pointer steps through; undefined for one that names the whole document, or nothing. */
export function pointerSteps(pointer: string): readonly string[] | undefined {
  const parts = pointer.split('/')
  return parts.length < 2 ? undefined : parts.slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The index that a step means in a list of so many items; counted from the end where it is negative. */
export function indexIn(length: number, step: string): number {
  const index = atoi(step)
  if (index >= length || index < -length) throw new PatchError(`Unable to access invalid index: ${index}: ${INVALID}`)
  return index < 0 ? index + length : index
}

const MISSING = 'missing value'
const INVALID = 'invalid index referenced'

type Container = readonly Json[] | JsonObject

/** Changes what holds the place that a pointer names; the rest of the document is shared. */
function inContainer(
  document: Json,
  pointer: string,
  complaint: string,
  change: (here: Container, key: string) => Json,
): Json {
  const steps = pointerSteps(pointer)
  if (!steps) throw new PatchError(`${complaint}: ${MISSING}`)
  const walk = (here: Json | undefined, depth: number): Json => {
    if (!isContainer(here)) throw new PatchError(`${complaint}: ${MISSING}`)
    spend(here)
    const key = steps[depth] as string
    if (depth === steps.length - 1) return change(here, key)
    const next = quietly(here, key)
    const made = walk(next, depth + 1)
    return isList(here) ? here.with(indexIn(here.length, key), made) : withKey(here, key, made)
  }
  return walk(document, 0)
}

/** What a step leads to, or undefined where it leads nowhere. */
function quietly(here: Container, key: string): Json | undefined {
  try {
    return held(here, key)
  } catch (error) {
    if (error instanceof PatchError) return undefined
    throw error
  }
}

function source(document: Json, from: string, op: string): readonly [Container, string] {
  if (from === '')
    throw new PatchError(`${op} operation failed to decode from: operation, missing from field: ${MISSING}`)
  const steps = pointerSteps(from)
  let here: Json | undefined = document
  for (const step of steps?.slice(0, -1) ?? []) here = isContainer(here) ? quietly(here, step) : undefined
  if (!steps || !isContainer(here))
    throw new PatchError(`${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`)
  return [here, steps.at(-1) as string]
}

function replace(document: Json, path: string, value: Json): Json {
  if (path === '') {
    // The wrapped error is nil there, and Go says so.
    if (!isContainer(value)) throw new PatchError('replace operation value must be object or array: %!w(<nil>)')
    return value
  }
  return inContainer(document, path, `replace operation does not apply: doc is missing path: ${path}`, (here, key) => {
    if (!isList(here)) return withKey(here, key, value)
    let index: number
    try {
      index = indexIn(here.length, key)
    } catch {
      throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`)
    }
    return here.with(index, value)
  })
}

function tested(document: Json, { path, value }: Operation): Json {
  const failed = (): TestFailed => new TestFailed(`testing value ${path} failed: test failed`)
  if (path === '') {
    if (value === undefined || !same(document, value)) throw failed()
    return document
  }
  return inContainer(document, path, `test operation does not apply: is missing path: ${path}`, (here, key) => {
    const found = wrapped(`error in test for path: '${path}'`, () => held(here, key))
    // What is null in a document is held as if it were not there, which only a test without a value asks for.
    const isHeld = found !== undefined && found !== null
    if (isHeld !== (value !== undefined) || (isHeld && !same(found, value))) throw failed()
    return here
  })
}

function held(here: Container, key: string): Json | undefined {
  if (isList(here)) return here[indexIn(here.length, key)]
  return Object.hasOwn(here, key) ? here[key] : undefined
}

function added(here: Container, key: string, value: Json): Json {
  if (!isList(here)) return withKey(here, key, value)
  if (key === '-') return [...here, value]
  let index: number
  try {
    index = atoi(key)
  } catch (error) {
    throw new PatchError(`value was not a proper array index: '${key}': ${(error as Error).message}`)
  }
  return here.toSpliced(indexIn(here.length + 1, String(index)), 0, value)
}

function removed(here: Container, key: string): Json {
  if (isList(here)) return here.toSpliced(indexIn(here.length, key), 1)
  if (!Object.hasOwn(here, key)) throw new PatchError(`Unable to remove nonexistent key: ${key}: ${MISSING}`)
  return Object.fromEntries(Object.entries(here).filter(([each]) => each !== key))
}

/** `__proto__` is a key like any other, which it is not in an object literal. */
function withKey(here: JsonObject, key: string, value: Json): JsonObject {
  return Object.fromEntries(new Map(Object.entries(here)).set(key, value))
}

function wrapped<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof PatchError) throw new PatchError(`${what}: ${error.message}`)
    throw error
  }
}

/** Go's strconv.Atoi. */
function atoi(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new PatchError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const number = Number(text)
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER)
    throw new PatchError(`strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`)
  return number
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isContainer(value: Json | undefined): value is Container {
  return isList(value) || isObject(value)
}
