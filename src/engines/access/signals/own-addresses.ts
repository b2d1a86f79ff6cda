import type { Addresses } from './addresses.ts'
import { isPrivate } from './origin.ts'
import type { Tally } from './tally.ts'

/** A pod as its tokens show it. */
export interface SeenPod {
  readonly user: string
  readonly node: string
  readonly sources: ReadonlyMap<string, Tally>
  readonly first: number
  readonly last: number
}

/** How pods of this cluster come to the API server. */
export interface Habits {
  /** By their node’s address to some API servers, by their own to that of their node (masquerading). */
  readonly areMasked: boolean
  /** Hardly any pod, or one, was seen at addresses outside alone. */
  readonly areInside: boolean
}

const LEAST_MASKED = 3
const LEAST_PODS = 10
const MOST_OUTSIDE = 0.05
/** From the beginning of a pod to its end: what begins in the first tenth of its time and ends in the last. */
const EDGE = 0.1
const LEAST_SPAN_MS = 3_600_000
const LEAST_TIMES = 4

export function habitsOf(pods: readonly SeenPod[], addresses: Addresses): Habits {
  const masked = new Set<string>()
  let outside = 0
  for (const { user, node, sources } of pods) {
    const all = [...sources.keys()]
    const ofNode = all.filter((address) => addresses.isOfNode(node, address))
    if (ofNode.length > 0 && all.some((address) => isPrivate(address) && !ofNode.includes(address))) masked.add(user)
    if (!all.some(isPrivate)) outside++
  }
  return {
    areMasked: masked.size >= LEAST_MASKED,
    areInside: pods.length >= LEAST_PODS && outside <= Math.max(1, MOST_OUTSIDE * pods.length),
  }
}

/**
 * Of a pod that is not in the input, which of its addresses inside are its own: one of each family, and beside its node’s
 * address its own, if pods of this cluster come by both, or it came by both from its beginning to its end.
 */
export function ownAddresses(
  pod: SeenPod,
  main: string,
  hasNodes: boolean,
  inside: readonly (readonly [string, Tally])[],
  { areMasked }: Habits,
): ReadonlySet<string> {
  const own = new Set<string>()
  const isV6 = (address: string): boolean => address.includes(':')
  const [other] = inside.find(([address]) => isV6(address) !== isV6(main)) ?? []
  if (other !== undefined && isPrivate(main)) own.add(other)
  const [first] = inside
  if (hasNodes && first && (areMasked || lasts(pod, first[1]))) own.add(first[0])
  return own
}

function lasts({ first, last }: SeenPod, seen: Tally): boolean {
  const span = last - first
  if (span < LEAST_SPAN_MS || seen.times < LEAST_TIMES) return false
  return seen.first <= first + EDGE * span && seen.last >= last - EDGE * span
}
