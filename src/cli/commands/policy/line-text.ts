import { readFileSync, statSync } from 'node:fs'
import { MEBIBYTE } from '../../../observe/files/source.ts'

/** Where the end of a place matters less than the memory that finding it takes. */
const LARGEST = 8 * MEBIBYTE

/** The text of a line, 1-based, of files that are read once more; the last of them is kept. Undefined for what is no file, or a large one. */
export function lineReader(): (file: string, line: number) => string | undefined {
  let last: { file: string; lines: readonly string[] } | undefined
  return (file, line) => {
    if (last?.file !== file) last = { file, lines: linesOf(file) }
    return last.lines[line - 1]
  }
}

function linesOf(file: string): readonly string[] {
  try {
    const { size } = statSync(file)
    return size > LARGEST ? [] : readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return []
  }
}
