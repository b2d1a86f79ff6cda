import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Path } from '../../cluster/json.ts'
import type { Locate, Location, Origin } from '../../cluster/origin.ts'
import { jsonPosition, type Position, yamlPositions } from '../../cluster/positions.ts'

interface SourceText {
  readonly name: string
  /** The bytes of what cannot be read a second time: a stream, a compressed file. */
  readonly kept?: Buffer
}

/**
 * Finds places on demand: the bytes are read again from the file, so that a large input costs no memory for places that
 * nobody asks for. The last document is kept, since findings come in the order of the files.
 */
export function locator(sources: readonly SourceText[]): Locate {
  const slice = rangeReader(sources)
  const lineAt = lineCounter(sources)
  let last: { origin: Origin; find: (path: Path) => Position } | undefined
  return (origin, path = []) => {
    const source = sources[origin.source]
    if (!source) return undefined
    try {
      if (!last || last.origin.source !== origin.source || last.origin.start !== origin.start) {
        const text = slice(origin.source, origin.start, origin.end).toString('utf8')
        const isJson = /^\s*[[{]/.test(text)
        last = { origin, find: isJson ? (inside) => jsonPosition(text, inside) : yamlPositions(text) }
      }
      const within = last.find([...origin.inner, ...path])
      const start = lineAt(origin.source, origin.start)
      const column = within.line === 0 ? start.column + within.column : within.column
      return { file: source.name, line: start.line + within.line + 1, column: column + 1 } satisfies Location
    } catch {
      // The file is gone or has changed since it was read.
      return { file: source.name, line: 1, column: 1 }
    }
  }
}

function rangeReader(sources: readonly SourceText[]): (source: number, start: number, end: number) => Buffer {
  return (index, start, end) => {
    const source = sources[index] as SourceText
    if (source.kept) return source.kept.subarray(start, end)
    const handle = openSync(source.name, 'r')
    try {
      const bytes = Buffer.alloc(end - start)
      return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start))
    } finally {
      closeSync(handle)
    }
  }
}

/** The 0-based line and column of a byte offset; the line starts of one source are kept. */
function lineCounter(sources: readonly SourceText[]): (source: number, offset: number) => Position {
  let lines: { source: number; starts: readonly number[] } | undefined
  return (index, offset) => {
    if (lines?.source !== index) {
      const source = sources[index] as SourceText
      const bytes = source.kept ?? readFileSync(source.name)
      const starts = [0]
      for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) starts.push(at + 1)
      lines = { source: index, starts }
    }
    let low = 0
    let high = lines.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((lines.starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low, column: offset - (lines.starts[low] as number) }
  }
}
