import type { CheckItem } from '../../checks.ts'
import { markdownText, rows } from '../escape.ts'
import { counted, grouped, listed } from '../text.ts'
import { acceptedText } from './accepted.ts'
import { type Judged, witnessOf } from './judged.ts'
import { placesOf } from './results.ts'
import { type Group, summarise } from './summary.ts'

/** GitHub refuses a comment of more than 65,536 characters, so a check shows its first places only. */
const PLACES = 5

/** A comment for a pull request: one row a check, the gravest first. */
export function* checkMarkdown(judged: Judged): Generator<string> {
  const { results, inputs, fixable, locate } = judged
  const summary = summarise({ results, most: PLACES })
  const seenBy = witnessOf(locate)
  const placed = (item: CheckItem): readonly string[] => {
    const place = placesOf(item, seenBy(item))[0]?.place
    return place ? [`${place.file}:${place.line}`] : []
  }
  const where = ({ first, objects }: Group): string => {
    const places = [...new Set(first.flatMap(placed))]
    const left = objects - places.length
    return places.length === 0 || left <= 0 ? places.join(', ') : `${places.join(', ')} and ${grouped(left)} more`
  }
  const by = listed(summary.severities.map(([severity, count]) => `${grouped(count)} ${severity}`))
  yield `## Bulkhead: ${by === '' ? 'no check fails' : by}\n\n`
  if (summary.failed.length > 0)
    yield* rows(
      ['severity', 'check', 'objects', 'fix', 'where'],
      summary.failed.map((group) => [
        group.severity,
        `${group.check.title} (${group.check.id})`,
        grouped(group.objects),
        fixable.has(group.check.id) ? 'yes' : '',
        where(group),
      ]),
    )
  if (summary.unknown.length > 0) {
    yield '### Not known\n\n'
    yield* rows(
      ['check', 'objects', 'why', 'where'],
      summary.unknown.map((group) => [
        group.check.id,
        grouped(group.objects),
        group.first[0]?.message ?? '',
        where(group),
      ]),
    )
  }
  if (summary.excepted.length > 0) {
    yield '### Accepted\n\n'
    yield* rows(
      ['check', 'objects', 'why', 'where'],
      summary.excepted.map((group) => {
        const exception = group.first[0]?.exception
        return [group.check.id, grouped(group.objects), exception ? acceptedText(exception) : '', where(group)]
      }),
    )
  }
  if (summary.known > 0) yield `Not shown: ${counted(summary.known, 'failure')} of the baseline.\n\n`
  yield `Asked ${counted(results.checks.size, 'check')} of ${counted(inputs.objects, 'object')} from ${counted(inputs.files, 'file')}, ${inputs.problems.length} unreadable.\n`
  for (const { file, line, message, code } of inputs.problems)
    yield `- ${markdownText(`${file ?? ''}${line === undefined ? '' : `:${line}`} ${message} [${code}]`)}\n`
}
