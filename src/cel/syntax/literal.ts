import { Double, int, Uint } from '../value.ts'

/** Why a literal token has no value (parser.go, unescape.go). */
export interface BadLiteral {
  readonly bad: string
}

/** The int64 of `12`, `0x1F`, `-12`. */
export function intLiteral(text: string, negative: boolean): number | bigint | BadLiteral {
  const magnitude = natural(text)
  const value = magnitude === undefined ? undefined : int(negative ? -magnitude : magnitude)
  return value ?? { bad: 'invalid int literal' }
}

/** The uint64 of `12u`, `0x1FU`. */
export function uintLiteral(text: string): Uint | BadLiteral {
  const magnitude = natural(text.slice(0, -1))
  return magnitude === undefined || magnitude >= 2n ** 64n ? { bad: 'invalid uint literal' } : new Uint(magnitude)
}

export function doubleLiteral(text: string, negative: boolean): Double | BadLiteral {
  const value = Number(text)
  return Number.isFinite(value) ? new Double(negative ? -value : value) : { bad: 'invalid double literal' }
}

/** Undefined: longer than any 64-bit number. */
function natural(text: string): bigint | undefined {
  const hex = text.startsWith('0x')
  const digits = (hex ? text.slice(2) : text).replace(/^0+(?=.)/, '')
  return digits.length > 20 ? undefined : BigInt(hex ? `0x${digits}` : digits)
}

/** The value of `'…'`, `"""…"""`, `r'…'`: escapes are read, line ends are `\n` (unescape.go). */
export function stringLiteral(text: string): string | BadLiteral {
  const { content, raw } = unquote(text)
  if (raw || !content.includes('\\')) return content
  let value = ''
  for (const piece of pieces(content, false)) {
    if (typeof piece !== 'string' && typeof piece !== 'number') return piece
    value += typeof piece === 'string' ? piece : String.fromCodePoint(piece)
  }
  return value
}

/** The value of `b'…'`: characters as UTF-8, `\x` and octal escapes as bytes. */
export function bytesLiteral(text: string): Uint8Array | BadLiteral {
  const { content, raw } = unquote(text.slice(1))
  const encoder = new TextEncoder()
  if (raw || !content.includes('\\')) return encoder.encode(content)
  const parts: Uint8Array[] = []
  for (const piece of pieces(content, true)) {
    if (typeof piece === 'string') parts.push(encoder.encode(piece))
    else if (typeof piece === 'number') parts.push(Uint8Array.of(piece))
    else return piece
  }
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function unquote(token: string): { readonly content: string; readonly raw: boolean } {
  const raw = token[0] === 'r' || token[0] === 'R'
  const quoted = (raw ? token.slice(1) : token).replace(/\r\n?/g, '\n')
  const marks = quoted.length >= 6 && quoted.startsWith(quoted[0]!.repeat(3)) ? 3 : 1
  return { content: quoted.slice(marks, quoted.length - marks), raw }
}

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
  ["'", 39],
  ['"', 34],
  ['`', 96],
  ['?', 63],
])

/** Text between escapes, and the code point (of bytes: the byte) of each escape. The lexer has seen that they are whole. */
function* pieces(content: string, bytes: boolean): Generator<string | number | BadLiteral> {
  let from = 0
  for (let at = content.indexOf('\\'); at >= 0; at = content.indexOf('\\', from)) {
    if (at > from) yield content.slice(from, at)
    const letter = content[at + 1]!
    const simple = SIMPLE.get(letter)
    if (simple !== undefined) {
      yield simple
      from = at + 2
      continue
    }
    const octal = letter >= '0' && letter <= '3'
    const digits = octal ? 3 : letter === 'x' || letter === 'X' ? 2 : letter === 'u' ? 4 : 8
    if (bytes && digits > 3) {
      yield { bad: 'unable to unescape string' }
      return
    }
    const start = octal ? at + 1 : at + 2
    from = start + digits
    const code = Number.parseInt(content.slice(start, from), octal ? 8 : 16)
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      yield { bad: 'invalid unicode code point' }
      return
    }
    yield code
  }
  yield content.slice(from)
}
