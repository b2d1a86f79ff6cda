import type { Json, JsonObject } from '../../cluster/json.ts'
import type { Direction } from '../../engines/network/policy.ts'
import type { PortSet, Protocol } from '../../engines/network/ports.ts'

/** What one rule of a policy admits at the other end. */
export type Peer =
  | 'everyone'
  | { readonly kind: 'pods'; readonly namespace: string | 'any'; readonly labels: Labels }
  | { readonly kind: 'block'; readonly cidr: string; readonly except?: readonly string[] }

export type Labels = Readonly<Record<string, string>>

/** Of the pod: policies are enforced after a Service's address and port were replaced. */
export interface Port {
  readonly protocol: Protocol
  readonly port: number
}

export interface Allowance {
  readonly peer: Peer
  /** Empty: all ports. */
  readonly ports: readonly Port[]
}

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP']

export function portsIn(set: PortSet): readonly Port[] {
  return PROTOCOLS.flatMap((protocol) => {
    const ports: Port[] = []
    const bounds = set[protocol]
    for (let at = 0; at < bounds.length; at += 2)
      for (let port = bounds[at] as number; port < (bounds[at + 1] as number); port++) ports.push({ protocol, port })
    return ports
  })
}

/** Whether the allowances leave anything to deny. */
export function admitsAll(allowances: readonly Allowance[]): boolean {
  return allowances.some(({ peer, ports }) => peer === 'everyone' && ports.length === 0)
}

const keys = new WeakMap<object, string>()

/** Most peers are the same few, in every policy. */
function keyOf(peer: Peer): string {
  if (peer === 'everyone') return peer
  const known = keys.get(peer) ?? JSON.stringify(peer)
  keys.set(peer, known)
  return known
}

interface Gathered {
  readonly peer: Peer
  readonly ports: Map<string, Port>
  all: boolean
}

/** One rule for all peers that have their ports in common; what everyone is admitted on is said once. */
export function rulesOf(allowances: readonly Allowance[], direction: Direction, namespace: string): readonly Json[] {
  const gathered = new Map<string, Gathered>()
  for (const { peer, ports } of allowances) {
    const key = keyOf(peer)
    const own = gathered.get(key) ?? { peer, ports: new Map<string, Port>(), all: false }
    gathered.set(key, own)
    if (ports.length === 0) own.all = true
    for (const port of ports) own.ports.set(`${port.protocol} ${port.port}`, port)
  }
  const toAll = gathered.get('everyone')
  const rules = new Map<string, { peers: Peer[]; ports: readonly Port[] }>()
  for (const each of gathered.values()) {
    const ports = each.all ? [] : [...each.ports].filter(([key]) => each === toAll || !toAll?.ports.has(key))
    if (!each.all && ports.length === 0) continue
    const sorted = ports.map(([, port]) => port).sort(byNumber)
    const key = each === toAll ? 'everyone' : sorted.map(({ protocol, port }) => `${protocol} ${port}`).join()
    const same = rules.get(key)
    if (same) same.peers.push(each.peer)
    else rules.set(key, { peers: [each.peer], ports: sorted })
  }
  return [...rules.values()].map(({ peers, ports }) => ruleOf(peers, ports, direction, namespace))
}

function byNumber(a: Port, b: Port): number {
  return a.port - b.port || PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol)
}

function ruleOf(peers: readonly Peer[], ports: readonly Port[], direction: Direction, namespace: string): JsonObject {
  const named = peers.flatMap((peer) => (peer === 'everyone' ? [] : [peerOf(peer, namespace)]))
  return {
    ...(named.length === 0 ? {} : { [direction === 'ingress' ? 'from' : 'to']: named }),
    ...(ports.length === 0 ? {} : { ports: ports.map(({ protocol, port }) => ({ protocol, port })) }),
  }
}

function peerOf(peer: Exclude<Peer, 'everyone'>, namespace: string): Json {
  if (peer.kind === 'block')
    return { ipBlock: { cidr: peer.cidr, ...(peer.except === undefined ? {} : { except: [...peer.except] }) } }
  // A copy each, so that the file that is written of it has no anchors.
  const podSelector = Object.keys(peer.labels).length === 0 ? {} : { matchLabels: { ...peer.labels } }
  if (peer.namespace === namespace) return { podSelector }
  const matchLabels = { 'kubernetes.io/metadata.name': peer.namespace }
  return { namespaceSelector: peer.namespace === 'any' ? {} : { matchLabels }, podSelector }
}
