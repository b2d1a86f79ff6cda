import { holds, parseBlock } from './addresses.ts'
import { type Answer, answerOf, both, either, not } from './answer.ts'
import { arnParts } from './arn.ts'
import type { Lookup } from './context.ts'
import type { Condition } from './document.ts'
import { matches } from './glob.ts'
import { expand } from './variables.ts'

interface Operator {
  readonly kind: 'string' | 'string-ignore-case' | 'like' | 'arn' | 'numeric' | 'date' | 'bool' | 'binary' | 'ip'
  /** An operator that holds where none of the values does, and where the key is absent. */
  readonly negated: boolean
  readonly compare: (order: number) => boolean
}

const equal = (order: number): boolean => order === 0
const operator = (kind: Operator['kind'], negated = false, compare = equal): Operator => ({ kind, negated, compare })
const ordered = (kind: 'numeric' | 'date', name: string): readonly (readonly [string, Operator])[] => [
  [`${name}equals`, operator(kind)],
  [`${name}notequals`, operator(kind, true)],
  [`${name}lessthan`, operator(kind, false, (order) => order < 0)],
  [`${name}lessthanequals`, operator(kind, false, (order) => order <= 0)],
  [`${name}greaterthan`, operator(kind, false, (order) => order > 0)],
  [`${name}greaterthanequals`, operator(kind, false, (order) => order >= 0)],
]

/** The condition operators but Null, in lower case. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['stringequals', operator('string')],
  ['stringnotequals', operator('string', true)],
  ['stringequalsignorecase', operator('string-ignore-case')],
  ['stringnotequalsignorecase', operator('string-ignore-case', true)],
  ['stringlike', operator('like')],
  ['stringnotlike', operator('like', true)],
  ['arnequals', operator('arn')],
  ['arnlike', operator('arn')],
  ['arnnotequals', operator('arn', true)],
  ['arnnotlike', operator('arn', true)],
  ['bool', operator('bool')],
  ['binaryequals', operator('binary')],
  ['ipaddress', operator('ip')],
  ['notipaddress', operator('ip', true)],
  ...ordered('numeric', 'numeric'),
  ...ordered('date', 'date'),
])

export interface Judged {
  readonly answer: Answer
  /** The condition keys whose value would settle it. */
  readonly unknown: readonly string[]
}

/** Whether all conditions of a statement hold: operators and keys are joined by and, the values of a key by or. */
export function conditionsHold(conditions: readonly Condition[], variables: boolean, lookup: Lookup): Judged {
  let answer: Answer = 'yes'
  const unknown: string[] = []
  for (const condition of conditions) {
    const judged = conditionHolds(condition, variables, lookup)
    if (judged.answer === 'no') return { answer: 'no', unknown: [] }
    answer = both(answer, judged.answer)
    unknown.push(...judged.unknown)
  }
  return { answer, unknown }
}

export function conditionHolds(condition: Condition, variables: boolean, lookup: Lookup): Judged {
  let name = condition.operator.toLowerCase()
  const set = name.startsWith('forallvalues:') ? 'all' : name.startsWith('foranyvalue:') ? 'any' : undefined
  if (set !== undefined) name = name.slice(name.indexOf(':') + 1)
  const ifExists = name.endsWith('ifexists')
  if (ifExists) name = name.slice(0, -'ifexists'.length)
  const values = lookup(condition.key)
  if (name === 'null') return isNull(condition, values)
  const how = OPERATORS.get(name)
  if (how === undefined || values === undefined) return { answer: 'maybe', unknown: [condition.key] }
  if (values === null || values.length === 0) {
    // Of no values all hold, and none does; an operator that negates holds of a key that is not there.
    if (ifExists || set === 'all') return { answer: 'yes', unknown: [] }
    return { answer: answerOf(set === undefined && how.negated), unknown: [] }
  }
  const unknown: string[] = []
  const one = (value: string): Answer => {
    let found: Answer = 'no'
    for (const operand of condition.values) {
      const judged = compared(how, operand, value, variables, lookup)
      unknown.push(...judged.unknown)
      found = either(found, judged.answer)
      if (found === 'yes') break
    }
    return how.negated ? not(found) : found
  }
  // Without a set operator a key with several values is no use that AWS describes; it is read as the values one by one.
  const every = set === 'all' || (set === undefined && how.negated)
  let answer: Answer = every ? 'yes' : 'no'
  for (const value of values) answer = every ? both(answer, one(value)) : either(answer, one(value))
  return { answer, unknown: answer === 'maybe' ? unknown : [] }
}

/** `Null: true` holds of a key that the request does not have. */
function isNull(condition: Condition, values: readonly string[] | null | undefined): Judged {
  if (values === undefined) return { answer: 'maybe', unknown: [condition.key] }
  const absent = String(values === null || values.length === 0)
  return { answer: answerOf(condition.values.some((value) => value.toLowerCase() === absent)), unknown: [] }
}

const MAYBE: Judged = { answer: 'maybe', unknown: [] }
const settled = (truth: boolean): Judged => ({ answer: answerOf(truth), unknown: [] })

/** A value of the request against one of the policy; an operand that is no number, date or address is `maybe`. */
function compared(how: Operator, operand: string, value: string, variables: boolean, lookup: Lookup): Judged {
  switch (how.kind) {
    case 'string':
    case 'string-ignore-case':
    case 'like':
    case 'arn':
      return textual(how, operand, value, variables, lookup)
    case 'bool':
      return settled(operand.toLowerCase() === value.toLowerCase())
    case 'binary':
      return settled(withoutPadding(operand) === withoutPadding(value))
    case 'numeric':
      return order(how, numberOf(value), numberOf(operand))
    case 'date':
      return order(how, timeOf(value), timeOf(operand))
    case 'ip': {
      const outer = parseBlock(operand)
      const inner = parseBlock(value)
      return outer === undefined || inner === undefined ? MAYBE : settled(holds(outer, inner))
    }
    default:
      return how.kind satisfies never
  }
}

function textual(how: Operator, operand: string, value: string, variables: boolean, lookup: Lookup): Judged {
  const wild = how.kind === 'like' || how.kind === 'arn'
  const fold = (text: string): string => (how.kind === 'string-ignore-case' ? text.toLowerCase() : text)
  if (!variables || !operand.includes('${')) {
    if (how.kind === 'arn') return { answer: arnLike(operand, value), unknown: [] }
    return wild ? { answer: matches(operand, value), unknown: [] } : settled(fold(operand) === fold(value))
  }
  const folded: Lookup = (key) => lookup(key)?.map(fold) ?? lookup(key)
  const expanded = expand(fold(operand), { variables, wild }, folded)
  // The documentation does not say what becomes of a negated condition with a variable that has no value.
  if (expanded.missing) return how.negated ? MAYBE : settled(false)
  const answer = matches(expanded.glob, fold(value))
  if (expanded.unknown.length === 0) return { answer, unknown: [] }
  return answer === 'no' ? settled(false) : { answer: 'maybe', unknown: expanded.unknown }
}

/** ARNs are compared part by part: a `*` stays within its part, but for the last. */
function arnLike(pattern: string, value: string): Answer {
  if (pattern === '*') return 'yes'
  const wanted = arnParts(pattern)
  const parts = arnParts(value)
  if (wanted.length !== parts.length) return wanted.length < parts.length && pattern.endsWith('*') ? 'maybe' : 'no'
  let answer: Answer = 'yes'
  for (let index = 0; index < parts.length; index++)
    answer = both(answer, matches(wanted[index] as string, parts[index] as string))
  return answer
}

function order(how: Operator, value: number | undefined, operand: number | undefined): Judged {
  return value === undefined || operand === undefined ? MAYBE : settled(how.compare(value - operand))
}

function numberOf(text: string): number | undefined {
  return /^[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})$/.test(text) ? Number(text) : undefined
}

function withoutPadding(base64: string): string {
  let end = base64.length
  while (base64.charAt(end - 1) === '=') end -= 1
  return base64.slice(0, end)
}

/** A date as W3C has it, or seconds since 1970; in milliseconds. */
function timeOf(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text) && text.length !== 4) return Number(text) * 1000
  if (!/^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/i.test(text)) return undefined
  // Without a zone a time is of UTC; the language would read it as of the machine.
  const time = Date.parse(/t/i.test(text) && !/(z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text)
  return Number.isNaN(time) ? undefined : time
}
