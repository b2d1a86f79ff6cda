import { ALL_ADDRESSES, NO_ADDRESSES, uniteAddresses } from '../../cluster/addresses.ts'
import { both, either, type Truth } from '../../cluster/labels.ts'
import type { Effect, EffectInput } from './effects.ts'
import type { Policy, Rule } from './policy.ts'
import { type Selected, uniteAll } from './selection.ts'
import type { SetId } from './sets.ts'

/** Whom a rule of a policy admits at the other end. */
export type Admitted = Pick<Effect, 'peers' | 'addresses' | 'strangers'>

export function admittedBy(
  rule: Rule,
  policy: Policy,
  everyone: SetId,
  { selection, findByAddress, sets }: EffectInput,
): Admitted {
  if (rule.peers === 'everyone')
    return { peers: { sure: everyone, may: everyone }, addresses: ALL_ADDRESSES, strangers: 'yes' }
  let addresses = NO_ADDRESSES
  let strangers: Truth = 'no'
  const found: Selected[] = []
  for (const peer of rule.peers) {
    if (peer.kind === 'addresses') {
      addresses = uniteAddresses(addresses, peer.addresses)
      found.push(findByAddress(peer.addresses, peer.text))
    } else if (peer.namespaces) {
      found.push(selection.inNamespaces(peer.namespaces, peer.pods))
      strangers = either(
        strangers,
        both(selection.inUnseen(peer.namespaces), peer.pods.length === 0 ? 'yes' : 'unknown'),
      )
    } else found.push(selection.inNamespace(policy.namespace, peer.pods))
  }
  return { peers: uniteAll(found, sets), addresses, strangers }
}
