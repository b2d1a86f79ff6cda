import type { CheckItem } from '../checks.ts'

/** Polaris' two severities stand beside ours. */
const RANK: Readonly<Record<string, number>> = { critical: 4, high: 3, danger: 3, medium: 2, warning: 2, low: 1 }

export const FAIL_ON = [...Object.keys(RANK), 'none'] as const

/** Whether something fails that `--fail-on` counts: at least this grave, accepted by nobody and not in the baseline. */
export function failsOn(items: Iterable<CheckItem>, severity: string | undefined): boolean {
  const least = severity === undefined ? undefined : RANK[severity]
  if (least === undefined) return false
  for (const { result, known, severity: each } of items)
    if (result === 'fail' && known !== true && (RANK[each] ?? 0) >= least) return true
  return false
}

/** Whether a severity is one that `--fail-on` counts; without it none is. */
export function isAtLeast(severity: string, least: string | undefined): boolean {
  const wanted = RANK[least ?? '']
  return wanted !== undefined && (RANK[severity] ?? 0) >= wanted
}
