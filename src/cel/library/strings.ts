import { CelError } from '../error.ts'
import type { FunctionDecl, Library, Minor, Overload } from '../library.ts'
import { typeName } from '../run/kind.ts'
import { codePoints, sizeOf } from '../run/size.ts'
import { spend } from '../run/work.ts'
import { DYN, INT, listOf, STRING } from '../type.ts'
import type { Value } from '../value.ts'
import { charged, rebuild, STRING_FACTOR, scan, traversal } from './cost.ts'
import { define, global, member } from './define.ts'
import { formatter } from './format-string.ts'
import { charAt, indexOf, lastIndexOf, lastIndexOfAll, type Search, substring } from './string-search.ts'
import { ESCAPES, points, trimSpace } from './text.ts'

const NAME = 'cel.lib.ext.strings'
const STRINGS_OF = listOf(STRING)

const index = (value: Value): number => Number(value)

/** Go's strings.Replace: at most `limit` (negative: all) replacements, the empty string found before every code point. */
function replace(text: string, old: string, by: string, limit: number): string {
  if (limit === 0 || old === by) return text
  const parts = old === '' ? ['', ...points(text), ''] : text.split(old)
  const count = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1)
  spend(text.length + count * by.length)
  const rest = parts.slice(count).join(old)
  return count === 0 ? text : `${parts.slice(0, count).join(by)}${by}${rest}`
}

/** Go's strings.SplitN: at most `limit` parts (negative: all). */
function split(text: string, separator: string, limit: number): readonly string[] {
  if (limit === 0) return []
  const parts = separator === '' ? points(text) : text.split(separator)
  spend(text.length)
  if (limit < 0 || parts.length <= limit) return parts
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
}

const NOT_ASCII = /[^\0-\x7f]/

const upper = (text: string): string =>
  NOT_ASCII.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text.toUpperCase()
const lower = (text: string): string =>
  NOT_ASCII.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase()

function join(list: Value, separator: string, wrong: (element: Value) => string): string {
  const texts = list as readonly Value[]
  for (const text of texts) {
    if (typeof text !== 'string') throw new CelError(wrong(text))
    spend(text.length + separator.length)
  }
  return texts.join(separator)
}

/** Unlike Go's %q it leaves what cannot be printed as it is. */
function quote(text: string): string {
  let quoted = '"'
  for (const point of text.toWellFormed()) quoted += ESCAPES.get(point) ?? point
  return `${quoted}"`
}

const MEMBER_OF_TEXT: readonly FunctionDecl[] = [
  { name: 'charAt', overloads: [member('string_char_at_int', [STRING, INT], STRING, charAt)] },
  define('lowerAscii', scan, [member('string_lower_ascii', [STRING], STRING, (text) => lower(text as string))]),
  define('upperAscii', scan, [member('string_upper_ascii', [STRING], STRING, (text) => upper(text as string))]),
  define('trim', scan, [member('string_trim', [STRING], STRING, (text) => trimSpace(text as string))]),
  define('replace', rebuild, [
    member('string_replace_string_string', [STRING, STRING, STRING], STRING, (text, old, by) =>
      replace(text as string, old as string, by as string, -1),
    ),
    member('string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, (text, old, by, limit) =>
      replace(text as string, old as string, by as string, index(limit as Value)),
    ),
  ]),
  define('split', rebuild, [
    member('string_split_string', [STRING, STRING], STRINGS_OF, (text, by) => split(text as string, by as string, -1)),
    member('string_split_string_int', [STRING, STRING, INT], STRINGS_OF, (text, by, limit) =>
      split(text as string, by as string, index(limit as Value)),
    ),
  ]),
  define('substring', scan, [
    member('string_substring_int', [STRING, INT], STRING, (text, start) => substring(text as string, start as Value)),
    member('string_substring_int_int', [STRING, INT, INT], STRING, (text, start, end) =>
      substring(text as string, start as Value, end),
    ),
  ]),
]

function searches(search: Search): readonly FunctionDecl[] {
  const text = [STRING, STRING]
  const from = [STRING, STRING, INT]
  return [
    define('indexOf', traversal, [
      member('string_index_of_string', text, INT, (s, part) => indexOf(search, s as string, part as string, 0)),
      member('string_index_of_string_int', from, INT, (s, part, at) =>
        indexOf(search, s as string, part as string, at as Value),
      ),
    ]),
    define('lastIndexOf', traversal, [
      member('string_last_index_of_string', text, INT, (s, part) =>
        lastIndexOfAll(search, s as string, part as string),
      ),
      member('string_last_index_of_string_int', from, INT, (s, part, at) =>
        lastIndexOf(search, s as string, part as string, at as Value),
      ),
    ]),
  ]
}

const joinCost = charged((_args, result) =>
  typeof result === 'string' ? Math.ceil(codePoints(result) * 2 * STRING_FACTOR) : 1,
)

function joins(wrong: (element: Value) => string): FunctionDecl {
  return define('join', joinCost, [
    member('list_join', [STRINGS_OF], STRING, (list) => join(list as Value, '', wrong)),
    member('list_join_string', [STRINGS_OF, STRING], STRING, (list, by) => join(list as Value, by as string, wrong)),
  ])
}

/** cel-go charges quote and format by their first argument in every release (interpreter/runtimecost.go, costCall). */
const byText: NonNullable<Overload['cost']> = (args) => Math.ceil(sizeOf(args[0] as Value) * STRING_FACTOR)

const since1 = (minor: Minor): readonly FunctionDecl[] => [
  {
    name: 'format',
    overloads: [{ ...member('string_format', [STRING, listOf(DYN)], STRING, formatter(minor)), cost: byText }],
  },
  {
    name: 'strings.quote',
    overloads: [{ ...global('strings_quote', [STRING], STRING, (text) => quote(text as string)), cost: byText }],
  },
]

/**
 * The element as Go's %v prints it in the error of join: lists and maps as cel-go writes them (common/types/list.go and
 * map.go String), what stands in a list as Go itself does. `null` is the number behind it.
 */
function joinText(element: Value, depth = DEEPEST): string {
  if (element === null) return '0'
  if (depth === 0) return '...'
  if (typeof element !== 'object') return String(element)
  if ('value' in element && !isPlain(element)) return String(element.value)
  if (Array.isArray(element)) return `[${element.map((item) => goText(item as Value, DEEPEST)).join(', ')}]`
  if (!isPlain(element)) return typeof element
  const entries = Object.entries(element).map(([key, value]) => `${key}: ${joinText(value as Value, depth - 1)}`)
  return `{${entries.join(', ')}}`
}

/** Deeper values are cut short. */
const DEEPEST = 100

/** JSON as Go holds it natively. */
function goText(value: Value, depth: number): string {
  if (value === null) return '<nil>'
  if (typeof value !== 'object') return String(value)
  if (depth === 0) return '...'
  if (Array.isArray(value)) return `[${value.map((item) => goText(item as Value, depth - 1)).join(' ')}]`
  if (!isPlain(value)) return 'value' in value ? String(value.value) : typeof value
  const keys = Object.keys(value).sort()
  const texts = keys.map(
    (key) => `${key}:${goText((value as { readonly [key: string]: Value })[key] as Value, depth - 1)}`,
  )
  return `map[${texts.join(' ')}]`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** cel-go 0.22 came with 1.32, 0.26 with 1.34 and 0.29 with 1.37. */
const searchOf = (minor: Minor): Search => ({ strict: minor < 32, clamped: minor >= 37, short: minor >= 34 })

/**
 * cel-go ext/strings.go: version 0 up to 1.28, version 2 since 1.29. How they look for texts depends on the release
 * whose binary runs them.
 */
export function strings(minor: Minor): readonly Library[] {
  const common = [...MEMBER_OF_TEXT, ...searches(searchOf(minor))]
  return [
    {
      name: NAME,
      since: 0,
      until: 29,
      functions: [...common, joins((element) => `unsupported type conversion from '${typeName(element)}' to string`)],
    },
    {
      name: NAME,
      since: 29,
      functions: [...common, ...since1(minor), joins((element) => `join: invalid input: ${joinText(element)}`)],
    },
  ]
}
