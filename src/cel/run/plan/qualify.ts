import { CelError } from '../../error.ts'
import { adapt, type CelMap, Double, type Fields, type JsonMap, Uint, type Value } from '../../value.ts'
import { convertToString } from '../conversion.ts'
import { caught, type Failure, type Outcome } from '../frame.ts'
import { isOpaque, kindOf, typeName } from '../kind.ts'
import { find } from '../map.ts'
import { Optional } from '../optional.ts'
import { TypeValue } from '../type-value.ts'

/** There is no such key or index. */
export const MISSING = Symbol('missing')

const KEY_KINDS: ReadonlySet<string> = new Set(['string', 'int', 'uint', 'bool', 'double'])

/** May it be a key of a map or an index of a list? */
export function isKey(value: Value): boolean {
  return KEY_KINDS.has(kindOf(value))
}

/** What cel-go says of a key that is none; of one that stands in JSON it tells the native type. */
export function unfit(key: Value, stored = false): string {
  const kind = kindOf(key)
  const native = stored ? NATIVE_TYPES.get(kind) : undefined
  return `invalid qualifier type: ${native ?? goType(key)}`
}

/** What stands under a key of a map or an index of a list (cel-go interpreter/attributes.go, refQualify). */
export function look(value: Value, key: Value): Outcome | typeof MISSING {
  if (typeof key !== 'string' && !isKey(key)) return new CelError(unfit(key))
  if (typeof value !== 'object' || value === null) return MISSING
  if (Array.isArray(value)) return lookInList(value, key)
  if (value instanceof Uint8Array || value instanceof Double || value instanceof Uint || isOpaque(value)) return MISSING
  try {
    return present(find(value as JsonMap | CelMap | Fields, key))
  } catch (error) {
    return caught(error)
  }
}

const present = (value: Value | undefined): Value | typeof MISSING => (value === undefined ? MISSING : value)

function lookInList(list: readonly Value[], key: Value): Outcome | typeof MISSING {
  const index = indexOf(key)
  if (typeof index !== 'number') return index
  return present(adapt(list[index]))
}

function indexOf(key: Value): number | Failure {
  if (typeof key === 'number') return key
  if (typeof key === 'bigint') return -1
  if (key instanceof Uint) return Number(key.value)
  if (key instanceof Double) {
    const whole = Number.isInteger(key.value) && Math.abs(key.value) < 2 ** 63
    return whole ? key.value : new CelError(`unsupported index value ${keyText(key)} in list`)
  }
  return new CelError(`unsupported index type '${typeName(key)}' in list`)
}

/** The error of a key that is not there. */
export function missing(value: Value, key: Value): CelError {
  return new CelError(`${Array.isArray(value) ? 'index out of bounds' : 'no such key'}: ${keyText(key)}`)
}

const keyText = (key: Value): string => convertToString(key) as string

/** How Go's `%T` calls the type of a value. */
export function goType(value: Value): string {
  if (value instanceof Optional) return '*types.Optional'
  if (value instanceof TypeValue) return '*types.Type'
  const name = typeName(value)
  return GO_TYPES.get(kindOf(value)) ?? GO_LIBRARY_TYPES.get(name) ?? name
}

const GO_TYPES: ReadonlyMap<string, string> = new Map([
  ['null', 'types.Null'],
  ['bool', 'types.Bool'],
  ['int', 'types.Int'],
  ['uint', 'types.Uint'],
  ['double', 'types.Double'],
  ['string', 'types.String'],
  ['bytes', 'types.Bytes'],
  ['list', '*types.baseList'],
  ['map', '*types.baseMap'],
  ['duration', 'types.Duration'],
  ['timestamp', 'types.Timestamp'],
])

/** Of the types of Kubernetes' libraries, by their names in CEL (k8s.io/apiserver pkg/cel, and its library). */
const GO_LIBRARY_TYPES: ReadonlyMap<string, string> = new Map([
  ['kubernetes.Quantity', 'cel.Quantity'],
  ['kubernetes.URL', 'cel.URL'],
  ['kubernetes.Semver', 'cel.Semver'],
  ['kubernetes.NamedFormat', '*cel.Format'],
  ['net.IP', 'cel.IP'],
  ['net.CIDR', 'cel.CIDR'],
  ['kubernetes.authorization.Authorizer', 'library.authorizerVal'],
  ['kubernetes.authorization.PathCheck', 'library.pathCheckVal'],
  ['kubernetes.authorization.GroupCheck', 'library.groupCheckVal'],
  ['kubernetes.authorization.ResourceCheck', 'library.resourceCheckVal'],
  ['kubernetes.authorization.Decision', 'library.decisionVal'],
])

const NATIVE_TYPES: ReadonlyMap<string, string> = new Map([
  ['null', '<nil>'],
  ['list', '[]interface {}'],
  ['map', 'map[string]interface {}'],
])
