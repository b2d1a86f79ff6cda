import type { SourceCoverage } from '../../history/history.ts'
import type { CapVerdict } from './cap.ts'
import type { Peaks } from './peaks.ts'

const DAY_MS = 86_400_000
const LEAST_DAYS = 7

/** What was recorded, and how much of it the log could show. */
export interface Record {
  readonly peaks: Peaks
  readonly source: SourceCoverage
}

/** Whether a bound on pods would have refused any that was there, by the record; `more` says what else it cannot tell. */
export function judge(
  most: number,
  peak: number | undefined,
  record: Record | undefined,
  more: readonly string[] = [],
): CapVerdict {
  if (!record) return { verdict: 'unknown', reasons: ['no audit log was given (--history): nothing was replayed'] }
  if (peak !== undefined && peak > most)
    return { verdict: 'breaks', reasons: [`${peak} pods were there at once, and it lets ${most} be`] }
  const reasons = [...blindness(record), ...more]
  return reasons.length > 0 ? { verdict: 'unknown', reasons } : { verdict: 'holds', reasons: [] }
}

/** Why a log that shows no peak does not prove that there was none. */
function blindness({ peaks, source }: Record): readonly string[] {
  const days = (peaks.to - peaks.from) / DAY_MS
  return [
    ...(peaks.placed === 0 ? ['the log shows no pod that was placed (create pods/binding)'] : []),
    ...(days < LEAST_DAYS
      ? [`the log is of ${Math.max(0, days).toFixed(1)} days, and ${LEAST_DAYS} are the least`]
      : []),
    ...(source.gaps.length > 0 ? [`the log has ${source.gaps.length} gaps`] : []),
    ...(source.lost.length > 0 ? ['the log says that it lost records'] : []),
    ...(source.unread > 0 ? [`${source.unread} lines of the log could not be read`] : []),
  ]
}
