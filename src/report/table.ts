import { clean, shorten } from './text.ts'

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly right?: true
  /** Never cut below this. */
  readonly least?: number
}

const GUTTER = 3

/** Characters as a terminal counts them; wide East Asian characters and emoji take two cells. */
export function width(text: string): number {
  let cells = 0
  for (const char of text)
    cells +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        char,
      )
        ? 2
        : 1
  return cells
}

/**
 * A table as kubectl prints it: upper-case headers, no borders, columns three spaces apart. Where it would be wider than
 * the screen, the widest columns give way first.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  screen: number,
): readonly string[] {
  const cells = rows.map((row) => row.map(clean))
  const widths = columns.map((column, at) => Math.max(width(column.title), ...cells.map((row) => width(row[at] ?? ''))))
  shrink(widths, columns, screen)
  const line = (row: readonly string[]): string =>
    columns
      .map((column, at) => {
        const text = shorten(row[at] ?? '', widths[at] as number)
        const padding = ' '.repeat(Math.max(0, (widths[at] as number) - width(text)))
        return column.right ? padding + text : text + padding
      })
      .join(' '.repeat(GUTTER))
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...cells.map(line)]
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
  for (const word of clean(text).split(' ')) {
    const longer = isEmpty ? line + word : `${line} ${word}`
    if (!isEmpty && width(longer) > screen) {
      lines.push(line)
      line = indent + word
    } else line = longer
    isEmpty = false
  }
  return [...lines, line]
}
