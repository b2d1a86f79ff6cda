import type { Minor, Overload } from '../../library.ts'
import type { Value } from '../../value.ts'
import { compare, compareStrings } from '../compare.ts'
import { caught, type Outcome, type Step } from '../frame.ts'
import { costOf, strict } from './invocation.ts'
import type { Planned } from './planned.ts'

type Name = '_<_' | '_<=_' | '_>_' | '_>=_'

const HOLDS: Readonly<Record<Name, (order: number) => boolean>> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
}

/** `a < b` and its like: whatever overload was meant, values are compared as what they are. */
export function planRelation(
  name: Name,
  overloads: readonly Overload[],
  first: Planned,
  second: Planned,
  minor: Minor,
): Step {
  const holds = HOLDS[name]
  const cost = costOf(overloads, undefined, minor)
  const left = first.run
  const right = second.run
  const relate = (a: Value, b: Value): Outcome => {
    try {
      return holds(compare(a, b))
    } catch (error) {
      return caught(error)
    }
  }
  const general = strict(name, COMPARABLE, relate)
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (typeof a === 'number' && typeof b === 'number') {
      frame.meter.charge(1)
      return holds(a - b)
    }
    const result = typeof a === 'string' && typeof b === 'string' ? holds(compareStrings(a, b)) : general(a, b)
    frame.meter.charge(cost([a, b], result))
    return result
  }
}

const COMPARABLE: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'int',
  'string',
  'timestamp',
  'uint',
])
