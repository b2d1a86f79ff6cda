/** Lines of a text, whatever ends them: a line feed, a carriage return, or both. */

export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function isBreak(char: string | undefined): boolean {
  return char === '\n' || char === '\r'
}

export function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}

/** White space, a line break, or the end of the text. */
export function isGap(char: string | undefined): boolean {
  return char === undefined || isBlank(char) || isBreak(char)
}

export function lineStart(text: string, at: number): number {
  let index = at
  while (index > 0 && !isBreak(text[index - 1])) index--
  return index
}

/** Where the line break of the line stands, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  let index = at
  while (index < text.length && !isBreak(text[index])) index++
  return index
}

/** The start of the line after the break at `end`. */
export function afterBreak(text: string, end: number): number {
  if (end >= text.length) return text.length
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1
}

/** The break before the line that starts at `start`. */
export function beforeBreak(text: string, start: number): number {
  if (start === 0) return 0
  return text[start - 1] === '\n' && text[start - 2] === '\r' ? start - 2 : start - 1
}

export function indentOf(text: string, at: number): string {
  const start = lineStart(text, at)
  let index = start
  while (isBlank(text[index])) index++
  return text.slice(start, index)
}

export function splice(text: string, splices: readonly Splice[]): string {
  let result = ''
  let at = 0
  for (const each of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, each.start) + each.text
    at = each.end
  }
  return result + text.slice(at)
}
