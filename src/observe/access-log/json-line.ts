import { type Field, TAKES, type Take } from './field.ts'
import type { ReadLine } from './template.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN = 0x7b
const CLOSE = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const DOT = 0x2e
const SPACE = 0x20
const DEEPEST = 4
const OFFSET = 0x811c_9dc5
const PRIME = 0x0100_0193

/**
 * Reads lines that are one JSON object each, in one walk over their bytes. Keys of objects inside are `outer.inner`; of a
 * key that stands twice the last counts, as for every reader of JSON. Lists are passed over.
 */
export function readJson(fields: ReadonlyMap<string, Field>): ReadLine {
  const table = new Map<number, { readonly length: number; readonly take: Take }>()
  for (const [key, field] of fields) {
    const bytes = new Uint8Array(Buffer.from(key))
    let hash = OFFSET
    for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME)
    const take = TAKES[field]
    if (take) table.set(hash >>> 0, { length: bytes.length, take })
  }
  const prefixes = new Uint32Array(DEEPEST + 1)

  return (bytes, from, to, request, clock) => {
    let at = from
    if (bytes[at] !== OPEN) return false
    at++
    let depth = 0
    prefixes[0] = OFFSET
    for (;;) {
      while (at < to && (bytes[at] === SPACE || bytes[at] === COMMA)) at++
      if (at >= to) return false
      if (bytes[at] === CLOSE) {
        at++
        if (depth-- > 0) continue
        while (at < to && bytes[at] === SPACE) at++
        return at === to
      }
      if (bytes[at] !== QUOTE) return false
      let hash = prefixes[depth] as number
      for (at++; at < to && bytes[at] !== QUOTE; at++) {
        if (bytes[at] === BACKSLASH) at++
        hash = Math.imul(hash ^ (bytes[at] as number), PRIME)
      }
      at++
      while (at < to && bytes[at] === SPACE) at++
      if (bytes[at] !== COLON) return false
      at++
      while (at < to && bytes[at] === SPACE) at++
      const first = bytes[at]
      if (first === OPEN && depth < DEEPEST) {
        prefixes[++depth] = Math.imul(hash ^ DOT, PRIME)
        at++
        continue
      }
      let begin = at
      let end: number
      if (first === QUOTE) {
        begin++
        at++
        while (at < to && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
        end = at
        at++
      } else if (first === OPEN || first === OPEN_LIST) {
        at = pastValue(bytes, at, to)
        continue
      } else {
        while (at < to && bytes[at] !== COMMA && bytes[at] !== CLOSE && bytes[at] !== SPACE) at++
        end = at
        // null
        if (first === 0x6e) continue
      }
      if (at > to) return false
      const known = table.get(hash >>> 0)
      if (known && !known.take(request, bytes, begin, end, clock)) return false
    }
  }
}

/** Behind a list or an object that stands too deep. */
function pastValue(bytes: Uint8Array, from: number, to: number): number {
  let depth = 0
  let at = from
  for (; at < to; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) for (at++; at < to && bytes[at] !== QUOTE; at++) at += bytes[at] === BACKSLASH ? 1 : 0
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return at + 1
  }
  return to
}
