import { isAnywhere } from '../../cluster/addresses.ts'
import type { Rule } from './policy.ts'
import { allPorts } from './ports.ts'

/** A rule that admits everyone, in the cluster and outside it, to every port. */
export function admitsAll({ peers, ports }: Rule): boolean {
  if (!allPorts(ports.numbers)) return false
  return peers === 'everyone' || peers.some((peer) => peer.kind === 'addresses' && isAnywhere(peer.addresses))
}
