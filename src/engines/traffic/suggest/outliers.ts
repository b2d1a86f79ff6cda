import type { Column } from './column.ts'
import type { RouteProfile } from './profile.ts'
import { quantile } from './quantile.ts'

/** One client that is nothing like the others: an attack, a batch job, or a proxy with many behind it. */
export interface Outlier {
  readonly client: number
  readonly requests: number
  readonly peakMinute: number
  /** Its share of all requests of the route. */
  readonly share: number
}

/** So many times as much in a minute as 99 % of the others. */
const TIMES = 10
const SHARE = 0.5
/** Fewer others are nothing to be compared with. */
const LEAST_OTHERS = 5
const MOST = 20

/**
 * Clients that a limit should not be fitted to: at most one in a hundred, each of which had in its busiest minute ten times
 * as many requests as 99 % of the others, or more requests in all than all others together.
 */
export function outliersOf({ total, peakMinute, requests }: RouteProfile): readonly Outlier[] {
  const order = greatest(peakMinute, MOST + 1)
  const clients = total.values.subarray(0, total.length).reduce((sum, each) => sum + (each > 0 ? 1 : 0), 0)
  const most = Math.min(MOST, Math.max(1, Math.floor(clients / 100)))
  const found = new Set<number>()
  let last = 0
  for (let count = 1; count <= most && clients - count >= LEAST_OTHERS; count++) {
    const taken = new Set(order.slice(0, count))
    const usual = quantile(peakMinute, 0.99, taken)
    const peak = peakMinute.values[order[count - 1] as number] as number
    if (peak > TIMES * usual) last = count
  }
  for (const client of order.slice(0, last)) found.add(client)
  const [busiest] = greatest(total, 1)
  if (busiest !== undefined && clients > LEAST_OTHERS && (total.values[busiest] as number) > SHARE * requests)
    found.add(busiest)
  return [...found].map((client) => ({
    client,
    requests: total.values[client] as number,
    peakMinute: peakMinute.values[client] as number,
    share: (total.values[client] as number) / requests,
  }))
}

/** Numbers of the greatest values, the greatest first. */
function greatest({ values, length }: Column, most: number): readonly number[] {
  const best: number[] = []
  for (let number = 0; number < length; number++) {
    const value = values[number] as number
    if (value === 0 || (best.length === most && value <= (values[best[most - 1] as number] as number))) continue
    let at = best.length
    while (at > 0 && (values[best[at - 1] as number] as number) < value) at--
    best.splice(at, 0, number)
    if (best.length > most) best.pop()
  }
  return best
}
