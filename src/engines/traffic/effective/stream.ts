import { because } from '../../../cluster/because.ts'
import type { HeldLimit } from '../routes/found.ts'
import type { Judging, Ruling } from './judging.ts'

/** Of these the protocol is what the object says, not a guess by names of ports. */
const STREAMS: ReadonlySet<string> = new Set([
  'TCPRoute',
  'TLSRoute',
  'UDPRoute',
  'IngressRouteTCP',
  'IngressRouteUDP',
  'VirtualService',
  'TransportServer',
])

/** A proxy that passes connections on unread sees no requests that it could count. */
export function unseenRequests({ placed }: Judging, found: HeldLimit): Ruling | undefined {
  const { object, protocol, rule } = placed.draft
  if (found.limit.kind !== 'requests' || found.replicas !== undefined || protocol === 'http') return undefined
  if (!STREAMS.has(object.kind)) return undefined
  const text = 'what carries it passes connections on and sees no requests that it could count'
  return { state: 'inert', rule: 'unused-by-engine', because: [because(text, object, rule)] }
}
