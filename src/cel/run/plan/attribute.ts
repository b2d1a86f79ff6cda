import { Unknown } from '../../error.ts'
import type { Minor } from '../../library.ts'
import type { Value } from '../../value.ts'
import { isFailure, NO_SUCH_OVERLOAD, type Step } from '../frame.ts'
import { NONE, Optional, optionalOf } from '../optional.ts'
import { ABSENT, planNames } from './names.ts'
import { walk } from './walk.ts'

/**
 * A way into a value. cel-go charges each qualifier that is applied, and the attribute as a whole where it is a value of
 * its own: not as a branch of a ternary, and not as an index.
 */
export type Attribute =
  | {
      readonly kind: 'path'
      readonly base: Step
      /** Where `base` reads, if it does nothing but read a slot that holds something. */
      readonly slot?: number
      readonly qualifiers: readonly Qualifier[]
    }
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
  if (attribute.kind === 'conditional') return resolveConditional(attribute)
  if (attribute.qualifiers.at(-1)?.test === true) {
    // The presence test itself costs nothing in Kubernetes: cel.PresenceTestHasCost(false).
    const tested = resolve(attribute)
    return (frame) => {
      const found = tested(frame)
      return found instanceof Optional ? found.value !== undefined : found
    }
  }
  return resolve(attribute, 1)
}

/** What goes the way, charging its qualifiers and `own`. */
export function resolve(attribute: Attribute, own = 0): Step {
  if (attribute.kind === 'conditional') return resolveConditional(attribute)
  const { base, qualifiers } = attribute
  if (qualifiers.length === 0) return own === 0 ? base : charging(base, own)
  const names = planNames(attribute, own)
  if (names === undefined) return charging((frame) => walk(frame, base(frame), qualifiers, 0), own)
  if (!qualifiers.some(({ optional }) => optional)) return names as Step
  return (frame) => {
    const found = names(frame)
    return found === ABSENT ? NONE : isFailure(found) ? found : optionalOf(found)
  }
}

function charging(step: Step, own: number): Step {
  return (frame) => {
    const found = step(frame)
    frame.meter.charge(own)
    return found
  }
}

/** A way that begins with the variable of a slot. */
export function variable(slot: number, name: string, minor: Minor): Attribute {
  const read: Step = ({ slots }) => {
    const value = slots[slot]
    return value === undefined ? new Unknown(name) : value
  }
  const made = path(read, minor)
  return made.base === read ? { ...made, slot } : made
}

/** A way that begins with what a step gives. */
export function path(base: Step, minor: Minor): Attribute & { readonly kind: 'path' } {
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
