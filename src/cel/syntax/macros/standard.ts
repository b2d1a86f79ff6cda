import type { Expr } from '../../ast.ts'
import { accumulatorClash, type Expander, iterationVariable, type MacroCall, type MacroError } from './macro.ts'

/** `has(a.b)`: the selection as a test. */
export const has: Expander = ({ at, make, args }) => {
  const selection = args[0]!
  if (selection.kind !== 'select') return { message: 'invalid argument to has() macro', at: selection.at }
  return make.select(at, selection.operand, selection.field, true)
}

type Variables = { readonly variable: string; readonly variable2?: string }

/** The variable of `list.all(x, …)`; cel-go's macro.go words the complaint in two ways. */
export function oneVariable(complaint: string): (call: MacroCall) => Variables | MacroError {
  return (call) => {
    const variable = iterationVariable(call, 0, complaint)
    if (typeof variable !== 'string') return variable
    // cel-go v0.22 of 1.32 and those before it let one variable take the accumulator's name.
    const checked = call.make.accumulator !== '__result__'
    return (checked ? accumulatorClash(call, 0, variable) : undefined) ?? { variable }
  }
}

/** The variables of `map.all(k, v, …)` (ext/comprehensions.go extractIterVars). */
export function twoVariables(call: MacroCall): Variables | MacroError {
  const variable = iterationVariable(call, 0, 'argument must be a simple name')
  if (typeof variable !== 'string') return variable
  const variable2 = iterationVariable(call, 1, 'argument must be a simple name')
  if (typeof variable2 !== 'string') return variable2
  if (variable === variable2) return { message: `duplicate variable name: ${variable}`, at: call.args[1]!.at }
  return accumulatorClash(call, 0, variable) ?? accumulatorClash(call, 1, variable2) ?? { variable, variable2 }
}

type Binder = (call: MacroCall) => Variables | MacroError

export const quantifierVariable = oneVariable('argument must be a simple name')
export const elementVariable = oneVariable('argument is not an identifier')

/** `all`: folds `&&` until it is false. The predicate is the last argument, as in the others. */
export function all(bind: Binder): Expander {
  return (call) => {
    const variables = bind(call)
    if ('message' in variables) return variables
    const { at, make } = call
    const accumulator = () => make.ident(at, make.accumulator)
    return make.comprehension(at, {
      macro: 'all',
      range: call.target,
      ...variables,
      accumulator: make.accumulator,
      init: make.literal(at, 'bool', true),
      condition: make.call(at, '@not_strictly_false', [accumulator()]),
      step: make.call(at, '_&&_', [accumulator(), call.args.at(-1)!]),
      result: accumulator(),
    })
  }
}

/** `exists`: folds `||` until it is true. */
export function exists(bind: Binder): Expander {
  return (call) => {
    const variables = bind(call)
    if ('message' in variables) return variables
    const { at, make } = call
    const accumulator = () => make.ident(at, make.accumulator)
    return make.comprehension(at, {
      macro: 'exists',
      range: call.target,
      ...variables,
      accumulator: make.accumulator,
      init: make.literal(at, 'bool', false),
      condition: make.call(at, '@not_strictly_false', [make.call(at, '!_', [accumulator()])]),
      step: make.call(at, '_||_', [accumulator(), call.args.at(-1)!]),
      result: accumulator(),
    })
  }
}

/** `exists_one`: counts; errors are not absorbed. */
export function existsOne(bind: Binder): Expander {
  return (call) => {
    const variables = bind(call)
    if ('message' in variables) return variables
    const { at, make } = call
    const accumulator = () => make.ident(at, make.accumulator)
    const one = () => make.literal(at, 'int', 1)
    const counted = make.call(at, '_+_', [accumulator(), one()])
    return make.comprehension(at, {
      macro: 'existsOne',
      range: call.target,
      ...variables,
      accumulator: make.accumulator,
      init: make.literal(at, 'int', 0),
      condition: make.literal(at, 'bool', true),
      step: make.call(at, '_?_:_', [call.args.at(-1)!, counted, accumulator()]),
      result: make.call(at, '_==_', [accumulator(), one()]),
    })
  }
}

/** `map(x, f)`, `map(x, p, f)`, `transformList(i, x, f)`, …: appends to a list; `first`: the index of what follows the variables. */
export function mapped(macro: string, bind: Binder, first: number): Expander {
  return (call) => {
    const variables = bind(call)
    if ('message' in variables) return variables
    const filter = call.args.length > first + 1 ? call.args[first] : undefined
    return appending(call, macro, variables, filter, call.args.at(-1)!)
  }
}

/** `filter(x, p)`. */
export const filter: Expander = (call) => {
  const variables = elementVariable(call)
  if ('message' in variables) return variables
  return appending(call, 'filter', variables, call.args[1], call.args[0]!)
}

function appending(call: MacroCall, macro: string, variables: Variables, when: Expr | undefined, element: Expr): Expr {
  const { at, make } = call
  const accumulator = () => make.ident(at, make.accumulator)
  const append = make.call(at, '_+_', [accumulator(), make.list(at, [element])])
  return make.comprehension(at, {
    macro,
    range: call.target,
    ...variables,
    accumulator: make.accumulator,
    init: make.list(at, []),
    condition: make.literal(at, 'bool', true),
    step: when === undefined ? append : make.call(at, '_?_:_', [when, append, accumulator()]),
    result: accumulator(),
  })
}
