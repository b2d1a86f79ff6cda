import { field, isObject, type Json, list, object, strings } from '../../cluster/json.ts'

/** Thrown for what CEL could say only at length, or not at all. */
export class NoExpression extends Error {}

const COVERED: ReadonlySet<string> = new Set([
  'type',
  'const',
  'enum',
  'properties',
  'required',
  'items',
  'contains',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'pattern',
  'not',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  '$schema',
  '$comment',
  'title',
  'description',
])
const DEEPEST = 8
const LONGEST = 20_000
/** Words that CEL keeps for itself (the language definition), and that no field of a pod is called. */
const RESERVED =
  /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/

/**
 * An expression of CEL that holds where a value of a pod fits a simple schema: required fields, constants, ranges,
 * patterns, items and their combinations. Types are left to the API server, which checks those of pods itself.
 */
export function expressionOf(schema: Json, value: string): string {
  const text = express(schema, value, 0)
  if (text.length > LONGEST) throw new NoExpression('its expression would be too long')
  return text
}

function express(schema: Json, value: string, depth: number): string {
  if (depth > DEEPEST) throw new NoExpression(`its schema is nested deeper than ${DEEPEST} levels`)
  if (typeof schema === 'boolean') return String(schema)
  if (!isObject(schema)) throw new NoExpression('its schema is no schema')
  const unknown = Object.keys(schema).find((key) => !COVERED.has(key))
  if (unknown !== undefined) throw new NoExpression(`${unknown} has no simple expression`)
  const inner = (each: Json, of = value): string => `(${express(each, of, depth + 1)})`
  const parts = [...plain(schema, value), ...fields(schema, value, inner)]
  const item = `i${depth}`
  const items = field(schema, 'items')
  if (Array.isArray(items)) throw new NoExpression('items by position have no simple expression')
  if (items !== undefined) parts.push(`${value}.all(${item}, ${inner(items, item)})`)
  const contains = field(schema, 'contains')
  if (contains !== undefined) parts.push(`${value}.exists(${item}, ${inner(contains, item)})`)
  const not = field(schema, 'not')
  if (not !== undefined) parts.push(`!${inner(not)}`)
  for (const each of list(field(schema, 'allOf'))) parts.push(inner(each))
  const any = list(field(schema, 'anyOf'))
  if (any.length > 0) parts.push(`(${any.map((each) => inner(each)).join(' || ')})`)
  const one = list(field(schema, 'oneOf'))
  if (one.length > 0) parts.push(`[${one.map((each) => inner(each)).join(', ')}].exists_one(o, o)`)
  const condition = field(schema, 'if')
  if (condition !== undefined)
    parts.push(
      `(${inner(condition)} ? ${inner(field(schema, 'then') ?? true)} : ${inner(field(schema, 'else') ?? true)})`,
    )
  return parts.length === 0 ? 'true' : parts.join(' && ')
}

function fields(schema: Json, value: string, inner: (each: Json, of: string) => string): readonly string[] {
  return [
    ...strings(field(schema, 'required')).map((key) => `has(${value}.${fieldName(key)})`),
    ...Object.entries(object(field(schema, 'properties'))).map(([key, each]) => {
      const here = `${value}.${fieldName(key)}`
      return `(!has(${here}) || ${inner(each, here)})`
    }),
  ]
}

function fieldName(key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key) || RESERVED.test(key))
    throw new NoExpression(`a field ${JSON.stringify(key)} has no simple expression`)
  return key
}

const COMPARISONS = [
  ['minimum', '', '>='],
  ['maximum', '', '<='],
  ['exclusiveMinimum', '', '>'],
  ['exclusiveMaximum', '', '<'],
  ['minLength', 'size', '>='],
  ['maxLength', 'size', '<='],
  ['minItems', 'size', '>='],
  ['maxItems', 'size', '<='],
] as const

function plain(schema: Json, value: string): string[] {
  const parts: string[] = []
  const constant = field(schema, 'const')
  if (constant !== undefined) parts.push(`${value} == ${literal(constant)}`)
  const values = field(schema, 'enum')
  if (values !== undefined) parts.push(`${value} in [${list(values).map(literal).join(', ')}]`)
  const pattern = field(schema, 'pattern')
  if (typeof pattern === 'string') parts.push(`${value}.matches(${literal(pattern)})`)
  for (const [keyword, call, operator] of COMPARISONS) {
    const limit = field(schema, keyword)
    if (limit !== undefined) parts.push(`${call === '' ? value : `${call}(${value})`} ${operator} ${literal(limit)}`)
  }
  return parts
}

/** Numbers of pods are whole. A literal of CEL escapes what JSON escapes, but for the slash. */
function literal(value: Json): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value)
  throw new NoExpression('a value that is no text, whole number or truth has no simple expression')
}
