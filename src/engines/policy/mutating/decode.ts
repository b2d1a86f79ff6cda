import { canonicalQuantity } from '../../../cluster/admitted/quantity.ts'
import { type StructSchema, schemaOf, type ValueSchema } from '../../../cluster/admitted/schema.ts'
import { field, isObject, type Json, type JsonObject, string } from '../../../cluster/json.ts'
import type { Kind } from './patch.ts'

/**
 * Why the API server cannot read a patched object into its Go type, in the words of sigs.k8s.io/json with its strict
 * checks; undefined where it can, and for custom kinds, which have no Go type. Go's names of types of strings
 * (`v1.PullPolicy`) are not known here: they are told as `string`.
 */
export function undecodable(value: Json, { group, version, kind, minor }: Kind): string | undefined {
  if (!schemaOf(group, version, kind, minor)) return undefined
  if (Array.isArray(value)) return NO_KIND
  // What the object does not say is taken from the type that it had.
  const apiVersion = string(field(value, 'apiVersion')) ?? (group === '' ? version : `${group}/${version}`)
  const slash = apiVersion.indexOf('/')
  const named = string(field(value, 'kind')) ?? kind
  const schema = schemaOf(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), named, minor)
  if (!schema) return `no kind ${JSON.stringify(named)} is registered for version ${JSON.stringify(apiVersion)}`
  const reader = new Reader()
  reader.value({ kind: 'struct', struct: schema }, value, { struct: '', path: [] }, '')
  const failure = reader.stopped ?? reader.failure
  if (failure !== undefined) return failure
  return reader.unknown.length === 0
    ? undefined
    : `strict decoding error: ${reader.unknown.map((path) => `unknown field ${JSON.stringify(path)}`).join(', ')}`
}

const NO_KIND =
  'couldn\'t get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** The Go struct and the fields that an error names; it tells no indices. */
interface Context {
  readonly struct: string
  readonly path: readonly string[]
}

const MAX_DEPTH = 300
/** sigs.k8s.io/json strict.go: that many strict errors are told. */
const MAX_UNKNOWN = 100

class Reader {
  failure: string | undefined
  stopped: string | undefined
  readonly unknown: string[] = []

  value(schema: ValueSchema, value: Json, context: Context, place: string): void {
    if (value === null || context.path.length > MAX_DEPTH) return
    if (schema.kind === 'pointer') this.value(schema.of, value, context, place)
    else if (!ACCEPTS[schema.kind](value)) this.#mismatch(schema, value, context)
    else if (schema.kind === 'struct') this.#struct(schema.struct, value as JsonObject, context, place)
    else if (schema.kind === 'list')
      for (const [index, item] of (value as readonly Json[]).entries())
        this.value(schema.of, item, context, `${place}[${index}]`)
    else if (schema.kind === 'map')
      for (const [key, each] of Object.entries(value)) this.value(schema.of, each, context, `${place}.${key}`)
    else if (schema.kind === 'bytes') this.#bytes(value as string)
    else if (schema.kind === 'quantity' && canonicalQuantity(value) === undefined)
      this.#stop("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  }

  #struct(schema: StructSchema, value: JsonObject, { path }: Context, place: string): void {
    const struct = schema.name.slice(schema.name.lastIndexOf('.') + 1)
    // A patched mapping is written with its keys in order.
    for (const key of Object.keys(value).sort()) {
      const each = value[key] as Json
      const known = schema.fields.get(key)
      const here = place === '' ? key : `${place}.${key}`
      if (known) this.value(known.value, each, { struct, path: [...path, key] }, here)
      else if (this.unknown.length < MAX_UNKNOWN) this.unknown.push(here)
    }
  }

  #bytes(text: string): void {
    const plain = text.replace(/[\r\n]/g, '')
    const bad = plain.search(/[^A-Za-z0-9+/=]/)
    const at = bad >= 0 ? bad : plain.length % 4 === 0 ? -1 : plain.length - (plain.length % 4)
    if (at >= 0) this.#fail(`illegal base64 data at input byte ${at}`)
  }

  #mismatch(schema: ValueSchema, value: Json, { struct, path }: Context): void {
    const into = struct === '' ? 'Go value' : `Go struct field ${struct}.${path.join('.')}`
    this.#fail(`json: cannot unmarshal ${wordFor(value, schema)} into ${into} of type ${goType(schema)}`)
  }

  /** What a type that reads itself refuses ends the reading; a mismatch is told at its end. */
  #stop(why: string): void {
    this.stopped ??= why
  }

  #fail(why: string): void {
    this.failure ??= why
  }
}

const anything = (): boolean => true
const whole = (value: Json, from: number, below: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value < below

const isString = (value: Json): boolean => typeof value === 'string'

/** Whether JSON of this shape may become the type; quantities and bytes are looked at further. */
const ACCEPTS: Readonly<Record<ValueSchema['kind'], (value: Json) => boolean>> = {
  pointer: anything,
  struct: isObject,
  map: isObject,
  list: (value) => Array.isArray(value),
  bytes: isString,
  quantity: anything,
  string: isString,
  boolean: (value) => typeof value === 'boolean',
  int32: (value) => whole(value, -(2 ** 31), 2 ** 31),
  int64: (value) => whole(value, -(2 ** 63), 2 ** 63),
  uint: (value) => whole(value, 0, 2 ** 32),
  double: (value) => typeof value === 'number',
  intOrString: (value) => typeof value === 'string' || whole(value, -(2 ** 31), 2 ** 31),
  time: isString,
  microTime: isString,
  duration: isString,
  raw: anything,
  schemaOrBoolean: anything,
  schemaOrList: anything,
  schemaOrStrings: anything,
}

/** Of a number that does not fit another type of numbers, it is told which. */
const NUMBERS: ReadonlySet<ValueSchema['kind']> = new Set(['int32', 'int64', 'uint', 'double', 'intOrString'])

function wordFor(value: Json, into: ValueSchema): string {
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'number':
      return NUMBERS.has(into.kind) ? `number ${value}` : 'number'
    case 'boolean':
      return 'bool'
    default:
      return typeof value
  }
}

const GO_TYPES: Readonly<Partial<Record<ValueSchema['kind'], string>>> = {
  boolean: 'bool',
  double: 'float64',
  uint: 'uint32',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  bytes: '[]uint8',
  intOrString: 'intstr.IntOrString',
}

function goType(schema: ValueSchema): string {
  switch (schema.kind) {
    case 'pointer':
      return goType(schema.of)
    case 'list':
      return `[]${goType(schema.of)}`
    case 'map':
      return `map[string]${goType(schema.of)}`
    case 'struct':
      return schema.struct.name.slice(schema.struct.name.lastIndexOf('/') + 1)
    default:
      return GO_TYPES[schema.kind] ?? schema.kind
  }
}
