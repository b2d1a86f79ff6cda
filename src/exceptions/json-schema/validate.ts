import { Unknown } from '../../cel/error.ts'
import { parseQuantity } from '../../cel/library/quantity-text.ts'
import { compareQuantities } from '../../cel/library/quantity-value.ts'
import { cachedRegex } from '../../cel/library/re2.ts'
import { restartWork, spend } from '../../cel/run/work.ts'
import { field, isObject, type Json, type JsonObject, list, object, type Path, strings } from '../../cluster/json.ts'
import { canonical } from './canonical.ts'
import type { Schema } from './schema.ts'

/** What the first fault is, and where in the value it stands. */
export interface SchemaFault {
  readonly path: Path
  readonly message: string
}

/** Values looked at, counted by `spend`, and steps in one another: a schema may point to itself. */
const DEEPEST = 256
/** What one step costs of the work that an evaluation may do (100 million): a million steps. */
const STEP = 100

/**
 * Judges a value by a schema (JSON Schema 2019-09). A field that is null is absent, as Kubernetes drops it. Undefined: valid;
 * `unknown`: more work than a check may take, or a schema that never ends.
 */
export function validate({ root, references }: Schema, value: Json): SchemaFault | 'unknown' | undefined {
  const before = restartWork()
  try {
    return new Judge(references).judge(root, value, [], 0)
  } catch (error) {
    if (error instanceof Unknown) return 'unknown'
    throw error
  } finally {
    restartWork(before)
  }
}

type Fault = SchemaFault | undefined

class Judge {
  readonly #references: ReadonlyMap<string, Json>

  constructor(references: ReadonlyMap<string, Json>) {
    this.#references = references
  }

  judge(schema: Json, value: Json, path: Path, depth: number): Fault {
    spend(STEP)
    if (depth > DEEPEST) throw new Unknown('the schema: it goes deeper than a check may')
    if (typeof schema === 'boolean') return schema ? undefined : { path, message: 'nothing is allowed here' }
    const rules = object(schema)
    return (
      this.#combined(rules, value, path, depth + 1) ??
      this.#any(rules, value, path) ??
      (typeof value === 'string'
        ? ofText(rules, value, path)
        : typeof value === 'number'
          ? ofNumber(rules, value, path)
          : Array.isArray(value)
            ? this.#ofList(rules, list(value), path, depth + 1)
            : isObject(value)
              ? this.#ofObject(rules, value, path, depth + 1)
              : undefined)
    )
  }

  #combined(rules: JsonObject, value: Json, path: Path, depth: number): Fault {
    const holds = (schema: Json): boolean => this.judge(schema, value, path, depth) === undefined
    const target = typeof rules.$ref === 'string' ? this.#references.get(rules.$ref) : undefined
    if (target !== undefined) {
      const fault = this.judge(target, value, path, depth)
      if (fault) return fault
    }
    for (const each of list(field(rules, 'allOf'))) {
      const fault = this.judge(each, value, path, depth)
      if (fault) return fault
    }
    const any = field(rules, 'anyOf')
    if (any !== undefined && !list(any).some(holds)) return { path, message: 'none of anyOf holds' }
    const one = field(rules, 'oneOf')
    if (one !== undefined) {
      const count = list(one).filter(holds).length
      if (count !== 1) return { path, message: `${count} of oneOf hold` }
    }
    const not = field(rules, 'not')
    if (not !== undefined && holds(not)) return { path, message: 'what must not hold does' }
    const condition = field(rules, 'if')
    const then = condition === undefined ? undefined : field(rules, holds(condition) ? 'then' : 'else')
    return then === undefined ? undefined : this.judge(then, value, path, depth)
  }

  #any(rules: JsonObject, value: Json, path: Path): Fault {
    const type = field(rules, 'type')
    const types = typeof type === 'string' ? [type] : strings(type)
    if (type !== undefined && !types.some((each) => isOfType(value, each)))
      return { path, message: `is not ${types.join(' or ')}` }
    const constant = field(rules, 'const')
    if (Object.hasOwn(rules, 'const') && canonical(value) !== canonical(constant as Json))
      return { path, message: 'is another value' }
    const values = field(rules, 'enum')
    if (values !== undefined) {
      const text = canonical(value)
      if (!list(values).some((each) => canonical(each) === text)) return { path, message: 'is none of the values' }
    }
    return quantities(rules, value, path)
  }

  #ofList(rules: JsonObject, items: readonly Json[], path: Path, depth: number): Fault {
    const count = between(rules, 'minItems', 'maxItems', items.length, path, 'items')
    if (count) return count
    if (field(rules, 'uniqueItems') === true && new Set(items.map(canonical)).size !== items.length)
      return { path, message: 'an item stands twice' }
    const schema = field(rules, 'items')
    const tuple = Array.isArray(schema) ? list(schema) : undefined
    const rest = tuple ? field(rules, 'additionalItems') : schema
    for (const [index, item] of items.entries()) {
      const each = tuple?.[index] ?? (tuple && index < tuple.length ? undefined : rest)
      const fault = each === undefined ? undefined : this.judge(each, item, [...path, index], depth)
      if (fault) return fault
    }
    const contains = field(rules, 'contains')
    if (contains === undefined) return undefined
    const found = items.filter(
      (item, index) => this.judge(contains, item, [...path, index], depth) === undefined,
    ).length
    const least = field(rules, 'minContains') ?? 1
    const most = field(rules, 'maxContains')
    if (typeof least === 'number' && found < least) return { path, message: 'lacks an item that must be there' }
    return typeof most === 'number' && found > most ? { path, message: 'holds too many such items' } : undefined
  }

  #ofObject(rules: JsonObject, value: JsonObject, path: Path, depth: number): Fault {
    const keys = Object.keys(value).filter((key) => value[key] !== null)
    spend(keys.length)
    const has = (key: string): boolean => Object.hasOwn(value, key) && value[key] !== null
    const lacking = strings(field(rules, 'required')).find((key) => !has(key))
    if (lacking !== undefined) return { path, message: `${lacking} is missing` }
    const count = between(rules, 'minProperties', 'maxProperties', keys.length, path, 'fields')
    if (count) return count
    return this.#dependent(rules, value, path, depth, has) ?? this.#fields(rules, value, keys, path, depth)
  }

  #dependent(rules: JsonObject, value: JsonObject, path: Path, depth: number, has: (key: string) => boolean): Fault {
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies'])
      for (const [key, needs] of Object.entries(object(field(rules, keyword)))) {
        if (!has(key)) continue
        const lacking = strings(needs).find((each) => !has(each))
        if (lacking !== undefined) return { path, message: `${lacking} is missing, which ${key} needs` }
        const fault = Array.isArray(needs) ? undefined : this.judge(needs, value, path, depth)
        if (fault) return fault
      }
    return undefined
  }

  #fields(rules: JsonObject, value: JsonObject, keys: readonly string[], path: Path, depth: number): Fault {
    const properties = field(rules, 'properties')
    const patterns = Object.entries(object(field(rules, 'patternProperties')))
    const additional = field(rules, 'additionalProperties')
    const names = field(rules, 'propertyNames')
    for (const key of keys) {
      const here = [...path, key]
      const own = field(properties, key)
      const matching = patterns.filter(([pattern]) => matches(pattern, key)).map(([, schema]) => schema)
      const all = [...(own === undefined ? [] : [own]), ...matching]
      if (all.length === 0 && additional !== undefined) all.push(additional)
      if (names !== undefined && this.judge(names, key, here, depth))
        return { path: here, message: 'its name is wrong' }
      for (const schema of all) {
        const fault = this.judge(schema, value[key] as Json, here, depth)
        if (fault) return fault
      }
    }
    return undefined
  }
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function between(rules: JsonObject, low: string, high: string, count: number, path: Path, what: string): Fault {
  const least = field(rules, low)
  const most = field(rules, high)
  if (typeof least === 'number' && count < least) return { path, message: `has fewer than ${least} ${what}` }
  return typeof most === 'number' && count > most ? { path, message: `has more than ${most} ${what}` } : undefined
}

function ofText(rules: JsonObject, text: string, path: Path): Fault {
  const pattern = field(rules, 'pattern')
  if (typeof pattern === 'string' && !matches(pattern, text)) return { path, message: 'does not match its pattern' }
  if (field(rules, 'minLength') === undefined && field(rules, 'maxLength') === undefined) return undefined
  spend(text.length)
  return between(rules, 'minLength', 'maxLength', [...text].length, path, 'characters')
}

function ofNumber(rules: JsonObject, value: number, path: Path): Fault {
  const broken = (keyword: string, holds: (limit: number) => boolean): boolean => {
    const limit = field(rules, keyword)
    return typeof limit === 'number' && !holds(limit)
  }
  if (broken('minimum', (limit) => value >= limit) || broken('exclusiveMinimum', (limit) => value > limit))
    return { path, message: 'is too small' }
  if (broken('maximum', (limit) => value <= limit) || broken('exclusiveMaximum', (limit) => value < limit))
    return { path, message: 'is too large' }
  return broken('multipleOf', (unit) => Number.isInteger(value / unit))
    ? { path, message: 'is no multiple' }
    : undefined
}

/** Polaris' keywords: a value that is no quantity breaks both. A number is written as Kubernetes writes quantities back. */
function quantities(rules: JsonObject, value: Json, path: Path): Fault {
  for (const [keyword, wrong] of [['resourceMinimum', 1] as const, ['resourceMaximum', -1] as const]) {
    const limit = field(rules, keyword)
    if (typeof limit !== 'string') continue
    const given = typeof value === 'string' || typeof value === 'number' ? parseQuantity(String(value)) : 'no quantity'
    const bound = parseQuantity(limit)
    if (typeof given === 'string' || typeof bound === 'string') return { path, message: 'is no quantity' }
    if (compareQuantities(bound, given) === wrong)
      return { path, message: wrong === 1 ? `is less than ${limit}` : `is more than ${limit}` }
  }
  return undefined
}

function matches(pattern: string, text: string): boolean {
  const compiled = cachedRegex(pattern)
  return typeof compiled !== 'string' && compiled.matches(text)
}
