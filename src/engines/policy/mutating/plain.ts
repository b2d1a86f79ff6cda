import { Duration } from '../../../cel/run/duration.ts'
import { isFields, isOpaque, kindOf } from '../../../cel/run/kind.ts'
import { entriesOf } from '../../../cel/run/map.ts'
import { Optional } from '../../../cel/run/optional.ts'
import { Timestamp } from '../../../cel/run/timestamp.ts'
import { TypeValue } from '../../../cel/run/type-value.ts'
import { CelMap, Double, type Fields, type JsonMap, Uint, type Value } from '../../../cel/value.ts'
import type { Json } from '../../../cluster/json.ts'
import { goValueOf } from './go-value.ts'
import { MadeObject, typeName } from './made.ts'

/** A value that no JSON can say, or that the API server does not bring into JSON. */
export class Unsayable extends Error {}

/**
 * The JSON of a value of an expression, as cel-go's `ConvertToNative` to structpb.Value gives it: bytes in base64,
 * durations and timestamps as text, integers beyond 2^53 as text. What stands in JSON already is returned as it is.
 * `native`: for an apply configuration, where bytes, durations and timestamps stay what they are in Go. Throws `Unsayable`.
 */
export function plain(value: Value, depth = 0, native = false): Json {
  if (depth > MAX_DEPTH) throw new Unsayable(`nested deeper than ${MAX_DEPTH}`)
  const own = native ? goValueOf(value) : undefined
  if (own !== undefined) return own as unknown as Json
  if (native && value instanceof TypeValue) return value.name
  if (native && value instanceof Optional && value.value === undefined) return ''
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map((item) => plain(item as Value, depth + 1, native))
  if (value instanceof Double) {
    if (!Number.isFinite(value.value)) throw new Unsayable('proto: google.protobuf.Value cannot have NaN or infinity')
    return value.value
  }
  if (value instanceof Uint) return value.value <= Number.MAX_SAFE_INTEGER ? Number(value.value) : String(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof MadeObject) return record(value.fields, depth, native)
  if (value instanceof Duration || value instanceof Timestamp) return value.toString()
  if (value instanceof Optional) return plain(value.take(), depth + 1, native)
  if (value instanceof CelMap) return record(named(value), depth, native)
  if (isOpaque(value)) {
    const name = typeName(value)
    if (value instanceof TypeValue) throw new Unsayable("type conversion not supported for 'type'")
    throw new Unsayable(`type conversion error from '${name.slice(name.lastIndexOf('.') + 1)}' to '*structpb.Value'`)
  }
  if (isFields(value as Fields | JsonMap)) throw new Unsayable("type conversion error from map to '*structpb.Value'")
  return value as Json
}

function named(map: CelMap): readonly (readonly [string, Value])[] {
  return entriesOf(map).map(([key, value]) => {
    if (typeof key === 'boolean') throw new Unsayable("type conversion error from bool to 'string'")
    if (typeof key !== 'string') throw new Unsayable(`unsupported type conversion from '${kindOf(key)}' to string`)
    return [key, value]
  })
}

function record(entries: Iterable<readonly [string, Value]>, depth: number, native: boolean): Json {
  return Object.fromEntries([...entries].map(([name, value]) => [name, plain(value, depth + 1, native)]))
}

const MAX_DEPTH = 300
