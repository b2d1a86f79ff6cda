import { DEFAULT_MINOR } from '../version.ts'
import data from './schema.json' with { type: 'json' }

/**
 * The built-in API types as the Go types of the API server hold them in each minor release (`oracle/admitted/schema`):
 * what a field is read as, when it is left out, and how it is merged. A line of the table is read when it is first asked for.
 */
export type ValueSchema =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'pointer' | 'list' | 'map'; readonly of: ValueSchema }
  | { readonly kind: 'struct'; readonly struct: StructSchema }
  /** In a CustomResourceDefinition: a schema, or a list of schemas, a boolean, a list of strings. */
  | { readonly kind: 'schemaOrList' | 'schemaOrBoolean' | 'schemaOrStrings'; readonly struct: StructSchema }

/** `raw` is any JSON value, kept as it is; `uint` an unsigned integer of up to 32 bits. */
export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'double'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'bytes'
  | 'raw'

export interface FieldSchema {
  readonly name: string
  readonly value: ValueSchema
  /** Go's encoder leaves the field out when it is empty; a struct is never empty. */
  readonly omitEmpty: boolean
  /** ... when it is the zero of its type. */
  readonly omitZero: boolean
  /** `x-kubernetes-list-type`, with the keys of a `map`; undefined is `atomic`, and what is no list. */
  readonly list?: { readonly type: 'set' | 'map'; readonly keys: readonly string[] }
  /** `x-kubernetes-map-type` of a map or of the struct in the field; undefined is granular. */
  readonly map?: 'atomic' | 'granular'
  /** Of strategic merge: `merge`, `replace`, `retainKeys`, and the key by which items of a list are the same. */
  readonly patch?: { readonly strategies: readonly string[]; readonly mergeKey?: string }
}

export interface StructSchema {
  /** As `core/v1.Container`: the last two folders of the Go package, and the Go type. */
  readonly name: string
  /** By JSON name; fields of inlined Go structs stand among the others. */
  readonly fields: ReadonlyMap<string, FieldSchema>
}

/** The releases that the table has; of another one, the nearest answers. */
const MINORS: readonly number[] = data.releases.map((release) => Number(release.split('.')[1]))
const OLDEST = Math.min(...MINORS)
const NEWEST = Math.max(...MINORS)

export function nearestMinor(minor: number): number {
  return Math.min(Math.max(Math.trunc(minor) || DEFAULT_MINOR, OLDEST), NEWEST)
}

/**
 * The type of a built-in kind in Kubernetes 1.`minor`; undefined for custom kinds, and for what that release has no Go
 * type of. Some versions have a type, though no API server of the release serves them (`extensions/v1beta1`).
 */
export function schemaOf(
  group: string,
  version: string,
  kind: string,
  minor = DEFAULT_MINOR,
): StructSchema | undefined {
  const text = KINDS.get(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`)
  if (text === undefined) return undefined
  const release = nearestMinor(minor)
  const space = text.indexOf(' ')
  if (space < 0) return structNamed(text, release)
  return within(text.slice(space + 1).split(' '), release) ? structNamed(text.slice(0, space), release) : undefined
}

/** Every built-in kind that `schemaOf` knows in some release, as `apps/v1/Deployment` or `v1/Pod`. */
export function builtInKinds(): readonly string[] {
  return [...KINDS.keys()]
}

const KINDS: ReadonlyMap<string, string> = new Map(Object.entries(data.kinds))
const LINES: ReadonlyMap<string, string> = new Map(data.structs.map((line) => [line.split('|', 1)[0] as string, line]))
/** By release and name. */
const STRUCTS = new Map<number, Map<string, Struct>>()

/** `+30 -33`: since 1.30, until 1.33. */
function within(span: readonly string[], minor: number): boolean {
  return span.every((bound) =>
    bound.startsWith('+') ? minor >= Number(bound.slice(1)) : minor <= Number(bound.slice(1)),
  )
}

class Struct implements StructSchema {
  readonly name: string
  readonly #minor: number
  #fields: ReadonlyMap<string, FieldSchema> | undefined

  constructor(name: string, minor: number) {
    this.name = name
    this.#minor = minor
  }

  get fields(): ReadonlyMap<string, FieldSchema> {
    this.#fields ??= fieldsOf(this.name, this.#minor)
    return this.#fields
  }
}

function structNamed(name: string, minor: number): StructSchema {
  const structs = STRUCTS.get(minor) ?? new Map<string, Struct>()
  STRUCTS.set(minor, structs)
  const struct = structs.get(name) ?? new Struct(name, minor)
  structs.set(name, struct)
  return struct
}

function fieldsOf(struct: string, minor: number): ReadonlyMap<string, FieldSchema> {
  const fields = new Map<string, FieldSchema>()
  for (const text of (LINES.get(struct) ?? '').split('|').slice(1)) {
    const words = text.split(' ')
    if (
      !within(
        words.filter((word) => /^[+-]\d/.test(word)),
        minor,
      )
    )
      continue
    const field = fieldOf(
      words.filter((word) => !/^[+-]\d/.test(word)),
      minor,
    )
    fields.set(field.name, field)
  }
  return fields
}

/** `ports [core/v1.ContainerPort? @map=containerPort,protocol ^merge=containerPort`. */
function fieldOf(words: readonly string[], minor: number): FieldSchema {
  const [name = '', type = '', ...notes] = words
  const code = type.replace(/[?!]+$/, '')
  const flags = type.slice(code.length)
  const field: { -readonly [Key in keyof FieldSchema]: FieldSchema[Key] } = {
    name,
    value: valueSchema(code, minor),
    omitEmpty: flags.includes('?'),
    omitZero: flags.includes('!'),
  }
  for (const note of notes) {
    const [word = '', detail = ''] = note.slice(1).split('=')
    if (note.startsWith('^'))
      field.patch = { strategies: word.split(','), ...(detail === '' ? {} : { mergeKey: detail }) }
    else if (word === 'granular' || word === 'atomic') field.map = word
    else field.list = { type: word as 'set' | 'map', keys: detail === '' ? [] : detail.split(',') }
  }
  return field
}

const SCALARS: ReadonlyMap<string, ScalarKind> = new Map([
  ['s', 'string'],
  ['b', 'boolean'],
  ['i', 'int32'],
  ['l', 'int64'],
  ['n', 'uint'],
  ['f', 'double'],
  ['q', 'quantity'],
  ['x', 'intOrString'],
  ['t', 'time'],
  ['u', 'microTime'],
  ['d', 'duration'],
  ['y', 'bytes'],
  ['r', 'raw'],
])

function valueSchema(code: string, minor: number): ValueSchema {
  const scalar = SCALARS.get(code)
  if (scalar) return { kind: scalar }
  const rest = code.slice(1)
  switch (code[0]) {
    case '*':
      return { kind: 'pointer', of: valueSchema(rest, minor) }
    case '[':
      return { kind: 'list', of: valueSchema(rest, minor) }
    case '{':
      return { kind: 'map', of: valueSchema(rest, minor) }
    case 'A':
      return { kind: 'schemaOrList', struct: structNamed(rest, minor) }
    case 'B':
      return { kind: 'schemaOrBoolean', struct: structNamed(rest, minor) }
    case 'S':
      return { kind: 'schemaOrStrings', struct: structNamed(rest, minor) }
  }
  return { kind: 'struct', struct: structNamed(code, minor) }
}
