/** Lines shown around a change. */
export const CONTEXT = 3
/** Changed lines that are looked at together: the search costs their square. */
const MOST = 2_000

/**
 * A change as `git apply` and `patch -p1` take it. What is empty or undefined before is a new file, and after, a removed
 * one. Line ends are part of their lines.
 */
export function unifiedDiff(
  name: string,
  before: Buffer | string | undefined,
  after: Buffer | string | undefined,
): string {
  const hunks = hunksIn({ before: textOf(before), after: textOf(after), line: 0, newLine: 0 })
  if (hunks === '') return ''
  return `${heading(name, textOf(before) === '', textOf(after) === '')}${hunks}`
}

/** What stands above the hunks. */
export function heading(given: string, isNew: boolean, isGone: boolean): string {
  // `git apply` and `patch -p1` take no absolute names: those are to be applied from the root.
  const name = given.replace(/^(\.?[/\\])+/, '')
  return `--- ${isNew ? '/dev/null' : fileName(`a/${name}`)}\n+++ ${isGone ? '/dev/null' : fileName(`b/${name}`)}\n`
}

/** Whole lines of a file before and after, and how many lines stand above them. */
export interface Window {
  readonly before: string
  readonly after: string
  readonly line: number
  readonly newLine: number
}

export function hunksIn({ before, after, line, newLine }: Window): string {
  const old = linesOf(before)
  const now = linesOf(after)
  return hunksOf(changedRegions(old, now))
    .map((hunk) => hunkText(hunk, old, now, line, newLine))
    .join('')
}

function textOf(content: Buffer | string | undefined): string {
  return typeof content === 'string' ? content : (content?.toString('utf8') ?? '')
}

/** As git writes it: quoted where it must be, with a tab after a name that has spaces. */
function fileName(name: string): string {
  if (!/[\x00-\x1f\x7f"\\]/.test(name)) return /\s/.test(name) ? `${name}\t` : name
  const escaped = name.replaceAll(/[\x00-\x1f\x7f"\\]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}

function linesOf(text: string): readonly string[] {
  if (text === '') return []
  const lines = text.split('\n')
  const last = lines.pop() as string
  const whole = lines.map((line) => `${line}\n`)
  return last === '' ? whole : [...whole, last]
}

/** Lines `start` to `end` of the old text are now lines `newStart` to `newEnd`. */
interface Region {
  readonly start: number
  readonly end: number
  readonly newStart: number
  readonly newEnd: number
}

function changedRegions(old: readonly string[], now: readonly string[]): readonly Region[] {
  let tail = 0
  const shorter = Math.min(old.length, now.length)
  while (tail < shorter && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const end = [old.length - tail, now.length - tail] as const
  const regions: Region[] = []
  let [x, y] = [0, 0]
  for (;;) {
    while (x < end[0] && y < end[1] && old[x] === now[y]) {
      x++
      y++
    }
    if (x >= end[0] && y >= end[1]) return regions
    for (const region of search(old, now, [x, y], end)) {
      regions.push(region)
      x = region.end
      y = region.newEnd
    }
  }
}

type Point = readonly [number, number]

/**
 * Myers' greedy search from a place where two texts part to their ends, or as far as so many changes lead. A row
 * holds for one number of changes how far each diagonal comes in the old text, from the one of insertions only; -1 where
 * it leaves a text.
 */
function search(
  old: readonly string[],
  now: readonly string[],
  [left, top]: Point,
  [right, bottom]: Point,
): readonly Region[] {
  const width = right - left
  const height = bottom - top
  const rows: Int32Array[] = []
  for (let changes = 0; changes <= MOST; changes++) {
    const row = new Int32Array(changes + 1)
    rows.push(row)
    for (let index = 0; index <= changes; index++) {
      const diagonal = 2 * index - changes
      const from = furthest(rows, changes, index, width)
      let x = from
      if (from < 0 || from > width || from - diagonal > height) x = -1
      else while (x < width && x - diagonal < height && old[left + x] === now[top + x - diagonal]) x++
      row[index] = x
      if (x === width && x - diagonal === height) return walkBack(rows, index, [left, top], width)
    }
  }
  const progress = [...(rows[MOST] as Int32Array)].map((x, index) => (x < 0 ? -1 : 2 * x - (2 * index - MOST)))
  return walkBack(rows, progress.indexOf(Math.max(...progress)), [left, top], width)
}

/** Where a diagonal begins after one more change: by an insertion from the next one, or a deletion from the one before. */
function furthest(rows: readonly Int32Array[], changes: number, index: number, width: number): number {
  if (changes === 0) return 0
  const row = rows[changes - 1] as Int32Array
  const inserted = row[index] ?? -1
  const kept = row[index - 1] ?? -1
  return kept < 0 || kept >= width ? inserted : Math.max(inserted, kept + 1)
}

function walkBack(rows: readonly Int32Array[], last: number, [left, top]: Point, width: number): readonly Region[] {
  const regions: Region[] = []
  let index = last
  for (let changes = rows.length - 1; changes > 0; changes--) {
    const x = left + furthest(rows, changes, index, width)
    const y = x - left + top - (2 * index - changes)
    const isDeletion = x - left !== (rows[changes - 1] as Int32Array)[index]
    if (isDeletion) index--
    const start = isDeletion ? x - 1 : x
    const newStart = isDeletion ? y : y - 1
    const next = regions.at(-1)
    if (next?.start === x && next.newStart === y) regions[regions.length - 1] = { ...next, start, newStart }
    else regions.push({ start, end: x, newStart, newEnd: y })
  }
  return regions.reverse()
}

/** Regions whose context meets are told together. */
function hunksOf(regions: readonly Region[]): readonly (readonly Region[])[] {
  const hunks: Region[][] = []
  for (const region of regions) {
    const open = hunks.at(-1)
    if (open && region.start - (open.at(-1) as Region).end <= 2 * CONTEXT) open.push(region)
    else hunks.push([region])
  }
  return hunks
}

function hunkText(
  hunk: readonly Region[],
  old: readonly string[],
  now: readonly string[],
  above: number,
  newAbove: number,
): string {
  const first = hunk[0] as Region
  const last = hunk.at(-1) as Region
  const lead = Math.min(CONTEXT, first.start)
  const end = Math.min(old.length, last.end + CONTEXT)
  const newEnd = last.newEnd + end - last.end
  const lines: string[] = []
  const tell = (sign: string, texts: readonly string[]): void => {
    for (const text of texts)
      lines.push(text.endsWith('\n') ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`)
  }
  let at = first.start - lead
  for (const region of hunk) {
    tell(' ', old.slice(at, region.start))
    tell('-', old.slice(region.start, region.end))
    tell('+', now.slice(region.newStart, region.newEnd))
    at = region.end
  }
  tell(' ', old.slice(at, end))
  const range = (more: number, from: number, to: number): string =>
    to === from ? `${more + from},0` : `${more + from + 1},${to - from}`
  return `@@ -${range(above, first.start - lead, end)} +${range(newAbove, first.newStart - lead, newEnd)} @@\n${lines.join('')}`
}
