import type { Within } from '../engines/access/used/fold.ts'
import { count, Days, type Samples, type Tally, trim } from '../engines/seen.ts'
import type { Connection, End, Labels } from '../history/history.ts'
import type { ConnectionBehaviour, NodeEnd } from './behaviour.ts'
import type { Pods } from './pods.ts'

const MAX_BEHAVIOURS = 200_000
/** To one workload, so that its clients leave room for others; to all addresses, and to all that resolves to nothing. */
const MAX_OF_SERVER = 50_000
/** Clients are given ports from here on (net.ipv4.ip_local_port_range). */
const EPHEMERAL = 32_768

/** What is left of a flow log when its records are folded into behaviours. */
export interface ConnectionFacts {
  readonly records: number
  readonly seenDays: ReadonlySet<number>
  readonly from: number
  readonly to: number
  readonly behaviours: readonly ConnectionBehaviour[]
  /** Workloads of which more was seen than is kept. */
  readonly dropped: ReadonlyMap<string, Tally>
  /** Connections that were not kept, with an end that resolves to nothing: it may be any workload's. */
  readonly droppedUnresolved: Tally | undefined
}

export interface ConnectionFold {
  add(connection: Connection): void
  finish(within?: Within): ConnectionFacts
}

export function connectionFold(pods: Pods, samples: Samples): ConnectionFold {
  const byKey = new Map<string, ConnectionBehaviour & Tally>()
  const dropped = new Map<string, Tally>()
  const days = new Days()
  const ofServer = new Map<string, number>()
  let droppedUnresolved: Tally | undefined
  let records = 0
  let from = Number.POSITIVE_INFINITY
  let to = 0
  const drop = (connection: Connection): void => {
    for (const end of [connection.source, connection.destination]) {
      if (end.kind === 'unresolved') {
        if (droppedUnresolved) count(droppedUnresolved, connection.time)
        else droppedUnresolved = samples.tally(connection)
      }
      if (end.kind !== 'workload') continue
      const tally = dropped.get(end.workload)
      if (tally) count(tally, connection.time)
      else dropped.set(end.workload, samples.tally(connection))
    }
  }
  return {
    add(connection) {
      const { time, source, destination, protocol } = connection
      const told = connection.direction !== 'untold'
      const port = told || connection.port < EPHEMERAL ? connection.port : 0
      records++
      if (time < from) from = time
      if (time > to) to = time
      days.add(time)
      const node = nodeEnd(source, destination, pods) || nodeEnd(destination, source, pods)
      const samePod = isSamePod(source, destination)
      const used = connection.verdict !== 'dropped'
      const key = `${keyOf(source)}\n${keyOf(destination)}\n${protocol}\n${port}\n${used}\n${told}\n${node}\n${samePod}`
      const known = byKey.get(key)
      if (known) {
        count(known, time)
        return
      }
      const server = destination.kind === 'workload' ? destination.workload : destination.kind
      const share = ofServer.get(server) ?? 0
      if (byKey.size >= MAX_BEHAVIOURS || share >= MAX_OF_SERVER) return drop(connection)
      ofServer.set(server, share + 1)
      const tally = samples.tally(connection)
      byKey.set(key, { ...tally, source, destination, node, samePod, protocol, port, told, used })
    },
    finish: (within) => {
      const all = [...byKey.values()]
      if (within) for (const each of all) trim(each, within.from, within.to)
      return {
        records,
        seenDays: days.within(within),
        from: records === 0 ? 0 : Math.max(from, within?.from ?? from),
        to: Math.min(to, within?.to ?? to),
        behaviours: told(all),
        dropped,
        droppedUnresolved,
      }
    },
  }
}

/**
 * Where the log does not say which end of a TCP connection is the client, and shows elsewhere that one of them listens on
 * its port: no client is given the port that its own pod listens on, nor one below those that clients are given.
 */
function told(all: readonly ConnectionBehaviour[]): readonly ConnectionBehaviour[] {
  const serverOf = ({ destination, protocol, port }: ConnectionBehaviour): string =>
    `${keyOf(destination)}\n${protocol}\n${port}`
  const servers = new Set(all.filter((each) => each.told && each.used).map(serverOf))
  return all.map((each) => {
    const isKnown = !each.told && each.protocol === 'TCP' && each.port > 0 && each.destination.kind === 'workload'
    return isKnown && servers.has(serverOf(each)) ? { ...each, told: true } : each
  })
}

/** Pods of one workload are alike to every policy. */
function keyOf(end: End): string {
  switch (end.kind) {
    case 'workload':
      return end.labels ? `${end.workload} ${labelsKey(end.labels)}` : end.workload
    case 'address':
      return `a ${end.address}`
    case 'node':
      return `n ${end.name}`
    case 'api-server':
      return end.kind
    case 'unresolved':
      return `? ${end.why} ${end.namespace}${end.labels ? ` ${labelsKey(end.labels)}` : ''}`
    default:
      return end satisfies never
  }
}

const labelKeys = new WeakMap<Labels, string>()

function labelsKey(labels: Labels): string {
  const known = labelKeys.get(labels) ?? JSON.stringify([...labels].sort())
  labelKeys.set(labels, known)
  return known
}

function nodeEnd(node: End, pod: End, pods: Pods): NodeEnd {
  if (node.kind !== 'node' || pod.kind !== 'workload') return ''
  if (node.own) return 'own-node'
  const known = pods.nodeOf(pod.workload, pod.pod)
  return known === undefined || node.name === '' ? 'some-node' : known === node.name ? 'own-node' : 'other-node'
}

function isSamePod(source: End, destination: End): boolean {
  return (
    source.kind === 'workload' &&
    destination.kind === 'workload' &&
    source.workload === destination.workload &&
    source.pod !== '' &&
    source.pod === destination.pod
  )
}
