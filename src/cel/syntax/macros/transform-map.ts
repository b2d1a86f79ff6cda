import type { Expander } from './macro.ts'
import { twoVariables } from './standard.ts'

/**
 * `transformMap(k, v, f)` keeps the key, `transformMapEntry(k, v, {…})` merges the map that its last argument makes; with
 * four arguments the third one filters (ext/comprehensions.go).
 */
export function transformMap(entry: boolean): Expander {
  return (call) => {
    const variables = twoVariables(call)
    if ('message' in variables) return variables
    const { at, make } = call
    const accumulator = () => make.ident(at, make.accumulator)
    const transform = call.args.at(-1)!
    const key = entry ? [] : [make.ident(at, variables.variable)]
    const insert = make.call(at, 'cel.@mapInsert', [accumulator(), ...key, transform])
    const filter = call.args.length === 4 ? call.args[2] : undefined
    return make.comprehension(at, {
      macro: entry ? 'transformMapEntry' : 'transformMap',
      range: call.target,
      ...variables,
      accumulator: make.accumulator,
      init: make.map(at, []),
      condition: make.literal(at, 'bool', true),
      step: filter === undefined ? insert : make.call(at, '_?_:_', [filter, insert, accumulator()]),
      result: accumulator(),
    })
  }
}
