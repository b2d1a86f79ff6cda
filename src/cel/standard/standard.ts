import type { Library, MacroDecl } from '../library.ts'
import { ARITHMETIC } from './arithmetic.ts'
import { CONTAINERS } from './containers.ts'
import { CONVERSIONS, DURATION_OF_INT } from './conversions.ts'
import { IDENTIFIERS } from './identifiers.ts'
import { LOGIC } from './logic.ts'
import { RELATIONS } from './relations.ts'
import { STRINGS } from './strings.ts'
import { TIME } from './time.ts'

const MACROS: readonly MacroDecl[] = [
  { name: 'has', arguments: 1, receiver: false },
  { name: 'all', arguments: 2, receiver: true },
  { name: 'exists', arguments: 2, receiver: true },
  { name: 'exists_one', arguments: 2, receiver: true },
  { name: 'map', arguments: 2, receiver: true },
  { name: 'map', arguments: 3, receiver: true },
  { name: 'filter', arguments: 2, receiver: true },
]

/** The standard library of CEL (cel-go common/stdlib/standard.go): timestamps read in UTC, numbers of any kind compared. */
export const STANDARD: Library = {
  name: 'cel.lib.std',
  since: 0,
  functions: [...LOGIC, ...ARITHMETIC, ...RELATIONS, ...CONTAINERS, ...CONVERSIONS, ...STRINGS, ...TIME],
  identifiers: IDENTIFIERS,
  macros: MACROS,
}

/** What releases before 1.37 have besides `STANDARD`. */
export const STANDARD_BEFORE_37: Library = { name: STANDARD.name, since: 0, until: 37, functions: [DURATION_OF_INT] }
