import { type AddressSet, ALL_ADDRESSES, addressesOf, addressSet, holdsAll } from '../../../cluster/addresses.ts'

/** What a reader keeps of a list of networks; a longer one is cut, since nobody reads it. */
const MOST_NETWORKS = 1000

/** So many are checked; Kubernetes itself takes annotations of 256 KiB in all. */
const MOST_CHECKED = 20_000

/**
 * Addresses and networks of a list, as they are written; undefined where one of them is none. Only the first thousand are
 * kept: fewer exemptions never make a limit look weaker than it is to those who are not exempt.
 */
export function networks(items: Iterable<string>): readonly string[] | undefined {
  const kept: string[] = []
  let checked = 0
  for (const item of items) {
    if (++checked > MOST_CHECKED) break
    const text = item.trim()
    if (text.length > 64 || addressSet(text) === undefined) return undefined
    if (kept.length < MOST_NETWORKS) kept.push(text)
  }
  return kept
}

const ALL_V4: AddressSet = { v4: ALL_ADDRESSES.v4, v6: [] }

/** Whether these networks hold every IPv4 address, so that nearly no client is left. */
export function exemptsEveryone(exempt: readonly string[] | undefined): boolean {
  return exempt !== undefined && exempt.length > 0 && holdsAll(addressesOf(exempt), ALL_V4)
}

/** Those of a list that are addresses or networks, where the product passes over the others. */
export function validNetworks(items: Iterable<string>): readonly string[] {
  const kept: string[] = []
  let checked = 0
  for (const item of items) {
    if (++checked > MOST_CHECKED) break
    const text = item.trim()
    if (kept.length < MOST_NETWORKS && text.length <= 64 && addressSet(text) !== undefined) kept.push(text)
  }
  return kept
}
