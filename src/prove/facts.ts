import type { Cluster } from '../cluster/cluster.ts'
import { policyOf } from '../engines/access/policy.ts'
import type { AccessBehaviour, Who } from '../engines/access/used/behaviour.ts'
import { type AccessFacts, accessFold } from '../engines/access/used/fold.ts'
import { sideUses } from '../engines/access/used/secondary.ts'
import { splitByNames } from '../engines/access/used/split.ts'
import { DAY_MS, Samples } from '../engines/seen.ts'
import type { Used, UsedPeer, UsedRight } from '../fix/fix.ts'
import type { Coverage, End, History } from '../history/history.ts'
import type { ConnectionBehaviour } from './behaviour.ts'
import { type ConnectionFacts, connectionFold } from './connection-fold.ts'
import { podsOf } from './pods.ts'
import type { Window } from './proof.ts'

/** All of a recorded history that proofs need: read once, asked by hundreds of them. */
export interface Facts extends Used {
  readonly coverage: Coverage
  readonly window: Window
  /** Undefined where no source of that kind was given. */
  readonly access: (AccessFacts & Span) | undefined
  readonly connections: (ConnectionFacts & Span) | undefined
  /** Everyone who is bound as this subject: of a group, its members. */
  whosOf(subject: string): readonly Who[]
  /** Behaviour of which the workload is an end. */
  connectionsOf(workload: string): readonly ConnectionBehaviour[]
  /** Connections with an end of this namespace of which no more is known; of none (``): with one that may be anywhere. */
  unresolvedIn(namespace: string): readonly ConnectionBehaviour[]
  /** The same facts as rules that name these objects tell them apart, where the names were kept. */
  toldApart(names: ReadonlySet<string>): Facts
}

export interface Span {
  readonly from: number
  readonly to: number
  /** Calendar days (UTC) of the span on which anything was recorded. */
  readonly days: number
}

/**
 * Reads both streams once, and keeps behaviours instead of records: memory grows with what is different, not with the log.
 * `detailed`: for changes whose rules may name objects that those of today do not.
 */
export async function collectFacts(history: History, cluster: Cluster, detailed = false): Promise<Facts> {
  const samples = new Samples()
  const pods = podsOf(cluster)
  const accesses = accessFold({ policy: policyOf(cluster), workloadOf: pods.workloadOf, samples, detailed })
  for await (const batch of history.accesses({ passing: true })) for (const access of batch) accesses.add(access)
  const connections = connectionFold(pods, samples)
  for await (const batch of history.connections()) for (const connection of batch) connections.add(connection)
  const coverage = history.coverage()
  const withinOf = (kind: 'audit' | 'flows') =>
    coverage.sources.find((source) => source.kind === kind && source.outlying !== undefined)
  return factsOf(accesses.finish(withinOf('audit')), connections.finish(withinOf('flows')), coverage, cluster)
}

/** The same of requests that were folded elsewhere, without any connection. */
export function factsOfAccess(access: AccessFacts, coverage: Coverage, cluster: Cluster): Facts {
  return factsOf(access, connectionFold(podsOf(cluster), new Samples(0)).finish(), coverage, cluster)
}

function factsOf(ofAccess: AccessFacts, ofConnections: ConnectionFacts, coverage: Coverage, cluster: Cluster): Facts {
  const given = (kind: 'audit' | 'flows'): boolean => coverage.sources.some((source) => source.kind === kind)
  const access = given('audit') || ofAccess.records > 0 ? { ...ofAccess, days: ofAccess.seenDays.size } : undefined
  const connections =
    given('flows') || ofConnections.records > 0 ? { ...ofConnections, days: ofConnections.seenDays.size } : undefined
  const bySubject = index(ofAccess.whos, ({ ids }) => ids)
  const byWorkload = index(ofConnections.behaviours, ({ source, destination }) =>
    [source, destination].flatMap((end) => (end.kind === 'workload' ? [end.workload] : [])),
  )
  const byNamespace = index(ofConnections.behaviours, ({ source, destination }) =>
    [source, destination].flatMap((end) => (end.kind === 'unresolved' ? [end.namespace] : [])),
  )
  const policy = policyOf(cluster)
  const facts: Facts = {
    coverage,
    window: windowOf(coverage, access, connections),
    access,
    connections,
    toldApart: (names) =>
      ofAccess.detailed && names.size > 0
        ? factsOf(splitByNames(ofAccess, names), ofConnections, coverage, cluster)
        : facts,
    whosOf: (subject) => bySubject.get(subject) ?? [],
    connectionsOf: (workload) => byWorkload.get(workload) ?? [],
    unresolvedIn: (namespace) => byNamespace.get(namespace) ?? [],
    rights: (subject) => {
      if (!access) return undefined
      const sum = new Map<string, UsedRight>()
      for (const who of bySubject.get(subject) ?? []) {
        for (const behaviour of who.behaviours) {
          if (behaviour.outcome !== 'used') continue
          addRight(sum, behaviour, behaviour.request)
        }
        for (const { behaviour, request } of sideUses(who, policy)) addRight(sum, behaviour, request)
      }
      return [...sum.values()]
    },
    peers: (workload, direction) => {
      if (!connections) return undefined
      const sum = new Map<string, UsedPeer>()
      for (const behaviour of byWorkload.get(workload) ?? []) {
        const { used, protocol, port, times, last } = behaviour
        const own = direction === 'egress' ? behaviour.source : behaviour.destination
        const end = direction === 'egress' ? behaviour.destination : behaviour.source
        if (!used || !behaviour.told || own.kind !== 'workload' || own.workload !== workload) continue
        const key = JSON.stringify([keyOf(end), protocol, port])
        const same = sum.get(key)
        sum.set(key, {
          end,
          protocol,
          port,
          times: times + (same?.times ?? 0),
          last: Math.max(last, same?.last ?? 0),
        })
      }
      return [...sum.values()]
    },
  }
  return facts
}

function keyOf(end: End): unknown {
  return end.kind === 'workload' ? end.workload : end
}

function addRight(
  sum: Map<string, UsedRight>,
  { times, last }: AccessBehaviour,
  request: AccessBehaviour['request'],
): void {
  const none = { group: '', resource: '', subresource: '', namespace: '', name: '', path: '' }
  const right = { ...none, ...request }
  const key = JSON.stringify([
    right.verb,
    right.group,
    right.resource,
    right.subresource,
    right.namespace,
    right.name,
    right.path,
  ])
  const same = sum.get(key)
  sum.set(key, { ...right, times: times + (same?.times ?? 0), last: Math.max(last, same?.last ?? 0) })
}

function index<T>(all: readonly T[], keys: (each: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>()
  for (const each of all) {
    for (const key of new Set(keys(each))) {
      const same = found.get(key)
      if (same) same.push(each)
      else found.set(key, [each])
    }
  }
  return found
}

/** From the first record of any source to the last. */
function windowOf(
  coverage: Coverage,
  ...spans: readonly ((Span & { records: number; seenDays: ReadonlySet<number> }) | undefined)[]
): Window {
  const seen = spans.flatMap((span) => (span && span.records > 0 ? [span] : []))
  const sources = coverage.sources.map(
    ({ kind, files }) =>
      `${kind === 'audit' ? 'audit log' : 'flow log'} (${files.length === 1 ? files[0] : `${files.length} files`})`,
  )
  if (seen.length === 0) return { from: 0, to: 0, days: 0, sources }
  const from = Math.min(...seen.map((span) => span.from))
  const to = Math.max(...seen.map((span) => span.to))
  return { from, to, days: seen.reduce((all, span) => all.union(span.seenDays), new Set<number>()).size, sources }
}

/** When something counts as new: in the last two days of a span, or its last tenth where that is more. */
export function recentSince({ from, to }: { readonly from: number; readonly to: number }): number {
  return to - Math.max(2 * DAY_MS, (to - from) / 10)
}
