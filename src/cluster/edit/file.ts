import type { Path } from '../json.ts'
import type { Origin } from '../origin.ts'
import type { Edit } from './change.ts'
import { unifiedDiff } from './diff.ts'
import { patchDiff } from './patch-diff.ts'
import { type Held, joinPieces, type Patch, type Piece, patchesOf } from './pieces.ts'
import { endWithComments } from './place.ts'
import { scan } from './scan.ts'
import { editSlice, type Refusal, readSlice, type Slice } from './slice.ts'
import { afterBreak } from './text.ts'
import { Unscannable } from './tree.ts'

/**
 * A file of the user's that is changed in place: comments, quotes, order, anchors, indentation and line ends stay, and a
 * change that would not read back as exactly what was meant is refused. Origins are those of the file as it was given.
 */
export interface EditableFile {
  readonly name: string
  readonly bytes: Buffer
  /** All edits, or none. An object that was removed has none. */
  edit(origin: Origin, edits: readonly Edit[]): Refused | undefined
  /** Removes the document with its separator, or the item of a list, that holds the object. */
  remove(origin: Origin): Refused | undefined
  /** What changed since an earlier state of the same file, as `unifiedDiff` tells it; since the original, without one. */
  diff(before?: EditableFile): string
  /** A file as this one is now; neither sees what becomes of the other. */
  fork(): EditableFile
}

export interface Refused {
  readonly why: string
  /** 1-based, in the file as it was given. */
  readonly line?: number
}

export function editableFile(name: string, bytes: Buffer): EditableFile {
  return new PiecewiseFile(name, bytes, new Map())
}

/** Only the documents that are touched are read, and held here by where they start. */
class PiecewiseFile implements EditableFile {
  readonly name: string
  readonly #original: Buffer
  readonly #pieces: Map<number, Piece>
  #bytes: Buffer | undefined

  constructor(name: string, original: Buffer, pieces: Map<number, Piece>) {
    this.name = name
    this.#original = original
    this.#pieces = pieces
  }

  get bytes(): Buffer {
    this.#bytes ??= joinPieces(this.#original, [...this.#pieces.values()])
    return this.#bytes
  }

  diff(before?: EditableFile): string {
    const old = before instanceof PiecewiseFile && before.#original === this.#original ? before : undefined
    if (before && !old) return unifiedDiff(this.name, before.bytes, this.bytes)
    const patches = (file: PiecewiseFile): readonly Patch[] => patchesOf(file.#original, [...file.#pieces.values()])
    return patchDiff(this.name, this.#original, old ? patches(old) : [], patches(this))
  }

  fork(): EditableFile {
    const fork = new PiecewiseFile(this.name, this.#original, new Map(this.#pieces))
    fork.#bytes = this.#bytes
    return fork
  }

  edit(origin: Origin, edits: readonly Edit[]): Refused | undefined {
    const piece = this.#piece(origin)
    if ('why' in piece) return piece
    const inner = piece.kind === 'held' ? currentPath(origin.inner, piece.removed) : undefined
    if (piece.kind === 'gone' || !inner) return { why: 'the object was removed' }
    const within = edits.map((edit) => ({ ...edit, path: [...inner, ...edit.path] }))
    return this.#hold(piece, editSlice(piece.slice, within), piece.removed)
  }

  remove(origin: Origin): Refused | undefined {
    const piece = this.#piece(origin)
    if ('why' in piece) return piece
    if (piece.kind === 'gone') return undefined
    const inner = currentPath(origin.inner, piece.removed)
    if (!inner) return undefined
    const isItem = this.#isCutItem(origin)
    if (inner.length > (isItem ? 1 : 0))
      return this.#hold(piece, editSlice(piece.slice, [{ op: 'remove', path: inner }]), [
        ...piece.removed,
        origin.inner,
      ])
    const { start, end, slice } = piece
    const left = isItem ? afterItem(slice.text) : ''
    if (left === undefined) return { why: 'the item is not understood', line: this.#line(piece, 0) }
    const of = isItem ? 'block' : this.#isDocument(origin) ? 'document' : 'json'
    this.#pieces.set(start, { kind: 'gone', start, end, of, left })
    this.#bytes = undefined
    return undefined
  }

  #hold(piece: Held, made: Slice | Refusal, removed: readonly Path[]): Refused | undefined {
    if ('why' in made) return { why: made.why, line: this.#line(piece, made.offset) }
    if (made === piece.slice) return undefined
    this.#pieces.set(piece.start, { ...piece, slice: made, removed })
    this.#bytes = undefined
    return undefined
  }

  #piece({ start, end }: Origin): Piece | Refused {
    const held = this.#pieces.get(start)
    if (held) return held.end === end ? held : { why: 'the place is not one of this file' }
    const bytes = this.#original.subarray(start, end)
    const text = bytes.toString('utf8')
    if (bytes.length !== end - start || !Buffer.from(text).equals(bytes)) return { why: 'the place is not UTF-8 text' }
    const slice = readSlice(text)
    if ('why' in slice) return { why: slice.why, line: lineAt(this.#original, start) }
    return { kind: 'held', start, end, slice, removed: [] }
  }

  /** Whether an extent is one item of a long list, which the reader cuts before it parses. */
  #isCutItem({ start, inner }: Origin): boolean {
    return inner[0] === 0 && this.#original[start] === 0x2d && !this.#isAfterSeparator(start)
  }

  #isDocument({ start, end }: Origin): boolean {
    const isClosed = end === this.#original.length || this.#original.toString('latin1', end - 1, end + 3) === '\n---'
    return isClosed && this.#isAfterSeparator(start)
  }

  #isAfterSeparator(start: number): boolean {
    if (start === 0 || (start === 3 && this.#original[0] === 0xef)) return true
    const line = this.#original.lastIndexOf(0x0a, start - 2) + 1
    return this.#original[start - 1] === 0x0a && this.#original.toString('latin1', line, line + 3) === '---'
  }

  #line(piece: Held, offset: number): number {
    return lineAt(this.#original, piece.start) + piece.slice.text.slice(0, offset).split('\n').length - 1
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line++
  return line
}

/** Comments below an item stay where they are. */
function afterItem(text: string): string | undefined {
  try {
    return text.slice(afterBreak(text, endWithComments(text, scan(text).end, 0)))
  } catch (error) {
    if (error instanceof Unscannable) return undefined
    throw error
  }
}

/** Where an object is after others of its list were removed; undefined when it is one of them. */
function currentPath(path: Path, removed: readonly Path[]): Path | undefined {
  const startsAlike = (each: Path, length: number): boolean =>
    each.slice(0, length).every((step, at) => step === path[at])
  if (removed.some((each) => each.length <= path.length && startsAlike(each, each.length))) return undefined
  return path.map((step, depth) => {
    if (typeof step !== 'number') return step
    const before = removed.filter(
      (each) => each.length === depth + 1 && startsAlike(each, depth) && (each[depth] as number) < step,
    )
    return step - before.length
  })
}
