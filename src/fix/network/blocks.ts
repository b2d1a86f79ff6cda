import { type AddressSet, addressSet, overlap, PUBLIC } from '../../cluster/addresses.ts'
import type { Peer } from './allowance.ts'

export type Block = Extract<Peer, { readonly kind: 'block' }>

/** The block of one address, as the API server writes it; undefined for what is no address. */
export function blockOf(address: string): Block | undefined {
  const set = address.includes('/') ? undefined : addressSet(address)
  return set && blocksOf(set)[0]
}

/** Blocks of single addresses: the sets that this is asked of hold a few. */
export function blocksOf({ v4, v6 }: AddressSet): readonly Block[] {
  return [
    ...numbersIn(v4).map((value) => block(`${dotted(value)}/32`)),
    ...numbersIn(v6).map((value) => block(`${colons(value)}/128`)),
  ]
}

function block(cidr: string): Block {
  return { kind: 'block', cidr }
}

const MOST = 256

function numbersIn(bounds: readonly bigint[]): readonly bigint[] {
  const found: bigint[] = []
  for (let at = 0; at < bounds.length; at += 2)
    for (let value = bounds[at] as bigint; value < (bounds[at + 1] as bigint) && found.length < MOST; value++)
      found.push(value)
  return found
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
}

/** RFC 5952: the longest run of two or more zero groups, the first of equals, is left out. */
function colons(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16))
  let [start, length] = [0, 1]
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && groups[end] === '0') end++
    if (end - at > length) [start, length] = [at, end - at]
  }
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

export function isPublic(address: string): boolean {
  const set = addressSet(address)
  return set !== undefined && overlap(set, PUBLIC)
}

export const ANYWHERE: readonly Block[] = [block('0.0.0.0/0'), block('::/0')]

/** All but the networks where clusters have their pods, nodes and Services (RFC 1918, 6598 and 4193). */
export const OUTSIDE: readonly Block[] = [
  { kind: 'block', cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'] },
  { kind: 'block', cidr: '::/0', except: ['fc00::/7'] },
]
