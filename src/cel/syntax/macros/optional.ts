import type { Expander } from './macro.ts'

/**
 * `o.optMap(x, f)` and `o.optFlatMap(x, f)`: `o.hasValue() ? optional.of(f with x = o.value()) : optional.none()`, the
 * binding being a fold over nothing (cel/library.go). The target is evaluated twice.
 */
export function optionalMap(flat: boolean): Expander {
  return ({ at, make, target, args }) => {
    const name = args[0]!
    if (name.kind !== 'ident') {
      return { message: `${flat ? 'optFlatMap' : 'optMap'}() variable name must be a simple identifier`, at: name.at }
    }
    const bound = make.comprehension(at, {
      macro: 'bind',
      range: make.list(at, []),
      variable: '#unused',
      accumulator: name.name,
      init: make.call(at, 'value', [], make.again(target)),
      condition: make.literal(at, 'bool', false),
      step: make.ident(at, name.name),
      result: args[1]!,
    })
    const value = flat ? bound : make.call(at, 'optional.of', [bound])
    return make.call(at, '_?_:_', [make.call(at, 'hasValue', [], target), value, make.call(at, 'optional.none', [])])
  }
}
