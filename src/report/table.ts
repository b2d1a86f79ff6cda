import { clean, listed, shorten, width } from './text.ts'

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly right?: true
  /** Never cut below this. */
  readonly least?: number
  /** Left out where the screen is too narrow for all, the highest first. */
  readonly spare?: number
}

const GUTTER = 3

/**
 * A table as kubectl prints it: upper-case headers, no borders, columns three spaces apart. Where it would be wider than
 * the screen, spare columns are left out and named below it, then the widest columns give way.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  screen: number,
): readonly string[] {
  const cells = rows.map((row) => row.map(clean))
  const natural = columns.map((column, at) =>
    cells.reduce((most, row) => Math.max(most, width(row[at] ?? '')), width(column.title)),
  )
  const shown = fitting(columns, natural, screen)
  const widths = shown.map((at) => natural[at] as number)
  shrink(
    widths,
    shown.map((at) => columns[at] as Column),
    screen,
  )
  const line = (row: readonly string[]): string =>
    shown
      .map((at, place) => {
        const text = shorten(row[at] ?? '', widths[place] as number)
        const padding = ' '.repeat(Math.max(0, (widths[place] as number) - width(text)))
        return columns[at]?.right ? padding + text : text + padding
      })
      .join(' '.repeat(GUTTER))
      .trimEnd()
  const lines = [line(columns.map((column) => column.title)), ...cells.map(line)]
  const left = columns.filter((_, at) => !shown.includes(at)).map((column) => column.title)
  return left.length === 0 ? lines : [...lines, ...wrap(`(too narrow for ${listed(left)})`, screen)]
}

/** The places of the columns that fit when each is as narrow as it may be. */
function fitting(columns: readonly Column[], natural: readonly number[], screen: number): readonly number[] {
  const shown = columns.map((_, at) => at)
  const least = (): number =>
    shown.reduce((sum, at) => sum + Math.min(natural[at] as number, leastOf(columns[at])), GUTTER * (shown.length - 1))
  const spares = shown
    .filter((at) => columns[at]?.spare !== undefined)
    .sort((a, b) => (columns[b]?.spare as number) - (columns[a]?.spare as number))
  for (const spare of spares) {
    if (least() <= screen) break
    shown.splice(shown.indexOf(spare), 1)
  }
  return shown
}

function shrink(widths: number[], columns: readonly Column[], screen: number): void {
  let excess = widths.reduce((sum, each) => sum + each, 0) + GUTTER * (columns.length - 1) - screen
  while (excess > 0) {
    const widest = widths.reduce(
      (best, each, at) => (each > leastOf(columns[at]) && (best < 0 || each > (widths[best] as number)) ? at : best),
      -1,
    )
    if (widest < 0) return
    widths[widest] = (widths[widest] as number) - 1
    excess--
  }
}

function leastOf(column: Column | undefined): number {
  return column?.least ?? Math.max(8, column?.title.length ?? 0)
}

/** Breaks a sentence into lines; the first begins with `first`, the others with `indent`. */
export function wrap(text: string, screen: number, indent = '', first = ''): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  const room = Math.max(8, screen - Math.max(width(indent), width(first)))
  for (const word of clean(text)
    .split(' ')
    .flatMap((each) => pieces(each, room))) {
    const longer = isEmpty ? line + word : `${line} ${word}`
    if (!isEmpty && width(longer) > screen) {
      lines.push(line.trimEnd())
      line = indent + word
    } else line = longer
    isEmpty = false
  }
  return [...lines, line.trimEnd()]
}

/** A path that is wider than the screen breaks after a slash, where there is one, and never overflows. */
function pieces(word: string, room: number): readonly string[] {
  const found: string[] = []
  let rest = word
  while (width(rest) > room) {
    const chars = [...rest]
    let cells = 0
    const fits = chars.findIndex((char) => {
      cells += width(char)
      return cells > room
    })
    const slash = chars.slice(0, fits).lastIndexOf('/')
    const at = slash > 0 ? slash + 1 : fits
    found.push(chars.slice(0, at).join(''))
    rest = chars.slice(at).join('')
  }
  return [...found, rest]
}
