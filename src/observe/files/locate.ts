import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import type { Path } from '../../cluster/json.ts'
import type { Locate, Location, Origin } from '../../cluster/origin.ts'
import { jsonPosition, offsetPositions, type Position, yamlPositions } from '../../cluster/positions.ts'
import type { KnownPlaces } from './known-places.ts'
import type { Lines } from './lines.ts'
import { reason } from './source.ts'

export interface SourceText {
  readonly name: string
  readonly lines: Lines
  /** The bytes of what cannot be read a second time: a stream, a compressed file. */
  readonly kept?: Buffer
  /** By which a file is known to be as it was read; undefined of what was not read whole. */
  readonly seal?: string
}

export function sealOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}

/** A file that is no longer as it was read: places in it mean nothing. */
export interface Stale {
  readonly refused: string
}

/**
 * Finds places on demand: the bytes are read again from the file, so that a large input costs no memory for places that
 * nobody asks for. The last document is kept, since findings come in the order of the files. `known`: what the reading
 * noted already.
 */
export function locator(sources: readonly SourceText[], known?: KnownPlaces): Locate {
  const slice = rangeReader(sources)
  let last: { origin: Origin; start: Position; find: (path: Path) => Position } | undefined
  return (origin, path = []) => {
    const source = sources[origin.source]
    if (!source) return undefined
    try {
      if (!last || last.origin.source !== origin.source || last.origin.start !== origin.start) {
        const text = slice(origin.source, origin.start, origin.end).toString('utf8')
        const start = source.lines.at(origin.start, (from, to) => slice(origin.source, from, to))
        last = { origin, start, find: positionsOf(text, known?.finder(origin.source, origin.start)) }
      }
      const { start } = last
      const within = last.find(origin.inner.length === 0 ? path : [...origin.inner, ...path])
      const column = within.line === 0 ? start.column + within.column : within.column
      return { file: source.name, line: start.line + within.line + 1, column: column + 1 } satisfies Location
    } catch {
      // The file is gone or has changed since it was read.
      return { file: source.name, line: 1, column: 1 }
    }
  }
}

function positionsOf(text: string, known: ((path: Path) => number) | undefined): (path: Path) => Position {
  if (/^\s*[[{]/.test(text)) return (path) => jsonPosition(text, path)
  if (!known) return yamlPositions(text)
  const position = offsetPositions(text)
  return (path) => position(known(path))
}

/** Within this a file may change again and show the same times. */
const COARSE_MS = 1_000

/** The content of one source, where it can be edited and is as it was read. */
export function wholeReader(sources: readonly SourceText[]): (source: number) => Buffer | Stale | undefined {
  /** What the file system says of those that were found to be as they were read. */
  const known = new Map<number, string>()
  return (index) => {
    const source = sources[index]
    if (!source || source.kept || source.seal === undefined) return undefined
    try {
      const { ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(source.name, { bigint: true })
      const state = [ino, size, mtimeNs, ctimeNs].join()
      const bytes = readFileSync(source.name)
      if (known.get(index) === state) return bytes
      if (sealOf(bytes) !== source.seal) return { refused: CHANGED }
      if (Date.now() - Number(ctimeMs) > COARSE_MS) known.set(index, state)
      return bytes
    } catch (error) {
      return { refused: `${CHANGED} (${reason(error)})` }
    }
  }
}

export const CHANGED = 'it has changed since it was read'

/** What of a file is held while places in it are asked for. */
const WINDOW = 1 << 20

/**
 * Files are opened one at a time, and read a window at a time: asked for in the order of the input, each is opened once
 * and each window read once.
 */
function rangeReader(sources: readonly SourceText[]): (source: number, start: number, end: number) => Buffer {
  let open: { source: number; handle: number } | undefined
  let window: { source: number; start: number; bytes: Buffer } = { source: -1, start: 0, bytes: Buffer.alloc(0) }
  const read = (handle: number, start: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(handle, bytes, 0, length, start))
  }
  return (index, start, end) => {
    const source = sources[index] as SourceText
    if (source.kept) return source.kept.subarray(start, end)
    if (window.source === index && start >= window.start && end <= window.start + window.bytes.length)
      return window.bytes.subarray(start - window.start, end - window.start)
    if (open?.source !== index) {
      if (open) closeSync(open.handle)
      open = undefined
      open = { source: index, handle: openSync(source.name, 'r') }
    }
    if (end - start > WINDOW / 2) return read(open.handle, start, end - start)
    // The line of a place is counted from a little before it.
    const from = Math.max(0, start - 16 * 1024)
    window = { source: index, start: from, bytes: read(open.handle, from, WINDOW) }
    return window.bytes.subarray(start - from, end - from)
  }
}
