import type { AccessFacts } from '../../engines/access/used/fold.ts'

/** The span that a statement rests on, and the audit logs that it was read from. Times are RFC 3339; empty where nothing was recorded. */
export interface AccessWindow {
  readonly from: string
  readonly to: string
  readonly days: number
  readonly records: number
  readonly sources: readonly string[]
}

export function windowOf({ records, from, to, seenDays }: AccessFacts, files: readonly string[]): AccessWindow {
  const text = (time: number): string => (records === 0 ? '' : timeText(time))
  return { from: text(from), to: text(to), days: seenDays.size, records, sources: files }
}

/** RFC 3339; empty for what is no time. */
export function timeText(time: number): string {
  return time > 0 && time < 8.64e15 ? new Date(time).toISOString() : ''
}
