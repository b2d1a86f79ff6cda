import { CelError } from '../error.ts'
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, type Type, UINT } from '../type.ts'
import { adapt, Double, int, Uint, type Value } from '../value.ts'
import { Duration, parseDuration } from './duration.ts'
import { formatShortest, parseFloatText } from './float.ts'
import { erasedName, typeName } from './kind.ts'
import { toFloat } from './number.ts'
import { inRange, parseTimestamp, Timestamp } from './timestamp.ts'
import { TypeValue } from './type-value.ts'

const TWO_63 = 2 ** 63
const TWO_64 = 2 ** 64
const UINT_MAX = 2n ** 64n - 1n

const refuse = (value: Value, to: Type): CelError =>
  new CelError(`type conversion error from '${typeName(value)}' to '${erasedName(to)}'`)

const isInt = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** `bool(x)`. Throws `CelError`, as all of these do (cel-go common/types, `ConvertToType`). */
export function convertToBool(value: Value): Value {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && TRUE.has(value)) return true
  if (typeof value === 'string' && FALSE.has(value)) return false
  throw refuse(value, BOOL)
}

/** `bytes(x)`: the UTF-8 of a string. */
export function convertToBytes(value: Value): Value {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return new TextEncoder().encode(value)
  throw refuse(value, BYTES)
}

/** `double(x)`. */
export function convertToDouble(value: Value): Value {
  const own = adapt(value) as Value
  if (own instanceof Double) return own
  if (isInt(own) || own instanceof Uint) return new Double(toFloat(own))
  const parsed = typeof own === 'string' ? parseFloatText(own) : undefined
  if (parsed === undefined) throw refuse(own, DOUBLE)
  return new Double(parsed)
}

/** `int(x)`: a double loses its fraction, a timestamp becomes seconds, a duration nanoseconds. */
export function convertToInt(value: Value): Value {
  const own = adapt(value) as Value
  if (isInt(own)) return own
  if (own instanceof Double) {
    if (!(own.value > -TWO_63 && own.value < TWO_63)) throw new CelError('integer overflow')
    return int(BigInt(Math.trunc(own.value))) as number | bigint
  }
  if (own instanceof Uint) {
    const fits = int(own.value)
    if (fits === undefined) throw new CelError('integer overflow')
    return fits
  }
  if (own instanceof Duration) return int(own.nanos) as number | bigint
  if (own instanceof Timestamp) return own.seconds
  const parsed = typeof own === 'string' && /^[+-]?\d{1,400}$/.test(own) ? int(BigInt(own.replace('+', ''))) : undefined
  if (parsed === undefined) throw refuse(own, INT)
  return parsed
}

/** `uint(x)`. */
export function convertToUint(value: Value): Value {
  const own = adapt(value) as Value
  if (own instanceof Uint) return own
  if (own instanceof Double) {
    if (!(own.value >= 0 && own.value < TWO_64)) throw new CelError('unsigned integer overflow')
    return new Uint(BigInt(Math.trunc(own.value)))
  }
  if (isInt(own)) {
    if (own < 0) throw new CelError('unsigned integer overflow')
    return new Uint(BigInt(own))
  }
  const parsed = typeof own === 'string' && /^\d{1,400}$/.test(own) ? BigInt(own) : undefined
  if (parsed === undefined || parsed > UINT_MAX) throw refuse(own, UINT)
  return new Uint(parsed)
}

/** `string(x)`. */
export function convertToString(value: Value): Value {
  const own = adapt(value) as Value
  if (typeof own === 'string') return own
  if (own === null || typeof own === 'boolean' || isInt(own)) return String(own)
  if (own instanceof Uint) return String(own.value)
  if (own instanceof Double) return formatShortest(own.value)
  if (own instanceof Duration || own instanceof Timestamp) return own.toString()
  if (own instanceof TypeValue) return own.name
  if (!(own instanceof Uint8Array)) throw refuse(own, STRING)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(own)
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

/** `timestamp(x)`: of RFC 3339 or of seconds since the epoch. */
export function convertToTimestamp(value: Value): Value {
  if (value instanceof Timestamp) return value
  if (isInt(value)) {
    const seconds = Number(value)
    if (!inRange(seconds)) throw new CelError('timestamp overflow')
    return new Timestamp(seconds, 0)
  }
  const parsed = typeof value === 'string' ? parseTimestamp(value) : undefined
  if (parsed === undefined) throw refuse(value, TIMESTAMP)
  if (!inRange(parsed.seconds)) throw new CelError('timestamp overflow')
  return parsed
}

/** `duration(x)`. */
export function convertToDuration(value: Value): Value {
  if (value instanceof Duration) return value
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined
  if (parsed === undefined) throw refuse(value, DURATION)
  return parsed
}
