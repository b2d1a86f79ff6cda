/** The bytes that the text takes in UTF-8; a lone surrogate counts as U+FFFD, which takes its place there. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (isPair(text, i)) {
      length += 2
      i++
    } else length += 2
  }
  return length
}

function isPair(text: string, at: number): boolean {
  if ((text.charCodeAt(at) & 0xfc00) !== 0xd800) return false
  return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}

/** How many units the first `count` code points take; undefined: there are not so many. */
export function unitsBefore(text: string, count: number): number | undefined {
  if (!WIDE.test(text)) return count <= text.length ? count : undefined
  let unit = 0
  for (let point = 0; point < count; point++) {
    if (unit >= text.length) return undefined
    unit += isPair(text, unit) ? 2 : 1
  }
  return unit
}

/** How many code points the first `units` units hold; what is negative stays as it is. */
export function pointsBefore(text: string, units: number): number {
  if (units <= 0 || !WIDE.test(text)) return units
  let points = 0
  for (let unit = 0; unit < units; points++) unit += isPair(text, unit) ? 2 : 1
  return points
}

const WIDE = /[\ud800-\udfff]/

/** What Go and CEL write for the characters that have a letter of their own behind a backslash. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
])

const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u

/** Go's `strconv.Quote`, which `%q` writes. */
export function goQuote(text: string): string {
  let quoted = '"'
  for (const point of text.toWellFormed()) quoted += quotedPoint(point)
  return `${quoted}"`
}

function quotedPoint(point: string): string {
  const named = ESCAPES.get(point)
  if (named !== undefined) return named
  return PRINTABLE.test(point) ? point : escaped(point.codePointAt(0) as number)
}

/** A code point in UTF-8, or a byte that belongs to none. */
const SEQUENCE =
  /[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\s\S]/g

/** The same of a text as `toBytes` gives it; what is no UTF-8 is `\xe9`. */
export function goQuoteBytes(bytes: string): string {
  let quoted = '"'
  for (const [sequence] of bytes.matchAll(SEQUENCE)) {
    const stray = sequence.length === 1 && sequence > '\x7f'
    quoted += stray ? `\\x${sequence.charCodeAt(0).toString(16)}` : toBytes(quotedPoint(fromBytes(sequence)))
  }
  return `${quoted}"`
}

function escaped(point: number): string {
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`
  if (point < 0x10000) return `\\u${point.toString(16).padStart(4, '0')}`
  return `\\U${point.toString(16).padStart(8, '0')}`
}

/** The code points of a text, a lone surrogate as U+FFFD. */
export function points(text: string): readonly string[] {
  return Array.from(text.toWellFormed())
}

/** The text's UTF-8 bytes as a string of code units 0 to 255, for algorithms that Go defines on bytes. */
export function toBytes(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return latin1(new TextEncoder().encode(text))
  return text
}

/** The text of UTF-8 bytes as `toBytes` gives them; what is no UTF-8 becomes U+FFFD. */
export function fromBytes(bytes: string): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 0x7f)
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes, (unit) => unit.charCodeAt(0)))
  }
  return bytes
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  return text
}

const CHUNK = 8192

/** What Go's unicode.IsSpace says, which differs from JavaScript's trim: U+0085 is space, U+FEFF is none. */
const SPACE = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
)

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  if (isVisible(text.charCodeAt(0)) && isVisible(text.charCodeAt(text.length - 1))) return text
  let start = 0
  let end = text.length
  while (start < end && SPACE.has(text[start] as string)) start++
  while (end > start && SPACE.has(text[end - 1] as string)) end--
  return text.slice(start, end)
}

/** The characters that texts begin and end with as a rule. */
const isVisible = (unit: number): boolean => unit > 0x20 && unit < 0x7f
