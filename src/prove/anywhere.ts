import { at, field, list } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Workload } from '../cluster/workload.ts'
import { formatPlace } from '../engines/access/used/behaviour.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import type { Direction } from '../engines/network/policy.ts'
import type { End, Unresolved } from '../history/history.ts'
import { type ConnectionBehaviour, formatConnection } from './behaviour.ts'
import type { Facts } from './facts.ts'
import { admits, isOpenTo } from './network-replay.ts'
import type { BlindSpots } from './part.ts'
import { formatId, plural } from './words.ts'

/**
 * Connections with an end of which nothing at all is known may be of any workload that could have made or served them:
 * those that its new policies would not surely let through are a blind spot of it.
 */
export function anywhereBlindSpots(
  before: NetworkModel,
  after: NetworkModel,
  facts: Facts,
  workloads: ReadonlyMap<string, ReadonlySet<Direction>>,
  spots: BlindSpots,
): void {
  const found = new Map<string, { behaviour: ConnectionBehaviour; why: string; times: number; of: Set<string> }>()
  const served = new Map<string, ReadonlySet<string>>()
  const serves = (id: string, { protocol, port, told }: ConnectionBehaviour, { why }: Unresolved): boolean => {
    const ports = served.get(id) ?? portsOf(before, facts, id)
    served.set(id, ports)
    const wanted = `${protocol.toUpperCase()} ${port}`
    return ports.has(wanted) || (!told && port === 0) || (why === 'service address' && ports.has(`service ${wanted}`))
  }
  for (const behaviour of facts.unresolvedIn('')) {
    if (!behaviour.used) continue
    const counted = new Set<string>()
    for (const [id, directions] of workloads) {
      for (const [direction, end] of endsOf(behaviour, directions)) {
        const key = `${end.why} ${behaviour.protocol} ${behaviour.port}`
        const known = found.get(key) ?? { behaviour, why: end.why, times: 0, of: new Set<string>() }
        // That one of these may be of it is enough: the others are only counted.
        if (!known.of.has(id) && !mayBe(before, after, behaviour, id, direction, end, serves)) continue
        known.of.add(id)
        if (!counted.has(key)) known.times += behaviour.times
        counted.add(key)
        found.set(key, known)
      }
    }
  }
  for (const { behaviour, why, times, of } of found.values()) {
    const ids = [...of].sort()
    const [first = ''] = ids
    const more = ids.length > 1 ? ` or ${plural(ids.length - 1, 'other')}` : ''
    spots.add(
      {
        kind: 'unresolved-end',
        message: '',
        instance: `${formatConnection(behaviour)} (${formatPlace(behaviour.place)})`,
        touches: ids,
      },
      times,
      (sum) =>
        `${plural(sum, 'recorded connection')} ${sum === 1 ? 'has' : 'have'} an end that resolves to nothing (${why}) and may be ${formatId(first)}${more}`,
    )
  }
  const dropped = facts.connections?.droppedUnresolved
  if (dropped)
    spots.add({
      kind: 'too-many-behaviours',
      message: 'more kinds of connections with ends that resolve to nothing were seen than are kept',
      instance: formatPlace(dropped.place),
      touches: [...workloads.keys()],
    })
}

/** Of what is in another cluster, no policy of this one decides. */
function isAnywhere(end: End): end is Unresolved {
  return end.kind === 'unresolved' && end.namespace === '' && end.why !== 'other cluster'
}

/** The ends of nothing that a workload may be: as client, as server; where these are not told apart, either. */
function* endsOf(
  { source, destination, told }: ConnectionBehaviour,
  directions: ReadonlySet<Direction>,
): Generator<readonly [Direction, Unresolved]> {
  for (const direction of directions) {
    const own = direction === 'egress' ? source : destination
    for (const end of told ? [own] : [source, destination]) if (isAnywhere(end)) yield [direction, end]
  }
}

/** Whether a workload may be this end of a connection, and lose it. */
function mayBe(
  before: NetworkModel,
  after: NetworkModel,
  behaviour: ConnectionBehaviour,
  id: string,
  direction: Direction,
  end: Unresolved,
  serves: (id: string, behaviour: ConnectionBehaviour, end: Unresolved) => boolean,
): boolean {
  if (direction === 'ingress' && !serves(id, behaviour, end)) return false
  if (isOpenTo(after, id, direction, behaviour)) return false
  const other = end === behaviour.source ? behaviour.destination : behaviour.source
  if (other.kind === 'unresolved' || !behaviour.told) return true
  const workload = { kind: 'workload', workload: id, pod: '' } as const
  const asIf = { ...behaviour, ...(direction === 'egress' ? { source: workload } : { destination: workload }) }
  return admits(before, asIf) !== 'no' && admits(after, asIf) !== 'yes'
}

/** `TCP 8080`: what it declares or was seen to serve; `service TCP 80`: what Services of its namespace do. */
function portsOf({ cluster }: NetworkModel, facts: Facts, id: string): ReadonlySet<string> {
  const workload = cluster.workload(id)
  const declared = (workload?.specs ?? []).flatMap(({ pod }) =>
    pod.containers.flatMap(({ ports }) => ports.map(({ port, protocol }) => `${protocol.toUpperCase()} ${port}`)),
  )
  const seen = facts.connectionsOf(id).flatMap(({ destination, told, used, protocol, port }) => {
    const isServer = told && used && destination.kind === 'workload' && destination.workload === id
    return isServer ? [`${protocol.toUpperCase()} ${port}`] : []
  })
  return new Set([...declared, ...seen, ...servicePortsOf(cluster.ofKind('Service', ''), workload)])
}

function servicePortsOf(services: readonly KubeObject[], workload: Workload | undefined): readonly string[] {
  return services.flatMap((service) =>
    service.namespace === workload?.namespace
      ? list(at(service.body, 'spec', 'ports')).map(
          (each) => `service ${String(field(each, 'protocol') ?? 'TCP')} ${String(field(each, 'port'))}`,
        )
      : [],
  )
}
