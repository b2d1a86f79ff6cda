import { csvCell } from '../escape.ts'
import { type Judged, shownItems, witnessOf } from './judged.ts'
import { placesOf } from './results.ts'

const COLUMNS = [
  'result',
  'severity',
  'check',
  'kind',
  'namespace',
  'name',
  'container',
  'message',
  'file',
  'line',
  'column',
  'path',
] as const

/** One line an item, for spreadsheets and `sort`. */
export function* csv(judged: Judged): Generator<string> {
  const seenBy = witnessOf(judged.locate)
  yield `${COLUMNS.join()}\r\n`
  for (const item of shownItems(judged)) {
    const { check, object, result, severity, message } = item
    const first = placesOf(item, seenBy(item))[0]
    const place = first?.place
    const cells: Readonly<Record<(typeof COLUMNS)[number], string | number | undefined>> = {
      result,
      severity,
      check: check.id,
      kind: object.kind,
      namespace: object.namespace,
      name: object.name,
      container: first?.container,
      message,
      file: place?.file,
      line: place?.line,
      column: place?.column,
      path: place?.path,
    }
    yield `${COLUMNS.map((column) => csvCell(String(cells[column] ?? ''))).join()}\r\n`
  }
}
