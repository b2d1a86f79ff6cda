import type { FieldSchema, ValueSchema } from '../../../cluster/admitted/schema.ts'
import { field, isObject, type Json } from '../../../cluster/json.ts'
import { GoValue } from './go-value.ts'
import { itemKey, keyless } from './list-item.ts'

/** A type with what its field says of how it is merged. */
export interface Typed {
  readonly value: ValueSchema
  readonly list?: FieldSchema['list']
  /** A map or struct that is one value. */
  readonly isAtomic: boolean
}

export function typedField({ value, list, map }: FieldSchema): Typed {
  return { value, isAtomic: map === 'atomic', ...(list ? { list } : {}) }
}

/** Types that are atomic wherever they stand, also as items of a list (`+structType=atomic` of their Go types). */
const ATOMIC: ReadonlySet<string> = new Set(['core/v1.LocalObjectReference', 'meta/v1.OwnerReference'])

export function itemOf(of: ValueSchema): Typed {
  return { value: of, isAtomic: of.kind === 'struct' && ATOMIC.has(of.struct.name) }
}

/** What the schema does not allow, in the words of structured-merge-diff typed/validate.go. */
export interface Invalid {
  readonly path: string
  readonly message: string
}

export function texts(all: readonly Invalid[]): string {
  const lines = all.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return lines.length === 1 ? (lines[0] as string) : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n')
}

const MAX_DEPTH = 300

/** Adds what is wrong to `found`. */
export function invalidIn(typed: Typed, value: Json, path: string, found: Invalid[], depth: number): void {
  const { value: schema, list } = typed
  const complaint = shape(schema, value, depth)
  if (complaint !== undefined) {
    found.push({ path, message: complaint })
    return
  }
  if (schema.kind === 'pointer') invalidIn({ ...typed, value: schema.of }, value, path, found, depth + 1)
  else if (schema.kind === 'list') invalidItems(schema.of, list, value as readonly Json[], path, found, depth)
  else if (isObject(value))
    for (const [key, each] of Object.entries(value)) {
      const known = schema.kind === 'struct' ? schema.struct.fields.get(key) : undefined
      const at = `${path}.${key}`
      if (schema.kind === 'map') invalidIn(itemOf(schema.of), each, at, found, depth + 1)
      else if (known) invalidIn(typedField(known), each, at, found, depth + 1)
      else if (schema.kind === 'struct') found.push({ path: at, message: 'field not declared in schema' })
    }
}

function invalidItems(
  of: ValueSchema,
  list: Typed['list'],
  items: readonly Json[],
  path: string,
  found: Invalid[],
  depth: number,
): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const why = list && keyless(list, item)
    if (why !== undefined) {
      found.push({ path, message: `element ${index}: ${why}` })
      return
    }
    const key = list ? itemKey(of, list, item) : `[${index}]`
    if (seen.has(key)) found.push({ path, message: `duplicate entries for key ${key}` })
    seen.add(key)
    invalidIn(itemOf(of), item, `${path}${key}`, found, depth + 1)
  }
}

/** The integer type for which a number is none that is not whole, which the merge lets pass; undefined where there is none. */
export function fractionIn(schema: ValueSchema, value: Json): 'int32' | 'int64' | undefined {
  if (schema.kind === 'pointer') return fractionIn(schema.of, value)
  if (schema.kind === 'int32' || schema.kind === 'int64')
    return typeof value === 'number' && !Number.isInteger(value) ? schema.kind : undefined
  if (schema.kind === 'list' && Array.isArray(value))
    return firstOf((value as readonly Json[]).map((item) => fractionIn(schema.of, item)))
  if (schema.kind === 'map' && isObject(value))
    return firstOf(Object.values(value).map((each) => fractionIn(schema.of, each as Json)))
  if (schema.kind !== 'struct' || !isObject(value)) return undefined
  return firstOf([...schema.struct.fields].map(([key, of]) => fractionIn(of.value, field(value, key) ?? null)))
}

function firstOf<T>(all: readonly (T | undefined)[]): T | undefined {
  return all.find((each) => each !== undefined)
}

function shape(schema: ValueSchema, value: Json, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`
  switch (schema.kind) {
    case 'pointer':
      return undefined
    case 'struct':
    case 'map':
      return isObject(value) && !(value instanceof GoValue) ? undefined : `expected map, got ${shown(value)}`
    case 'list':
      return Array.isArray(value) ? undefined : `expected list, got ${shown(value)}`
    default:
      return scalar(schema, value)
  }
}

function scalar({ kind }: ValueSchema, value: Json): string | undefined {
  switch (kind) {
    case 'int32':
    case 'int64':
    case 'uint':
    case 'double':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`
    case 'string':
    case 'bytes':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    default:
      return undefined
  }
}

/** CEL's null reaches the merge as the constant that protobuf has for it. */
function goType(value: Json): string {
  if (value === null) return 'structpb.NullValue'
  if (value instanceof GoValue) return value.type
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      return 'map[string]interface {}'
  }
}

/** What Go prints of a value behind an interface: %v, and %#v in full. */
function shown(value: Json): string {
  return `&{${goText(value)}}`
}

function goText(value: Json): string {
  if (value === null) return 'NULL_VALUE'
  if (value instanceof GoValue) return value.text
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(goText).join(' ')}]`
  if (!isObject(value)) return String(value)
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${goText(value[key] as Json)}`)
    .join(' ')}]`
}

function goSyntax(value: Json): string {
  if (value === null) return '0'
  if (value instanceof GoValue) return value.syntax
  if (Array.isArray(value)) return `[]interface {}{${(value as readonly Json[]).map(goSyntax).join(', ')}}`
  if (!isObject(value)) return JSON.stringify(value)
  const pairs = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${goSyntax(value[key] as Json)}`)
  return `map[string]interface {}{${pairs.join(', ')}}`
}
