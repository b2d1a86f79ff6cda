import type { Found } from './found.ts'
import type { Measured } from './measured.ts'
import type { Run } from './run.ts'

/** Idle services answer; of one that does not, no load tells anything. */
const MOST_ERRORS = 0.2

/** Why there is nothing to search for: nobody answers, or not as they answer users. */
export function unanswered(run: Run, first: Measured): Found | undefined {
  const { sent, served, failed, refused, answers } = first
  const told = answersText(answers)
  const none = (cause: Found['cause'] & string, reason: string): Found => ({
    verdict: 'unknown',
    confidence: 'none',
    low: undefined,
    best: undefined,
    high: undefined,
    cause,
    reasons: [reason],
    steps: run.steps,
    unloaded: run.unloaded,
  })
  if (run.isStopped && served < 2) return none('stopped', 'It was stopped before anything was measured.')
  if (served < 2 && refused > MOST_ERRORS * sent)
    return none(
      'refused',
      `The service refuses the request (${told}); name a URL, and headers, that it answers with 2xx.`,
    )
  if (served === 0 && !run.isLimited(first)) return none('no-answer', `No request was answered (${told}).`)
  if (failed > MOST_ERRORS * sent)
    return none(
      'errors',
      `Of ${sent} requests one after another ${failed} failed (${told}): it is broken without any load.`,
    )
  return undefined
}

/** `200 ×312, 503 ×4`. */
export function answersText(answers: ReadonlyMap<string, number>): string {
  return [...answers]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ×${count}`)
    .join(', ')
}
