import { Clock } from './clock.ts'
import type { Format } from './format.ts'
import { isNotice } from './notice.ts'
import { ANCHORED, PREFIXES } from './prefix.ts'
import { clear, emptyRequest, type Request } from './request.ts'

const OPEN = 0x7b

/**
 * Reads the lines of one file. The format is found by the lines themselves; the one that fitted last is tried first, so
 * that looking costs only where a file changes its format, or at garbage.
 */
export class LineReader {
  readonly request: Request = emptyRequest()
  /** Lines that each format has read. */
  readonly counts = new Map<Format, number>()
  readonly #formats: readonly Format[]
  readonly #clock = new Clock()
  #format: Format | undefined
  #prefix = 0
  /** A line was read whose beginning is its own, or that of a prefix of a fixed form. */
  #isPlain = false
  #run = 0

  constructor(formats: readonly Format[]) {
    this.#formats = formats
  }

  get format(): Format | undefined {
    return this.#format
  }

  /** Fills `request`; false for what is no line of any format. The bytes may not change while the request is used. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    const end = to > from && bytes[to - 1] === 0x0d ? to - 1 : to
    if (this.#format && this.#try(this.#format, this.#prefix, bytes, from, end)) {
      this.#run++
      return true
    }
    // What a sender chooses may look like the end of a prefix that is looked for, in a file whose lines have none.
    const count = this.#isPlain ? ANCHORED : PREFIXES.length
    for (let prefix = 0; prefix < count; prefix++)
      for (const format of this.#formats)
        if (this.#try(format, prefix, bytes, from, end)) {
          this.#settle()
          this.#format = format
          this.#prefix = prefix
          if (prefix < ANCHORED) this.#isPlain = true
          this.#run = 1
          return true
        }
    return this.#isWrapped(bytes, from, end)
  }

  /** Whether a line that is no request is a message of the engine itself. */
  isNotice(bytes: Uint8Array, from: number, to: number): boolean {
    for (let prefix = 0; prefix < ANCHORED; prefix++) {
      const start = PREFIXES[prefix]?.(bytes, from, to)
      if (start !== undefined && isNotice(bytes, start, to)) return true
    }
    return false
  }

  /** Whether what was read last is a connection, whose requests nobody sees. Envoy logs them like requests, with `-` for all they have not. */
  get isConnection(): boolean {
    const { status, methodFrom, methodTo, bytes } = this.request
    if (this.#format?.of === 'connections') return true
    if (status !== 0) return false
    const isDash = methodTo - methodFrom === 1 && bytes[methodFrom] === 0x2d
    return isDash || (methodTo === methodFrom && this.#format?.engine === 'envoy')
  }

  /** Counts what was read since the format changed. */
  #settle(): void {
    if (this.#format) this.counts.set(this.#format, (this.counts.get(this.#format) ?? 0) + this.#run)
    this.#run = 0
  }

  finish(): ReadonlyMap<Format, number> {
    this.#settle()
    return this.counts
  }

  #try(format: Format, prefix: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = PREFIXES[prefix]?.(bytes, from, to)
    if (start === undefined) return false
    const request = this.request
    clear(request)
    request.bytes = bytes
    if (!format.read(bytes, start, to, request, this.#clock) || !(request.time >= 0)) return false
    if (request.clientTo === 0 && request.forwardedTo > 0) lastForwarded(request)
    // Any JSON may have a time; what has no client either is no request.
    return request.clientTo > 0 || format.engine !== 'other'
  }

  /** `{"log":"…\n","stream":"stdout","time":"…"}` of Docker: the line is a string of JSON. */
  #isWrapped(bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes[from] !== OPEN || bytes[from + 2] !== 0x6c || bytes[from + 4] !== 0x67) return false
    let log: unknown
    try {
      log = (JSON.parse(Buffer.from(bytes.subarray(from, to)).toString('utf8')) as { log?: unknown }).log
    } catch {
      return false
    }
    if (typeof log !== 'string' || log.startsWith('{"log"')) return false
    const inner = Buffer.from(log.replace(/\r?\n$/, ''))
    for (const format of this.#formats)
      if (this.#try(format, 0, inner, 0, inner.length)) {
        this.counts.set(format, (this.counts.get(format) ?? 0) + 1)
        return true
      }
    return false
  }
}

/** Where the engine logs no other address: who connected to it, which it appends to the header. */
function lastForwarded(request: Request): void {
  const { bytes, forwardedFrom, forwardedTo } = request
  let from = forwardedTo
  while (from > forwardedFrom && bytes[from - 1] !== 0x2c && bytes[from - 1] !== 0x20) from--
  request.clientFrom = from
  request.clientTo = forwardedTo
}
