import type { CheckItem } from '../../checks.ts'
import { xmlText } from '../escape.ts'
import { acceptedText } from './accepted.ts'
import { type Judged, witnessOf } from './judged.ts'
import { objectText, type Place, placesOf } from './results.ts'

/**
 * JUnit XML as CI servers read it: a suite for each check, a case for each object that was asked, passes included, since
 * servers take a file without cases for a run that did not happen. What is not known is an `error`: not a failure, never
 * a pass. What was accepted, or stands in the baseline, is `skipped`, with its reason.
 */
export function* junit({ results, locate }: Judged): Generator<string> {
  const seenBy = witnessOf(locate)
  const suites = Map.groupBy(results.items, ({ check }) => check.id)
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bulkhead"${attributes(results.items)}>\n`
  for (const [id, items] of [...suites].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield `<testsuite name="${xmlText(id)}"${attributes(items)}>\n`
    for (const item of items) {
      const place = item.result === 'pass' ? undefined : placesOf(item, seenBy(item))[0]?.place
      yield testcase(item, place)
    }
    yield '</testsuite>\n'
  }
  yield '</testsuites>\n'
}

function attributes(items: Iterable<CheckItem>): string {
  const count = { pass: 0, fail: 0, unknown: 0, excepted: 0 }
  for (const { result, known } of items) count[known && result === 'fail' ? 'excepted' : result]++
  const { pass, fail, unknown, excepted } = count
  return ` tests="${pass + fail + unknown + excepted}" failures="${fail}" errors="${unknown}" skipped="${excepted}"`
}

function testcase(item: CheckItem, place: Place | undefined): string {
  const { check, object, severity, message } = item
  const where = place ? ` file="${xmlText(place.file)}" line="${place.line}"` : ''
  const head = `<testcase classname="${xmlText(check.id)}" name="${xmlText(objectText(object))}"${where}`
  const text = xmlText(
    `${check.title}: ${message}${place ? ` (${`${place.file}:${place.line} ${place.path}`.trimEnd()})` : ''}`,
  )
  switch (item.result) {
    case 'pass':
      return `${head}/>\n`
    case 'fail':
      if (item.known) return `${head}><skipped message="in the baseline: ${xmlText(message)}"/></testcase>\n`
      return `${head}><failure type="${xmlText(severity)}" message="${xmlText(message)}">${text}</failure></testcase>\n`
    case 'unknown':
      return `${head}><error type="unknown" message="${xmlText(message)}">${text}</error></testcase>\n`
    case 'excepted':
      return `${head}><skipped message="${xmlText(item.exception ? acceptedText(item.exception) : message)}"/></testcase>\n`
    default:
      return item.result satisfies never
  }
}
