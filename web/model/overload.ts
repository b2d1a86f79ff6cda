import type { Report } from '../../src/report/report.ts'
import type { OverloadItem } from '../../src/report/traffic/overload.ts'
import type { Counts } from '../hull/mini.ts'

/** Applications whose availability counts: those that run something (src/report/traffic/overload.ts). */
export function runningOf({ applications }: Pick<Report, 'applications'>): number {
  return applications.filter(({ workloads }) => workloads.length > 0).length
}

/** How many of the running applications suffer, and how many stay dry, as compartments of a ship. */
export function floodedBy({ hits }: Pick<OverloadItem, 'hits'>, running: number): Counts {
  const { count } = hits.applications
  return { control: count, contact: 0, dry: Math.max(0, running - count) }
}

/** Sources that entries of the report stand for: their ids, so that what they reach when breached is one step away. */
export function entriesAmong(
  { sources }: Pick<OverloadItem, 'sources'>,
  { entries }: Pick<Report, 'entries'>,
): ReadonlySet<string> {
  const named = new Set(sources.examples)
  return new Set(entries.map(({ id }) => id).filter((id) => named.has(id)))
}
