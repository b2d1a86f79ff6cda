import { CelError } from '../error.ts'
import type { FunctionDecl, Library } from '../library.ts'
import { add } from '../run/arithmetic.ts'
import { compare } from '../run/compare.ts'
import { Duration } from '../run/duration.ts'
import { spend } from '../run/work.ts'
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, param, STRING, TIMESTAMP, type Type, UINT } from '../type.ts'
import { adapt, Double, Uint, type Value } from '../value.ts'
import { traversal } from './cost.ts'
import { define, member } from './define.ts'
import { isEqual } from './is-equal.ts'

const SUMMABLE: readonly (readonly [name: string, type: Type, zero: Value])[] = [
  ['int', INT, 0],
  ['uint', UINT, new Uint(0n)],
  ['double', DOUBLE, new Double(0)],
  ['duration', DURATION, new Duration(0n)],
]

const COMPARABLE: readonly (readonly [name: string, type: Type])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['duration', DURATION],
  ['timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
]

const elements = (list: Value): readonly Value[] => list as readonly Value[]

const at = (list: Value, i: number): Value => adapt(elements(list)[i]) as Value

/** The order of two values; what cannot be ordered is neither less nor greater (an error is no answer in Go's code). */
function order(a: Value, b: Value): number | undefined {
  try {
    return compare(a, b)
  } catch (error) {
    if (error instanceof CelError) return undefined
    throw error
  }
}

function isSorted(list: Value): boolean {
  for (let i = 0; i < elements(list).length; i++) {
    assertComparable(at(list, i))
    if (i > 0 && order(at(list, i - 1), at(list, i)) === 1) return false
  }
  return true
}

/** Lists, maps, null and what libraries make have no order. */
function assertComparable(value: Value): void {
  if (order(value, value) === undefined && !(value instanceof Double)) throw new CelError('no such overload')
}

function sum(list: Value, zero: Value): Value {
  let total = zero
  for (let i = 0; i < elements(list).length; i++) total = add(total, at(list, i))
  return total
}

/** The first of the greatest (`wanted` -1) or of the least (1) elements. */
function extreme(name: string, wanted: -1 | 1, list: Value): Value {
  if (elements(list).length === 0) throw new CelError(`${name} called on empty list`)
  let best = at(list, 0)
  assertComparable(best)
  for (let i = 1; i < elements(list).length; i++) {
    assertComparable(at(list, i))
    if (order(best, at(list, i)) === wanted) best = at(list, i)
  }
  return best
}

function indexOf(list: Value, wanted: Value): number {
  for (let i = 0; i < elements(list).length; i++) if (sees(at(list, i), wanted)) return i
  return -1
}

function lastIndexOf(list: Value, wanted: Value): number {
  for (let i = elements(list).length - 1; i >= 0; i--) if (sees(at(list, i), wanted)) return i
  return -1
}

function sees(element: Value, wanted: Value): boolean {
  spend(1)
  return isEqual(element, wanted)
}

const includes = (target: Value, wanted: Value): boolean =>
  Array.isArray(target) ? indexOf(target, wanted) >= 0 : isEqual(target, wanted)

const A = param('A')

const VERSION_0: readonly FunctionDecl[] = [
  define(
    'isSorted',
    traversal,
    COMPARABLE.map(([name, type]) =>
      member(`list_${name}_is_sorted_bool`, [listOf(type)], BOOL, (list) => isSorted(list as Value)),
    ),
  ),
  define(
    'sum',
    traversal,
    SUMMABLE.map(([name, type, zero]) =>
      member(`list_${name}_sum_${name}`, [listOf(type)], type, (list) => sum(list as Value, zero)),
    ),
  ),
  define(
    'max',
    traversal,
    COMPARABLE.map(([name, type]) =>
      member(`list_${name}_max_${name}`, [listOf(type)], type, (list) => extreme('max', -1, list as Value)),
    ),
  ),
  define(
    'min',
    traversal,
    COMPARABLE.map(([name, type]) =>
      member(`list_${name}_min_${name}`, [listOf(type)], type, (list) => extreme('min', 1, list as Value)),
    ),
  ),
  define('indexOf', traversal, [
    member('list_a_index_of_int', [listOf(A), A], INT, (list, wanted) => indexOf(list as Value, wanted as Value)),
  ]),
  define('lastIndexOf', traversal, [
    member('list_a_last_index_of_int', [listOf(A), A], INT, (list, wanted) =>
      lastIndexOf(list as Value, wanted as Value),
    ),
  ]),
]

const INCLUDES = define('includes', traversal, [
  member('list_includes_dyn_dyn', [DYN, DYN], BOOL, (target, wanted) => includes(target as Value, wanted as Value)),
])

const NAME = 'kubernetes.lists'

/** k8s.io/apiserver pkg/cel/library/lists.go: version 1 since 1.37. */
export const LISTS: readonly Library[] = [
  { name: NAME, since: 0, until: 37, functions: VERSION_0 },
  { name: NAME, since: 37, functions: [...VERSION_0, INCLUDES] },
]
