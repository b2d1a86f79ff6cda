import type { Caller } from './asked.ts'
import type { SharedState } from './shared-credential.ts'
import { SLOT_MS, type Slots } from './slots.ts'
import type { Tally } from './tally.ts'

/** A network from which somebody asked. */
export interface Place {
  readonly network: string
  readonly isPrivate: boolean
  readonly slots: Slots
  /** `darwin/arm64`, the first of them. */
  readonly systems: string[]
  /** Of several that are not Linux: when each was seen, from when there were two on. */
  machines: Map<string, Slots> | undefined
  readonly families: string[]
  /** The first of its addresses. */
  readonly addresses: string[]
  readonly credentials: string[]
  readonly seen: Tally
}

/** Two places of one user, and how often it changed between them within two hours at most. */
export interface Pair {
  readonly a: Place
  readonly b: Place
  readonly changes: number
  /** When the two hours begin. */
  readonly from: number
  /** The second is many places, taken as one. */
  readonly isOfMany?: true
}

/** Half an hour without a request, and whoever comes next may have moved. */
const NEAR = 6
const TWO_HOURS = 24

/**
 * Who moves goes once, and comes back after a while; who shares goes to and fro. In whatever order the records come, since
 * only the five minutes are compared.
 */
export function pairsOf(state: SharedState): readonly Pair[] {
  const places = [...state.places.values()]
  if (places.length < 2) return []
  const slots = new Map(places.map((place) => [place, place.slots.list()]))
  const pairs: Pair[] = []
  for (const [at, a] of places.entries())
    for (const b of places.slice(at + 1)) {
      const fast = (state.fast ?? []).filter(
        ({ from, to }) => (from === a.network && to === b.network) || (from === b.network && to === a.network),
      )
      pairs.push({ a, b, ...changesOf(slots.get(a) ?? [], slots.get(b) ?? [], fast) })
    }
  if (places.length < 4) return pairs
  // The one that is used most, against a train of others of which each is seen once.
  const [main, ...others] = places.sort((a, b) => b.seen.times - a.seen.times) as [Place, ...Place[]]
  const [second] = others as [Place]
  const rest = [...new Set(others.flatMap((place) => slots.get(place) ?? []))].sort((x, y) => x - y)
  const fast = (state.fast ?? []).filter(({ from, to }) => (from === main.network) !== (to === main.network))
  return [...pairs, { a: main, b: second, ...changesOf(slots.get(main) ?? [], rest, fast), isOfMany: true }]
}

function changesOf(
  one: readonly number[],
  other: readonly number[],
  fast: readonly { readonly time: number }[],
): { changes: number; from: number } {
  const quick = new Map<number, number>()
  for (const { time } of fast) {
    const slot = Math.floor(time / SLOT_MS)
    quick.set(slot, (quick.get(slot) ?? 0) + 1)
  }
  const changes: { readonly slot: number; readonly count: number }[] = []
  let [i, j] = [0, 0]
  let last: { slot: number; side: 'one' | 'other' | 'both' } | undefined
  while (i < one.length || j < other.length) {
    const x = one[i] ?? Number.POSITIVE_INFINITY
    const y = other[j] ?? Number.POSITIVE_INFINITY
    const slot = Math.min(x, y)
    const side = x === y ? 'both' : x < y ? 'one' : 'other'
    if (x === slot) i++
    if (y === slot) j++
    if (side === 'both') changes.push({ slot, count: Math.max(1, quick.get(slot) ?? 0) })
    else if (last && last.side !== 'both' && last.side !== side && slot - last.slot <= NEAR)
      changes.push({ slot, count: 1 })
    last = { slot, side }
  }
  let best = { changes: 0, from: 0 }
  let sum = 0
  for (let end = 0, start = 0; end < changes.length; end++) {
    const here = changes[end] as { slot: number; count: number }
    sum += here.count
    while (here.slot - (changes[start] as { slot: number }).slot > TWO_HOURS)
      sum -= (changes[start++] as { count: number }).count
    if (sum > best.changes) best = { changes: sum, from: (changes[start] as { slot: number }).slot * SLOT_MS }
  }
  return best
}

/** Addresses that are one way out of one place: a pool behind which everybody is, or a load balancer. */
export interface Pools {
  isOne(a: Place, b: Place): boolean
}

const LEAST_USERS = 3
const LEAST_DUAL = 2
const LEAST_CHANGES = 2
/** So many addresses of one network has who goes out by a pool, and nobody at one desk. */
const LEAST_OF_POOL = 3

export function poolsOf(callers: readonly Caller[]): Pools {
  const users = new Map<string, number>()
  const both = new Map<string, number>()
  let dual = 0
  for (const { shared, account } of callers) {
    if (!shared || account !== undefined) continue
    for (const place of shared.places.values())
      for (const key of [...place.addresses, place.network]) users.set(key, (users.get(key) ?? 0) + 1)
    if (shared.places.size < 2) continue
    let isDual = false
    for (const { a, b, changes, isOfMany } of pairsOf(shared)) {
      if (isOfMany || changes < LEAST_CHANGES) continue
      if (ofTwoFamilies(a.network, b.network)) isDual = true
      for (const key of keysOf(a, b)) both.set(key, (both.get(key) ?? 0) + 1)
    }
    if (isDual) dual++
  }
  return {
    isOne(a, b) {
      // Where several people have addresses of both families, one machine of each has.
      if (dual >= LEAST_DUAL && ofTwoFamilies(a.network, b.network)) return true
      return keysOf(a, b).some((key) => {
        const shared = both.get(key) ?? 0
        const [one = '', other = ''] = key.split(' ')
        return shared >= LEAST_USERS && shared * 2 >= Math.max(users.get(one) ?? 0, users.get(other) ?? 0)
      })
    },
  }
}

function ofTwoFamilies(a: string, b: string): boolean {
  return a.endsWith('/64') !== b.endsWith('/64') && a.includes('/') && b.includes('/')
}

/** Each two addresses; of large pools, of which no two users see the same addresses, the two networks. */
function keysOf(a: Place, b: Place): readonly string[] {
  const pairs = a.addresses.flatMap((one) => b.addresses.map((other) => keyOf(one, other)))
  const isPool = a.addresses.length >= LEAST_OF_POOL && b.addresses.length >= LEAST_OF_POOL
  return isPool ? [...pairs, keyOf(a.network, b.network)] : pairs
}

function keyOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`
}
