import { isUtf8 } from 'node:buffer'
import { gunzipSync, inflateSync } from 'node:zlib'
import { deaggregated } from './kpl.ts'

const MEBIBYTE = 1024 ** 2
/** What is delivered at once has a few megabytes; logs shrink to a tenth or a thirtieth. */
const MOST_BYTES = 16 * MEBIBYTE
const MOST_RATIO = 200
const ALWAYS = 64 * 1024

export interface Unpacked {
  /** Text of UTF-8, up to `to`; behind it stand some bytes with which no value goes on, so that a scan may look ahead. */
  readonly bytes: Buffer
  readonly to: number
}

const END = Buffer.alloc(8, '\n')

/** What Base64 says: one record, or several that were put into one; or why it says nothing. */
export function partsOf(data: string): readonly Buffer[] | string {
  if (!isBase64(data)) return 'data that is not Base64'
  const bytes = Buffer.from(data, 'base64')
  return deaggregated(bytes) ?? [bytes]
}

/** Text, or gzip or zlib of it; or why it is neither. Bounded by its own size, so that the work of a whole file is too. */
export function unpacked(bytes: Buffer): Unpacked | string {
  const inflate = isGzip(bytes) ? gunzipSync : isZlib(bytes) ? inflateSync : undefined
  if (!inflate) return textOf(bytes)
  const limit = Math.min(MOST_BYTES, Math.max(ALWAYS, MOST_RATIO * bytes.length))
  try {
    return textOf(inflate(bytes, { maxOutputLength: limit }))
  } catch (error) {
    const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return isTooLarge ? `data that unpacks to more than ${limit} bytes` : 'data that is not whole gzip'
  }
}

/** Whether a text is probably Base64 of gzip, or of a JSON object. */
export function looksPacked(data: string): boolean {
  return data.startsWith('H4sI') || data.startsWith('84ma') || data.startsWith('ey') || data.startsWith('ew')
}

function isBase64(data: string): boolean {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0
  return (data.length - padding) % 4 !== 1 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(data)
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** RFC 1950, 2.2. */
function isZlib(bytes: Buffer): boolean {
  return bytes[0] === 0x78 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0
}

function textOf(bytes: Buffer): Unpacked | string {
  if (!isUtf8(bytes)) return 'data that is neither text nor gzip of it'
  return { bytes: Buffer.concat([bytes, END]), to: bytes.length }
}
