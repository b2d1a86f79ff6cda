import { CelError } from '../error.ts'
import type { FunctionDecl, Overload } from '../library.ts'
import { matches } from '../run/matches.ts'
import { sizeOf } from '../run/size.ts'
import { BOOL, STRING } from '../type.ts'
import type { Value } from '../value.ts'
import { fn, global, member, REGEX_FACTOR, STRING_FACTOR } from './overload.ts'

/** What is no string is refused here: cel-go guards none of these by their types. */
const strings =
  (run: (text: string, part: string) => boolean) =>
  (text: Value | undefined, part: Value | undefined): boolean => {
    if (typeof text !== 'string' || typeof part !== 'string') throw new CelError('no such overload')
    return run(text, part)
  }

const unguarded = (name: string, overload: Overload): FunctionDecl => ({ ...fn(name, overload), unguarded: true })

const BOTH = [STRING, STRING]

/** `1 +`: an empty text costs its pattern. */
function regexCost(args: readonly Value[]): number {
  const text = Math.ceil((1 + sizeOf(args[0] as Value)) * STRING_FACTOR)
  return text * Math.ceil(sizeOf(args[1] as Value) * REGEX_FACTOR)
}

/** Of `matches(text, pattern)`, whose overload id costCall knows since cel-go v0.29 of 1.37. */
const globalRegexCost: Overload['cost'] = (args, _, minor) => (minor >= 37 ? regexCost(args) : 1)

function containsCost(args: readonly Value[]): number {
  return Math.ceil(sizeOf(args[0] as Value) * STRING_FACTOR) * Math.ceil(sizeOf(args[1] as Value) * STRING_FACTOR)
}

/** The text's size until 1.36; from 1.37 on, cel-go v0.29, that of what it begins or ends with. */
const affixCost: Overload['cost'] = (args, _, minor) =>
  Math.ceil(sizeOf(args[minor >= 37 ? 1 : 0] as Value) * STRING_FACTOR)

/** `contains`, `startsWith`, `endsWith`, `matches`. */
export const STRINGS: readonly FunctionDecl[] = [
  unguarded(
    'contains',
    member(
      'contains_string',
      BOTH,
      BOOL,
      strings((text, part) => text.includes(part)),
      containsCost,
    ),
  ),
  unguarded(
    'endsWith',
    member(
      'ends_with_string',
      BOTH,
      BOOL,
      strings((text, part) => text.endsWith(part)),
      affixCost,
    ),
  ),
  unguarded(
    'startsWith',
    member(
      'starts_with_string',
      BOTH,
      BOOL,
      strings((text, part) => text.startsWith(part)),
      affixCost,
    ),
  ),
  fn(
    'matches',
    global('matches', BOTH, BOOL, strings(matches), globalRegexCost),
    member('matches_string', BOTH, BOOL, strings(matches), regexCost),
  ),
]
