import type { Workload } from '../../cluster/workload.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Direction } from '../../engines/network/policy.ts'
import { isProtocol } from '../../engines/network/ports.ts'
import type { UsedPeer } from '../fix.ts'
import type { Port } from './allowance.ts'
import { blockOf, isPublic, OUTSIDE } from './blocks.ts'
import { formatPorts, joinNeeds, type Needs, NO_NEEDS, nodeBlocks, toApiServer, toNodes, toWorkload } from './ends.ts'

export interface RecordedInput {
  readonly model: NetworkModel
  readonly workload: Workload
  readonly direction: Direction
  readonly peers: readonly UsedPeer[]
  /** It is configured to call hosts by their names, whose addresses change. */
  readonly callsNames: boolean
  /** Ports of Services that lead to a pod's port, where policies are enforced before they are replaced. */
  servicePorts(workload: string, port: Port): readonly Port[]
}

/** More single addresses than that are the internet, in a policy that is out of date tomorrow. */
const MOST_ADDRESSES = 20

/** What recorded connections show to be needed. What resolved to nothing is told, and not guessed. */
export function recordedNeeds(input: RecordedInput): Needs {
  const ends = new Map<string, { end: UsedPeer['end']; ports: Map<string, Port> }>()
  const notes: string[] = []
  const home = new Set(input.model.cluster.placement.placesOf(input.workload).map(({ node }) => node.name))
  for (const { end, port, ...peer } of input.peers) {
    const protocol = peer.protocol.toUpperCase()
    // Traffic with the pod's own node, as its probes are, is always allowed.
    if (end.kind === 'node' && (end.own || (input.workload.pods.length > 0 && home.has(end.name)))) continue
    if (!isProtocol(protocol) || !(port >= 1 && port <= 65535)) {
      notes.push(`recorded ${protocol} traffic is not what a NetworkPolicy can name`)
      continue
    }
    const key = keyOf(end)
    const own = ends.get(key) ?? { end, ports: new Map<string, Port>() }
    own.ports.set(`${protocol} ${port}`, { protocol, port })
    ends.set(key, own)
  }
  const all = [...ends]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { end, ports }]) => ({ end, ports: [...ports.values()] }))
  const addresses = all.flatMap(({ end, ports }) => (end.kind === 'address' ? [{ address: end.address, ports }] : []))
  return joinNeeds([
    ...all.map(({ end, ports }) => needsOf(input, end, ports)),
    ofAddresses(input, addresses),
    { allowances: [], notes },
  ])
}

function keyOf(end: UsedPeer['end']): string {
  if (end.kind === 'workload') return `1 ${end.workload}`
  if (end.kind === 'address') return `2 ${end.address}`
  // Pods move, so that any node is every node.
  return end.kind === 'unresolved' ? `4 ${end.why} ${end.namespace} ${end.address}` : `3 ${end.kind}`
}

function needsOf(input: RecordedInput, end: UsedPeer['end'], ports: readonly Port[]): Needs {
  const { model, workload, direction } = input
  switch (end.kind) {
    case 'workload': {
      const more = direction === 'egress' ? ports.flatMap((port) => input.servicePorts(end.workload, port)) : []
      return toWorkload(model, end.workload, [...ports, ...more])
    }
    case 'address':
      return NO_NEEDS
    case 'node':
      return direction === 'ingress'
        ? fromNodes(model, workload, ports)
        : toNodes(model.cluster, ports, 'it calls nodes')
    case 'api-server':
      return direction === 'egress' ? toApiServer(model.cluster, ports) : fromApiServer(ports)
    case 'unresolved': {
      const where = [end.namespace, end.address].filter((each) => each !== '').join(' ')
      const other = direction === 'ingress' ? 'came from' : 'went to'
      return {
        allowances: [],
        notes: [
          `recorded traffic on ${formatPorts(ports)} ${other} an end that is not known (${end.why}${where === '' ? '' : `: ${where}`}) and is not admitted by this`,
        ],
      }
    }
    default:
      return end satisfies never
  }
}

/** It may pass through relays and nodes whose addresses are in no object. */
function fromApiServer(ports: readonly Port[]): Needs {
  return {
    allowances: [{ peer: 'everyone', ports }],
    notes: [
      `the API server calls it on ${formatPorts(ports)}, from addresses that change, so that everyone is admitted there`,
    ],
  }
}

/** Probes come from the pod's own node, which no policy can keep out. */
function fromNodes(model: NetworkModel, workload: Workload, ports: readonly Port[]): Needs {
  if (nodeBlocks(model.cluster).length > 0) return toNodes(model.cluster, ports, 'nodes call it')
  const declared = new Set(
    model
      .membersOf(workload.id)
      .flatMap((member) => member.declared.map(({ protocol, port }) => `${protocol} ${port}`)),
  )
  const others = ports.filter(({ protocol, port }) => !declared.has(`${protocol} ${port}`))
  const notes = [
    `nodes call it on ${formatPorts(ports)}: its own node, which probes it, is always admitted; no address of another is known`,
  ]
  return others.length === 0 ? { allowances: [], notes } : toNodes(model.cluster, others, 'nodes call it')
}

/** The answers for a name change, and who calls from the internet does too: no policy of single addresses holds for them. */
function ofAddresses(
  { direction, callsNames }: RecordedInput,
  all: readonly { readonly address: string; readonly ports: readonly Port[] }[],
): Needs {
  const outside = all.filter(({ address }) => isPublic(address))
  const isWide = outside.length > MOST_ADDRESSES || (direction === 'egress' && callsNames && outside.length > 0)
  const single = isWide ? all.filter(({ address }) => !isPublic(address)) : all
  const needs: Needs[] = single.map(({ address, ports }) => {
    const peer = blockOf(address)
    return peer ? { allowances: [{ peer, ports }], notes: [] } : { allowances: [], notes: [`${address} is no address`] }
  })
  if (isWide) {
    const ports = distinct(outside.flatMap((each) => each.ports))
    const why =
      outside.length > MOST_ADDRESSES
        ? `${outside.length} addresses were recorded`
        : 'it calls hosts by name, whose addresses change'
    needs.push({
      allowances: OUTSIDE.map((peer) => ({ peer, ports })),
      notes: [`${why}: all of the internet is admitted on ${formatPorts(ports)}`],
    })
  } else if (direction === 'egress' && outside.length > 0) {
    const names = outside.slice(0, 5).map(({ address }) => address)
    needs.push({
      allowances: [],
      notes: [
        `addresses outside the cluster are admitted as recorded (${names.join(', ')}${outside.length > 5 ? ', …' : ''}); where they answer for a name, that may change`,
      ],
    })
  }
  return joinNeeds(needs)
}

function distinct(ports: readonly Port[]): readonly Port[] {
  return [...new Map(ports.map((port) => [`${port.protocol} ${port.port}`, port])).values()]
}

/** The last day that a date can say. */
const LATEST = 8.64e15

/** How much was recorded, and until when. */
export function evidenceOf(peers: readonly UsedPeer[]): string {
  const times = peers.reduce((sum, peer) => sum + peer.times, 0)
  const last = peers.reduce((most, peer) => Math.max(most, peer.last), 0)
  const ends = new Set(peers.map(({ end }) => keyOf(end)))
  const until = !(last > 0 && last < LATEST) ? '' : `, the last on ${new Date(last).toISOString().slice(0, 10)}`
  return `${times} recorded connections with ${ends.size} peers${until}`
}
