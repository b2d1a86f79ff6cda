import type { Limit } from '../limit.ts'
import { thousandths } from '../models/leaky-bucket.ts'
import { perSecond, rateText } from './rates.ts'
import type { Sheet } from './sheet.ts'

/** nginx keeps a rate as whole thousandths of a request a second: told where it makes more than a hundredth. */
export function nginxRounding(sheet: Sheet, limit: Limit, kept: Limit): void {
  const asked = perSecond(kept)
  const real = thousandths(asked) / 1000
  if (real >= asked * 0.99) return
  const period = kept.period ?? 1
  sheet.note(limit, 'rate', `nginx computes ${rateText(kept)} as ${rateText({ ...kept, rate: real * period })}`)
}

/**
 * A burst below this lets nginx refuse requests that come at the very rate, since it drains in whole milliseconds: without
 * one, 37 % of them were refused at 100 a second (docs/reference/traffic-limits.md). A tenth of the rate of a second is enough.
 */
export function smallestBurst(limit: Limit): number {
  return Math.ceil(perSecond(limit) / 10)
}
