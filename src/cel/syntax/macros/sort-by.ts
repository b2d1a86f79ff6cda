import { type Expander, isMacroError } from './macro.ts'
import { elementVariable, mapped } from './standard.ts'

const INPUT = '@__sortBy_input__'
const keysOf = mapped('map', elementVariable, 1)

/** `l.sortBy(x, key)`: binds `l`, maps it to its keys, and sorts by them (ext/lists.go sortByMacro). */
export const sortBy: Expander = ({ at, make, target, args }) => {
  if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'message') {
    const sortable = 'a list, identifier, comprehension, call or select expression'
    return { message: `sortBy can only be applied to ${sortable}`, at: target.at }
  }
  const keys = keysOf({ at, make, target: make.ident(at, INPUT), args })
  if (isMacroError(keys)) return keys
  return make.comprehension(at, {
    macro: 'bind',
    range: make.list(at, []),
    variable: '#unused',
    accumulator: INPUT,
    init: target,
    condition: make.literal(at, 'bool', false),
    step: make.ident(at, INPUT),
    result: make.call(at, '@sortByAssociatedKeys', [keys], make.ident(at, INPUT)),
  })
}
