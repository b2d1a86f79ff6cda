import { plainEnd, skipValue } from './bytes.ts'
import { isNamed, named } from './names.ts'
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE, ZERO } from './signs.ts'

const CODE = named('code')
let code = 0

/** Of the status that was read last; 0 where it has none. */
export function lastCode(): number {
  return code
}

/** From the first byte of a responseStatus to behind its last; negative where it takes a parser to tell. */
export function readStatus(bytes: Buffer, view: DataView, from: number): number {
  code = 0
  if (bytes[from] !== OPEN_OBJECT) return -1
  let at = from + 1
  if (bytes[at] === CLOSE_OBJECT) return at + 1
  for (;;) {
    if (bytes[at] !== QUOTE) return -1
    const end = plainEnd(bytes, view, at + 1)
    if (end < 0 || bytes[end + 1] !== COLON) return -1
    const isCode = end === at + 1 + CODE.length && isNamed(bytes, view, at + 1, CODE)
    at = end + 2
    if (isCode) {
      // Three digits, or a parser has to say what it is.
      const hundreds = digitAt(bytes, at)
      const tens = digitAt(bytes, at + 1)
      const ones = digitAt(bytes, at + 2)
      if (code !== 0 || hundreds < 1 || tens < 0 || ones < 0) return -1
      code = hundreds * 100 + tens * 10 + ones
      at += 3
    } else {
      at = skipValue(bytes, view, at)
      if (at < 0) return -1
    }
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    if (bytes[at] !== COMMA) return -1
    at++
  }
}

function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] as number) - ZERO
  return digit <= 9 ? digit : -1
}
