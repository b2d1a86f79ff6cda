import type { Limit } from '../../engines/traffic/limit.ts'
import { Requests } from '../../observe/access-log/requests.ts'
import type { AccessLogCoverage } from '../../observe/access-log/told.ts'

/** One request of a test: what is left out is usual. */
export interface Given {
  readonly at: number
  readonly client: number
  readonly duration?: number
  readonly status?: number
  readonly mark?: number
  readonly received?: number
  readonly route?: number
  readonly lane?: number
  readonly early?: number
  readonly width?: number
}

export function batchOf(given: readonly Given[]): Requests {
  const batch = new Requests(given.length)
  for (const [row, each] of given.entries()) {
    batch.start[row] = each.at
    batch.client[row] = each.client
    batch.duration[row] = each.duration ?? Number.NaN
    batch.status[row] = each.status ?? 200
    batch.mark[row] = each.mark ?? 0
    batch.received[row] = each.received ?? Number.NaN
    batch.route[row] = each.route ?? 0
    batch.lane[row] = each.lane ?? 0
    batch.early[row] = each.early ?? 0
    batch.width[row] = each.width ?? 0
    batch.line[row] = row + 1
  }
  batch.count = given.length
  return batch
}

/** The same requests as a log of seconds has them. */
export function inSeconds(given: readonly Given[]): readonly Given[] {
  const bySecond = Map.groupBy(given, ({ at }) => Math.floor(at / 1000))
  return given.map((each) => {
    const second = Math.floor(each.at / 1000)
    const all = bySecond.get(second) as readonly Given[]
    const early = ((all.indexOf(each) + 0.5) / all.length) * 1000
    return { ...each, at: second * 1000 + early, early, width: 1000 }
  })
}

export function nginx(rate: number, burst: number, more: Partial<Limit> = {}): Limit {
  return {
    kind: 'requests',
    algorithm: 'leaky-bucket',
    rate,
    period: 1,
    burst,
    key: { kind: 'client-address' },
    scope: 'replica',
    code: 503,
    ...more,
  }
}

/** A log of fourteen days without anything that speaks against it. */
export const FULL: AccessLogCoverage = {
  files: ['access.log'],
  requests: 1_000,
  unread: 0,
  notices: 0,
  from: Date.parse('2026-11-01T00:00:00Z'),
  to: Date.parse('2026-11-14T23:59:59Z'),
  days: 14,
  formats: [{ name: 'Envoy', lines: 1_000 }],
  lanes: 1,
  coarse: 0,
  untimed: 0,
  sized: 0,
  countsHeaders: false,
  nameless: 0,
  relayed: 0,
  relays: [],
  late: 0,
  unrouted: 0,
  connections: 0,
  clients: 10,
  overflow: 0,
  problems: [],
}

/** 0 to 1, the same on every run. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
}
