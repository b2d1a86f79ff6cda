import { isUtf8 } from 'node:buffer'
import { columnsOf, recordOf } from '../observe/audit/columns.ts'
import { NOT_UTF8, type Text, tooLong } from './lines.ts'

const QUOTE = 0x22
const NEWLINE = 0x0a
const BOM = '\uFEFF'
const DELIMITERS = [',', ';', '\t'] as const
const MOST_COLUMNS = 2_000
const MOST_HEADER_BYTES = 128 * 1024

interface Row {
  readonly text: string
  readonly line: number
  readonly fault?: string
}

/** The rows of a CSV file (RFC 4180) as objects, by the names in its first row. */
export async function* rows(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Text[]> {
  let columns: ReturnType<typeof columnsOf> | undefined
  let delimiter: string = DELIMITERS[0]
  for await (const batch of rawRows(chunks, limit)) {
    const found: Text[] = []
    for (const { text, line, fault } of batch) {
      if (fault !== undefined) found.push({ text: '', line, fault })
      else if (columns === undefined) {
        if (text.length > MOST_HEADER_BYTES) return
        delimiter = delimiterOf(text)
        const names = cellsOf(text, delimiter, MOST_COLUMNS)
        if (names === undefined) return
        columns = columnsOf(names)
      } else {
        const cells = cellsOf(text, delimiter, columns.length)
        if (cells?.length === columns.length) found.push({ text: '', line, value: recordOf(columns, cells) })
        else found.push({ text: '', line, fault: `a row that has not ${columns.length} cells, as the first one` })
      }
    }
    if (found.length > 0) yield found
  }
}

/** Without what is empty. A row ends with a line that ends outside of quotes, which are written twice within quotes. */
async function* rawRows(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Row[]> {
  let line = 1
  let begun = 1
  let isQuoted = false
  let carried: Buffer[] = []
  let length = 0
  const finish = (last: Buffer): Row | undefined => {
    length += last.length
    const made: Row | undefined =
      length > limit
        ? { text: '', line: begun, fault: tooLong(limit) }
        : rowOf(carried.length === 0 ? last : Buffer.concat([...carried, last]), begun)
    carried = []
    length = 0
    return made
  }
  for await (const chunk of chunks) {
    const found: Row[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === QUOTE) isQuoted = !isQuoted
      else if (byte === NEWLINE) {
        line++
        if (isQuoted) continue
        const row = finish(chunk.subarray(from, at))
        if (row) found.push(row)
        from = at + 1
        begun = line
      }
    }
    length += chunk.length - from
    if (length <= limit) carried.push(Buffer.from(chunk.subarray(from)))
    else carried = []
    if (found.length > 0) yield found
  }
  if (length === 0) return
  const last = isQuoted ? { text: '', line: begun, fault: 'ends before its quote does' } : finish(Buffer.alloc(0))
  if (last) yield [last]
}

function rowOf(bytes: Buffer, line: number): Row | undefined {
  let text = bytes.toString()
  if (text.includes('\uFFFD') && !isUtf8(bytes)) return { text: '', line, fault: NOT_UTF8 }
  if (line === 1 && text.startsWith(BOM)) text = text.slice(1)
  if (text.endsWith('\r')) text = text.slice(0, -1)
  return text === '' ? undefined : { text, line }
}

/** The sign that stands between the names of columns. */
function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '')
  return DELIMITERS.find((each) => bare.includes(each)) ?? ','
}

/** Undefined where quotes do not end, or end within a cell, or there are more than `most`. */
function cellsOf(text: string, delimiter: string, most: number): readonly string[] | undefined {
  const cells: string[] = []
  for (let at = 0; cells.length < most; at++) {
    let to: number
    if (text[at] === '"') {
      to = at
      do {
        to = text.indexOf('"', to + 1)
        if (to < 0) return undefined
      } while (text[++to] === '"')
      cells.push(text.slice(at + 1, to - 1).replaceAll('""', '"'))
      if (to < text.length && text[to] !== delimiter) return undefined
    } else {
      to = text.indexOf(delimiter, at)
      if (to < 0) to = text.length
      cells.push(text.slice(at, to))
    }
    if (to >= text.length) return cells
    at = to
  }
  return undefined
}
