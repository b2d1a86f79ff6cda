import type { Comprehension, Expr } from '../../ast.ts'

/** What a macro does in each turn, read off the fold that it was expanded to. */
export type Shape =
  | { readonly kind: 'all' | 'exists' | 'existsOne'; readonly predicate: Expr }
  | { readonly kind: 'list'; readonly predicate: Expr | undefined; readonly element: Expr }
  | {
      readonly kind: 'map'
      readonly predicate: Expr | undefined
      readonly insert: Expr & { readonly kind: 'call' }
      /** What is inserted: a key and a value, or a map of entries. */
      readonly inserted: readonly Expr[]
    }

/**
 * The shape of a fold, where it is exactly that of a macro and its parts do not read the accumulator (which `__result__`
 * of cel-go before 0.23 lets them do).
 */
export function shapeOf(expr: Comprehension): Shape | undefined {
  const shape = quantifier(expr) ?? counter(expr) ?? collection(expr)
  if (shape === undefined) return undefined
  const parts = shape.kind === 'list' ? [shape.element] : shape.kind === 'map' ? shape.inserted : []
  const own = shape.predicate === undefined ? parts : [...parts, shape.predicate]
  const clash = expr.variable === expr.accumulator || expr.variable2 === expr.accumulator
  return clash || own.some((part) => reads(part, expr.accumulator)) ? undefined : shape
}

const isAccumulator = (expr: Expr | undefined, { accumulator }: Comprehension): boolean =>
  expr?.kind === 'ident' && expr.name === accumulator

const isLiteral = (expr: Expr | undefined, value: unknown): boolean => expr?.kind === 'literal' && expr.value === value

/** The arguments of a call of a function, or undefined. */
function argumentsOf(expr: Expr | undefined, fn: string): readonly Expr[] | undefined {
  return expr?.kind === 'call' && expr.fn === fn && expr.target === undefined ? expr.args : undefined
}

function quantifier(expr: Comprehension): Shape | undefined {
  const goesOn = argumentsOf(expr.condition, '@not_strictly_false')?.[0]
  if (!isAccumulator(expr.result, expr)) return undefined
  const all = argumentsOf(expr.step, '_&&_')
  if (isLiteral(expr.init, true) && isAccumulator(goesOn, expr) && all?.length === 2 && isAccumulator(all[0], expr)) {
    return { kind: 'all', predicate: all[1] as Expr }
  }
  const any = argumentsOf(expr.step, '_||_')
  const negated = argumentsOf(goesOn, '!_')?.[0]
  if (isLiteral(expr.init, false) && isAccumulator(negated, expr) && any?.length === 2 && isAccumulator(any[0], expr)) {
    return { kind: 'exists', predicate: any[1] as Expr }
  }
  return undefined
}

function counter(expr: Comprehension): Shape | undefined {
  const result = argumentsOf(expr.result, '_==_')
  const [predicate, then, otherwise] = argumentsOf(expr.step, '_?_:_') ?? []
  const added = argumentsOf(then, '_+_')
  const counts =
    isLiteral(expr.init, 0) &&
    isLiteral(expr.condition, true) &&
    isAccumulator(result?.[0], expr) &&
    isLiteral(result?.[1], 1) &&
    isAccumulator(added?.[0], expr) &&
    isLiteral(added?.[1], 1) &&
    isAccumulator(otherwise, expr)
  return counts ? { kind: 'existsOne', predicate: predicate as Expr } : undefined
}

function collection(expr: Comprehension): Shape | undefined {
  if (!isLiteral(expr.condition, true) || !isAccumulator(expr.result, expr)) return undefined
  const choice = argumentsOf(expr.step, '_?_:_')
  if (choice !== undefined && !isAccumulator(choice[2], expr)) return undefined
  const predicate = choice?.[0]
  const step = choice === undefined ? expr.step : choice[1]
  const appended = argumentsOf(step, '_+_')
  if (appended !== undefined && isAccumulator(appended[0], expr) && isEmpty(expr.init, 'list')) {
    const list = appended[1]
    const single = list?.kind === 'list' && list.elements.length === 1 && list.optional.size === 0
    return single ? { kind: 'list', predicate, element: list.elements[0] as Expr } : undefined
  }
  const inserted = argumentsOf(step, 'cel.@mapInsert')
  if (inserted === undefined || !isAccumulator(inserted[0], expr) || !isEmpty(expr.init, 'map')) return undefined
  return { kind: 'map', predicate, insert: step as Expr & { kind: 'call' }, inserted: inserted.slice(1) }
}

function isEmpty(expr: Expr, kind: 'list' | 'map'): boolean {
  return expr.kind === kind && (expr.kind === 'list' ? expr.elements : expr.entries).length === 0
}

/** Does the expression read the variable? An inner comprehension may have one of that name. */
function reads(expr: Expr, name: string): boolean {
  switch (expr.kind) {
    case 'literal':
      return false
    case 'ident':
      return expr.name === name
    case 'select':
      return reads(expr.operand, name)
    case 'call':
      return expr.args.some((arg) => reads(arg, name)) || (expr.target !== undefined && reads(expr.target, name))
    case 'list':
      return expr.elements.some((element) => reads(element, name))
    case 'map':
      return expr.entries.some(({ key, value }) => reads(key, name) || reads(value, name))
    case 'message':
      return expr.fields.some(({ value }) => reads(value, name))
    case 'comprehension': {
      if (reads(expr.range, name) || reads(expr.init, name)) return true
      if (expr.accumulator === name) return false
      const shadowed = expr.variable === name || expr.variable2 === name
      return reads(expr.result, name) || (!shadowed && (reads(expr.condition, name) || reads(expr.step, name)))
    }
  }
}
