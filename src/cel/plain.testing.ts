import { Duration } from './run/duration.ts'
import { isOpaque, kindOf } from './run/kind.ts'
import { entriesOf } from './run/map.ts'
import { Optional } from './run/optional.ts'
import { Timestamp } from './run/timestamp.ts'
import { TypeValue } from './run/type-value.ts'
import { adapt, type CelMap, Double, int, type JsonMap, type Opaque, type Uint, type Value } from './value.ts'

/** A value as the vectors of `oracle/cel` write it: an object of one member that tells its kind. */
export function plain(value: Value): unknown {
  const own = adapt(value) as Value
  switch (kindOf(own)) {
    case 'null':
      return { null: true }
    case 'bool':
      return { bool: own }
    case 'string':
      return { string: (own as string).toWellFormed() }
    case 'int':
      return { int: String(own) }
    case 'uint':
      return { uint: String((own as Uint).value) }
    case 'double':
      return { double: plainDouble((own as Double).value) }
    case 'bytes':
      return { bytes: Buffer.from(own as Uint8Array).toString('base64') }
    case 'list':
      return { list: (own as readonly Value[]).map(plain) }
    case 'map':
      return { map: plainEntries(own as JsonMap | CelMap) }
    default:
      return isOpaque(own as object) ? plainOpaque(own as Opaque) : { fields: true }
  }
}

function plainDouble(value: number): unknown {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}

function plainEntries(map: JsonMap | CelMap): readonly unknown[] {
  const entries = entriesOf(map).map(([key, value]) => [plain(key), plain(value)])
  return entries.sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1))
}

function plainOpaque(value: Opaque): unknown {
  if (value instanceof Optional) return { optional: value.value === undefined ? null : plain(value.value) }
  if (value instanceof Timestamp) return { timestamp: new Timestamp(value.seconds, value.nanos).toString() }
  if (value instanceof Duration) return { duration: value.toString() }
  if (value instanceof TypeValue) return { type: value.name }
  const name = 'name' in value.type ? value.type.name : value.type.kind
  // What Go prints of an authorizer's value is the error of asking it for its native one.
  return { opaque: name, text: name.startsWith('kubernetes.authorization.') ? 'no such overload' : String(value) }
}

/** JSON as the API server reads it: a number with a fraction, an exponent or beyond 64 bits is a double. */
export function readJson(text: string): Value {
  return JSON.parse(text, (_, value, context?: { readonly source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value
    return (/^-?\d+$/.test(context.source) ? int(BigInt(context.source)) : undefined) ?? new Double(value)
  })
}
