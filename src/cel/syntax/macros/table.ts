import { type Expander, macroKey } from './macro.ts'
import { optionalMap } from './optional.ts'
import { sortBy } from './sort-by.ts'
import {
  all,
  elementVariable,
  exists,
  existsOne,
  filter,
  has,
  mapped,
  quantifierVariable,
  twoVariables,
} from './standard.ts'
import { transformMap } from './transform-map.ts'

/** Every macro that some release knows, by its key; the environment says which of them hold. */
export const MACROS: ReadonlyMap<string, Expander> = new Map([
  [macroKey('has', 1, false), has],
  [macroKey('all', 2, true), all(quantifierVariable)],
  [macroKey('all', 3, true), all(twoVariables)],
  [macroKey('exists', 2, true), exists(quantifierVariable)],
  [macroKey('exists', 3, true), exists(twoVariables)],
  [macroKey('exists_one', 2, true), existsOne(quantifierVariable)],
  [macroKey('exists_one', 3, true), existsOne(twoVariables)],
  [macroKey('existsOne', 2, true), existsOne(quantifierVariable)],
  [macroKey('existsOne', 3, true), existsOne(twoVariables)],
  [macroKey('map', 2, true), mapped('map', elementVariable, 1)],
  [macroKey('map', 3, true), mapped('map', elementVariable, 1)],
  [macroKey('filter', 2, true), filter],
  [macroKey('transformList', 3, true), mapped('transformList', twoVariables, 2)],
  [macroKey('transformList', 4, true), mapped('transformList', twoVariables, 2)],
  [macroKey('transformMap', 3, true), transformMap(false)],
  [macroKey('transformMap', 4, true), transformMap(false)],
  [macroKey('transformMapEntry', 3, true), transformMap(true)],
  [macroKey('transformMapEntry', 4, true), transformMap(true)],
  [macroKey('sortBy', 2, true), sortBy],
  [macroKey('optMap', 2, true), optionalMap(false)],
  [macroKey('optFlatMap', 2, true), optionalMap(true)],
])
