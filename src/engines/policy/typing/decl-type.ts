import type { TypeProvider } from '../../../cel/check/provider.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  INT,
  listOf,
  mapOf,
  objectType,
  STRING,
  TIMESTAMP,
  type Type,
} from '../../../cel/type.ts'
import type { StructSchema, ValueSchema } from '../../../cluster/admitted/schema.ts'

/**
 * The types of the fields of built-in kinds as the type checking of policies has them, out of their OpenAPI schemas
 * (k8s.io/apiserver pkg/cel/common/schemas.go SchemaDeclType). What has several types in JSON (a quantity) is no field at
 * all there, unless it is marked as a number or a text. Objects are named after their place, as `Pod.spec.containers.@idx`.
 */
export class DeclTypes implements TypeProvider {
  readonly #structs = new Map<string, StructSchema | undefined>()

  /** The type of objects of a kind. */
  ofKind(kind: string, schema: StructSchema): Type {
    this.#structs.set(kind, schema)
    return objectType(kind)
  }

  findType(name: string): Type | undefined {
    return this.#structs.has(name) ? objectType(name) : undefined
  }

  findField(type: string, field: string): Type | undefined {
    const schema = this.#structs.get(type)
    // A keyword may be written as it is, or escaped.
    const found = schema?.fields.get(KEYWORDS.has(field) ? field : unescaped(field))
    if (schema === undefined || found === undefined) return undefined
    if (found.name !== field && escaped(found.name) !== field) return undefined
    return this.#typeOf(found.value, `${type}.${field}`, schema)
  }

  #typeOf(schema: ValueSchema, name: string, parent: StructSchema): Type | undefined {
    switch (schema.kind) {
      case 'pointer':
        return this.#typeOf(schema.of, name, parent)
      case 'list': {
        const element = this.#typeOf(schema.of, `${name}.@idx`, parent)
        return element && listOf(element)
      }
      case 'map': {
        const value = this.#typeOf(schema.of, `${name}.@elem`, parent)
        return value && mapOf(STRING, value)
      }
      case 'struct':
        return this.ofKind(name, schema.struct)
      case 'raw':
        // Any JSON within a schema, else an object of which nothing is known.
        if (parent.name.startsWith('apiextensions/')) return undefined
        this.#structs.set(name, undefined)
        return objectType(name)
      case 'boolean':
        return BOOL
      case 'int32':
      case 'int64':
      case 'uint':
        return INT
      case 'double':
        return DOUBLE
      case 'intOrString':
        return DYN
      case 'time':
      case 'microTime':
        return TIMESTAMP
      case 'bytes':
        return BYTES
      case 'string':
      case 'duration':
        return STRING
      case 'quantity':
      case 'schemaOrList':
      case 'schemaOrBoolean':
      case 'schemaOrStrings':
        return undefined
    }
  }
}

const KEYWORDS: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** k8s.io/apiserver pkg/cel/escaping.go Escape: a name that is no identifier of CEL is written as one. */
function escaped(name: string): string {
  if (KEYWORDS.has(name)) return `__${name}__`
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
}

function unescaped(field: string): string {
  const keyword = /^__([a-z]+)__$/.exec(field)?.[1]
  if (keyword !== undefined && KEYWORDS.has(keyword)) return keyword
  return field
    .replaceAll('__slash__', '/')
    .replaceAll('__dash__', '-')
    .replaceAll('__dot__', '.')
    .replaceAll('__underscores__', '__')
}
