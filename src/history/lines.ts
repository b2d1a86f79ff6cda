import { isUtf8 } from 'node:buffer'

/** A line, or one JSON value that is written over several, and where it begins, 1-based. */
export interface Text {
  readonly text: string
  readonly line: number
  /** Why there is no text. */
  readonly fault?: string
}

const NEWLINE = 0x0a
const BOM = '\uFEFF'
const REPLACEMENT = '\uFFFD'
const NOT_UTF8 = 'not valid UTF-8'

/** The lines of each chunk that end in it. A line that is longer than `limit` is told, and never held whole. */
export async function* lines(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Text[]> {
  let line = 1
  let carried: Buffer[] = []
  let length = 0
  let isSkipping = false
  const carry = (piece: Buffer): void => {
    length += piece.length
    if (length > limit) {
      isSkipping = true
      carried = []
    } else if (!isSkipping && piece.length > 0) carried.push(Buffer.from(piece))
  }
  const finish = (): Text => {
    const made = isSkipping ? { text: '', line, fault: tooLong(limit) } : decoded(Buffer.concat(carried), line)
    carried = []
    length = 0
    isSkipping = false
    return made
  }
  for await (const chunk of chunks) {
    const found: Text[] = []
    let from = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from)
      if (end < 0) break
      if (length > 0) {
        carry(chunk.subarray(from, end))
        found.push(finish())
      } else if (end > from) {
        found.push(
          end - from > limit ? { text: '', line, fault: tooLong(limit) } : decoded(chunk.subarray(from, end), line),
        )
      }
      line++
      from = end + 1
    }
    carry(chunk.subarray(from))
    if (found.length > 0) yield found
  }
  if (length > 0) yield [finish()]
}

/** `\uFFFD` stands for what is not UTF-8, but may also be what was written. */
function decoded(bytes: Buffer, line: number): Text {
  const text = bytes.toString('utf8')
  if (text.includes(REPLACEMENT) && !isUtf8(bytes)) return { text: '', line, fault: NOT_UTF8 }
  return { text: line === 1 && text.startsWith(BOM) ? text.slice(1) : text, line }
}

function tooLong(limit: number): string {
  return `longer than ${limit} bytes`
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The JSON objects of a text in which they are written over several lines, one after another or in an array. What is
 * between them is left out.
 */
export async function* values(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Text[]> {
  let line = 1
  let begun = 1
  let depth = 0
  let length = 0
  let inString = false
  let isEscaped = false
  let carried: Buffer[] = []
  for await (const chunk of chunks) {
    const found: Text[] = []
    let from = 0
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number
      if (byte === NEWLINE) line++
      if (depth === 0) {
        if (byte !== 0x7b) continue
        depth = 1
        from = index
        begun = line
        length = 0
      } else if (isEscaped) isEscaped = false
      else if (inString) {
        if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) inString = true
      else if (byte === 0x7b || byte === 0x5b) depth++
      else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) {
        length += index + 1 - from
        if (length > limit) found.push({ text: '', line: begun, fault: tooLong(limit) })
        else found.push(decoded(Buffer.concat([...carried, chunk.subarray(from, index + 1)]), begun))
        carried = []
      }
    }
    if (depth > 0) {
      length += chunk.length - from
      if (length > limit) carried = []
      else carried.push(Buffer.from(chunk.subarray(from)))
    }
    if (found.length > 0) yield found
  }
  if (depth > 0) yield [{ text: '', line: begun, fault: 'ends before its value does' }]
}
