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
  const before = new Uint32Array(Math.ceil(bytes.length / BLOCK) + 1)
  let count = 0
  for (let block = 0; block < before.length; block++) {
    before[block] = count
    const end = Math.min(bytes.length, (block + 1) * BLOCK)
    for (let at = block * BLOCK; at < end; at++) if (bytes[at] === NEWLINE) count++
  }
  return {
    at(offset, slice) {
      const block = Math.floor(offset / BLOCK)
      const text = slice(block * BLOCK, offset)
      let line = before[block] as number
      for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) line++
      const lineStart = text.lastIndexOf(NEWLINE)
      return {
        line,
        column: lineStart >= 0 ? text.length - lineStart - 1 : columnBefore(block, slice) + text.length,
      }
    },
  }
}

/** How much of the line that enters a block stands before it; a line longer than a block counts from the block before. */
function columnBefore(block: number, slice: (from: number, to: number) => Buffer): number {
  if (block === 0) return 0
  const previous = slice((block - 1) * BLOCK, block * BLOCK)
  return previous.length - previous.lastIndexOf(NEWLINE) - 1
}
