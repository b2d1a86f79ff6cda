import { type Closure, closure } from './closure.ts'
import type { Graph } from './graph.ts'
import type { IntSet } from './sets.ts'

/** What one entry reaches, in sums over the sinks' values. */
export interface Reach {
  /** The value-weighted expectation over all value: sum of value x best chance / sum of value. */
  readonly share: number
  readonly controlled: IntSet
  /** How many sinks it is in contact with but does not control. */
  readonly contacted: number
  /** Entries of one class have equal ways out. */
  readonly group: number
}

/**
 * The reach of each source: best(e, a) is the greatest product of chances over paths with at most two contact steps
 * (docs/reference/risk.md). Sources with the same contact edges in their control share the work of all their contacts.
 */
export function reachOf(
  graph: Graph,
  sources: readonly number[],
  values: Float64Array,
  counts: (edge: number) => boolean = () => true,
): readonly Reach[] {
  const whole = closure(graph, counts)
  const total = values.reduce((sum, value) => sum + value, 0)
  const byContacts = new Map<IntSet, number[]>()
  sources.forEach((source, at) => {
    const contacts = whole.contacts[whole.parts.of[source] as number] as IntSet
    const same = byContacts.get(contacts)
    if (same) same.push(at)
    else byContacts.set(contacts, [at])
  })
  const result: Reach[] = new Array(sources.length)
  const single = singleSteps(whole, values.length)
  let groups = 0
  for (const [contacts, group] of byContacts) {
    const best = single.twoSteps(contacts)
    // Once for all that share these contacts: a class differs from it by what it controls.
    let worth = 0
    for (const sink of best.sinks) worth += (best.of[sink] as number) * (values[sink] as number)
    const classes = new Map<IntSet, Reach>()
    for (const at of group) {
      const controlled = whole.sinks[whole.parts.of[sources[at] as number] as number] as IntSet
      let reach = classes.get(controlled)
      if (!reach) {
        reach = { ...summed(best, worth, controlled, values, total), controlled, group: groups++ }
        classes.set(controlled, reach)
      }
      result[at] = reach
    }
  }
  return result
}

/** Chances by sink, where they are not 0. */
interface Chances {
  readonly sinks: readonly number[]
  readonly of: Float64Array
}

function summed(
  best: Chances,
  worth: number,
  controlled: IntSet,
  values: Float64Array,
  total: number,
): { share: number; contacted: number } {
  let sum = worth
  let contacted = best.sinks.length
  for (const sink of controlled.items) {
    const chance = best.of[sink] as number
    if (chance > 0) contacted--
    sum += (1 - chance) * (values[sink] as number)
  }
  return {
    // Sums of the same values in another order may differ in the last digit.
    share: total === 0 ? 0 : Math.min(1, sum / total),
    contacted,
  }
}

/** Best chances after one contact step from each component, and after two from a set of them. */
function singleSteps(whole: Closure, sinks: number): { twoSteps(contacts: IntSet): Chances } {
  const known = new Map<number, Chances>()
  const scratch = new Float64Array(sinks)
  let touched: number[] = []
  const raise = (sink: number, chance: number): void => {
    const before = scratch[sink] as number
    if (chance <= before) return
    if (before === 0) touched.push(sink)
    scratch[sink] = chance
  }
  const clear = (): void => {
    for (const sink of touched) scratch[sink] = 0
    touched = []
  }
  /** Sparse: the chances stand beside the sinks. */
  const oneStep = (part: number): Chances => {
    let chances = known.get(part)
    if (chances) return chances
    const targets = whole.leaving.get(part) ?? new Map<number, number>()
    const best = new Map<number, number>()
    for (const [to, chance] of targets)
      for (const sink of (whole.sinks[to] as IntSet).items) if (chance > (best.get(sink) ?? 0)) best.set(sink, chance)
    chances = { sinks: [...best.keys()], of: Float64Array.from(best.values()) }
    known.set(part, chances)
    return chances
  }
  return {
    twoSteps(contacts) {
      clear()
      const second = new Map<number, number>()
      for (const part of contacts.items) {
        for (const [to, chance] of whole.leaving.get(part) ?? []) {
          for (const sink of (whole.sinks[to] as IntSet).items) raise(sink, chance)
          for (const next of (whole.contacts[to] as IntSet).items)
            if (chance > (second.get(next) ?? 0)) second.set(next, chance)
        }
      }
      for (const [part, chance] of second) {
        const further = oneStep(part)
        further.sinks.forEach((sink, at) => {
          raise(sink, chance * (further.of[at] as number))
        })
      }
      return { sinks: touched, of: scratch }
    },
  }
}
