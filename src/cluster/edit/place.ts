import type { Path } from '../json.ts'
import { afterBreak, isBlank, lineEnd } from './text.ts'
import type { Node } from './tree.ts'

/** A node in its text. */
export interface Place {
  readonly text: string
  readonly isJson: boolean
  /** Whether text of several lines may be written as `|`. */
  readonly mayBeLiteral: boolean
  readonly node: Node
  /** The node itself, what it stands in, and so on to the root. */
  readonly around: readonly Node[]
  readonly path: Path
}

/** A change that cannot be written at a place. */
export class Unwritable extends Error {
  readonly offset: number
  constructor(why: string, offset: number) {
    super(why)
    this.offset = offset
  }
}

export function parentOf({ around }: Place): Node | undefined {
  return around[1]
}

export function inFlow(place: Place): boolean {
  return place.isJson || parentOf(place)?.style === 'flow'
}

/**
 * The end of the line, or of the last comment after it that is indented deeper than a column: such a comment belongs to
 * what stands before it, and would become text of a block scalar if that were gone.
 */
export function endWithComments(text: string, at: number, column: number): number {
  let end = lineEnd(text, at)
  let line = afterBreak(text, end)
  while (line < text.length) {
    const close = lineEnd(text, line)
    let first = line
    while (isBlank(text[first])) first++
    if (first < close) {
      if (text[first] !== '#' || first - line <= column) break
      end = close
    }
    line = afterBreak(text, close)
  }
  return end
}
