import type { ReportStep } from './plan.ts'
import { verdictWord } from './proof-text.ts'
import type { Report } from './report.ts'
import type { Terminal } from './style.ts'
import { table, wrap } from './table.ts'
import { counted, listed, percent } from './text.ts'

/** What the plan comes to, in one or two sentences; undefined where there is none. */
export function planSentence({ plan, rejected, residual }: Report): string | undefined {
  if (!plan || !residual) return undefined
  const { further } = residual
  if (plan.length === 0 && further > 0)
    return `No change is planned; ${counted(further, 'known one', 'known ones')} may lower the risk.`
  if (plan.length === 0) return 'No change that is known here lowers the risk.'
  const removed = plan.reduce((sum, { risk }) => sum + risk.share, 0)
  const most = fewest(plan, removed)
  const told = `${capital(counted(plan.length, 'change'))} remove${plan.length === 1 ? 's' : ''} ${percent(removed)} of the risk`
  const first =
    most < plan.length ? `, the first ${counted(most, 'of them', 'of them')} ${percent(shareOf(plan, most))}` : ''
  return `${told}${first}. ${proofSentence(plan)}${rejectedSentence(rejected ?? [])}`
}

/** The fewest steps that give four fifths of all that the plan gives. */
function fewest(plan: readonly ReportStep[], removed: number): number {
  for (let count = 1; count < plan.length; count++) if (shareOf(plan, count) >= 0.8 * removed) return count
  return plan.length
}

function shareOf(plan: readonly ReportStep[], count: number): number {
  return plan.slice(0, count).reduce((sum, { risk }) => sum + risk.share, 0)
}

function proofSentence(plan: readonly ReportStep[]): string {
  const holding = plan.filter(({ proof }) => proof.verdict === 'holds')
  const open = plan.filter(({ proof }) => proof.verdict === 'unknown')
  const days = Math.max(0, ...plan.map(({ proof }) => proof.window.days))
  const isGiven = plan.some(({ proof }) => proof.window.sources.length > 0)
  const over = days === 0 ? '' : `Replayed over ${counted(days, 'day')} of recorded history, `
  const [only] = plan.length === 1 ? plan : []
  if (only) return `${capital(`${over}${aloneText(only, isGiven)}`)}.`
  const held =
    holding.length === 0
      ? 'none of them is proven to break nothing'
      : `${counted(holding.length, 'of them', 'of them')} break${holding.length === 1 ? 's' : ''} nothing${limit(holding)}`
  const [first] = open
  if (!first) return `${capital(`${over}${held}`)}.`
  const why = isGiven ? `, the first because ${because(first)}` : ': no history was given (--history)'
  if (holding.length === 0 && days === 0) return `None of them is proven${why}.`
  return `${capital(`${over}${held}`)}; ${counted(open.length, 'is', 'are')} unproven${why}.`
}

function aloneText(step: ReportStep, isGiven: boolean): string {
  if (step.proof.verdict === 'holds') return `it breaks nothing${limit([step])}`
  return isGiven ? `it is unproven, because ${because(step)}` : 'it is unproven: no history was given (--history)'
}

/** Of some it is only known that they are admitted: the sentence must not say more. */
function limit(holding: readonly ReportStep[]): string {
  const limited = holding.filter(({ proof }) => proof.reasons.length > 0).length
  if (limited === 0) return ''
  return limited === holding.length ? ', as to admission only' : ` (${counted(limited, 'as', 'as')} to admission only)`
}

function because({ proof }: ReportStep): string {
  const reason = proof.reasons[0] ?? 'nothing was recorded of what it touches'
  return reason.replace(/\.$/, '')
}

function rejectedSentence(rejected: readonly { readonly why: string }[]): string {
  const broken = rejected.filter(({ why }) => why === 'breaks').length
  return broken === 0
    ? ''
    : ` ${capital(counted(broken, 'more', 'more'))} would help and would break what was recorded.`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The plan for a terminal. `again` names the same input for the next command. */
export function planLines(report: Report, term: Terminal, again: string): readonly string[] {
  const { plan = [], rejected = [], residual, stability } = report
  const hasOwners = plan.some(({ owner }) => owner !== undefined)
  const columns = [
    { title: '', right: true as const, least: 2 },
    { title: 'CHANGE', least: 40 },
    ...(hasOwners ? [{ title: 'OWNER', least: 8, spare: 2 }] : []),
    { title: 'REMOVES', right: true as const },
    { title: 'PROOF', least: 8 },
  ]
  const rows = plan.map(({ rank, title, owner, risk, proof }) => [
    String(rank),
    title,
    ...(hasOwners ? [owner ?? ''] : []),
    percent(risk.share),
    verdictWord(proof),
  ])
  const dim = (text: string): void => void lines.push(...wrap(text, term.width).map((line) => term.dim(line)))
  const lines = plan.length === 0 ? [] : [...table(columns, rows, term.width)]
  const limits = new Set(plan.flatMap(({ proof }) => (proof.verdict === 'holds' ? proof.reasons.slice(0, 1) : [])))
  if (limits.size > 0) dim(`* ${[...limits].map((each) => each.split(': ')[0]).join('; ')}`)
  for (const text of openReasons(plan)) dim(text)
  if (stability && !stability.isStable)
    dim(`If everything were worth the same, the first would be: ${stability.first?.title ?? ''}.`)
  if (residual)
    dim(
      `Left: ${percent(residual.share)} of the risk${residual.why.length === 0 ? '' : `; ${residual.why.join('; ')}`}.`,
    )
  for (const why of ['breaks', 'cannot-be-edited'] as const) {
    const [first, ...more] = rejected.filter((each) => each.why === why)
    if (first)
      dim(
        `${REJECTED[why]}: ${first.title}: ${first.reason}${more.length === 0 ? '' : ` (and ${more.length} more, under rejected with -o json)`}`,
      )
  }
  if (plan.length > 0) {
    const count = Math.min(plan.length, 3)
    const what = count === 1 ? 'the first change' : `the first ${counted(count, 'change')}`
    const isProven = plan.slice(0, count).every(({ proof }) => proof.verdict === 'holds')
    const command = `${again} --plan ${count}`
    const told = isProven
      ? `To make ${what}: ${command} --in-place`
      : `To see ${what} as patches (--in-place makes them): ${command}`
    lines.push(...wrap(told, term.width))
  }
  return lines
}

const REJECTED = { breaks: 'Would break', 'cannot-be-edited': 'Cannot be made in place' } as const

/** The steps that are not proven, by the first reason why. */
function openReasons(plan: readonly ReportStep[]): readonly string[] {
  const open = plan.filter(({ proof }) => proof.verdict === 'unknown')
  return [...Map.groupBy(open, because)].map(
    ([reason, steps]) => `Unproven ${listed(steps.map(({ rank }) => String(rank)))}: ${reason}.`,
  )
}
