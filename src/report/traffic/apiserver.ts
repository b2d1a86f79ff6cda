import type { Cap } from '../../engines/traffic/apiserver/cap.ts'
import type { Capped } from '../../engines/traffic/apiserver/capped.ts'
import type { Costly } from '../../engines/traffic/apiserver/costly.ts'
import type { Demand } from '../../engines/traffic/apiserver/demand.ts'
import type { Classified, FlowControl } from '../../engines/traffic/apiserver/flow-control.ts'
import type { Load } from '../../engines/traffic/apiserver/load.ts'
import type { Loaded } from '../../engines/traffic/apiserver/load-fold.ts'
import type { Client, Owners } from '../../engines/traffic/apiserver/owners.ts'
import type { PollLoop } from '../../engines/traffic/apiserver/poll.ts'
import type { Seats } from '../../engines/traffic/apiserver/seats.ts'
import type { CapVerdict } from '../../engines/traffic/apiserver/verdict.ts'
import { userText } from '../access/subject.ts'
import { timeText } from '../access/window.ts'

/** What one client did of one kind, and what it took of the API server. */
export interface ApiServerLoad {
  readonly subject: string
  readonly agent: string
  readonly applications: readonly string[]
  readonly owners: readonly string[]
  readonly workloads: readonly string[]
  readonly verb: string
  /** `deployments.apps/scale`; empty for requests for no resource. */
  readonly resource: string
  /** Absent where it asked in several; empty for all at once. */
  readonly namespace?: string
  readonly requests: number
  readonly peakPerSecond: number
  /** Served, without waiting in a queue and without what lasts as long as the client wants. */
  readonly seconds: number
  readonly queuedSeconds: number
  readonly seatSeconds: number
  /** Of the seat-seconds of all. */
  readonly share: number
  /** Of one request, the most. */
  readonly seats: number
  /** False where the input does not tell how much its lists read: one seat was taken for each. */
  readonly measured: boolean
  readonly untimed: number
  readonly longRunning: number
  readonly forbidden: number
  readonly tooManyRequests: number
  readonly failed: number
  readonly flowSchema: string
  readonly priorityLevel: string
  readonly why: readonly Costly[]
  readonly loops: readonly PollLoop[]
  readonly first: string
  readonly last: string
  readonly file: string
  readonly line: number
  /** Which of several in that line. */
  readonly item?: string
  /** At most so many more, from before it was told apart. */
  readonly missedSeatSeconds?: number
}

export interface ApiServerSubject {
  readonly subject: string
  readonly applications: readonly string[]
  readonly owners: readonly string[]
  readonly workloads: readonly string[]
  readonly requests: number
  readonly seconds: number
  readonly seatSeconds: number
  readonly share: number
}

export interface ApiServerLevel extends Seats {
  readonly name: string
  readonly shares: number
}

export interface ApiServerCap {
  readonly subject: string
  readonly name: string
  readonly matchingPrecedence: number
  readonly shares: number
  /** How the shares were chosen. */
  readonly from: 'flag' | 'need' | 'default'
  readonly seats: number
  readonly seatsOfOneRequest: number
  readonly today: readonly { readonly flowSchema: string; readonly priorityLevel: string }[]
  readonly levels: Cap['levels']
  readonly needSeats: number | null
  readonly peakSeats: number
  readonly floodSeats: number
  readonly floodSeconds: number
  readonly replay: Omit<Capped, 'firstRefusedMs'> & { readonly requests: number; readonly firstRefused: string }
  readonly verdict: CapVerdict['verdict']
  readonly because: readonly string[]
  readonly warnings: readonly string[]
  readonly objects: readonly object[]
}

export interface TrafficApiServer {
  readonly apiVersion: string
  readonly kind: 'TrafficApiServer'
  readonly kubernetes: { readonly version: string; readonly from: string }
  readonly window: {
    readonly from: string
    readonly to: string
    readonly requests: number
    readonly seconds: number
    readonly seatSeconds: number
    readonly untimed: number
    readonly longRunning: number
    readonly sources: readonly string[]
  }
  readonly serverSeats: number
  readonly levels: readonly ApiServerLevel[]
  /** The heaviest identities, all that they did together. */
  readonly subjects: readonly ApiServerSubject[]
  readonly items: readonly ApiServerLoad[]
  /** Lighter than all items. */
  readonly more: { readonly clients: number; readonly requests: number; readonly seatSeconds: number }
  /** Clients that were too many to be told apart: none of them took more than `mostSeatSeconds`. */
  readonly merged?: {
    readonly requests: number
    readonly seconds: number
    readonly seatSeconds: number
    readonly mostSeatSeconds: number
  }
  readonly cap?: ApiServerCap
  /** What the log could not show. */
  readonly hidden: readonly string[]
}

export interface LoadContext {
  /** Whether the log tells how long requests took. */
  readonly tellsTime: boolean
  readonly loaded: Loaded
  readonly owners: (client: Client) => Owners
  readonly classified: (load: Load) => Classified
  readonly why: (load: Load) => readonly Costly[]
}

export function loadItem(load: Load, { loaded, owners, classified, why, tellsTime }: LoadContext): ApiServerLoad {
  const { workloads, applications } = owners(load)
  const { schema, level } = classified(load)
  return {
    subject: userText(load.user),
    agent: load.userAgent,
    applications: applications.map(({ id }) => id),
    owners: ownersOf(applications),
    workloads,
    verb: load.verb,
    resource: resourceText(load),
    ...(load.namespace === undefined ? {} : { namespace: load.namespace }),
    requests: load.requests,
    peakPerSecond: load.peak,
    seconds: rounded(load.latencyMs),
    queuedSeconds: rounded(load.waitedMs),
    seatSeconds: rounded(load.seatMs),
    share: shareOf(load, loaded),
    seats: load.mostSeats,
    measured: load.unmeasured === 0,
    untimed: tellsTime ? 0 : load.instant,
    longRunning: load.longRunning,
    forbidden: load.forbidden,
    tooManyRequests: load.limited,
    failed: load.failed,
    flowSchema: schema.name,
    priorityLevel: level.name,
    why: why(load),
    loops: loaded.loopsOf(load).slice(0, 20),
    first: timeText(load.first),
    last: timeText(load.last),
    file: load.place.file,
    line: load.place.line,
    ...(load.place.item === undefined ? {} : { item: load.place.item }),
    ...(load.missed > 0 ? { missedSeatSeconds: rounded(load.missed) } : {}),
  }
}

const MOST_SUBJECTS = 20

/** Users by their seat-seconds, then by their requests. */
export function subjectItems({ loaded, owners }: LoadContext): readonly ApiServerSubject[] {
  const byUser = Map.groupBy(loaded.loads, ({ user }) => user)
  const sum = (loads: readonly Load[], of: (load: Load) => number): number =>
    loads.reduce((total, each) => total + of(each), 0)
  return [...byUser.values()]
    .map((loads) => ({
      loads,
      requests: sum(loads, ({ requests }) => requests),
      seatMs: sum(loads, ({ seatMs }) => seatMs),
      latencyMs: sum(loads, ({ latencyMs }) => latencyMs),
    }))
    .sort((a, b) => b.seatMs - a.seatMs || b.requests - a.requests)
    .slice(0, MOST_SUBJECTS)
    .map(({ loads, requests, seatMs, latencyMs }) => {
      const { user } = loads[0] as Load
      const { workloads, applications } = owners({ user, pods: new Set(loads.flatMap(({ pods }) => [...pods])) })
      return {
        subject: userText(user),
        applications: applications.map(({ id }) => id),
        owners: ownersOf(applications),
        workloads,
        requests,
        seconds: rounded(latencyMs),
        seatSeconds: rounded(seatMs),
        share: shareOf({ requests, seatMs }, loaded),
      }
    })
}

function ownersOf(applications: Owners['applications']): readonly string[] {
  return [...new Set(applications.flatMap(({ owner }) => (owner ? [owner.name] : [])))]
}

/** Of the seat-seconds; of the requests where no request took any. */
function shareOf({ seatMs, requests }: Pick<Load, 'seatMs' | 'requests'>, loaded: Loaded): number {
  const share = loaded.seatMs > 0 ? seatMs / loaded.seatMs : requests / loaded.requests
  return Number(share.toPrecision(4))
}

function resourceText({ resource, group, subresource }: Load): string {
  if (resource === '') return ''
  return `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`
}

/** Seconds of milliseconds. */
export function rounded(ms: number): number {
  return Math.round(ms) / 1000
}

export function levelsOf(control: FlowControl, seats: ReadonlyMap<string, Seats>): readonly ApiServerLevel[] {
  return [...control.levels.values()]
    .map(({ name, shares }) => ({ name, shares, ...(seats.get(name) as Seats) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export interface CapContext {
  readonly subject: string
  readonly cap: Cap
  readonly from: ApiServerCap['from']
  readonly demand: Demand
  readonly capped: Capped
  readonly requests: number
  readonly verdict: CapVerdict
  readonly warnings: readonly string[]
}

export function capItem({ subject, cap, from, demand, capped, requests, verdict, warnings }: CapContext): ApiServerCap {
  const { firstRefusedMs, ...replay } = capped
  const tenths = (value: number): number => Math.round(value * 10) / 10
  return {
    subject,
    name: cap.name,
    matchingPrecedence: cap.precedence,
    shares: cap.shares,
    from,
    seats: cap.seats.nominal,
    seatsOfOneRequest: cap.seats.most,
    today: cap.today.map(({ name, level }) => ({ flowSchema: name, priorityLevel: level })),
    levels: cap.levels,
    needSeats: demand.needSeats === undefined ? null : tenths(demand.needSeats),
    peakSeats: tenths(demand.peakSeats),
    floodSeats: demand.floodSeats,
    floodSeconds: demand.floodSeconds,
    replay: {
      requests,
      ...replay,
      waitedMs: Math.round(replay.waitedMs),
      mostWaitMs: Math.round(replay.mostWaitMs),
      p99WaitMs: Math.round(replay.p99WaitMs),
      seatSeconds: tenths(replay.seatSeconds),
      firstRefused: firstRefusedMs === undefined ? '' : timeText(firstRefusedMs),
    },
    ...verdict,
    warnings,
    objects: [cap.level, cap.schema],
  }
}
