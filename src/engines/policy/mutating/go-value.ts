import { Duration } from '../../../cel/run/duration.ts'
import { isOpaque } from '../../../cel/run/kind.ts'
import { Optional } from '../../../cel/run/optional.ts'
import { goType } from '../../../cel/run/plan/qualify.ts'
import { Timestamp } from '../../../cel/run/timestamp.ts'
import { TypeValue } from '../../../cel/run/type-value.ts'
import { Double, type Value } from '../../../cel/value.ts'
import { MadeObject, MadePatch } from './made.ts'

/**
 * A value of CEL that stays Go's own in an apply configuration, where no schema takes it: how Go calls its type, and
 * prints it with %v and %#v.
 */
export class GoValue {
  readonly type: string
  readonly text: string
  readonly syntax: string

  constructor(type: string, text: string, syntax: string) {
    this.type = type
    this.text = text
    this.syntax = syntax
  }
}

/** Of bytes, durations, timestamps, what libraries make and what is no finite number; undefined of what JSON has. */
export function goValueOf(value: Value): GoValue | undefined {
  if (value instanceof Double && !Number.isFinite(value.value))
    return new GoValue('float64', String(value.value), String(value.value))
  if (value instanceof Uint8Array) {
    const digits = [...value].map((byte) => `0x${byte.toString(16)}`)
    return new GoValue('[]uint8', `[${value.join(' ')}]`, `[]uint8{${digits.join(', ')}}`)
  }
  if (value instanceof Duration) return new GoValue('time.Duration', value.toString(), value.toString())
  if (value instanceof Timestamp) return new GoValue('time.Time', value.toString(), value.toString())
  if (typeof value !== 'object' || value === null || !isOpaque(value) || JSON_LIKE.some((of) => value instanceof of))
    return undefined
  const type = goType(value)
  // Go prints where it lies, which is elsewhere on every run.
  return new GoValue(type, String(value), `(${type})(0x…)`)
}

/** Opaque here, and something that JSON has in Go. */
const JSON_LIKE = [Optional, TypeValue, MadeObject, MadePatch]
