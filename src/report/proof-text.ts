import { formatPlace } from '../engines/access/used/behaviour.ts'
import type { ReportProof } from './plan.ts'
import type { Terminal } from './style.ts'
import { wrap } from './table.ts'
import { clean, counted, grouped } from './text.ts'

/** `holds over 14 days`, `breaks: …`, `unknown: …`, short enough for a table. */
export function verdictText({ verdict, window, reasons, counterexamples }: ReportProof): string {
  if (verdict === 'holds')
    return ['holds', window.days === 0 ? '' : ` over ${counted(window.days, 'day')}`, asTo(reasons)].join('')
  if (verdict === 'breaks') return `breaks: ${counterexamples[0]?.what ?? reasons[0] ?? ''}`
  return `unproven: ${reasons[0] ?? 'nothing was recorded'}`
}

/** One word, for a table. */
export function verdictWord({ verdict, reasons }: ReportProof): string {
  if (verdict === 'holds') return reasons.length === 0 ? 'holds' : 'holds*'
  return verdict === 'breaks' ? 'breaks' : 'unproven'
}

/** ` as to admission only`, of a reason that says more behind its colon. */
function asTo([limit]: readonly string[]): string {
  return limit === undefined ? '' : `, ${limit.split(': ')[0]}`
}

const FEW = 5

/** A proof for a terminal: the verdict, what was replayed, what speaks against it and what could not be seen. */
export function proofLines(proof: ReportProof, term: Terminal): readonly string[] {
  const { verdict, window, control, replayed, counterexamples, blindSpots, unseenMass, recent, reasons } = proof
  const colour = verdict === 'breaks' ? term.red : term.bold
  const lines = wrap(verdictText(proof), term.width).map(colour)
  const span =
    window.from === ''
      ? 'Nothing was recorded.'
      : `Replayed ${grouped(replayed)} records that it touches, of ${window.from.slice(0, 10)} to ${window.to.slice(0, 10)} (${counted(window.days, 'day')}; ${window.sources.map(clean).join(', ')}).`
  lines.push(...wrap(span, term.width))
  if (control.unexplained > 0)
    lines.push(
      ...wrap(
        `Today's rules explain ${grouped(control.explained)} of the records and not ${grouped(control.unexplained)}.`,
        term.width,
      ),
    )
  if (unseenMass !== null)
    lines.push(`Behaviour not yet seen: about ${(100 * unseenMass).toFixed(1)} % of what will come.`)
  const list = (title: string, all: readonly string[]): void => {
    const items = [...new Set(all)]
    if (items.length === 0) return
    lines.push('', term.bold(title))
    for (const item of items.slice(0, FEW)) lines.push(...wrap(item, term.width, '  ', '- '))
    if (items.length > FEW) lines.push(term.dim(`and ${items.length - FEW} more: -o json`))
  }
  if (verdict !== 'breaks') list(verdict === 'holds' ? 'As to what' : 'Why it is unproven', reasons)
  list(
    'What would break',
    counterexamples.map(
      ({ what, why, times, last, ...place }) =>
        `${what}: ${why} (${counted(times, 'time')}, last ${last}) ${formatPlace(place)}`,
    ),
  )
  list(
    'What could not be seen',
    blindSpots.map(({ message, instance }) => `${message} (${instance})`),
  )
  list(
    'First seen in the last days',
    recent.map(({ behaviour, first, ...place }) => `${behaviour}, ${first} ${formatPlace(place)}`),
  )
  return lines
}
