import type { CheckItem } from '../../checks.ts'
import type { ExceptionUse } from '../../exceptions/book.ts'
import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { clean, counted, grouped, listed, shorten, width } from '../text.ts'
import { acceptedText } from './accepted.ts'
import { type Judged, shownItems, witnessOf } from './judged.ts'
import { objectText, placesOf } from './results.ts'
import { type Group, type Summary, summarise } from './summary.ts'

export interface CheckScreenOptions {
  /** The command that repairs what can be. */
  readonly next: string
  /** By Polaris’ formula; only under its profile. */
  readonly score?: number
}

/** Places that are looked up for a check; as many are shown as fit. */
const PLACES = 4
/** Cells of the number of objects. */
const COUNT = 6
const BELOW = ' '.repeat(COUNT + 2)
const UNKNOWNS = 8
const ACCEPTED = 8

/** The results for a terminal: what to do first stands first, one check after another. */
export function* checkScreen(judged: Judged, term: Terminal, options: CheckScreenOptions): Generator<string> {
  const summary = summarise({ results: judged.results, most: PLACES })
  const placeOf = placer(judged)
  yield* sentence(summary).flatMap((text) => wrap(text, term.width).map(term.bold))
  let severity: string | undefined
  for (const group of summary.failed) {
    if (group.severity !== severity)
      yield* [
        '',
        `${term.bold(capital(group.severity))}${severity === undefined ? `  ${term.dim('objects, check, where first')}` : ''}`,
      ]
    severity = group.severity
    yield* failedLines(group, judged, term, placeOf)
  }
  yield* unknownLines(summary, term, placeOf)
  yield* acceptedLines(summary, judged, term)
  yield* lastLines(summary, judged, term, options)
}

/** Every item, as it stands in the input; then the same end. */
export function* wideCheckScreen(judged: Judged, term: Terminal, options: CheckScreenOptions): Generator<string> {
  const placeOf = placer(judged)
  for (const item of shownItems(judged)) yield* itemLines(item, term, placeOf(item))
  yield* lastLines(summarise({ results: judged.results, most: 0 }), judged, term, options)
}

type PlaceOf = (item: CheckItem) => string

function placer({ locate }: Judged): PlaceOf {
  const seenBy = witnessOf(locate)
  return (item) => {
    const place = placesOf(item, seenBy(item))[0]?.place
    return place ? clean(`${place.file}:${place.line}`) : ''
  }
}

function sentence({ failed, severities, known, failing }: Summary): readonly string[] {
  const old =
    known === 0 ? '' : ` ${capital(counted(known, 'failure'))} of the baseline ${known === 1 ? 'is' : 'are'} left out.`
  if (failed.length === 0) return [`No check fails.${old}`]
  const by = listed(severities.map(([severity, count]) => `${grouped(count)} ${severity}`))
  const checks = new Set(failed.map(({ check }) => check.id)).size
  return [
    `${capital(counted(failing, 'object'))} ${failing === 1 ? 'fails' : 'fail'} ${counted(checks, 'check')}: ${by}.${old}`,
  ]
}

/** How many objects, what, its id, and whether it can be repaired; below it where. The id gets its own line where it has no room. */
function* failedLines(group: Group, { fixable }: Judged, term: Terminal, placeOf: PlaceOf): Generator<string> {
  const { check, objects, items, first, severity } = group
  const room = term.width - BELOW.length
  const mark = fixable.has(check.id) ? 'fixable' : ''
  const id = clean(check.id)
  const both = mark === '' ? id : `${id}, ${mark}`
  const isWhole = width(clean(check.title)) + 2 + width(both) <= room
  const note = isWhole ? both : mark
  const title = shorten(clean(check.title), room - (note === '' ? 0 : width(note) + 2))
  const told = severity === 'critical' ? term.red(title) : title
  yield `${grouped(objects).padStart(COUNT)}  ${told}${note === '' ? '' : `  ${term.dim(note)}`}`
  if (!isWhole) yield term.dim(`${BELOW}${shorten(id, room)}`)
  const made = items > objects ? ` (+${grouped(items - objects)} made by controllers)` : ''
  const places = [...new Set(first.map(placeOf))].filter((place) => place !== '')
  if (places.length > 0) yield term.dim(`${BELOW}${placesLine(places, objects, made, room)}`)
}

/** As many places as fit; where not one does, the first with its middle cut out. */
function placesLine(places: readonly string[], objects: number, made: string, room: number): string {
  for (let shown = places.length; ; shown--) {
    const left = objects - shown
    const end = `${left > 0 ? `, and ${grouped(left)} more` : ''}${made}`
    const line = `${places.slice(0, shown).join(', ')}${end}`
    if (width(line) <= room) return line
    if (shown === 1) return shorten(`${shorten(places[0] as string, Math.max(12, room - end.length))}${end}`, room)
  }
}

function* unknownLines({ unknown }: Summary, term: Terminal, placeOf: PlaceOf): Generator<string> {
  if (unknown.length === 0) return
  yield* ['', `${term.bold('Not known')}  ${term.dim('never counted as a pass')}`]
  for (const { check, objects, first } of unknown.slice(0, UNKNOWNS)) {
    const [item] = first
    yield* wrap(`${check.title} (${check.id}): ${counted(objects, 'object')}`, term.width, '    ', '  ')
    if (item) yield* wrap(`${item.message}  ${placeOf(item)}`, term.width, '    ', '    ').map(term.dim)
  }
  if (unknown.length > UNKNOWNS) yield term.dim(`  and ${counted(unknown.length - UNKNOWNS, 'check')} more: -o wide`)
}

function* acceptedLines({ excepted }: Summary, { results }: Judged, term: Terminal): Generator<string> {
  const { uses, notes } = results.exceptions
  const idle = uses.flatMap(({ exception, state }) => {
    const why = IDLE[state]
    return why === undefined ? [] : [{ exception, why }]
  })
  if (excepted.length + idle.length + notes.length === 0) return
  yield* ['', `${term.bold('Accepted')}  ${term.dim('by exceptions; all of them in -o json')}`]
  for (const { check, objects, first } of excepted.slice(0, ACCEPTED)) {
    const exception = first[0]?.exception
    const why = exception ? `: ${acceptedText(exception)}` : ''
    yield* wrap(`${check.title} (${check.id}), ${counted(objects, 'object')}${why}`, term.width, '    ', '  ')
  }
  if (excepted.length > ACCEPTED) yield term.dim(`  and ${counted(excepted.length - ACCEPTED, 'check')} more: -o wide`)
  const told = [
    ...idle.map(({ exception, why }) => `${why}: ${exception.name}${at(exception.place?.())}`),
    ...notes.map(({ text, location }) => `no exception: ${text}${at(location)}`),
  ]
  for (const text of told.slice(0, ACCEPTED)) yield* wrap(text, term.width, '    ', '  ')
  if (told.length > ACCEPTED) yield term.dim(`  and ${grouped(told.length - ACCEPTED)} more: -o json`)
}

const IDLE: Readonly<Partial<Record<ExceptionUse['state'], string>>> = {
  expired: 'expired, and counts no more',
  unused: 'accepts nothing that fails',
  'unknown-check': 'names a check that is not known',
}

function at(location: { readonly file: string; readonly line: number } | undefined): string {
  return location ? ` (${location.file}:${location.line})` : ''
}

function* itemLines(item: CheckItem, term: Terminal, where: string): Generator<string> {
  const { check, object, result, severity, message, known } = item
  const label = (result === 'fail' ? severity : LABELS[result]).padEnd(INDENT.length)
  const container = result === 'pass' ? undefined : item.at()[0]?.container
  const head = clean(`${objectText(object)}${container === undefined ? '' : ` (${container})`}`)
  const both = `${label}${head}  ${where}`.trimEnd()
  const lines =
    width(both) <= term.width
      ? [both]
      : [shorten(`${label}${head}`, term.width), shorten(`${INDENT}${where}`, term.width)]
  yield* result === 'fail' && severity === 'critical' ? lines.map(term.red) : lines
  const accepted = result === 'excepted' && item.exception ? `; accepted: ${acceptedText(item.exception)}` : ''
  const text = `${check.id}${message === '' ? '' : `: ${message}`}${accepted}${known ? ' (in the baseline)' : ''}`
  yield* wrap(text, term.width, INDENT, INDENT)
}

const LABELS = { pass: 'pass', unknown: 'unknown', excepted: 'accepted' } as const
const INDENT = ' '.repeat(10)

function* lastLines(summary: Summary, judged: Judged, term: Terminal, options: CheckScreenOptions): Generator<string> {
  const { results, inputs, profile, fixable } = judged
  const counts = [...results.counts.values()]
  const total = (key: 'unknown' | 'excepted'): number => counts.reduce((sum, count) => sum + count[key], 0)
  const unreadable = inputs.problems.length === 0 ? '' : `, ${inputs.problems.length} unreadable`
  const asked = `Asked ${counted(results.checks.size, 'check')}${profile === undefined ? '' : ` (profile ${profile})`} of ${counted(inputs.objects, 'object')} from ${counted(inputs.files, 'file')}${unreadable}`
  const found = `${grouped(summary.fail)} fail, ${grouped(summary.pass)} pass, ${grouped(total('unknown'))} not known, ${grouped(total('excepted'))} accepted`
  const score = options.score === undefined ? '' : ` Polaris’ score: ${options.score} of 100.`
  yield* [
    '',
    ...wrap(`${asked}: ${found}.${score} Kubernetes 1.${results.cluster.version.minor}.`, term.width).map(term.dim),
  ]
  const faults = summary.failed.reduce((sum, { check, items }) => sum + (fixable.has(check.id) ? items : 0), 0)
  if (faults === 0) return
  yield* wrap(`For ${grouped(faults)} of the failures a fix is known:`, term.width)
  // Not wrapped: it is there to be copied.
  yield `  ${clean(options.next)}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
