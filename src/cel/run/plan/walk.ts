import type { Value } from '../../value.ts'
import { type Frame, isFailure, type Outcome } from '../frame.ts'
import { NONE, Optional, optionalOf } from '../optional.ts'
import type { Qualifier } from './attribute.ts'
import { look, MISSING, missing } from './qualify.ts'

/** cel-go interpreter/attributes.go, applyQualifiers: from the first optional one on, absence ends the way without an error. */
export function walk(
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
