import { type AddressSet, addressSet, parseCidr, subtractAddresses } from '../../cluster/addresses.ts'
import { field, type Json, type Path, string } from '../../cluster/json.ts'
import type { Selector } from '../../cluster/labels.ts'
import { decodeSelector, items, type Refuse } from './selectors.ts'

export type Peer =
  /** Pods; without `namespaces` those of the policy's own namespace. */
  | { readonly kind: 'pods'; readonly namespaces: Selector | undefined; readonly pods: Selector }
  | { readonly kind: 'addresses'; readonly addresses: AddressSet; readonly text: string }

export function decodePeer(peer: Json, path: Path, strict: boolean, refuse: Refuse): Peer | undefined {
  const has = (key: string): boolean => (field(peer, key) ?? null) !== null
  if (has('ipBlock')) {
    if (has('podSelector') || has('namespaceSelector'))
      refuse({ path, why: 'a peer has both an ipBlock and a selector' })
    return decodeBlock(field(peer, 'ipBlock'), [...path, 'ipBlock'], strict, refuse)
  }
  if (!has('podSelector') && !has('namespaceSelector')) {
    refuse({ path, why: 'a peer has neither podSelector nor namespaceSelector nor ipBlock' })
    return undefined
  }
  const namespaces = decodeSelector(field(peer, 'namespaceSelector'), [...path, 'namespaceSelector'], refuse)
  const pods = decodeSelector(field(peer, 'podSelector'), [...path, 'podSelector'], refuse) ?? []
  return { kind: 'pods', namespaces, pods }
}

function decodeBlock(block: Json | undefined, path: Path, strict: boolean, refuse: Refuse): Peer | undefined {
  const text = string(field(block, 'cidr')) ?? ''
  const outer = parseCidr(text)
  if (!outer) {
    refuse({ path: [...path, 'cidr'], why: `${JSON.stringify(text)} is not a CIDR` })
    return undefined
  }
  if (strict && outer.sloppy) refuse({ path: [...path, 'cidr'], why: `${text} is refused: ${outer.sloppy}` })
  let addresses = addressSet(text) as AddressSet
  const excepted: string[] = []
  items(field(block, 'except'), [...path, 'except'], refuse).forEach((each, index) => {
    const here = [...path, 'except', index]
    const inner = typeof each === 'string' ? parseCidr(each) : undefined
    if (typeof each !== 'string' || !inner) {
      refuse({ path: here, why: `${JSON.stringify(each)} is not a CIDR` })
      return
    }
    if (strict && inner.sloppy) refuse({ path: here, why: `${each} is refused: ${inner.sloppy}` })
    const inside = inner.family === outer.family && inner.first >= outer.first && inner.end <= outer.end
    if (!inside || inner.bits <= outer.bits) refuse({ path: here, why: `${each} is no strict subset of ${text}` })
    addresses = subtractAddresses(addresses, addressSet(each) as AddressSet)
    excepted.push(each)
  })
  return { kind: 'addresses', addresses, text: excepted.length === 0 ? text : `${text} except ${excepted.join(', ')}` }
}
