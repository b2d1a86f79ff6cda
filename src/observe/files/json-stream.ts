import { MAX_DEPTH } from '../../cluster/yaml.ts'

/** A byte range that holds one JSON value. */
export interface Extent {
  readonly start: number
  readonly end: number
}

export interface ScanProblem {
  readonly at: number
  readonly why: string
}

export type Scanned =
  | { readonly kind: 'value'; readonly extent: Extent }
  /** An object with an `items` array: the items singly, and the rest of the object with `items` left empty. */
  | {
      readonly kind: 'list'
      readonly extent: Extent
      readonly items: readonly Extent[]
      readonly header: readonly [Extent, Extent]
      readonly problem?: ScanProblem
    }
  /** A bare array. */
  | {
      readonly kind: 'array'
      readonly extent: Extent
      readonly items: readonly Extent[]
      readonly problem?: ScanProblem
    }
  | { readonly kind: 'problem'; readonly problem: ScanProblem }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a

class Cut extends Error {
  readonly at: number
  constructor(at: number, why: string) {
    super(why)
    this.at = at
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let index = from
  while (index < bytes.length && (bytes[index] as number) <= 0x20) index++
  return index
}

/** The index after the closing quote of the string that opens at `from`. */
function stringEnd(bytes: Buffer, from: number): number {
  let quote = from
  for (;;) {
    quote = bytes.indexOf(QUOTE, quote + 1)
    if (quote < 0) throw new Cut(from, 'a string does not end')
    let slashes = 0
    while (bytes[quote - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote + 1
  }
}

/** The index after the value that begins at `from`; finds brackets only, JSON.parse judges the rest. */
function valueEnd(bytes: Buffer, from: number): number {
  let depth = 0
  let index = from
  while (index < bytes.length) {
    const byte = bytes[index] as number
    if (byte === QUOTE) {
      index = stringEnd(bytes, index)
      if (depth === 0) return index
      continue
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) throw new Cut(index, `nested deeper than ${MAX_DEPTH} levels`)
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return index
      if (--depth === 0) return index + 1
    } else if (depth === 0 && (byte === COMMA || byte <= 0x20 || byte === COLON)) {
      return index
    }
    index++
  }
  if (depth > 0) throw new Cut(from, 'a value does not end')
  return index
}

/** Items of the array that opens at `from`; what is whole before a cut is kept. */
function arrayItems(
  bytes: Buffer,
  from: number,
  most: number,
): { items: Extent[]; end: number; problem?: ScanProblem } {
  const items: Extent[] = []
  let index = skipSpace(bytes, from + 1)
  try {
    while (bytes[index] !== CLOSE_BRACKET) {
      if (index >= bytes.length) throw new Cut(from, 'an array does not end')
      const end = valueEnd(bytes, index)
      if (end === index) throw new Cut(index, 'a value is missing')
      if (items.length === most) throw new Cut(index, `more than ${most} items`)
      items.push({ start: index, end })
      index = skipSpace(bytes, end)
      if (bytes[index] === COMMA) index = skipSpace(bytes, index + 1)
      else if (bytes[index] !== CLOSE_BRACKET) throw new Cut(index, 'an array does not end')
    }
    return { items, end: index + 1 }
  } catch (error) {
    if (!(error instanceof Cut)) throw error
    return { items, end: bytes.length, problem: { at: error.at, why: error.message } }
  }
}

/** Where the array value of the top-level key `items` opens, if there is one. */
function findItems(bytes: Buffer, from: number): number | undefined {
  let index = skipSpace(bytes, from + 1)
  while (bytes[index] === QUOTE) {
    const end = stringEnd(bytes, index)
    const isItems = bytes.toString('latin1', index, end) === '"items"'
    index = skipSpace(bytes, end)
    if (bytes[index] !== COLON) return undefined
    index = skipSpace(bytes, index + 1)
    if (isItems && bytes[index] === OPEN_BRACKET) return index
    index = skipSpace(bytes, valueEnd(bytes, index))
    if (bytes[index] !== COMMA) return undefined
    index = skipSpace(bytes, index + 1)
  }
  return undefined
}

function scanObject(bytes: Buffer, start: number, most: number): Scanned {
  const open = findItems(bytes, start)
  if (open === undefined) return { kind: 'value', extent: { start, end: valueEnd(bytes, start) } }
  const { items, end: close, problem } = arrayItems(bytes, open, most)
  if (problem) {
    const extent = { start, end: bytes.length }
    return {
      kind: 'list',
      extent,
      items,
      header: [
        { start, end: open },
        { start: close, end: close },
      ],
      problem,
    }
  }
  const end = objectEnd(bytes, close, start)
  return {
    kind: 'list',
    extent: { start, end },
    items,
    header: [
      { start, end: open },
      { start: close, end },
    ],
  }
}

/** The end of the object that opened at `start`, read on from a place between two of its members. */
function objectEnd(bytes: Buffer, from: number, start: number): number {
  let index = skipSpace(bytes, from)
  while (bytes[index] !== CLOSE_BRACE) {
    if (index >= bytes.length) throw new Cut(start, 'an object does not end')
    index = skipSpace(bytes, valueEnd(bytes, index))
    if (bytes[index] === COMMA || bytes[index] === COLON) index = skipSpace(bytes, index + 1)
  }
  return index + 1
}

/**
 * The JSON values of a stream one after another, as `kubectl` reads them (concatenated, white space between), the items
 * of lists singly: one list of a cluster's pods is never one string. A stream that is cut, or an array of more than `most` items, gives what is whole, and says so.
 */
export function* scanJson(bytes: Buffer, most = Number.POSITIVE_INFINITY): Generator<Scanned> {
  let index = skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
  while (index < bytes.length) {
    const start = index
    try {
      if (bytes[start] === OPEN_BRACKET) {
        const { items, end, problem } = arrayItems(bytes, start, most)
        const extent = { start, end }
        yield problem ? { kind: 'array', extent, items, problem } : { kind: 'array', extent, items }
        index = end
      } else if (bytes[start] === OPEN_BRACE) {
        const scanned = scanObject(bytes, start, most)
        yield scanned
        index = scanned.kind === 'problem' ? bytes.length : scanned.extent.end
      } else {
        throw new Cut(start, 'not the beginning of an object or an array')
      }
      index = skipSpace(bytes, index)
    } catch (error) {
      if (!(error instanceof Cut)) throw error
      yield { kind: 'problem', problem: { at: error.at, why: error.message } }
      return
    }
  }
}
