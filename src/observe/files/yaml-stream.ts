import type { Extent } from './json-stream.ts'

export type Chunk =
  | { readonly kind: 'document'; readonly extent: Extent }
  /** A block sequence `items:` of a long list, cut into its items; the header is the document without them. */
  | {
      readonly kind: 'list'
      readonly extent: Extent
      readonly items: readonly Extent[]
      readonly header: readonly [Extent, Extent]
    }
  | { readonly kind: 'separator'; readonly extent: Extent }

const NEWLINE = 0x0a
const DASH = 0x2d

/** A shorter document is parsed whole: cutting it would gain nothing. */
const LONG = 256 * 1024

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(NEWLINE, from)
  return end < 0 ? bytes.length : end + 1
}

function isSeparator(bytes: Buffer, at: number): boolean {
  return bytes[at] === DASH && bytes[at + 1] === DASH && bytes[at + 2] === DASH
}

/** The start of the next line at or after `from` that begins with `---`, or the end. */
function nextSeparator(bytes: Buffer, from: number): number {
  if (isSeparator(bytes, from)) return from
  const at = bytes.indexOf('\n---', from)
  return at < 0 ? bytes.length : at + 1
}

/**
 * The documents of a YAML stream, as apimachinery's YAMLReader (pkg/util/yaml/decoder.go) cuts them: at every line that
 * begins with `---`, which only white space and a comment may follow. Where kubectl stops at a bad separator, its
 * document is told and the next one is read.
 */
export function* splitYaml(bytes: Buffer): Generator<Chunk> {
  let start = 0
  let refused = false
  while (start < bytes.length) {
    const separator = nextSeparator(bytes, start)
    if (refused) yield { kind: 'separator', extent: { start, end: separator } }
    else if (separator > start) yield chunk(bytes, start, separator)
    if (separator >= bytes.length) return
    const end = lineEnd(bytes, separator)
    const rest = bytes.toString('utf8', separator + 3, Math.min(end, separator + 83)).trim()
    refused = rest !== '' && !rest.startsWith('#')
    if (refused && end >= bytes.length) {
      yield { kind: 'separator', extent: { start: separator, end } }
      return
    }
    start = end
  }
}

function chunk(bytes: Buffer, start: number, end: number): Chunk {
  const extent = { start, end }
  if (end - start < LONG) return { kind: 'document', extent }
  return cutItems(bytes, start, end) ?? { kind: 'document', extent }
}

/**
 * `kubectl get -o yaml` writes `items:` at column 0 and each item as `- ` at column 0. A line that only looks like an
 * item (inside a quoted scalar) makes a piece that does not parse, and then the reader takes the document whole.
 */
function cutItems(bytes: Buffer, start: number, end: number): Chunk | undefined {
  const open = bytes.subarray(start, end).indexOf('\nitems:\n')
  if (open < 0) return undefined
  const first = start + open + '\nitems:\n'.length
  if (bytes[first] !== DASH || bytes[first + 1] !== 0x20) return undefined
  const items: Extent[] = []
  let index = first
  while (index < end) {
    let next = lineEnd(bytes, index)
    while (next < end && isContinuation(bytes, next)) next = lineEnd(bytes, next)
    items.push({ start: index, end: next })
    if (bytes[next] !== DASH)
      return {
        kind: 'list',
        extent: { start, end },
        items,
        header: [
          { start, end: first },
          { start: next, end },
        ],
      }
    index = next
  }
  return {
    kind: 'list',
    extent: { start, end },
    items,
    header: [
      { start, end: first },
      { start: end, end },
    ],
  }
}

function isContinuation(bytes: Buffer, at: number): boolean {
  const byte = bytes[at]
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x23
}
