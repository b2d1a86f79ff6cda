import { CelError } from '../../error.ts'
import type { Overload } from '../../library.ts'
import { CelMap, type JsonMap, type MapKey, type Value } from '../../value.ts'
import { type Failure, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { kindOf, typeName } from '../kind.ts'
import { findEntry, forEachEntry, keyOf } from '../map.ts'
import { formatValue } from '../text.ts'
import { spend } from '../work.ts'
import { costOf } from './invocation.ts'
import type { Context } from './planned.ts'
import { bind, rangeOf, turnsOf, type Variables } from './range.ts'
import type { Shape } from './shape.ts'

type Entries = Map<MapKey, readonly [Value, Value]>

/** `transformMap` and `transformMapEntry`: entries are put into one map, which cel-go's mutable map is too. */
export function planMapLoop(
  shape: Shape & { readonly kind: 'map' },
  range: Step,
  variables: Variables,
  predicate: Step | undefined,
  context: Context,
): Step {
  const reference = context.references.get(shape.insert.id)
  const overloads: readonly Overload[] = reference?.kind === 'function' ? reference.overloads : []
  const cost = costOf(overloads, context.env.functions.get('cel.@mapInsert'), context.env.minor)
  const inserted = shape.inserted.map((each) => context.plan(each, context).run)
  return (frame) => {
    const over = rangeOf(range(frame), variables)
    if (isFailure(over)) return over
    const turns = turnsOf(over)
    const entries: Entries = new Map()
    let failure: Outcome | undefined
    for (let i = 0; i < turns.length; i++) {
      spend(1)
      bind(frame, variables, over, turns, i)
      if (predicate !== undefined) {
        const holds = predicate(frame)
        if (holds === false) continue
        if (holds !== true) {
          failure = isFailure(holds) ? holds : NO_SUCH_OVERLOAD
          continue
        }
      }
      // The accumulator is the first argument: where it failed, three arguments end at once, two are both evaluated.
      frame.meter.charge(1)
      if (failure !== undefined && inserted.length > 1) continue
      const values = inserted.map((step) => step(frame))
      const wrong = (failure as Failure | undefined) ?? values.find(isFailure)
      const result = wrong ?? insert(entries, values as Value[])
      frame.meter.charge(cost([failure ?? null, ...values], result ?? null))
      failure = result
    }
    frame.meter.charge(1)
    return failure ?? new CelMap(entries)
  }
}

/** Undefined: all went in. */
function insert(entries: Entries, values: readonly Value[]): CelError | undefined {
  if (values.length === 2) return insertEntry(entries, values[0] as Value, values[1] as Value)
  const added = values[0] as Value
  if (kindOf(added) !== 'map') return new CelError(`no such overload: cel.@mapInsert(map, ${typeName(added)})`)
  let failure: CelError | undefined
  forEachEntry(added as JsonMap | CelMap, (key, value) => {
    failure = insertEntry(entries, key, value)
    return failure === undefined
  })
  return failure
}

function insertEntry(entries: Entries, key: Value, value: Value): CelError | undefined {
  if (findEntry(entries, key) !== undefined) {
    return new CelError(`insert failed: key ${formatValue(key)} already exists`)
  }
  entries.set(keyOf(key), [key, value])
  return undefined
}
