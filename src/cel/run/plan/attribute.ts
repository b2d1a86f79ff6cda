import { CelError, Unknown } from '../../error.ts'
import type { Minor } from '../../library.ts'
import { adapt, type Fields, type JsonMap, type Value } from '../../value.ts'
import { caught, type Frame, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { isFields } from '../kind.ts'
import { NONE, Optional, optionalOf } from '../optional.ts'
import { look, MISSING, missing } from './qualify.ts'

/**
 * A way into a value. cel-go charges each qualifier that is applied, and the attribute as a whole where it is a value of
 * its own: not as a branch of a ternary, and not as an index.
 */
export type Attribute =
  | { readonly kind: 'path'; readonly base: Step; readonly qualifiers: readonly Qualifier[] }
  | { readonly kind: 'conditional'; readonly condition: Step; readonly truthy: Attribute; readonly falsy: Attribute }

/** One step of a way: a field, a key or an index. */
export interface Qualifier {
  /** The key, where it is known while planning. */
  readonly key?: Value
  /** Else what computes it, without the cost of an attribute. */
  readonly compute?: Step
  readonly optional: boolean
  /** `has(a.b)`: only whether it is there. */
  readonly test?: boolean
}

/** The attribute with one more qualifier; of a ternary, both its branches. */
export function qualified(attribute: Attribute, qualifier: Qualifier): Attribute {
  if (attribute.kind === 'path') return { ...attribute, qualifiers: [...attribute.qualifiers, qualifier] }
  return {
    ...attribute,
    truthy: qualified(attribute.truthy, qualifier),
    falsy: qualified(attribute.falsy, qualifier),
  }
}

/** What evaluates the attribute as a value of its own. */
export function evaluate(attribute: Attribute): Step {
  const resolved = resolve(attribute)
  if (attribute.kind === 'conditional') return resolved
  if (attribute.qualifiers.at(-1)?.test === true) {
    // The presence test itself costs nothing in Kubernetes: cel.PresenceTestHasCost(false).
    return (frame) => {
      const found = resolved(frame)
      return found instanceof Optional ? found.value !== undefined : found
    }
  }
  return (frame) => {
    const found = resolved(frame)
    frame.meter.charge(1)
    return found
  }
}

/** What goes the way, charging its qualifiers alone. */
export function resolve(attribute: Attribute): Step {
  if (attribute.kind === 'conditional') return resolveConditional(attribute)
  const { qualifiers } = attribute
  const { base } = attribute
  if (qualifiers.length === 0) return base
  const optional = walkOptionalNames(attribute)
  if (optional) {
    return (frame) => {
      const found = optional(frame)
      return found === ABSENT ? NONE : isFailure(found) ? found : optionalOf(found)
    }
  }
  return qualifiers.every(isPlainName)
    ? walkNames(base, qualifiers)
    : (frame) => walk(frame, base(frame), qualifiers, 0)
}

/** A way that begins with the variable of a slot. */
export function variable(slot: number, name: string, minor: Minor): Attribute {
  return path(({ slots }) => {
    const value = slots[slot]
    return value === undefined ? new Unknown(name) : value
  }, minor)
}

/** A way that begins with what a step gives. */
export function path(base: Step, minor: Minor): Attribute {
  return { kind: 'path', base: minor >= 37 ? base : flattened(base), qualifiers: [] }
}

/** An optional in an optional is one: before v0.29, cel-go took the native value of what the outer one holds. */
function flattened(base: Step): Step {
  return (frame) => {
    const value = base(frame)
    return value instanceof Optional && value.value instanceof Optional ? optionalOf(native(value.value)) : value
  }
}

const native = (value: Value): Value =>
  value instanceof Optional ? (value.value === undefined ? null : native(value.value)) : value

function resolveConditional(attribute: Attribute & { readonly kind: 'conditional' }): Step {
  const { condition } = attribute
  const truthy = resolve(attribute.truthy)
  const falsy = resolve(attribute.falsy)
  return (frame) => {
    const chosen = condition(frame)
    if (chosen === true) return truthy(frame)
    if (chosen === false) return falsy(frame)
    return isFailure(chosen) ? chosen : NO_SUCH_OVERLOAD
  }
}

/** A field by a name that no object has by inheritance, so that reading it is asking whether it is there. */
function isPlainName({ key, optional, test }: Qualifier): boolean {
  return typeof key === 'string' && !(key in Object.prototype) && !OF_FIELDS.has(key) && !optional && test !== true
}

/** What a `Fields` has itself. */
const OF_FIELDS: ReadonlySet<string> = new Set(['fields', 'get'])

/** The common way, `object.spec.containers`: fields of JSON objects and of `Fields`. Everything else goes on in `walk`. */
function walkNames(base: Step, qualifiers: readonly Qualifier[]): Step {
  const names = qualifiers.map(({ key }) => key as string)
  const absent = names.map((name) => new CelError(`no such key: ${name}`))
  const length = names.length
  return (frame) => {
    let value = base(frame)
    for (let i = 0; i < length; i++) {
      if (typeof value !== 'object' || value === null) return walkFrom(frame, value, qualifiers, i)
      let field: Outcome | undefined
      if (value.constructor === Object) field = (value as JsonMap)[names[i] as string]
      else if (!isFields(value)) return walkFrom(frame, value, qualifiers, i)
      if (field === undefined) {
        if (isFields(value)) field = computedField(value, names[i] as string)
        if (field === undefined) {
          frame.meter.chargeSteps(i + 1)
          return absent[i] as CelError
        }
        if (isFailure(field)) {
          frame.meter.chargeSteps(i + 1)
          return field
        }
      }
      value = typeof field === 'number' ? (adapt(field) as Value) : field
    }
    frame.meter.chargeSteps(length)
    return value
  }
}

function walkFrom(frame: Frame, value: Outcome, qualifiers: readonly Qualifier[], first: number): Outcome {
  frame.meter.chargeSteps(first)
  return walk(frame, value, qualifiers, first)
}

function computedField(value: Fields, name: string): Outcome | undefined {
  try {
    return value.get(name)
  } catch (error) {
    return caught(error)
  }
}

/** The optional value is none. */
export const ABSENT = Symbol('absent')

/** As a step, but that what it finds is not wrapped into an optional, and `ABSENT` is none. */
export type OptionalStep = (frame: Frame) => Outcome | typeof ABSENT

/**
 * The other common way, `c.?securityContext.?privileged`: plain names, from some on optional. Undefined for all others.
 */
export function walkOptionalNames(attribute: Attribute): OptionalStep | undefined {
  if (attribute.kind !== 'path') return undefined
  const { base, qualifiers } = attribute
  const from = qualifiers.findIndex(({ optional }) => optional)
  if (from < 0 || !qualifiers.every((each) => isPlainName({ ...each, optional: false }))) return undefined
  const names = qualifiers.map(({ key }) => key as string)
  const absent = names.map((name) => new CelError(`no such key: ${name}`))
  const length = names.length
  const onward = (frame: Frame, value: Outcome, i: number): Outcome | typeof ABSENT => {
    frame.meter.chargeSteps(i)
    const found = walk(frame, value, qualifiers, i, i > from)
    if (!(found instanceof Optional)) return found
    return found.value === undefined ? ABSENT : found.value
  }
  return (frame) => {
    let value = base(frame)
    for (let i = 0; i < length; i++) {
      if (typeof value !== 'object' || value === null) return onward(frame, value, i)
      let field: Outcome | undefined
      if (value.constructor === Object) field = (value as JsonMap)[names[i] as string]
      else if (!isFields(value)) return onward(frame, value, i)
      if (field === undefined) {
        if (isFields(value)) field = computedField(value, names[i] as string)
        if (field === undefined || isFailure(field)) {
          frame.meter.chargeSteps(i < from ? i + 1 : i)
          return field ?? (i < from ? (absent[i] as CelError) : ABSENT)
        }
      }
      value = typeof field === 'number' ? (adapt(field) as Value) : field
    }
    frame.meter.chargeSteps(length)
    return value
  }
}

/** cel-go interpreter/attributes.go, applyQualifiers: from the first optional one on, absence ends the way without an error. */
function walk(
  frame: Frame,
  from: Outcome,
  qualifiers: readonly Qualifier[],
  first: number,
  afterOptional = false,
): Outcome {
  if (isFailure(from)) return from
  let value: Value = from
  let optional = afterOptional
  if (first === 0 && value instanceof Optional) {
    if (value.value === undefined) return value
    value = value.value
    optional = true
  }
  for (let i = first; i < qualifiers.length; i++) {
    const qualifier = qualifiers[i] as Qualifier
    optional ||= qualifier.optional
    const key = qualifier.compute === undefined ? (qualifier.key as Value) : qualifier.compute(frame)
    if (isFailure(key)) {
      if (!optional) frame.meter.charge(1)
      return key
    }
    const found = look(value, key)
    if (qualifier.test === true) {
      const failed = found !== MISSING && isFailure(found)
      if (!optional || (found !== MISSING && !failed)) frame.meter.charge(1)
      if (failed) return found
      if (!optional) return found !== MISSING
      return found === MISSING ? NONE : optionalOf(found)
    }
    if (found === MISSING && optional) return NONE
    if (found === MISSING) {
      frame.meter.charge(1)
      return missing(value, key)
    }
    const failed = isFailure(found)
    if (!optional || !failed) frame.meter.charge(1)
    if (failed) return found
    value = found
  }
  return optional ? optionalOf(value) : value
}
