/** Where a text stops being JSON, and why, without a word of the text itself: it may be part of a secret. */
export interface JsonFault {
  readonly offset: number
  readonly why: string
}

const WHITE = /[ \t\n\r]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const WORD = /true|false|null/y

class Fault extends Error {
  readonly offset: number
  constructor(offset: number, why: string) {
    super(why)
    this.offset = offset
  }
}

/** The first fault of a text that JSON.parse refuses (RFC 8259). JSON.parse tells its place in some cases only. */
export function jsonFault(text: string): JsonFault | undefined {
  try {
    const end = skip(text, value(text, skip(text, 0)))
    if (end < text.length) throw new Fault(end, 'text after the end of the JSON value')
    return undefined
  } catch (error) {
    if (error instanceof Fault) return { offset: error.offset, why: error.message }
    throw error
  }
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

function skip(text: string, at: number): number {
  return match(WHITE, text, at)
}

function value(text: string, at: number): number {
  const first = text[at]
  if (first === undefined) throw new Fault(at, 'the text ends where a value is expected')
  if (first === '{') return members(text, at)
  if (first === '[') return items(text, at)
  if (first === '"') return string(text, at)
  const end = Math.max(match(NUMBER, text, at), match(WORD, text, at))
  if (end < 0) throw new Fault(at, 'no JSON value begins here')
  return end
}

/** By hand: a regular expression over a string of megabytes would exhaust its stack. */
function string(text: string, at: number): number {
  if (text[at] !== '"') throw new Fault(at, 'a string is expected')
  let index = at + 1
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === 0x22) return index + 1
    if (code < 0x20) throw new Fault(index, 'a control character in a string')
    if (code === 0x5c) {
      const end = match(ESCAPE, text, index)
      if (end < 0) throw new Fault(index, 'a wrong escape in a string')
      index = end
    } else index++
  }
  throw new Fault(at, 'a string does not end')
}

function items(text: string, at: number): number {
  let index = skip(text, at + 1)
  if (text[index] === ']') return index + 1
  for (;;) {
    index = skip(text, value(text, index))
    if (text[index] === ']') return index + 1
    if (text[index] !== ',') throw new Fault(index, 'a comma or the end of the list is expected')
    index = skip(text, index + 1)
  }
}

function members(text: string, at: number): number {
  let index = skip(text, at + 1)
  if (text[index] === '}') return index + 1
  for (;;) {
    if (text[index] !== '"') throw new Fault(index, 'a key in double quotes is expected')
    index = skip(text, string(text, index))
    if (text[index] !== ':') throw new Fault(index, 'a colon is expected')
    index = skip(text, value(text, skip(text, index + 1)))
    if (text[index] === '}') return index + 1
    if (text[index] !== ',') throw new Fault(index, 'a comma or the end of the object is expected')
    index = skip(text, index + 1)
  }
}
