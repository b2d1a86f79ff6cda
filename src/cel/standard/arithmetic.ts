import type { FunctionDecl } from '../library.ts'
import { add, divide, modulo, multiply, negate, subtract } from '../run/arithmetic.ts'
import { BYTES, DOUBLE, DURATION, INT, listOf, param, STRING, TIMESTAMP, type Type, UINT } from '../type.ts'
import type { Value } from '../value.ts'
import { fn, global, joinCost } from './overload.ts'

type Signature = readonly [id: string, left: Type, right: Type, result: Type]

const LIST = listOf(param('A'))

function binary(name: string, run: (a: Value, b: Value) => Value, signatures: readonly Signature[]): FunctionDecl {
  const overloads = signatures.map(([id, left, right, result]) =>
    global(
      id,
      [left, right],
      result,
      (a, b) => run(a as Value, b as Value),
      id === 'add_string' || id === 'add_bytes' ? joinCost : undefined,
    ),
  )
  return fn(name, ...overloads)
}

const same = (prefix: string, ...types: readonly (readonly [suffix: string, type: Type])[]): readonly Signature[] =>
  types.map(([suffix, type]) => [`${prefix}_${suffix}`, type, type, type])

/** `+ - * / %` and the unary minus (cel-go common/stdlib/standard.go). */
export const ARITHMETIC: readonly FunctionDecl[] = [
  binary('_+_', add, [
    ...same('add', ['bytes', BYTES], ['double', DOUBLE]),
    ['add_duration_duration', DURATION, DURATION, DURATION],
    ['add_duration_timestamp', DURATION, TIMESTAMP, TIMESTAMP],
    ['add_timestamp_duration', TIMESTAMP, DURATION, TIMESTAMP],
    ...same('add', ['int64', INT], ['list', LIST], ['string', STRING], ['uint64', UINT]),
  ]),
  binary('_/_', divide, same('divide', ['double', DOUBLE], ['int64', INT], ['uint64', UINT])),
  binary('_%_', modulo, same('modulo', ['int64', INT], ['uint64', UINT])),
  binary('_*_', multiply, same('multiply', ['double', DOUBLE], ['int64', INT], ['uint64', UINT])),
  fn(
    '-_',
    global('negate_double', [DOUBLE], DOUBLE, (a) => negate(a as Value)),
    global('negate_int64', [INT], INT, (a) => negate(a as Value)),
  ),
  binary('_-_', subtract, [
    ...same('subtract', ['double', DOUBLE]),
    ['subtract_duration_duration', DURATION, DURATION, DURATION],
    ...same('subtract', ['int64', INT]),
    ['subtract_timestamp_duration', TIMESTAMP, DURATION, TIMESTAMP],
    ['subtract_timestamp_timestamp', TIMESTAMP, TIMESTAMP, DURATION],
    ...same('subtract', ['uint64', UINT]),
  ]),
]
