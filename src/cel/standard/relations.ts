import type { FunctionDecl } from '../library.ts'
import { compare } from '../run/compare.ts'
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, type Type, UINT } from '../type.ts'
import type { Value } from '../value.ts'
import { fn, global, shorterCost } from './overload.ts'

const SIGNATURES: readonly (readonly [suffix: string, left: Type, right: Type])[] = [
  ['bool', BOOL, BOOL],
  ['int64', INT, INT],
  ['int64_double', INT, DOUBLE],
  ['int64_uint64', INT, UINT],
  ['uint64', UINT, UINT],
  ['uint64_double', UINT, DOUBLE],
  ['uint64_int64', UINT, INT],
  ['double', DOUBLE, DOUBLE],
  ['double_int64', DOUBLE, INT],
  ['double_uint64', DOUBLE, UINT],
  ['string', STRING, STRING],
  ['bytes', BYTES, BYTES],
  ['timestamp', TIMESTAMP, TIMESTAMP],
  ['duration', DURATION, DURATION],
]

function relation(name: string, prefix: string, holds: (order: number) => boolean): FunctionDecl {
  const overloads = SIGNATURES.map(([suffix, left, right]) =>
    global(
      `${prefix}_${suffix}`,
      [left, right],
      BOOL,
      (a, b) => holds(compare(a as Value, b as Value)),
      suffix === 'string' || suffix === 'bytes' ? shorterCost : undefined,
    ),
  )
  return fn(name, ...overloads)
}

/** `< <= > >=`. */
export const RELATIONS: readonly FunctionDecl[] = [
  relation('_<_', 'less', (order) => order < 0),
  relation('_<=_', 'less_equals', (order) => order <= 0),
  relation('_>_', 'greater', (order) => order > 0),
  relation('_>=_', 'greater_equals', (order) => order >= 0),
]
