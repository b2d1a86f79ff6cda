import { type AddressSet, addressesOf, intersectAddresses, isAnywhere } from '../../cluster/addresses.ts'
import type { Member } from './members.ts'
import type { Selected } from './selection.ts'
import { EMPTY, type SetId, type SetTable } from './sets.ts'

/** Finds the members whose addresses an ipBlock holds. */
export type FindByAddress = (block: AddressSet, text: string) => Selected

/**
 * Pod addresses are ephemeral, so the API means ipBlocks for others; most enforcers match pods all the same, Cilium does
 * not (`matchesPods` false: then none is sure). A member whose address is not known may be in a private block that is
 * wide enough for a network of pods; narrower ones are taken for what the API means them for.
 */
export function blockIndex(members: readonly Member[], sets: SetTable, matchesPods: boolean): FindByAddress {
  const located = { v4: addressesInOrder(members, 'v4'), v6: addressesInOrder(members, 'v6') }
  const elsewhere: SetId = sets.intern(members.flatMap((member) => (member.addresses ? [] : [member.index])))
  const memo = new Map<string, Selected>()
  return (block, text) => {
    const known = memo.get(text)
    if (known) return known
    const inside = new Set([...within(located.v4, block.v4), ...within(located.v6, block.v6)])
    const found = sets.intern([...inside].sort((a, b) => a - b))
    const may = mayHoldPods(block) ? sets.unite([found, elsewhere]) : found
    const selected = { sure: !matchesPods ? EMPTY : isAnywhere(block) ? may : found, may }
    memo.set(text, selected)
    return selected
  }
}

/** Where nearly every cluster has its pods (RFC 1918 and 4193). */
const POD_RANGES = addressesOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])

/** The narrowest subnets that installers give to pods: /20 (EKS), and one /64. */
const POD_NETWORK = { v4: 1n << 12n, v6: 1n << 64n }

function mayHoldPods(block: AddressSet): boolean {
  const inside = intersectAddresses(block, POD_RANGES)
  return sizeOf(inside.v4) >= POD_NETWORK.v4 || sizeOf(inside.v6) >= POD_NETWORK.v6
}

function sizeOf(bounds: readonly bigint[]): bigint {
  return bounds.reduce((size, bound, index) => (index % 2 === 0 ? size - bound : size + bound), 0n)
}

type Located = readonly { readonly address: bigint; readonly member: number }[]

function addressesInOrder(members: readonly Member[], family: 'v4' | 'v6'): Located {
  const all: { address: bigint; member: number }[] = []
  for (const { index, addresses } of members) {
    const bounds = addresses?.[family] ?? []
    for (let i = 0; i < bounds.length; i += 2) {
      for (let address = bounds[i] as bigint; address < (bounds[i + 1] as bigint); address++)
        all.push({ address, member: index })
    }
  }
  return all.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
}

function within(located: Located, bounds: readonly bigint[]): number[] {
  const found: number[] = []
  for (let i = 0; i < bounds.length; i += 2) {
    for (let at = firstFrom(located, bounds[i] as bigint); at < located.length; at++) {
      const { address, member } = located[at] as Located[number]
      if (address >= (bounds[i + 1] as bigint)) break
      found.push(member)
    }
  }
  return found
}

function firstFrom(located: Located, address: bigint): number {
  let low = 0
  let high = located.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((located[middle] as Located[number]).address < address) low = middle + 1
    else high = middle
  }
  return low
}
