import { CelError } from '../error.ts'
import type { FunctionDecl, Library } from '../library.ts'
import { NONE, Optional, optionalOf } from '../run/optional.ts'
import { TypeValue } from '../run/type-value.ts'
import { isZero } from '../run/zero.ts'
import { BOOL, DYN, INT, listOf, mapOf, opaque, optionalOf as optional, param, STRING, typeOf } from '../type.ts'
import { adapt, type Value } from '../value.ts'
import { fn, global, member, special } from './overload.ts'

const K = param('K')
const V = param('V')
const OPTIONAL_V = optional(V)
const LIST_V = listOf(V)
const MAP_KV = mapOf(K, V)

/** What is in the optionals of a list that hold something. */
function unwrap(list: Value | undefined): Value {
  const values: Value[] = []
  for (const each of list as readonly Value[]) {
    if (!(each instanceof Optional)) throw new CelError('value is not optional')
    if (each.value !== undefined) values.push(each.value)
  }
  return values
}

const elementAt = (list: Value | undefined, at: number): Value => {
  const element = adapt((list as readonly Value[]).at(at))
  return element === undefined ? NONE : optionalOf(element)
}

const FUNCTIONS: readonly FunctionDecl[] = [
  fn(
    'optional.of',
    global('optional_of', [V], OPTIONAL_V, (value) => optionalOf(value as Value)),
  ),
  fn(
    'optional.ofNonZeroValue',
    global('optional_ofNonZeroValue', [V], OPTIONAL_V, (value) =>
      isZero(value as Value) ? NONE : optionalOf(value as Value),
    ),
  ),
  fn(
    'optional.none',
    global('optional_none', [], OPTIONAL_V, () => NONE),
  ),
  fn(
    'value',
    member('optional_value', [OPTIONAL_V], V, (value) => (value as Optional).take()),
  ),
  fn(
    'hasValue',
    member('optional_hasValue', [OPTIONAL_V], BOOL, (value) => (value as Optional).value !== undefined),
  ),
  fn('or', member('optional_or_optional', [OPTIONAL_V, OPTIONAL_V], OPTIONAL_V, special)),
  fn('orValue', member('optional_orValue_value', [OPTIONAL_V, V], V, special)),
  fn('_?._', global('select_optional_field', [DYN, STRING], OPTIONAL_V, special)),
  fn(
    '_[?_]',
    global('list_optindex_optional_int', [LIST_V, INT], OPTIONAL_V, special),
    global('optional_list_optindex_optional_int', [optional(LIST_V), INT], OPTIONAL_V, special),
    global('map_optindex_optional_value', [MAP_KV, K], OPTIONAL_V, special),
    global('optional_map_optindex_optional_value', [optional(MAP_KV), K], OPTIONAL_V, special),
  ),
  fn(
    '_[_]',
    global('optional_list_index_int', [optional(LIST_V), INT], OPTIONAL_V, special),
    global('optional_map_index_value', [optional(MAP_KV), K], OPTIONAL_V, special),
  ),
]

const LISTS: readonly FunctionDecl[] = [
  fn(
    'last',
    member('list_last', [LIST_V], OPTIONAL_V, (list) => elementAt(list, -1)),
  ),
  fn(
    'first',
    member('list_first', [LIST_V], OPTIONAL_V, (list) => elementAt(list, 0)),
  ),
  fn('optional.unwrap', global('optional_unwrap', [listOf(OPTIONAL_V)], LIST_V, unwrap)),
  fn('unwrapOpt', member('optional_unwrapOpt', [listOf(OPTIONAL_V)], LIST_V, unwrap)),
]

const NAME = 'cel.lib.optional'

/** Optional types as cel-go's library of the release has them (cel/library.go, OptionalTypes). */
export const OPTIONAL: Library = {
  name: NAME,
  since: 28,
  functions: [...FUNCTIONS, ...LISTS],
  identifiers: [{ name: 'optional_type', type: typeOf(OPTIONAL_V), value: new TypeValue(OPTIONAL_V) }],
  macros: [
    { name: 'optMap', arguments: 2, receiver: true },
    { name: 'optFlatMap', arguments: 2, receiver: true },
  ],
}

/** What `optional_type` is until cel-go v0.26 of 1.36: the type of no parameters. */
const UNPARAMETERIZED: Library['identifiers'] = [
  { name: 'optional_type', type: typeOf(opaque('optional_type')), value: new TypeValue(OPTIONAL_V) },
]

/** Of 1.33 to 1.36, cel-go v0.23 and v0.26. */
export const OPTIONAL_3: Library = { ...OPTIONAL, identifiers: UNPARAMETERIZED }

/** Without `first`, `last`, `unwrap` and `unwrapOpt`: cel-go v0.20 and v0.22 of 1.31 and 1.32. */
export const OPTIONAL_2: Library = { ...OPTIONAL_3, functions: FUNCTIONS }

/** And without a name for the type: cel-go v0.17 of 1.29 and 1.30. */
export const OPTIONAL_1: Library = { ...OPTIONAL_2, identifiers: [] }

/** Of 1.28, cel-go v0.16: without `optFlatMap` as well. */
export const OPTIONAL_0: Library = {
  name: NAME,
  since: 28,
  functions: FUNCTIONS,
  macros: [{ name: 'optMap', arguments: 2, receiver: true }],
}
