import type { Position } from '../../cluster/positions.ts'

const BLOCK = 8 * 1024
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
  const lineStarts = new Float64Array(blocks)
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
  return {
    at(offset, slice) {
      const block = Math.floor(offset / BLOCK)
      const text = slice(block * BLOCK, offset)
      let line = before[block] as number
      for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) line++
      const newline = text.lastIndexOf(NEWLINE)
      const start = newline >= 0 ? block * BLOCK + newline + 1 : (lineStarts[block] as number)
      return { line, column: offset - start }
    },
  }
}
