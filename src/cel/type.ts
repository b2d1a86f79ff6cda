/** A type of CEL (cel-go common/types/types.go). */
export type Type =
  | { readonly kind: Simple }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  /** `type(x)`; `of` is `dyn` where it is not known. */
  | { readonly kind: 'type'; readonly of: Type }
  /** `optional_type<T>`, and opaque types of libraries such as `kubernetes.Quantity`. */
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly Type[] }
  /** A structure with known fields: `Object.spec` of a mutating policy, a schema's type; its fields are the provider's. */
  | { readonly kind: 'object'; readonly name: string }
  /** A parameter of a function's signature. */
  | { readonly kind: 'param'; readonly name: string }

export type Simple =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'

export const DYN: Type = { kind: 'dyn' }
export const ERROR: Type = { kind: 'error' }
export const NULL: Type = { kind: 'null' }
export const BOOL: Type = { kind: 'bool' }
export const INT: Type = { kind: 'int' }
export const UINT: Type = { kind: 'uint' }
export const DOUBLE: Type = { kind: 'double' }
export const STRING: Type = { kind: 'string' }
export const BYTES: Type = { kind: 'bytes' }
export const TIMESTAMP: Type = { kind: 'timestamp' }
export const DURATION: Type = { kind: 'duration' }

export const listOf = (element: Type): Type => ({ kind: 'list', element })
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value })
export const typeOf = (of: Type): Type => ({ kind: 'type', of })
export const opaque = (name: string, ...parameters: readonly Type[]): Type => ({ kind: 'opaque', name, parameters })
export const optionalOf = (of: Type): Type => opaque('optional_type', of)
export const objectType = (name: string): Type => ({ kind: 'object', name })
export const param = (name: string): Type => ({ kind: 'param', name })

/** `list(map(string, dyn))`, as cel-go writes it in issues. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.element)})`
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`
    case 'type':
      return `type(${typeText(type.of)})`
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(typeText).join(', ')})`
    case 'object':
    case 'param':
      return type.name
    case 'null':
      return 'null_type'
    case 'error':
      return '!error!'
    case 'timestamp':
      return 'google.protobuf.Timestamp'
    case 'duration':
      return 'google.protobuf.Duration'
    default:
      return type.kind
  }
}
