import {
  type AddressSet,
  isAnywhere,
  noAddresses,
  overlap,
  PRIVATE,
  PUBLIC,
  subtractAddresses,
  uniteAddresses,
} from '../../../cluster/addresses.ts'
import type { Ranges } from '../front/ranges.ts'
import type { Trust } from './trust.ts'
import type { Way } from './way.ts'

type HeaderTrust = Extract<Trust, { by: 'header' }>

/** Whether the controller believes the header of those who come this way: clients, or nodes and proxies in their place. */
export function believes(trust: HeaderTrust, way: Way): boolean {
  return overlap(trust.from, way.keepsAddress === 'yes' ? way.sources : (way.peers ?? PRIVATE))
}

/** Whether everybody is believed. Private addresses say nothing: nobody outside has one. */
export function believesAnyone({ from }: HeaderTrust): boolean {
  return isAnywhere(uniteAddresses(from, PRIVATE)) || covers(from, PUBLIC)
}

function covers(outer: AddressSet, inner: AddressSet): boolean {
  const sum = uniteAddresses(outer, inner)
  return sum.v4.length === outer.v4.length && sum.v4.every((each, index) => each === outer.v4[index])
}

/** Whether only the edges of one provider are let in this way. */
export function comesByProvider({ sources }: Pick<Way, 'sources'>, ranges: Ranges): boolean {
  if (noAddresses(sources)) return false
  return [...ranges.values()].some(({ set }) => noAddresses(subtractAddresses(sources, set)))
}
