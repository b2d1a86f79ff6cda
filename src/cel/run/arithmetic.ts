import { CelError } from '../error.ts'
import { adapt, Double, int, Uint, type Value } from '../value.ts'
import { Duration } from './duration.ts'
import { inRange, Timestamp } from './timestamp.ts'
import { spend } from './work.ts'

const UINT_MAX = 2n ** 64n - 1n
const BILLION = 1_000_000_000n

/** What no JavaScript engine makes: strings stay below half of V8's longest one. */
const LONGEST_STRING = 2 ** 28

const noSuchOverload = (): CelError => new CelError('no such overload')

/** An int of 64 bits; throws `CelError` when it does not fit. */
function checked(value: bigint): number | bigint {
  const fits = int(value)
  if (fits === undefined) throw new CelError('integer overflow')
  return fits
}

function checkedUint(value: bigint): Uint {
  if (value < 0n || value > UINT_MAX) throw new CelError('unsigned integer overflow')
  return new Uint(value)
}

const isInt = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

/** `a + b`: numbers of one kind, strings, bytes, lists, durations, a timestamp and a duration. Throws `CelError`. */
export function add(left: Value, right: Value): Value {
  if (typeof left === 'string' && typeof right === 'string') return concatenate(left, right)
  const a = adapt(left) as Value
  const b = adapt(right) as Value
  if (isInt(a) && isInt(b)) {
    const sum = typeof a === 'number' && typeof b === 'number' ? a + b : undefined
    return sum !== undefined && Number.isSafeInteger(sum) ? sum : checked(BigInt(a) + BigInt(b))
  }
  if (a instanceof Double && b instanceof Double) return new Double(a.value + b.value)
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.value + b.value)
  if (Array.isArray(a) && Array.isArray(b)) return concatenateLists(a, b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    spend(a.length + b.length)
    const bytes = new Uint8Array(a.length + b.length)
    bytes.set(a)
    bytes.set(b, a.length)
    return bytes
  }
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanos + b.nanos)
  if (a instanceof Duration && b instanceof Timestamp) return shift(b, a.nanos)
  if (a instanceof Timestamp && b instanceof Duration) return shift(a, b.nanos)
  throw noSuchOverload()
}

function concatenate(a: string, b: string): string {
  const length = a.length + b.length
  // JavaScript copies neither of them before somebody looks at the characters.
  spend(length > LONGEST_STRING ? Number.MAX_SAFE_INTEGER : length >>> 3)
  return a + b
}

function concatenateLists(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  // A copy takes memory as well as time; cel-go makes a view of both.
  spend(4 * (a.length + b.length))
  return a.concat(b)
}

/** `a - b`. Throws `CelError`. */
export function subtract(left: Value, right: Value): Value {
  const a = adapt(left) as Value
  const b = adapt(right) as Value
  if (isInt(a) && isInt(b)) {
    const difference = typeof a === 'number' && typeof b === 'number' ? a - b : undefined
    return difference !== undefined && Number.isSafeInteger(difference) ? difference : checked(BigInt(a) - BigInt(b))
  }
  if (a instanceof Double && b instanceof Double) return new Double(a.value - b.value)
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.value - b.value)
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanos - b.nanos)
  if (a instanceof Timestamp && b instanceof Duration) return shift(a, checkedNanos(-b.nanos))
  if (a instanceof Timestamp && b instanceof Timestamp) {
    return duration((BigInt(a.seconds) - BigInt(b.seconds)) * BILLION + BigInt(a.nanos - b.nanos))
  }
  throw noSuchOverload()
}

/** `a * b`. Throws `CelError`. */
export function multiply(left: Value, right: Value): Value {
  const a = adapt(left) as Value
  const b = adapt(right) as Value
  if (isInt(a) && isInt(b)) {
    const product = typeof a === 'number' && typeof b === 'number' ? a * b : undefined
    return product !== undefined && Number.isSafeInteger(product) ? product + 0 : checked(BigInt(a) * BigInt(b))
  }
  if (a instanceof Double && b instanceof Double) return new Double(a.value * b.value)
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.value * b.value)
  throw noSuchOverload()
}

/** `a / b`: whole numbers towards zero. Throws `CelError`. */
export function divide(left: Value, right: Value): Value {
  const a = adapt(left) as Value
  const b = adapt(right) as Value
  if (isInt(a) && isInt(b)) {
    if (b === 0) throw new CelError('division by zero')
    return checked(BigInt(a) / BigInt(b))
  }
  if (a instanceof Double && b instanceof Double) return new Double(a.value / b.value)
  if (a instanceof Uint && b instanceof Uint) {
    if (b.value === 0n) throw new CelError('division by zero')
    return new Uint(a.value / b.value)
  }
  throw noSuchOverload()
}

/** `a % b`, with the sign of `a`. Throws `CelError`. */
export function modulo(left: Value, right: Value): Value {
  const a = adapt(left) as Value
  const b = adapt(right) as Value
  if (isInt(a) && isInt(b)) {
    if (b === 0) throw new CelError('modulus by zero')
    if (BigInt(b) === -1n && BigInt(a) === -(2n ** 63n)) throw new CelError('integer overflow')
    return checked(BigInt(a) % BigInt(b))
  }
  if (a instanceof Uint && b instanceof Uint) {
    if (b.value === 0n) throw new CelError('modulus by zero')
    return new Uint(a.value % b.value)
  }
  throw noSuchOverload()
}

/** `-a`. Throws `CelError`. */
export function negate(value: Value): Value {
  const a = adapt(value) as Value
  if (isInt(a)) return checked(-BigInt(a))
  if (a instanceof Double) return new Double(-a.value)
  if (a instanceof Duration) return duration(-a.nanos)
  throw noSuchOverload()
}

function checkedNanos(nanos: bigint): bigint {
  checked(nanos)
  return nanos
}

const duration = (nanos: bigint): Duration => new Duration(checkedNanos(nanos))

function shift(at: Timestamp, nanos: bigint): Timestamp {
  const total = BigInt(at.nanos) + nanos
  const rest = ((total % BILLION) + BILLION) % BILLION
  const seconds = at.seconds + Number((total - rest) / BILLION)
  if (!inRange(seconds)) throw new CelError('timestamp overflow')
  return new Timestamp(seconds, Number(rest), at.offset)
}
