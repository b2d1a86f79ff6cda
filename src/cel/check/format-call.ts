import type { Call, Expr } from '../ast.ts'
import { type Type, typeText } from '../type.ts'
import type { Checked } from './check.ts'

interface Clause {
  readonly kinds: ReadonlySet<Type['kind']>
  readonly complaint: string
}

const INTEGERS = ['int', 'uint', 'dyn'] as const
const NUMBERS = ['double', 'string', 'dyn'] as const
const CLAUSES: ReadonlyMap<string, Clause> = new Map<string, Clause>([
  ['d', { kinds: new Set(INTEGERS), complaint: 'decimal clause can only be used on integers' }],
  ['f', { kinds: new Set(NUMBERS), complaint: 'fixed-point clause can only be used on doubles' }],
  ['e', { kinds: new Set(NUMBERS), complaint: 'scientific clause can only be used on doubles' }],
  ['b', { kinds: new Set([...INTEGERS, 'bool']), complaint: 'only integers and bools can be formatted as binary' }],
  ['o', { kinds: new Set(INTEGERS), complaint: 'octal clause can only be used on integers' }],
])
const HEX: Clause = {
  kinds: new Set([...INTEGERS, 'string', 'bytes']),
  complaint: 'only integers, byte buffers, and strings can be formatted as hex',
}
const TEXT: Clause = {
  kinds: new Set([
    ...INTEGERS,
    'list',
    'map',
    'double',
    'bool',
    'string',
    'timestamp',
    'bytes',
    'duration',
    'type',
    'null',
  ]),
  complaint:
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
}

interface Problem {
  readonly message: string
  readonly at: number
}

/** A constant format string and a list literal must fit each other (cel-go ext/formatting.go stringFormatValidator). */
export function formatCallProblem(call: Call, checked: Checked): Problem | undefined {
  const [list] = call.args
  if (call.target?.kind !== 'literal' || call.target.type !== 'string') return undefined
  if (call.args.length !== 1 || list?.kind !== 'list') return undefined
  const text = String(call.target.value)
  let used = 0
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at)) {
    if (text[at + 1] === '%') {
      at += 2
      continue
    }
    if (at + 1 >= text.length) return { message: 'unexpected end of string', at: call.at }
    const arg = list.elements[used]
    if (arg === undefined) return { message: `index ${used} out of range`, at: call.at }
    used++
    const found = clauseAt(text, at + 1)
    if (typeof found === 'string') return { message: `could not parse formatting clause: ${found}`, at: call.at }
    const bad = unfit(arg, found.clause, checked)
    if (bad !== undefined) {
      const type = checked.types.get(bad.id)!
      return { message: `error during formatting: ${found.clause.complaint}, was given ${typeName(type)}`, at: bad.at }
    }
    at = found.end
  }
  if (list.elements.length > used) {
    const counts = `(expected ${used}, got ${list.elements.length})`
    return { message: `too many arguments supplied to string.format ${counts}`, at: call.at }
  }
  return undefined
}

/** The clause that begins after a `%`, or what is wrong with it. */
function clauseAt(text: string, from: number): { readonly clause: Clause; readonly end: number } | string {
  let at = from
  if (text[at] === '.') {
    at++
    while (text[at]! >= '0' && text[at]! <= '9') at++
    if (at >= text.length) return 'error while parsing precision: could not find end of precision specifier'
    const digits = text.slice(from + 1, at)
    const problem =
      digits === '' ? 'invalid syntax' : BigInt(digits.slice(0, 40)) > 2n ** 63n - 1n ? 'value out of range' : ''
    if (problem !== '') {
      const reason = `strconv.Atoi: parsing "${digits}": ${problem}`
      return `error while parsing precision: error while converting precision to integer: ${reason}`
    }
  }
  const letter = text[at]!
  const clause = letter === 's' ? TEXT : letter === 'x' || letter === 'X' ? HEX : CLAUSES.get(letter)
  // Go looks at one byte of the text, whatever character it belongs to.
  if (clause === undefined) return `unrecognized formatting clause "${firstByte(text, at)}"`
  return { clause, end: at + 1 }
}

function firstByte(text: string, at: number): string {
  const bytes = new TextEncoder().encode(String.fromCodePoint(text.codePointAt(at)!))
  return String.fromCharCode(bytes[0]!)
}

/** The argument, or the part of it, that the clause does not take. */
function unfit(arg: Expr, clause: Clause, checked: Checked): Expr | undefined {
  if (!clause.kinds.has(checked.types.get(arg.id)!.kind)) return arg
  if (clause !== TEXT) return undefined
  const parts =
    arg.kind === 'list' ? arg.elements : arg.kind === 'map' ? arg.entries.flatMap((e) => [e.key, e.value]) : []
  for (const part of parts) {
    const bad = unfit(part, clause, checked)
    if (bad !== undefined) return bad
  }
  return undefined
}

/** A type without its parameters. */
function typeName(type: Type): string {
  return type.kind === 'opaque'
    ? type.name
    : type.kind === 'list' || type.kind === 'map' || type.kind === 'type'
      ? type.kind
      : typeText(type)
}
