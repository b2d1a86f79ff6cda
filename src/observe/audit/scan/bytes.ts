import { hashOf, mixed, TEXT } from '../key.ts'
import { BACKSLASH, COLON, COMMA, MINUS, NINE, OPEN_ARRAY, OPEN_OBJECT, QUOTE, ZERO } from './signs.ts'

/**
 * A walk over the bytes of JSON that makes nothing of them. It goes on only where JSON.parse would, and gives up (a
 * negative position) at anything that is not plain: other bytes than ASCII, nesting without end, and faults.
 */

const MOST_DEPTH = 128

/** Characters that stand for themselves in a string. */
const PLAIN = new Uint8Array(256)
for (let code = 0x20; code < 0x80; code++) PLAIN[code] = code === QUOTE || code === BACKSLASH ? 0 : 1
/** What may follow a backslash, without `u`. */
const ESCAPED = new Uint8Array(256)
for (const sign of '"\\/bfnrt') ESCAPED[sign.charCodeAt(0)] = 1
const HEX = new Uint8Array(256)
for (const sign of '0123456789abcdefABCDEF') HEX[sign.charCodeAt(0)] = 1

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at++
  return at
}

/** Not 0 where one of four bytes is a quote, a backslash, a control character, or not ASCII. */
function unusual(word: number): number {
  const quote = word ^ 0x2222_2222
  const backslash = word ^ 0x5c5c_5c5c
  const found =
    ((quote - 0x0101_0101) & ~quote) | ((backslash - 0x0101_0101) & ~backslash) | ((word - 0x2020_2020) & ~word) | word
  return found & 0x8080_8080
}

/** To the first byte that does not stand for itself in a string. */
function plainSpan(bytes: Uint8Array, view: DataView, from: number): number {
  const limit = bytes.length - 4
  let at = from
  while (at <= limit && unusual(view.getInt32(at, true)) === 0) at += 4
  while (PLAIN[bytes[at] as number] === 1) at++
  return at
}

/** From behind the first quote of a string to its last one, where it has no escapes; else negative. */
export function plainEnd(bytes: Uint8Array, view: DataView, from: number): number {
  const at = plainSpan(bytes, view, from)
  return bytes[at] === QUOTE ? at : -1
}

/** Of no text. */
export const EMPTY_HASH = hashOf('', TEXT)

let hashed = 0

/** The hash of the text that `hashedEnd` last went over. */
export function lastHash(): number {
  return hashed
}

/** The same, and makes the hash of the text on the way. */
export function hashedEnd(bytes: Uint8Array, view: DataView, from: number, seed: number): number {
  const limit = bytes.length - 4
  let hash = seed
  let at = from
  for (; at <= limit; at += 4) {
    const word = view.getInt32(at, true)
    if (unusual(word) !== 0) break
    hash = mixed(hash, word)
  }
  for (; PLAIN[bytes[at] as number] === 1; at++) hash = mixed(hash, bytes[at] as number)
  hashed = mixed(hash, at - from)
  return bytes[at] === QUOTE ? at : -1
}

/** From behind the first quote of a string to its last one. */
export function stringEnd(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from
  for (;;) {
    at = plainSpan(bytes, view, at)
    if (bytes[at] === QUOTE) return at
    if (bytes[at] !== BACKSLASH) return -1
    const sign = bytes[at + 1] as number
    if (ESCAPED[sign] === 1) at += 2
    else if (sign === 0x75 && isHex(bytes, at + 2)) at += 6
    else return -1
  }
}

/** What the sign behind a backslash stands for. */
const MEANT = new Uint8Array(256)
for (const [sign, meant] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'])
  MEANT[(sign as string).charCodeAt(0)] = (meant as string).charCodeAt(0)

let written = 0

/** How much the last `unescaped` wrote. */
export function lastWritten(): number {
  return written
}

/**
 * From behind the first quote of a string to its last one, and writes what it says to another place, where there must be
 * room for four bytes more than the string has; negative where it has anything but plain ASCII and escapes of one sign.
 */
export function unescaped(bytes: Uint8Array, view: DataView, from: number, other: DataView, to: number): number {
  const limit = bytes.length - 4
  let at = from
  let out = to
  while (at <= limit) {
    const word = view.getInt32(at, true)
    other.setInt32(out, word, true)
    const found = unusual(word)
    if (found === 0) {
      at += 4
      out += 4
      continue
    }
    const plain = (31 - Math.clz32(found & -found)) >> 3
    at += plain
    out += plain
    if (bytes[at] === QUOTE) {
      written = out - to
      return at
    }
    const meant = bytes[at] === BACKSLASH ? (MEANT[bytes[at + 1] as number] as number) : 0
    if (meant === 0) return -1
    other.setUint8(out, meant)
    at += 2
    out++
  }
  return -1
}

function isHex(bytes: Uint8Array, at: number): boolean {
  for (let digit = at; digit < at + 4; digit++) if (HEX[bytes[digit] as number] !== 1) return false
  return true
}

const stack = new Uint8Array(MOST_DEPTH)
let opened = 0

/** Objects and arrays that the last `skipValue` went through. */
export function lastOpened(): number {
  return opened
}

/** From the first byte of a value, or the space before it, to behind its last. */
export function skipValue(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from
  let depth = 0
  opened = 0
  for (;;) {
    at = skipSpace(bytes, at)
    const first = bytes[at] as number
    if (first === QUOTE) {
      at = stringEnd(bytes, view, at + 1) + 1
      if (at === 0) return -1
    } else if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      opened++
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === first + 2) at++
      else {
        if (depth === MOST_DEPTH) return -1
        stack[depth++] = first
        if (first === OPEN_OBJECT) at = skipKey(bytes, view, at)
        if (at < 0) return -1
        continue
      }
    } else {
      at = skipWord(bytes, at, first)
      if (at < 0) return -1
    }
    for (;;) {
      if (depth === 0) return at
      at = skipSpace(bytes, at)
      const next = bytes[at] as number
      const inside = stack[depth - 1] as number
      if (next === COMMA) {
        at++
        if (inside === OPEN_OBJECT) at = skipKey(bytes, view, skipSpace(bytes, at))
        if (at < 0) return -1
        break
      }
      if (next !== inside + 2) return -1
      depth--
      at++
    }
  }
}

/** From the quote before a key to behind its colon. */
function skipKey(bytes: Uint8Array, view: DataView, from: number): number {
  if (bytes[from] !== QUOTE) return -1
  const end = stringEnd(bytes, view, from + 1)
  if (end < 0) return -1
  const at = skipSpace(bytes, end + 1)
  return bytes[at] === COLON ? at + 1 : -1
}

/** A number, or `true`, `false`, `null`. */
function skipWord(bytes: Uint8Array, from: number, first: number): number {
  switch (first) {
    case 0x74:
      return bytes[from + 1] === 0x72 && bytes[from + 2] === 0x75 && bytes[from + 3] === 0x65 ? from + 4 : -1
    case 0x66:
      return bytes[from + 1] === 0x61 &&
        bytes[from + 2] === 0x6c &&
        bytes[from + 3] === 0x73 &&
        bytes[from + 4] === 0x65
        ? from + 5
        : -1
    case 0x6e:
      return bytes[from + 1] === 0x75 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x6c ? from + 4 : -1
    default:
      return skipNumber(bytes, from)
  }
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from
  if (bytes[at] === ZERO) at++
  else at = skipDigits(bytes, at)
  if (at < 0) return -1
  if (bytes[at] === 0x2e) at = skipDigits(bytes, at + 1)
  if (at < 0) return -1
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1]
    at = skipDigits(bytes, sign === MINUS || sign === 0x2b ? at + 2 : at + 1)
  }
  return at
}

/** One digit or more. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while ((bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++
  return at === from ? -1 : at
}

/** The same as `hashOf` of the text of these bytes. */
export function hashBytes(view: DataView, from: number, to: number, seed: number): number {
  let hash = seed
  let at = from
  for (; at + 4 <= to; at += 4) hash = mixed(hash, view.getInt32(at, true))
  for (; at < to; at++) hash = mixed(hash, view.getUint8(at))
  return mixed(hash, to - from)
}

let other = 0

/** What the last `hashTwice` made with its other seed. */
export function otherHash(): number {
  return other
}

/** Two hashes in one walk. */
export function hashTwice(view: DataView, from: number, to: number, seed: number, otherSeed: number): number {
  let hash = seed
  let second = otherSeed
  let at = from
  for (; at + 4 <= to; at += 4) {
    const word = view.getInt32(at, true)
    hash = mixed(hash, word)
    second = mixed(second, word)
  }
  for (; at < to; at++) {
    const byte = view.getUint8(at)
    hash = mixed(hash, byte)
    second = mixed(second, byte)
  }
  other = mixed(second, to - from)
  return mixed(hash, to - from)
}

/**
 * Whether the same bytes stand at both places, `b` being JSON that was walked over: eight of its bytes are never a number
 * that is not equal to itself, or to one of other bytes. Both must be inside.
 */
export function areSame(a: DataView, from: number, b: DataView, other: number, length: number): boolean {
  const last = length - 8
  if (last < 0) return areSameFew(a, from, b, other, length)
  for (let index = 0; index < last; index += 8)
    if (a.getFloat64(from + index, true) !== b.getFloat64(other + index, true)) return false
  return a.getFloat64(from + last, true) === b.getFloat64(other + last, true)
}

function areSameFew(a: DataView, from: number, b: DataView, other: number, length: number): boolean {
  let index = 0
  if (length >= 4) {
    if (a.getInt32(from, true) !== b.getInt32(other, true)) return false
    index = 4
  }
  for (; index < length; index++) if (a.getUint8(from + index) !== b.getUint8(other + index)) return false
  return true
}

const QUESTION = 0x3f
let hump = false

/**
 * Whether `dS` or `yR` stood in what the last `uriEnd` went over behind its path, as in `fieldSelector` and `dryRun`, or may
 * have: letters may be written by their codes.
 */
export function lastHump(): boolean {
  return hump
}

/** From behind the first quote of a URI to its last one; makes the hash of its path (to a `?`, or an escape) on the way. */
export function uriEnd(bytes: Uint8Array, view: DataView, from: number): number {
  const limit = bytes.length - 4
  let hash = TEXT
  let at = from
  hump = false
  for (; at <= limit; at += 4) {
    const word = view.getInt32(at, true)
    const question = word ^ 0x3f3f_3f3f
    if ((unusual(word) | ((question - 0x0101_0101) & ~question & 0x8080_8080)) !== 0) break
    hash = mixed(hash, word)
  }
  for (; PLAIN[bytes[at] as number] === 1 && bytes[at] !== QUESTION; at++) hash = mixed(hash, bytes[at] as number)
  hashed = mixed(hash, at - from)
  return bytes[at] === QUOTE ? at : queryEnd(bytes, view, at)
}

function queryEnd(bytes: Uint8Array, view: DataView, from: number): number {
  const limit = bytes.length - 4
  let at = from
  for (;;) {
    const first = at
    for (; at <= limit; at += 4) {
      const word = view.getInt32(at, true)
      if (unusual(word) !== 0) break
      // 0 in the byte of an `R` or an `S`.
      const sign = (word ^ 0x5252_5252) & 0xfefe_fefe
      if (((sign - 0x0101_0101) & ~sign & 0x8080_8080) !== 0) hump ||= isHump(bytes, first, at, at + 4)
    }
    const rest = at
    while (PLAIN[bytes[at] as number] === 1) at++
    hump ||= isHump(bytes, first, rest, at)
    if (bytes[at] === QUOTE) return at
    if (bytes[at] !== BACKSLASH) return -1
    const sign = bytes[at + 1] as number
    if (ESCAPED[sign] === 1) at += 2
    else if (sign === 0x75 && isHex(bytes, at + 2)) {
      // `&`, as encoding/json writes it, and `<` and `>` are no letters.
      if (bytes[at + 2] !== ZERO || bytes[at + 3] !== ZERO || (bytes[at + 4] as number) > 0x33) hump = true
      at += 6
    } else return -1
  }
}

function isHump(bytes: Uint8Array, first: number, from: number, to: number): boolean {
  for (let at = Math.max(from, first + 1); at < to; at++) {
    const sign = bytes[at]
    if ((sign === 0x53 && bytes[at - 1] === 0x64) || (sign === 0x52 && bytes[at - 1] === 0x79)) return true
  }
  return false
}
