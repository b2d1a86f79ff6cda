import type { Kind } from '../kind.ts'

const kinds = (...names: readonly Kind[]): ReadonlySet<Kind> => new Set(names)

/**
 * Functions with one implementation for all their overloads, and the kinds of first operands that it takes; undefined:
 * all of them (cel-go common/stdlib/standard.go, Singleton…Binding, and the traits of common/types/types.go).
 */
export const SINGLETONS: ReadonlyMap<string, ReadonlySet<Kind> | undefined> = new Map([
  ['_+_', kinds('bytes', 'double', 'duration', 'int', 'list', 'string', 'timestamp', 'uint')],
  ['_-_', kinds('double', 'duration', 'int', 'timestamp', 'uint')],
  ['_*_', kinds('double', 'int', 'uint')],
  ['_/_', kinds('double', 'int', 'uint')],
  ['_%_', kinds('int', 'uint')],
  ['-_', kinds('bool', 'double', 'duration', 'int')],
  ['size', kinds('bytes', 'list', 'map', 'string')],
  ['matches', kinds('string')],
  ['type', undefined],
  ['dyn', undefined],
])
