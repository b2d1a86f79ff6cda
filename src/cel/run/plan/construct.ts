import type { ListExpr, MapExpr, MessageExpr } from '../../ast.ts'
import { CelError } from '../../error.ts'
import type { JsonMap, Value } from '../../value.ts'
import { attempt, type Failure, isFailure, type Outcome, type Step } from '../frame.ts'
import { makeMap } from '../map.ts'
import { Optional } from '../optional.ts'
import { formatValue } from '../text.ts'
import { type Constant, type Context, folded, type Planned } from './planned.ts'

/** cel-go common/cost.go: what a list, a map, a structure costs to make. Constants cost nothing. */
export const LIST_COST = 10
const MAP_COST = 30
const STRUCTURE_COST = 40

/** `[a, ?b]`. */
export function planList(expr: ListExpr, context: Context): Planned {
  const elements = expr.elements.map((element) => context.plan(element, context))
  const { optional } = expr
  if (optional.size === 0 && elements.every(({ constant }) => constant !== undefined)) {
    return folded(() => elements.map(({ constant }) => (constant as Constant).value))
  }
  const steps = elements.map(({ run }) => run)
  if (optional.size === 0) return { run: allOf(steps) }
  return {
    run: (frame) => {
      const values: Value[] = []
      let failure: Failure | undefined
      for (let i = 0; i < steps.length && failure === undefined; i++) {
        const value = (steps[i] as Step)(frame)
        const kept = optional.has(i) ? unwrapped(value, () => 'cannot initialize optional list element') : value
        if (kept === undefined) continue
        if (isFailure(kept)) failure = kept
        else values.push(kept)
      }
      frame.meter.charge(LIST_COST)
      return failure ?? values
    },
  }
}

function allOf(steps: readonly Step[]): Step {
  return (frame) => {
    const values: Outcome[] = []
    for (let i = 0; i < steps.length; i++) {
      const value = (steps[i] as Step)(frame)
      values.push(value)
      if (isFailure(value)) break
    }
    frame.meter.charge(LIST_COST)
    const last = values.at(-1) as Outcome
    return isFailure(last) ? last : (values as Value[])
  }
}

/** What an entry that is written `?` holds; undefined: it is left out. */
function unwrapped(value: Outcome, complaint: () => string): Outcome | undefined {
  if (isFailure(value)) return value
  if (value instanceof Optional) return value.value
  return new CelError(`${complaint()} from non-optional value ${formatValue(value)}`)
}

/** `{k: v, ?k: v}`. */
export function planMap(expr: MapExpr, context: Context): Planned {
  const entries = expr.entries.map(({ key, value, optional }) => ({
    key: context.plan(key, context),
    value: context.plan(value, context),
    optional,
  }))
  if (
    entries.every(({ key, value, optional }) => !optional && key.constant !== undefined && value.constant !== undefined)
  ) {
    const pairs = entries.map(({ key, value }) => [key.constant?.value, value.constant?.value] as [Value, Value])
    return folded(() => makeMap(pairs))
  }
  return {
    run: (frame) => {
      const pairs: [Value, Value][] = []
      let failure: Failure | undefined
      for (const { key, value, optional } of entries) {
        const name = key.run(frame)
        const held = isFailure(name) ? name : value.run(frame)
        const kept = optional
          ? unwrapped(held, () => `cannot initialize optional entry '${formatValue(name as Value)}'`)
          : held
        if (kept === undefined) continue
        if (isFailure(kept)) {
          failure = kept
          break
        }
        pairs.push([name as Value, kept])
      }
      frame.meter.charge(MAP_COST)
      return failure ?? makeMap(pairs)
    },
  }
}

/** `Name{field: value}`, made by the environment's provider. */
export function planMessage(expr: MessageExpr, context: Context): Planned {
  const fields = expr.fields.map(({ name, value, optional }) => ({
    name,
    run: context.plan(value, context).run,
    optional,
  }))
  const reference = context.references.get(expr.id)
  const type = reference?.name ?? expr.type
  const { provider } = context.env
  return {
    run: (frame) => {
      const values = new Map<string, Value>()
      let failure: Failure | undefined
      for (const { name, run, optional } of fields) {
        const value = run(frame)
        const kept = optional ? unwrapped(value, () => `cannot initialize optional entry '${name}'`) : value
        if (kept === undefined) continue
        if (isFailure(kept)) {
          failure = kept
          break
        }
        values.set(name, kept)
      }
      frame.meter.charge(STRUCTURE_COST)
      return failure ?? attempt(() => provider?.makeValue?.(type, values) ?? jsonOf(values))
    },
  }
}

function jsonOf(fields: ReadonlyMap<string, Value>): Value {
  return Object.fromEntries(fields) as JsonMap
}
