import { parseDuration } from './run/duration.ts'
import { makeMap } from './run/map.ts'
import { parseTimestamp } from './run/timestamp.ts'
import { TypeValue } from './run/type-value.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  objectType,
  opaque,
  STRING,
  TIMESTAMP,
  type Type,
  typeOf,
  UINT,
} from './type.ts'
import { Double, int, Uint, type Value } from './value.ts'

/** A test of the suite in the JSON form of `cel.expr.conformance.test.SimpleTest`. */
export interface SimpleTest {
  readonly name: string
  readonly expr: string
  readonly container?: string
  readonly typeEnv?: readonly Declaration[]
  readonly bindings?: Readonly<Record<string, { readonly value?: JsonValue }>>
  readonly value?: JsonValue
  readonly evalError?: unknown
  readonly typedResult?: { readonly result?: JsonValue; readonly deducedType?: JsonType }
  readonly checkOnly?: boolean
  readonly disableCheck?: boolean
}

export interface Declaration {
  readonly name: string
  readonly ident?: { readonly type: JsonType }
  readonly function?: unknown
}

/** The JSON of `cel.expr.Value`. */
export type JsonValue = Readonly<Record<string, unknown>>

/** The JSON of `cel.expr.Type`. */
export type JsonType = Readonly<Record<string, unknown>>

/** A value of the suite; undefined: it needs a protobuf message. */
export function valueOfJson(json: JsonValue): Value | undefined {
  const [kind, held] = Object.entries(json)[0] ?? []
  switch (kind) {
    case 'nullValue':
      return null
    case 'boolValue':
    case 'stringValue':
      return held as Value
    case 'int64Value':
      return int(BigInt(held as string))
    case 'uint64Value':
      return new Uint(BigInt(held as string))
    case 'doubleValue':
      return new Double(Number(held))
    case 'bytesValue':
      return new Uint8Array(Buffer.from(held as string, 'base64'))
    case 'typeValue':
      return new TypeValue(NAMED.get(held as string) ?? objectType(held as string))
    case 'listValue':
      return all(((held as JsonValue).values ?? []) as readonly JsonValue[])
    case 'mapValue':
      return mapValueOf(((held as JsonValue).entries ?? []) as readonly Entry[])
    case 'objectValue':
      return wellKnown(held as JsonValue)
    default:
      return undefined
  }
}

interface Entry {
  readonly key: JsonValue
  readonly value: JsonValue
}

function all(values: readonly JsonValue[]): readonly Value[] | undefined {
  const made = values.map(valueOfJson)
  return made.includes(undefined) ? undefined : (made as Value[])
}

function mapValueOf(entries: readonly Entry[]): Value | undefined {
  const keys = all(entries.map(({ key }) => key))
  const values = all(entries.map(({ value }) => value))
  if (keys === undefined || values === undefined) return undefined
  return makeMap(keys.map((key, i) => [key, values[i] as Value]))
}

/** Durations and timestamps are values of CEL; no other message is. */
function wellKnown(message: JsonValue): Value | undefined {
  const text = message.value
  if (typeof text !== 'string') return undefined
  if (message['@type'] === 'type.googleapis.com/google.protobuf.Duration') return parseDuration(text)
  return message['@type'] === 'type.googleapis.com/google.protobuf.Timestamp' ? parseTimestamp(text) : undefined
}

const NAMED: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['bool', BOOL],
  ['bytes', BYTES],
  ['double', DOUBLE],
  ['int', INT],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['null_type', NULL],
  ['string', STRING],
  ['type', typeOf(DYN)],
  ['uint', UINT],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
  ['optional_type', opaque('optional_type', DYN)],
])

const PRIMITIVES: Readonly<Record<string, Type>> = {
  BOOL,
  BYTES,
  DOUBLE,
  INT64: INT,
  STRING,
  UINT64: UINT,
}

/** A type of the suite; undefined: it needs protobuf messages. */
export function typeOfJson(json: JsonType): Type | undefined {
  const [kind, held] = Object.entries(json)[0] ?? []
  const inner = held as JsonValue
  switch (kind) {
    case 'dyn':
      return DYN
    case 'null':
      return NULL
    case 'primitive':
      return PRIMITIVES[held as string]
    case 'wellKnown':
      return held === 'DURATION' ? DURATION : held === 'TIMESTAMP' ? TIMESTAMP : undefined
    case 'listType': {
      const element = typeOfJson(inner.elemType as JsonType)
      return element && listOf(element)
    }
    case 'mapType': {
      const key = typeOfJson(inner.keyType as JsonType)
      const value = typeOfJson(inner.valueType as JsonType)
      return key && value && mapOf(key, value)
    }
    case 'abstractType': {
      const parameters = ((inner.parameterTypes ?? []) as readonly JsonType[]).map(typeOfJson)
      return parameters.includes(undefined) ? undefined : opaque(inner.name as string, ...(parameters as Type[]))
    }
    case 'type': {
      const of = typeOfJson(inner)
      return of && typeOf(of)
    }
    default:
      return undefined
  }
}
