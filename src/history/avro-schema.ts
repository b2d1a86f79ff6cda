import { field, isObject, type Json, list, string } from '../cluster/json.ts'

/** How a value is written (Avro 1.11, “Binary Encoding”). */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' | 'bytes' | 'string' }
  /** `logical`: what the number counts (`timestamp-micros`). */
  | { readonly kind: 'long'; readonly logical: string }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly of: AvroType }
  | { readonly kind: 'union'; readonly of: readonly AvroType[] }
  | AvroRecord

export interface AvroRecord {
  readonly kind: 'record'
  readonly fields: readonly { readonly name: string; readonly type: AvroType }[]
}

const MOST_DEPTH = 32
const MOST_TYPES = 5_000
const MOST_FIXED = 1024 ** 2

/** What is wrong with a file; its message is told. */
export class AvroFault extends Error {}

/** Of the text in a file’s header; throws an `AvroFault`. */
export function avroSchema(text: string): AvroType {
  let schema: Json
  try {
    schema = JSON.parse(text) as Json
  } catch {
    throw new AvroFault('an Avro file whose schema is no JSON')
  }
  return new Schemas().typeOf(schema, '', 0)
}

class Schemas {
  readonly #named = new Map<string, AvroType>()
  #count = 0

  typeOf(schema: Json | undefined, namespace: string, depth: number): AvroType {
    if (depth > MOST_DEPTH || ++this.#count > MOST_TYPES) throw new AvroFault('an Avro file whose schema is too large')
    if (Array.isArray(schema)) {
      const of = (schema as readonly Json[]).map((each) => this.typeOf(each, namespace, depth + 1))
      return { kind: 'union', of }
    }
    const kind = typeof schema === 'string' ? schema : (string(field(schema, 'type')) ?? '')
    switch (kind) {
      case 'null':
      case 'boolean':
      case 'float':
      case 'double':
      case 'bytes':
      case 'string':
        return { kind }
      case 'int':
      case 'long':
        return { kind: 'long', logical: string(field(schema, 'logicalType')) ?? '' }
      case 'array':
        return { kind, of: this.typeOf(field(schema, 'items'), namespace, depth + 1) }
      case 'map':
        return { kind, of: this.typeOf(field(schema, 'values'), namespace, depth + 1) }
      case 'fixed': {
        const size = field(schema, 'size')
        if (typeof size !== 'number' || !(size >= 0 && size <= MOST_FIXED)) throw unknownType()
        return this.#name(schema, namespace, { kind, size })
      }
      case 'enum':
        return this.#name(schema, namespace, { kind, symbols: list(field(schema, 'symbols')).map((each) => `${each}`) })
      case 'record':
        return this.#record(schema, namespace, depth)
    }
    const nested = field(schema, 'type')
    if (isObject(nested) || Array.isArray(nested)) return this.typeOf(nested, namespace, depth + 1)
    const known = this.#named.get(kind.includes('.') || namespace === '' ? kind : `${namespace}.${kind}`)
    if (!known) throw unknownType()
    return known
  }

  #record(schema: Json | undefined, outer: string, depth: number): AvroType {
    const fields: AvroRecord['fields'][number][] = []
    const record: AvroRecord = { kind: 'record', fields }
    // A record may hold others of its kind.
    this.#name(schema, outer, record)
    const namespace = namespaceOf(schema, outer)
    for (const each of list(field(schema, 'fields')))
      fields.push({
        name: string(field(each, 'name')) ?? '',
        type: this.typeOf(field(each, 'type'), namespace, depth + 1),
      })
    return record
  }

  #name(schema: Json | undefined, outer: string, type: AvroType): AvroType {
    const name = string(field(schema, 'name')) ?? ''
    const namespace = namespaceOf(schema, outer)
    this.#named.set(name.includes('.') || namespace === '' ? name : `${namespace}.${name}`, type)
    return type
  }
}

function namespaceOf(schema: Json | undefined, outer: string): string {
  const name = string(field(schema, 'name')) ?? ''
  if (name.includes('.')) return name.slice(0, name.lastIndexOf('.'))
  return string(field(schema, 'namespace')) ?? outer
}

function unknownType(): AvroFault {
  return new AvroFault('an Avro file whose schema has a type that is not known')
}
