import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import type { Capacity, Judging, Ruling } from './judging.ts'
import { totalOf } from './replicas.ts'

/** R7: what the limit lets through over all replicas is more than the workload was measured to hold. */
export function aboveCapacity(judging: Judging, found: FoundLimit): Ruling | undefined {
  const { placed, capacities } = judging
  const { limit } = found
  if (limit.kind !== 'requests' || limit.rate === undefined || !(limit.period && limit.period > 0)) return undefined
  const measured = capacities.find((each) => isOf(each, placed.id, placed.draft.host))
  if (!measured) return undefined
  const total = totalOf(limit, placed.draft.controller?.replicas ?? NONE)
  const rate = (total?.least ?? limit.rate) / limit.period
  if (rate <= measured.high) return undefined
  const who = limit.key.kind === 'everyone' ? 'lets' : 'lets one client send'
  return {
    state: 'bypassable',
    rule: 'R7',
    because: [
      because(
        `${who} ${round(rate)} requests a second through, and the workload holds ${round(measured.low)} to ${round(measured.high)}`,
      ),
    ],
  }
}

const NONE = { now: undefined, most: undefined, because: [] }

/** The route that the probe was told, else the one of the host of its URL. */
export function isOf({ url, route }: Capacity, id: string, host: string): boolean {
  if (route !== undefined) return route === id
  const named = /^[a-z]+:\/\/(?:[^/@]*@)?([^/:?#]+)/i.exec(url)?.[1]
  return named !== undefined && host !== '' && named.toLowerCase() === host.toLowerCase()
}

function round(rate: number): string {
  return rate >= 10 ? String(Math.round(rate)) : String(Math.round(rate * 10) / 10)
}
