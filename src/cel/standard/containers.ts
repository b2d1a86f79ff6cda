import { CelError } from '../error.ts'
import type { FunctionDecl } from '../library.ts'
import { contains } from '../run/contains.ts'
import { isOpaque } from '../run/kind.ts'
import { sizeOf } from '../run/size.ts'
import { BOOL, BYTES, INT, listOf, mapOf, param, STRING } from '../type.ts'
import { Double, Uint, type Value } from '../value.ts'
import { fn, global, member, special } from './overload.ts'

const A = param('A')
const B = param('B')
const LIST = listOf(A)
const MAP = mapOf(A, B)

/** `size(x)` of a string (code points), bytes, a list or a map. Throws `CelError`. */
export function size(value: Value): number {
  if (typeof value === 'string') return sizeOf(value)
  if (
    typeof value !== 'object' ||
    value === null ||
    value instanceof Double ||
    value instanceof Uint ||
    isOpaque(value)
  ) {
    throw new CelError('no such overload: size')
  }
  return sizeOf(value)
}

const sizeOfAny = (value: Value | undefined): number => size(value as Value)

/** `[]`, `in` and `size`. */
export const CONTAINERS: readonly FunctionDecl[] = [
  fn('_[_]', global('index_list', [LIST, INT], A, special), global('index_map', [MAP, A], B, special)),
  fn(
    '@in',
    global(
      'in_list',
      [A, LIST],
      BOOL,
      (a, b) => contains(b as Value, a as Value),
      (args) => sizeOf(args[1] as Value),
    ),
    global('in_map', [A, MAP], BOOL, (a, b) => contains(b as Value, a as Value)),
  ),
  fn(
    'size',
    global('size_bytes', [BYTES], INT, sizeOfAny),
    member('bytes_size', [BYTES], INT, sizeOfAny),
    global('size_list', [LIST], INT, sizeOfAny),
    member('list_size', [LIST], INT, sizeOfAny),
    global('size_map', [MAP], INT, sizeOfAny),
    member('map_size', [MAP], INT, sizeOfAny),
    global('size_string', [STRING], INT, sizeOfAny),
    member('string_size', [STRING], INT, sizeOfAny),
  ),
]
