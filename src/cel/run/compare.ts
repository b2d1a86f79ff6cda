import { CelError } from '../error.ts'
import { adapt, Double, type Value } from '../value.ts'
import type { Duration } from './duration.ts'
import { kindOf } from './kind.ts'
import { compareNumbers } from './number.ts'
import type { Timestamp } from './timestamp.ts'

/** The order of two values (cel-go `traits.Comparer`). Throws `CelError` where there is none. */
export function compare(a: Value, b: Value): -1 | 0 | 1 {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (a instanceof Double && Number.isNaN(a.value)) throw new CelError('NaN values cannot be ordered')
  const kind = kindOf(a)
  const other = kindOf(b)
  if (isNumber(kind) && isNumber(other)) {
    const order = compareNumbers(adapt(a) as Value, adapt(b) as Value)
    if (order === undefined) throw new CelError('NaN values cannot be ordered')
    return order
  }
  if (kind !== other) throw new CelError('no such overload')
  switch (kind) {
    case 'bool':
      return sign(Number(a) - Number(b))
    case 'bytes':
      return compareBytes(a as Uint8Array, b as Uint8Array)
    case 'duration':
      return compareNumbers((a as Duration).nanos, (b as Duration).nanos) as -1 | 0 | 1
    case 'timestamp':
      return compareTimestamps(a as Timestamp, b as Timestamp)
    default:
      throw new CelError('no such overload')
  }
}

const isNumber = (kind: string): boolean => kind === 'int' || kind === 'uint' || kind === 'double'

const sign = (difference: number): -1 | 0 | 1 => (difference < 0 ? -1 : difference > 0 ? 1 : 0)

/** By code points, which is the order of the UTF-8 bytes that Go compares; UTF-16 orders surrogates below U+E000. */
export function compareStrings(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return sign(codePointRank(x) - codePointRank(y))
  }
  return sign(a.length - b.length)
}

const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

function compareBytes(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return sign((a[i] as number) - (b[i] as number))
  }
  return sign(a.length - b.length)
}

function compareTimestamps(a: Timestamp, b: Timestamp): -1 | 0 | 1 {
  return sign(a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds - b.seconds)
}
