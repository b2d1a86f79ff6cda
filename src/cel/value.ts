import type { Type } from './type.ts'

/**
 * A value at run time. JSON data are values as they are: nothing is converted or copied before it is looked at.
 *
 * - int: a `number` while it is a safe integer, else a `bigint`; never a bigint that a safe number could say
 * - double: `Double`; a `number` with a fraction that comes out of JSON data is made one by `adapt`
 * - uint: `Uint`; bytes: `Uint8Array`; string: a JavaScript string (CEL counts its code points)
 * - list: an array, of JSON or of values; map: a JSON object (own fields only) or `CelMap`
 * - an object that is computed field by field (`variables`, `request`): `Fields`
 * - everything else: a `Opaque`
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Double
  | Uint
  | readonly Value[]
  | JsonMap
  | CelMap
  | Fields
  | Opaque

/** A map that is a JSON object: string keys, own fields only. */
export interface JsonMap {
  readonly [key: string]: Value
}

export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** 0 to 2^64-1. */
export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** What a `CelMap` keeps an entry under: `keyOf` of `run/map.ts`. */
export type MapKey = string | bigint | boolean | null | object

/** A map with keys of any kind. `1`, `1u` and `1.0` are keys of their own, but each finds an entry of the others. */
export class CelMap {
  readonly entries: ReadonlyMap<MapKey, readonly [key: Value, value: Value]>
  constructor(entries: ReadonlyMap<MapKey, readonly [key: Value, value: Value]>) {
    this.entries = entries
  }
}

/** An object whose fields are computed when they are asked for, and kept. */
export interface Fields {
  readonly fields: true
  /** Undefined: there is no such field. May throw what evaluation throws. */
  get(name: string): Value | undefined
}

/**
 * A value of a type that has no literal: timestamps, durations, types, optionals, and those of libraries. An instance of a
 * class, never an object literal: those are JSON.
 */
export interface Opaque {
  readonly opaque: true
  readonly type: Type
  equals(other: Value): boolean
  /** What cel-go's `traits.Sizer` tells the cost; absent: 1. */
  size?(): number
}

/** What stands in JSON data, as a value: a number with a fraction, or beyond 2^63, is a double. */
export function adapt(value: Value | undefined): Value | undefined {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return new Double(value)
  return BigInt(value)
}

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** The int of a bigint in its one form, or undefined where it does not fit 64 bits. */
export function int(value: bigint): number | bigint | undefined {
  if (value < MIN || value > MAX) return undefined
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
