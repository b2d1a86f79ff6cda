import { clean } from '../text.ts'

/** Documents' items as rows, one column a field that any of them has; what is not a text or a number is written as JSON. */
export function* csvLines(items: readonly object[]): Generator<string> {
  const columns = [...new Set(items.flatMap((each) => Object.keys(each)))]
  yield `${columns.join(',')}\n`
  for (const item of items) {
    const values = item as Readonly<Record<string, unknown>>
    yield `${columns.map((column) => cell(values[column])).join(',')}\n`
  }
}

/** A spreadsheet would take text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/

function cell(value: unknown): string {
  if (value === undefined) return ''
  const text = clean(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
