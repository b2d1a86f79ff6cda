import { constants, createReadStream, openSync, readSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { type Problem, problem } from '../errors.ts'
import { MEBIBYTE, reason } from '../observe/files/source.ts'
import { HEAD, isPacked, unpacked } from './packings.ts'

/** What reading one source may take, so that no input can exhaust memory or time. */
export interface HistoryLimits {
  /** Bytes of one line, or of one event that is written over several. */
  readonly line: number
  /** Bytes of one file after decompression. */
  readonly unpacked: number
  /** Bytes of one stream, which can be read only once: all of it, and what is kept of it compressed. */
  readonly stream: number
  readonly held: number
  /** Milliseconds without a byte after which a stream is given up. */
  readonly stallMs: number
}

export const HISTORY_LIMITS: HistoryLimits = {
  line: 16 * MEBIBYTE,
  unpacked: 64 * 1024 * MEBIBYTE,
  stream: 1024 * MEBIBYTE,
  held: 64 * MEBIBYTE,
  stallMs: 60_000,
}

/** Bytes that can be read more than once. */
export interface Bytes {
  readonly name: string
  /** Each chunk is its own memory, unless `isReused`: then it is only valid until the next is asked for. */
  chunks(tell: (problem: Problem) => void, isReused?: boolean): AsyncIterable<Buffer>
}

const CHUNK = 256 * 1024
/** Chunks after which others have their turn. */
const TURN = 64

/** A file that is read anew each time; its size is the writer's affair, its decompressed size is bounded. */
export function fileBytes(name: string, limits: HistoryLimits): Bytes {
  return {
    name,
    chunks: async function* (tell, isReused = false) {
      try {
        const handle = await open(name, 'r')
        try {
          const head = Buffer.allocUnsafe(HEAD)
          const { bytesRead } = await handle.read(head, 0, HEAD, 0)
          if (isPacked(head.subarray(0, bytesRead))) {
            const packed = handle.createReadStream({ start: 0, highWaterMark: CHUNK, autoClose: false })
            yield* unpacked(packed, name, limits.unpacked, tell)
            return
          }
          let buffer = Buffer.allocUnsafeSlow(CHUNK)
          for (let at = 0, count = 1; ; count++) {
            if (!isReused) buffer = Buffer.allocUnsafeSlow(CHUNK)
            // Handing each chunk to another thread costs as much as reading it.
            const read = readSync(handle.fd, buffer, 0, CHUNK, at)
            if (read === 0) return
            at += read
            yield buffer.subarray(0, read)
            if (count % TURN === 0) await setImmediate()
          }
        } finally {
          await handle.close()
        }
      } catch (error) {
        tell(problem('BH_READ', { why: reason(error) }, { file: name }))
      }
    },
  }
}

/** Nothing that a pipe gives may be written to disk (it holds bodies and tokens): it is kept in memory, compressed. */
export async function heldBytes(
  stream: Readable,
  name: string,
  limits: HistoryLimits,
  tell: (problem: Problem) => void,
): Promise<Bytes> {
  const kept: Buffer[] = []
  const gzip = createGzip({ level: 1 })
  let held = 0
  const keep = (chunk: Buffer): void => {
    kept.push(chunk)
    held += chunk.length
  }
  gzip.on('data', keep)
  let wasPacked = false
  let size = 0
  let stall: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    const stop = (each?: Problem): void => {
      if (each) tell(each)
      resolve()
    }
    stall = setTimeout(
      () => stop(problem('BH_STALLED', { seconds: limits.stallMs / 1000 }, { file: name })),
      limits.stallMs,
    )
    stream.on('data', (piece: Buffer | string) => {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece
      stall?.refresh()
      if (size === 0) wasPacked = isPacked(chunk)
      size += chunk.length
      const limit = size > limits.stream ? limits.stream : held > limits.held ? limits.held : undefined
      if (limit !== undefined) {
        stream.pause()
        stop(problem('BH_TOO_LARGE', { limit: `${limit / MEBIBYTE} MiB` }, { file: name }))
      } else if (wasPacked) keep(Buffer.from(chunk))
      else if (!gzip.write(chunk)) {
        stream.pause()
        gzip.once('drain', () => stream.resume())
      }
    })
    stream.on('end', () => stop())
    stream.on('error', (error) => stop(problem('BH_READ', { why: reason(error) }, { file: name })))
  })
  clearTimeout(stall)
  stream.removeAllListeners('data')
  stream.on('error', () => {})
  stream.destroy()
  gzip.removeAllListeners('drain')
  if (wasPacked) gzip.destroy()
  else {
    const ended = new Promise((resolve) => gzip.once('end', resolve))
    gzip.end()
    await ended
  }
  return { name, chunks: (later) => unpacked(pieces(kept), name, limits.unpacked, later) }
}

/**
 * What can be read only once; undefined for a file. A named pipe is opened without waiting for its writer, who may never
 * come: such a wait cannot be given up, not even by ending the process.
 */
export async function streamOf(path: string): Promise<Readable | undefined> {
  const info = await stat(path)
  if (info.isFile()) return undefined
  if (!info.isFIFO()) return createReadStream(path)
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false })
}

async function* pieces(kept: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* kept
}
