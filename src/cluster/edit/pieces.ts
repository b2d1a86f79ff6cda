import type { Path } from '../json.ts'
import type { Slice } from './slice.ts'

interface Extent {
  readonly start: number
  readonly end: number
}

/** A document or item as it stands now. */
export interface Held extends Extent {
  readonly kind: 'held'
  readonly slice: Slice
  /** Where the objects were that are gone from it. */
  readonly removed: readonly Path[]
}

export interface Gone extends Extent {
  readonly kind: 'gone'
  /** A document of a YAML stream, a value of a JSON stream or list (or flow style after one), or an item of a block list. */
  readonly of: 'document' | 'json' | 'block'
  /** What stays in its place. */
  readonly left: string
}

export type Piece = Held | Gone

/** What stands in place of some bytes of the original. */
export interface Patch extends Extent {
  readonly text: string
}

const SPACE = /\s/

/** The bytes of a file of which some pieces are changed or gone. */
export function joinPieces(bytes: Buffer, pieces: readonly Piece[]): Buffer {
  return joinPatches(bytes, patchesOf(bytes, pieces))
}

/** In the order of the file; what several removals take away together overlaps. */
export function patchesOf(bytes: Buffer, pieces: readonly Piece[]): readonly Patch[] {
  const gone = new Map(pieces.flatMap((piece) => (piece.kind === 'gone' ? [[piece.start, piece] as const] : [])))
  const goneByEnd = new Map([...gone.values()].map((piece) => [piece.end, piece] as const))
  const patches = pieces.flatMap((piece): readonly Patch[] => {
    if (piece.kind === 'held') return [{ start: piece.start, end: piece.end, text: piece.slice.text }]
    if (piece.of === 'document') return [withSeparator(bytes, piece)]
    return piece.of === 'json' ? [withComma(bytes, piece, goneByEnd)] : withoutItem(bytes, piece, gone)
  })
  return patches.toSorted((a, b) => a.start - b.start || a.end - b.end)
}

/** Part of the bytes of a file, by its offsets in the original, that no patch crosses. */
export function joinPatches(bytes: Buffer, patches: readonly Patch[], from = 0, to = bytes.length): Buffer {
  const parts: Buffer[] = []
  let at = from
  for (const { start, end, text } of patches) {
    if (start > at) parts.push(bytes.subarray(at, start))
    if (text !== '') parts.push(Buffer.from(text))
    at = Math.max(at, end)
  }
  return Buffer.concat([...parts, bytes.subarray(at, to)])
}

function lineOf(bytes: Buffer, from: number): { readonly text: string; readonly end: number } {
  const feed = bytes.indexOf(0x0a, from)
  const end = feed < 0 ? bytes.length : feed + 1
  return { text: bytes.toString('latin1', from, end), end }
}

/** The first of a file has no separator of its own: the one behind it goes, and what heads the file stays. */
function withSeparator(bytes: Buffer, { start, end }: Extent): Patch {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  if (start > mark) {
    const separator = start < 2 ? 0 : bytes.lastIndexOf(0x0a, start - 2) + 1
    return { start: separator, end, text: '' }
  }
  const head = /^(?:#[^\n]*\n)+\r?\n/.exec(bytes.toString('latin1', mark, end))?.[0].length ?? 0
  const next = lineOf(bytes, end)
  return { start: mark + head, end: /^---\s*$/.test(next.text) ? next.end : end, text: '' }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && SPACE.test(String.fromCharCode(bytes[at] as number))) at++
  return at
}

function skipSpaceBack(bytes: Buffer, from: number): number {
  let at = from
  while (at > 0 && SPACE.test(String.fromCharCode(bytes[at - 1] as number))) at--
  return at
}

/** With the comma behind it; the last of a list with those before it that only gone ones stand between. */
function withComma(bytes: Buffer, { start, end }: Extent, goneByEnd: ReadonlyMap<number, Gone>): Patch {
  const next = skipSpace(bytes, end)
  if (bytes[next] === 0x2c) return { start, end: skipSpace(bytes, next + 1), text: '' }
  if (bytes[next] !== 0x5d) {
    const line = lineOf(bytes, next)
    return { start, end: /^---\s*$/.test(line.text) ? line.end : next, text: '' }
  }
  let first = start
  for (;;) {
    const before = skipSpaceBack(bytes, first)
    if (bytes[before - 1] !== 0x2c) return { start: before, end: next, text: '' }
    const comma = skipSpaceBack(bytes, before - 1)
    const gone = goneByEnd.get(comma)
    if (!gone) return { start: comma, end, text: '' }
    first = gone.start
  }
}

const ITEMS = 'items:\n'

/** A list that has lost all of its items is said to be empty, not null. */
function withoutItem(bytes: Buffer, piece: Gone, gone: ReadonlyMap<number, Gone>): readonly Patch[] {
  const { start, end } = piece
  const own = { start, end, text: piece.left }
  if (bytes.toString('latin1', start - ITEMS.length, start) !== ITEMS) return [own]
  let last = end
  for (let next = gone.get(last); next; next = gone.get(last)) last = next.end
  const isEmpty = bytes[last] !== 0x2d || bytes[last + 1] !== 0x20
  return isEmpty ? [{ start: start - 1, end: start - 1, text: ' []' }, own] : [own]
}
