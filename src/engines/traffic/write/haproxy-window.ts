import type { Limit } from '../limit.ts'
import { atOnce, isWindow, perSecond } from './rates.ts'

/** HAProxy counts over whole milliseconds, of which its timers hold 24 days: eleven are a window that nobody needs longer. */
const LONGEST_MS = 1e9

/**
 * The window that lets as much through at once as the limit does, and as much in the long run: the burst of a bucket is
 * what passes in a period that is as long as it takes to come back.
 */
export function windowOf(limit: Limit): { readonly rate: number; readonly period: number } {
  const { rate = 0, period = 1 } = limit
  const most = isWindow(limit) ? rate : Math.max(atOnce(limit), 1)
  const ms = isWindow(limit) ? period * 1000 : (most / perSecond(limit)) * 1000
  // A window of some milliseconds would refuse what comes together by chance: at least a second.
  const stretched = ms < 1000 ? 1000 / ms : ms > LONGEST_MS ? LONGEST_MS / ms : 1
  return { rate: Math.max(1, Math.round(most * stretched)), period: Math.round(ms * stretched) / 1000 }
}
