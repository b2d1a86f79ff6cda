import { isObject, type Json, type JsonObject, type Path, type Step } from '../json.ts'
import { canonicalDuration, canonicalMicroTime, canonicalTime } from './instant.ts'
import { canonicalQuantity } from './quantity.ts'
import type { FieldSchema, StructSchema, ValueSchema } from './schema.ts'

/**
 * A value after its way into a Go type and out again (sigs.k8s.io/json, then apimachinery/pkg/runtime/converter.go):
 * unknown fields and nulls are gone, empty fields that the encoder omits too; what it always writes is there. A value
 * of another type than its field's is left as it is written, and told.
 */

export interface Problem {
  readonly path: Path
  readonly message: string
}

/** No built-in type is deeper but the schemas of custom resources, which nest as deep as their author likes. */
const MAX_DEPTH = 300
const MAX_PROBLEMS = 100

export class Typing {
  readonly problems: Problem[] = []
  readonly #path: Step[] = []

  struct(schema: StructSchema, value: Json): Json {
    if (!isObject(value)) return this.#wrong(value, 'an object')
    if (this.#path.length > MAX_DEPTH) return this.#problem(value, `nested deeper than ${MAX_DEPTH}`)
    const { fields, always } = layoutOf(schema)
    let here = 0
    let made: Record<string, Json> | undefined
    const keys = Object.keys(value)
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      const field = fields.get(key)
      const given = value[key] as Json
      if (field) {
        // Most fields are texts, which stay as they are.
        const isText = field.isText && typeof given === 'string' && given !== ''
        const shown = isText ? given : this.#within(key, field.value, given)
        if (isText || !field.omitEmpty || !isOmitted(field, shown)) {
          if (field.isAlways) here++
          if (made) made[key] = shown
          else if (shown !== given) made = copyBefore(value, key, shown)
          continue
        }
      }
      made ??= copyBefore(value, key, undefined)
    }
    if (here === always.length) return made ?? value
    const whole: Record<string, Json> = made ?? { ...value }
    for (const [name, zero] of always) if (!Object.hasOwn(whole, name)) whole[name] = zero
    return whole
  }

  #within(step: Step, schema: ValueSchema, value: Json): Json {
    if (value === null) return zeroOf(schema)
    if (schema.kind === 'string' && typeof value === 'string') return value
    this.#path.push(step)
    const shown = this.value(schema, value)
    this.#path.pop()
    return shown
  }

  /** Of any value but null, which the place that it stands in decides about. */
  value(schema: ValueSchema, value: Json): Json {
    switch (schema.kind) {
      case 'struct':
        return this.struct(schema.struct, value)
      case 'pointer':
        return this.value(schema.of, value)
      case 'list':
        return Array.isArray(value) ? this.#list(schema.of, value) : this.#wrong(value, 'a list')
      case 'map':
        return isObject(value) ? this.#map(schema.of, value) : this.#wrong(value, 'an object')
      case 'string':
        return typeof value === 'string' ? value : this.#wrong(value, 'a string')
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#wrong(value, 'a boolean')
      case 'int32':
        return isInteger(value, -(2 ** 31), 2 ** 31) ? value : this.#wrong(value, 'an integer of 32 bits')
      case 'int64':
        return isInteger(value, -(2 ** 63), 2 ** 63) ? value : this.#wrong(value, 'an integer of 64 bits')
      case 'uint':
        return isInteger(value, 0, 2 ** 32) ? value : this.#wrong(value, 'an unsigned integer')
      case 'double':
        return typeof value === 'number' ? value : this.#wrong(value, 'a number')
      case 'quantity':
        return canonicalQuantity(value) ?? this.#wrong(value, 'a quantity')
      case 'intOrString':
        return typeof value === 'string' || isInteger(value, -(2 ** 31), 2 ** 31)
          ? value
          : this.#wrong(value, 'an integer of 32 bits or a string')
      case 'time':
        return this.#text(value, canonicalTime, 'a time as RFC 3339 has it')
      case 'microTime':
        return this.#text(value, canonicalMicroTime, 'a time as RFC 3339 has it, with microseconds')
      case 'duration':
        return this.#text(value, canonicalDuration, 'a duration as 1h30m')
      case 'bytes':
        return this.#text(value, canonicalBase64, 'base64')
      case 'raw':
        return value
      case 'schemaOrBoolean':
        return typeof value === 'boolean' ? value : this.struct(schema.struct, value)
      case 'schemaOrList':
        return Array.isArray(value)
          ? this.#list({ kind: 'struct', struct: schema.struct }, value)
          : this.struct(schema.struct, value)
      case 'schemaOrStrings':
        return Array.isArray(value) ? this.#list({ kind: 'string' }, value) : this.struct(schema.struct, value)
    }
  }

  #list(of: ValueSchema, list: readonly Json[]): readonly Json[] {
    let made: Json[] | undefined
    for (let index = 0; index < list.length; index++) {
      const given = list[index] as Json
      const shown = this.#within(index, of, given)
      if (made) made.push(shown)
      else if (shown !== given) made = [...list.slice(0, index), shown]
    }
    return made ?? list
  }

  #map(of: ValueSchema, map: JsonObject): JsonObject {
    let changed: Map<string, Json> | undefined
    const keys = Object.keys(map)
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      const given = map[key] as Json
      const shown = this.#within(key, of, given)
      if (shown !== given) {
        changed ??= new Map(Object.entries(map))
        changed.set(key, shown)
      }
    }
    return changed ? Object.fromEntries(changed) : map
  }

  #text(value: Json, canonical: (text: string) => string | null | undefined, wanted: string): Json {
    const shown = typeof value === 'string' ? canonical(value) : undefined
    return shown === undefined ? this.#wrong(value, wanted) : shown
  }

  #wrong(value: Json, wanted: string): Json {
    return this.#problem(value, `must be ${wanted}`)
  }

  #problem(value: Json, message: string): Json {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ path: [...this.#path], message })
    return value
  }
}

function copyBefore(value: JsonObject, until: string, shown: Json | undefined): Record<string, Json> {
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(value)) {
    if (key === until) break
    copy[key] = value[key] as Json
  }
  if (shown !== undefined) copy[until] = shown
  return copy
}

function isInteger(value: Json, from: number, below: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value < below
}

/** Line breaks are read over, and bits after the last byte are cleared. */
function canonicalBase64(text: string): string | undefined {
  const plain = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text
  if (plain.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(plain)) return undefined
  const padding = plain.indexOf('=')
  if (padding < 0) return plain
  const end = plain.slice(-4)
  if (padding < plain.length - 2 || (padding === plain.length - 2 && !end.endsWith('=='))) return undefined
  return plain.slice(0, -4) + Buffer.from(end, 'base64').toString('base64')
}

/** What Go's zero value of a type is written as. */
function zeroOf(schema: ValueSchema): Json {
  switch (schema.kind) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'int32':
    case 'int64':
    case 'uint':
    case 'double':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'struct':
      return zeroStruct(schema.struct)
    default:
      return null
  }
}

/** A struct as it is decoded. */
interface Layout {
  readonly fields: ReadonlyMap<string, FieldLayout>
  /** The fields that are written though empty, and what then. */
  readonly always: readonly (readonly [name: string, zero: Json])[]
}

interface FieldLayout extends Pick<FieldSchema, 'value' | 'omitEmpty' | 'omitZero'> {
  readonly isText: boolean
  readonly isAlways: boolean
}

const ZEROS = new WeakMap<StructSchema, JsonObject>()
const LAYOUTS = new WeakMap<StructSchema, Layout>()

/** One for all: what is shared is never changed. */
function zeroStruct(schema: StructSchema): JsonObject {
  const known = ZEROS.get(schema)
  if (known) return known
  const zero = Object.freeze(Object.fromEntries(layoutOf(schema).always))
  ZEROS.set(schema, zero)
  return zero
}

function layoutOf(schema: StructSchema): Layout {
  const known = LAYOUTS.get(schema)
  if (known) return known
  const fields = new Map<string, FieldLayout>()
  const always: [string, Json][] = []
  for (const { name, value, omitEmpty, omitZero } of schema.fields.values()) {
    const isAlways = !omitEmpty || !(omitZero || canBeEmpty(value))
    fields.set(name, { value, omitEmpty, omitZero, isText: value.kind === 'string', isAlways })
    if (isAlways) always.push([name, zeroOf(value)])
  }
  const layout = { fields, always }
  LAYOUTS.set(schema, layout)
  return layout
}

function canBeEmpty(schema: ValueSchema): boolean {
  switch (schema.kind) {
    case 'struct':
    case 'quantity':
    case 'intOrString':
    case 'time':
    case 'microTime':
    case 'duration':
    case 'raw':
      return false
    default:
      return true
  }
}

function isOmitted(field: FieldLayout, shown: Json): boolean {
  if (!field.omitEmpty) return false
  if (field.omitZero) return shown === null
  switch (field.value.kind) {
    case 'pointer':
      return shown === null
    case 'string':
    case 'bytes':
      return shown === '' || shown === null
    case 'boolean':
      return shown === false
    case 'int32':
    case 'int64':
    case 'uint':
    case 'double':
      return shown === 0
    case 'list':
      return shown === null || (Array.isArray(shown) && shown.length === 0)
    case 'map':
      return shown === null || (isObject(shown) && isEmptyObject(shown))
    default:
      return false
  }
}

function isEmptyObject(value: JsonObject): boolean {
  for (const _ in value) return false
  return true
}
