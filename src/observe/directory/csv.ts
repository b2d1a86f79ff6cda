/** A row of a CSV (RFC 4180), with the line on which it begins. */
export interface Row {
  readonly cells: readonly string[]
  /** 1-based. */
  readonly line: number
  /** A quote in it does not end; what follows it on its line was taken as it stands. */
  readonly open?: true
}

/** No name or list of groups is longer; a quote that never ends is. */
const MOST_CELL = 65_536
const MOST_CELLS = 256

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d

/** The delimiter that the first line has most often outside quotes: Excel writes semicolons where the comma is decimal. */
export function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/)
  const first = text.slice(0, Math.min(end < 0 ? text.length : end, MOST_CELL)).replace(/"[^"]*"/g, '')
  const count = (each: string): number => first.split(each).length
  return [';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best), ',')
}

/** Rows with at least one cell that is not empty. */
export function* csvRows(text: string, delimiter: string): Generator<Row> {
  const separator = delimiter.charCodeAt(0)
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let line = 1
  while (at < text.length) {
    const begins = line
    const cells: string[] = []
    let open = false
    let ended = false
    while (!ended) {
      let cell: string
      const quoted = text.charCodeAt(at) === QUOTE ? quotedEnd(text, at) : undefined
      if (quoted === -1) open = true
      if (quoted !== undefined && quoted > 0) {
        cell = text.slice(at + 1, quoted).replaceAll('""', '"')
        line += lineEnds(cell)
        at = quoted + 1
        const rest = plainEnd(text, at, separator)
        cell += text.slice(at, rest)
        at = rest
      } else {
        const end = plainEnd(text, at, separator)
        cell = text.slice(at, Math.min(end, at + MOST_CELL))
        at = end
      }
      if (cells.length < MOST_CELLS) cells.push(cell.trim())
      if (text.charCodeAt(at) === separator) at++
      else ended = true
    }
    if (text.charCodeAt(at) === CR) at++
    if (text.charCodeAt(at) === LF) at++
    line++
    if (cells.some((cell) => cell !== '')) yield { cells, line: begins, ...(open ? { open: true as const } : {}) }
  }
}

function lineEnds(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) count++
  }
  return count
}

/** Where the quote that begins here ends; -1 where it does not, or far off. */
function quotedEnd(text: string, start: number): number {
  const last = Math.min(text.length, start + MOST_CELL)
  for (let at = start + 1; at < last; at++) {
    if (text.charCodeAt(at) !== QUOTE) continue
    if (text.charCodeAt(at + 1) !== QUOTE) return at
    at++
  }
  return -1
}

function plainEnd(text: string, start: number, separator: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === separator || code === LF || code === CR) break
    at++
  }
  return at
}
