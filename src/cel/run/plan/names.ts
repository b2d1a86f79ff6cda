import { CelError } from '../../error.ts'
import { adapt, type Fields, type JsonMap, type Value } from '../../value.ts'
import { caught, type Frame, isFailure, type Outcome } from '../frame.ts'
import { isFields } from '../kind.ts'
import { NONE, Optional, optionalOf } from '../optional.ts'
import type { Attribute, Qualifier } from './attribute.ts'
import { walk } from './walk.ts'

/** The optional value is none. */
export const ABSENT = Symbol('absent')

/** As a step, but that what an optional way finds is not wrapped into an optional, and `ABSENT` is none. */
export type NamesStep = (frame: Frame) => Outcome | typeof ABSENT

/**
 * The common ways: plain names, from some on optional (`object.spec.containers`, `c.?securityContext.?privileged`), or of
 * which the last one is asked for (`has(c.securityContext)`).
 */
interface Names {
  readonly keys: readonly string[]
  readonly absent: readonly CelError[]
  /** The first name that is optional; their number where none is. */
  readonly from: number
  readonly isTest: boolean
  readonly qualifiers: readonly Qualifier[]
  /** What is charged besides the qualifiers. */
  readonly own: number
}

/** What goes a common way, and charges `own` besides its qualifiers; undefined for all other ways. */
export function planNames(attribute: Attribute, own: number): NamesStep | undefined {
  if (attribute.kind !== 'path') return undefined
  const { base, slot } = attribute
  const names = namesOf(attribute.qualifiers, own)
  if (names === undefined) return undefined
  if (slot === undefined) return (frame) => follow(frame, base(frame), names, names.from)
  return (frame) => follow(frame, frame.slots[slot] ?? base(frame), names, names.from)
}

function namesOf(qualifiers: readonly Qualifier[], own: number): Names | undefined {
  if (qualifiers.length === 0 || !qualifiers.every(isPlainName)) return undefined
  const keys = qualifiers.map(({ key }) => key as string)
  const optional = qualifiers.findIndex((each) => each.optional)
  const tested = qualifiers.findIndex(({ test }) => test === true)
  const last = keys.length - 1
  if (tested >= 0 && (tested < last || optional >= 0)) return undefined
  return {
    keys,
    absent: keys.map((name) => new CelError(`no such key: ${name}`)),
    from: optional < 0 ? keys.length : optional,
    isTest: tested >= 0,
    qualifiers,
    own,
  }
}

/** A field by a name that no object has by inheritance, and no `Fields` itself. */
function isPlainName({ key }: Qualifier): boolean {
  return typeof key === 'string' && !(key in Object.prototype) && !OF_FIELDS.has(key)
}

/** What a `Fields` has itself. */
const OF_FIELDS: ReadonlySet<string> = new Set(['fields', 'get'])

/** Fields of JSON objects and of `Fields`, of which those from `from` on may be absent. Everything else goes on in `walk`. */
function follow(frame: Frame, start: Outcome, names: Names, from: number): Outcome | typeof ABSENT {
  const { keys } = names
  const { length } = keys
  let value = start
  for (let i = 0; i < length; i++) {
    if (typeof value !== 'object' || value === null) return onward(frame, value, names, from, i)
    const isLiteral = value.constructor === Object
    let field: Outcome | undefined
    let isComputed = false
    // Reading what is not there takes V8 five times as long as asking whether it is.
    if (isLiteral && Object.hasOwn(value, keys[i] as string)) field = (value as JsonMap)[keys[i] as string]
    if (field === undefined) {
      isComputed = isFields(value)
      if (isComputed) field = computedField(value as Fields, keys[i] as string)
      else if (!isLiteral) return beside(frame, value, names, from, i)
    }
    if (field === undefined || (isComputed && isFailure(field))) {
      frame.meter.chargeSteps((i < from ? i + 1 : i) + names.own)
      if (field !== undefined) return field
      if (names.isTest && i === length - 1) return false
      return i < from ? (names.absent[i] as CelError) : ABSENT
    }
    value = typeof field === 'number' ? (adapt(field) as Value) : field
  }
  frame.meter.chargeSteps(length + names.own)
  return names.isTest && !isFailure(value) ? true : value
}

function beside(frame: Frame, value: Outcome, names: Names, from: number, at: number): Outcome | typeof ABSENT {
  return at === 0 && value instanceof Optional && !names.isTest
    ? followOptional(frame, value, names)
    : onward(frame, value, names, from, at)
}

/** Of an optional at the beginning: from the first name on, absence is no error, and what is found is an optional. */
function followOptional(frame: Frame, { value }: Optional, names: Names): Outcome | typeof ABSENT {
  const isEmpty = value === undefined || value instanceof Optional
  if (isEmpty) frame.meter.charge(names.own)
  const found = isEmpty ? ABSENT : follow(frame, value, names, 0)
  if (names.from < names.keys.length) return found
  return found === ABSENT ? NONE : isFailure(found) ? found : optionalOf(found)
}

function onward(
  frame: Frame,
  value: Outcome,
  { qualifiers, own }: Names,
  from: number,
  first: number,
): Outcome | typeof ABSENT {
  frame.meter.chargeSteps(first)
  const found = walk(frame, value, qualifiers, first, first >= from)
  frame.meter.charge(own)
  if (from === qualifiers.length || !(found instanceof Optional)) return found
  return found.value === undefined ? ABSENT : found.value
}

function computedField(value: Fields, name: string): Outcome | undefined {
  try {
    return value.get(name)
  } catch (error) {
    return caught(error)
  }
}
