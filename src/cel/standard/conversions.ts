import type { FunctionDecl, Overload } from '../library.ts'
import {
  convertToBool,
  convertToBytes,
  convertToDouble,
  convertToDuration,
  convertToInt,
  convertToString,
  convertToTimestamp,
  convertToUint,
} from '../run/conversion.ts'
import { typeOfValue } from '../run/kind.ts'
import { TypeValue } from '../run/type-value.ts'
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, param, STRING, TIMESTAMP, type Type, typeOf, UINT } from '../type.ts'
import type { Value } from '../value.ts'
import { fn, global, scanCost } from './overload.ts'

type Source = readonly [id: string, from: Type, cost?: Overload['cost']]

function conversion(name: string, to: Type, run: (value: Value) => Value, sources: readonly Source[]): FunctionDecl {
  const overloads = sources.map(([id, from, cost]) => global(id, [from], to, (value) => run(value as Value), cost))
  return fn(name, ...overloads)
}

/** What a type's name does as a function; without `type` and `dyn`, which take everything. */
export const CONVERSIONS: readonly FunctionDecl[] = [
  fn(
    'type',
    global('type', [param('A')], typeOf(param('A')), (value) => new TypeValue(typeOfValue(value as Value))),
  ),
  conversion('bool', BOOL, convertToBool, [
    ['bool_to_bool', BOOL],
    ['string_to_bool', STRING],
  ]),
  conversion('bytes', BYTES, convertToBytes, [
    ['bytes_to_bytes', BYTES],
    ['string_to_bytes', STRING, scanCost],
  ]),
  conversion('double', DOUBLE, convertToDouble, [
    ['double_to_double', DOUBLE],
    ['int64_to_double', INT],
    ['string_to_double', STRING],
    ['uint64_to_double', UINT],
  ]),
  conversion('duration', DURATION, convertToDuration, [
    ['duration_to_duration', DURATION],
    ['string_to_duration', STRING],
  ]),
  fn(
    'dyn',
    global('to_dyn', [param('A')], DYN, (value) => value as Value),
  ),
  conversion('int', INT, convertToInt, [
    ['int64_to_int64', INT],
    ['double_to_int64', DOUBLE],
    ['duration_to_int64', DURATION],
    ['string_to_int64', STRING],
    ['timestamp_to_int64', TIMESTAMP],
    ['uint64_to_int64', UINT],
  ]),
  conversion('string', STRING, convertToString, [
    ['string_to_string', STRING],
    ['bool_to_string', BOOL],
    ['bytes_to_string', BYTES, scanCost],
    ['double_to_string', DOUBLE],
    ['duration_to_string', DURATION],
    ['int64_to_string', INT],
    ['timestamp_to_string', TIMESTAMP],
    ['uint64_to_string', UINT],
  ]),
  conversion('timestamp', TIMESTAMP, convertToTimestamp, [
    ['timestamp_to_timestamp', TIMESTAMP],
    ['int64_to_timestamp', INT],
    ['string_to_timestamp', STRING],
  ]),
  conversion('uint', UINT, convertToUint, [
    ['uint64_to_uint64', UINT],
    ['double_to_uint64', DOUBLE],
    ['int64_to_uint64', INT],
    ['string_to_uint64', STRING],
  ]),
]

/** cel-go common/overloads `IsTypeConversionFunction`: of a constant they are evaluated when the program is made. */
export const CONSTANT_CONVERSIONS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
])

/** `duration(1)` passes the checker before cel-go v0.29 of 1.37, and fails when it is evaluated. */
export const DURATION_OF_INT: FunctionDecl = conversion('duration', DURATION, convertToDuration, [
  ['int64_to_duration', INT],
])
