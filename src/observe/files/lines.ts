import type { Position } from '../../cluster/positions.ts'

/** A block has a dozen lines; what is kept of it takes a fiftieth of it. */
const BLOCK = 512
const NEWLINE = 0x0a

/** Finds the line of any byte of a source by reading one block of it. */
export interface Lines {
  /** 0-based. `slice` gives bytes of the source. */
  at(offset: number, slice: (from: number, to: number) => Buffer): Position
}

/** Counts the lines of a source by blocks, once. */
export function countLines(bytes: Buffer): Lines {
  const blocks = Math.ceil(bytes.length / BLOCK) + 1
  const before = new Uint32Array(blocks)
  /** Where the line begins that enters the block: a file of one line has no other way to tell a column. */
  const lineStarts = bytes.length < 2 ** 32 ? new Uint32Array(blocks) : new Float64Array(blocks)
  let count = 0
  let lineStart = 0
  for (let block = 0; block < blocks; block++) {
    before[block] = count
    lineStarts[block] = lineStart
    const end = Math.min(bytes.length, (block + 1) * BLOCK)
    for (let at = block * BLOCK; at < end; at++) {
      if (bytes[at] !== NEWLINE) continue
      count++
      lineStart = at + 1
    }
  }
  /** What was asked last: places are asked for in the order of the source, many in one block. */
  let last = { offset: 0, line: 0, start: 0 }
  return {
    at(offset, slice) {
      const block = Math.floor(offset / BLOCK)
      const isNear = offset >= last.offset && offset - last.offset < BLOCK
      const from = isNear ? last.offset : block * BLOCK
      let { line, start } = isNear ? last : { line: before[block] as number, start: lineStarts[block] as number }
      const bytes = slice(from, offset)
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
        line++
        start = from + at + 1
      }
      last = { offset, line, start }
      return { line, column: offset - start }
    },
  }
}
