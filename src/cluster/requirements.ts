import { holds, integer } from './node.ts'
import type { NodeRequirement, NodeTerm, PodSpec } from './pod.ts'

type ByKey = ReadonlyMap<string, readonly NodeRequirement[]>

/** One way to meet what is asked of a node: all of these. */
export interface Alternative {
  readonly labels: ByKey
  readonly fields: ByKey
}

/** The ways to meet a pod's selector and affinity that do not contradict themselves. */
export function alternativesOf(asks: Pick<PodSpec, 'nodeSelector' | 'nodeTerms'>): readonly Alternative[] {
  const selected = [...asks.nodeSelector].map(([key, value]) => ({ key, operator: 'In', values: [value] }))
  // An empty term matches nothing.
  const terms = asks.nodeTerms?.filter((term) => term.labels.length + term.fields.length > 0)
  return (terms ?? [{ labels: [], fields: [] }]).map((term) => alternative(term, selected)).filter(isPossible)
}

export function alternative({ labels, fields }: NodeTerm, selected: readonly NodeRequirement[] = []): Alternative {
  return { labels: byKey([...selected, ...labels]), fields: byKey(fields) }
}

function byKey(requirements: readonly NodeRequirement[]): ByKey {
  const found = new Map<string, NodeRequirement[]>()
  for (const requirement of requirements) {
    const same = found.get(requirement.key)
    if (same) same.push(requirement)
    else found.set(requirement.key, [requirement])
  }
  return found
}

function isPossible({ labels, fields }: Alternative): boolean {
  return (
    [...labels.values()].every((each) => isSatisfiable(each, false)) &&
    [...fields.values()].every((each) => isSatisfiable(each, true))
  )
}

/** Whether one node could meet both: false only where its label or its name would have to differ from itself. */
export function mayHoldTogether(one: Alternative, other: Alternative): boolean {
  return agree(one.labels, other.labels, false) && agree(one.fields, other.fields, true)
}

function agree(one: ByKey, other: ByKey, mustExist: boolean): boolean {
  for (const [key, own] of one) {
    const same = other.get(key)
    if (same && !isSatisfiable([...own, ...same], mustExist)) return false
  }
  return true
}

/** Requirements on one key. Only `In` names the values; otherwise there are more than any list can exclude. */
function isSatisfiable(requirements: readonly NodeRequirement[], mustExist: boolean): boolean {
  const all = (value: string | undefined): boolean => requirements.every((each) => holds(each, value))
  if (!mustExist && all(undefined)) return true
  const listed = requirements.find((each) => each.operator === 'In')
  if (listed) return listed.values.some(all)
  if (requirements.some((each) => !CAN_HOLD.has(each.operator))) return false
  return leavesRange(requirements)
}

/** Operators of which some value of a label that is there may hold. */
const CAN_HOLD: ReadonlySet<string> = new Set(['NotIn', 'Exists', 'Gt', 'Lt'])

/** Whether there are integers between the greatest `Gt` and the smallest `Lt`. */
function leavesRange(requirements: readonly NodeRequirement[]): boolean {
  let low: bigint | undefined
  let high: bigint | undefined
  for (const { operator, values } of requirements) {
    if (operator !== 'Gt' && operator !== 'Lt') continue
    const bound = integer(values[0])
    if (bound === undefined) return false
    if (operator === 'Gt' && (low === undefined || bound > low)) low = bound
    if (operator === 'Lt' && (high === undefined || bound < high)) high = bound
  }
  return low === undefined || high === undefined || high - low > 1n
}
