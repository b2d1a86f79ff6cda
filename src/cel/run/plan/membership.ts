import type { Overload } from '../../library.ts'
import { Double, Uint, type Value } from '../../value.ts'
import { contains } from '../contains.ts'
import { caught, isFailure, type Outcome, type Step } from '../frame.ts'
import { kindOf } from '../kind.ts'
import { sizeOf } from '../size.ts'
import { constant, type Planned } from './planned.ts'

/** `x in container`. A list of constants is a set, and asking it costs nothing (cel-go interpreter/decorators.go). */
export function planMembership(overloads: readonly Overload[], element: Planned, container: Planned): Planned {
  const inList = overloads.length === 1 && overloads[0]?.id === 'in_list'
  const list = container.constant?.value
  if (inList && Array.isArray(list)) {
    if (list.length === 0) return constant(false)
    const set = setOf(list)
    if (set !== undefined) return { run: planInSet(element.run, set) }
  }
  return { run: planSearch(element.run, container.run, inList) }
}

const PRIMITIVE: ReadonlySet<string> = new Set(['bool', 'double', 'int', 'string', 'uint'])

function setOf(list: readonly Value[]): ReadonlySet<Member> | undefined {
  if (!list.every((value) => PRIMITIVE.has(kindOf(value)))) return undefined
  const keys = list.map(memberOf)
  return keys.includes(undefined) ? undefined : new Set(keys as Member[])
}

type Member = string | bigint | boolean

/** `1`, `1u` and `1.0` are the same member. */
function memberOf(value: Value): Member | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(value)
  if (value instanceof Uint) return value.value
  return value instanceof Double && Number.isInteger(value.value) ? BigInt(value.value) : undefined
}

function planInSet(element: Step, set: ReadonlySet<Member>): Step {
  return (frame) => {
    const value = element(frame)
    if (typeof value === 'string') return set.has(value)
    if (isFailure(value)) return value
    const key = memberOf(value)
    return key !== undefined && set.has(key)
  }
}

function planSearch(element: Step, container: Step, inList: boolean): Step {
  return (frame) => {
    const value = element(frame)
    const within = container(frame)
    frame.meter.charge(inList && !isFailure(within) ? sizeOf(within) : 1)
    if (isFailure(value)) return value
    return isFailure(within) ? within : search(within, value)
  }
}

function search(within: Value, value: Value): Outcome {
  try {
    return contains(within, value)
  } catch (error) {
    return caught(error)
  }
}
