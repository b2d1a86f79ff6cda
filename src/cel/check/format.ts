import type { Type } from '../type.ts'

/** A type as issues show it (cel-go checker/format.go FormatCELType). */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'error':
      return '!error!'
    case 'list':
      return `list(${formatType(type.element)})`
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`
    case 'type': {
      // The type of types is `type` alone; `type(dyn)` is that of a value whose type is not known.
      const bare = type.of.kind === 'type' && type.of.of.kind === 'dyn'
      return bare ? 'type(type)' : `type(${formatType(type.of)})`
    }
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`
    case 'object':
    case 'param':
      return type.name
    default:
      return type.kind
  }
}

/** `(int, string)`, of a member `string.(int)`. */
export function formatSignature(args: readonly Type[], member: boolean): string {
  const rest = (member ? args.slice(1) : args).map(formatType).join(', ')
  return `${member ? `${formatType(args[0]!)}.` : ''}(${rest})`
}
