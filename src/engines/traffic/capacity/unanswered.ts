import type { Found } from './found.ts'
import type { Measured } from './measured.ts'
import type { Run } from './run.ts'

/** Idle services answer; of one that does not, no load tells anything. */
const MOST_ERRORS = 0.2

/** Why there is nothing to search for: nobody answers, or not as they answer users. */
export function unanswered(run: Run, first: Measured): Found | undefined {
  const { sent, served, failed, refused, answers } = first
  const told = answersText(answers)
  const none = (cause: Found['cause'] & string, ...reasons: readonly string[]): Found => ({
    verdict: 'unknown',
    confidence: 'none',
    low: undefined,
    best: undefined,
    high: undefined,
    cause,
    reasons,
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
  if (failed <= MOST_ERRORS * sent) return undefined
  const before = run.steps.reduce((sum, each) => sum + (each === first ? 0 : each.served), 0)
  const why =
    before > 0
      ? `after ${before} that were answered: a limit, or a service that one client alone overloads`
      : 'it is broken without any load'
  return none(
    'errors',
    `Of ${sent} requests one after another ${failed} failed (${told}): ${why}.`,
    ...(answers.has('503') ? [MAY_BE_LIMIT] : []),
  )
}

/** nginx and ingress-nginx refuse with this code where nobody set another, and say nothing else by which to tell. */
export const MAY_BE_LIMIT = 'Answers of 503 count as overload; where a limit gives them, say so: --limit-code 503.'

/** That nothing was answered any more in the last steps; undefined where that is not so. */
export function silentEnd(steps: readonly Measured[]): string | undefined {
  const since = steps.findLastIndex(({ served, sent }) => served > 0 || sent === 0) + 1
  const silent = steps.slice(since)
  if (since === 0 || silent.length < 2) return undefined
  const answers = new Map<string, number>()
  for (const step of silent)
    for (const [code, count] of step.answers) answers.set(code, (answers.get(code) ?? 0) + count)
  const before = steps.slice(0, since).reduce((sum, { served }) => sum + served, 0)
  return `After ${before} answers it gave none any more (${answersText(answers)}), not to one request at a time either: it broke, and did not recover.`
}

/** `200 ×312, 503 ×4`. */
export function answersText(answers: ReadonlyMap<string, number>): string {
  return [...answers]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ×${count}`)
    .join(', ')
}
