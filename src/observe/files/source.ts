import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Problem, problem } from '../../errors.ts'

/** What one run may read, so that no input can exhaust memory or time. */
export interface Limits {
  /** Bytes of one file. */
  readonly source: number
  /** Bytes of one stream, or of a file after decompression: their length is known only when they end. */
  readonly stream: number
  /** Bytes of one document, or of one item of a list. etcd takes 1.5 MiB by default. */
  readonly document: number
  /** Documents and list items of one source, and problems in it, after which the rest is not read. */
  readonly documents: number
  readonly problems: number
  /** Objects of the whole run, the same object counted once. */
  readonly objects: number
  /** Milliseconds without a byte after which a stream is given up. */
  readonly stallMs: number
}

export const LIMITS: Limits = {
  source: 1024 ** 3,
  stream: 256 * 1024 ** 2,
  document: 16 * 1024 ** 2,
  documents: 2_000_000,
  problems: 10_000,
  // The largest cluster that Kubernetes is tested for has 150,000 pods; a workload takes 16 KB of memory while it is judged.
  objects: 200_000,
  stallMs: 60_000,
}

/** The bytes of one input and where they came from. */
export interface Source {
  readonly name: string
  readonly bytes: Buffer
  /** The bytes cannot be read from the file again: it holds others (packed), or is a pipe. */
  readonly unpacked?: true
  readonly problems: readonly Problem[]
}

export const MEBIBYTE = 1024 ** 2

/**
 * Reads until the end, the limit or a stall, whichever comes first, and keeps what had come. The memory grows in place
 * up to the limit, so that a stream is never held twice.
 */
async function drain(stream: Readable, name: string, limits: Limits): Promise<Source> {
  const memory = new ArrayBuffer(0, { maxByteLength: limits.stream })
  const problems: Problem[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const stall = setTimeout(() => {
        problems.push(problem('BH_STALLED', { seconds: limits.stallMs / 1000 }, { file: name }))
        resolve()
      }, limits.stallMs)
      timer = stall
      stream.on('data', (chunk: Buffer) => {
        stall.refresh()
        const taken = Math.min(chunk.length, limits.stream - size)
        if (size + taken > memory.byteLength)
          memory.resize(Math.min(limits.stream, Math.max(2 * memory.byteLength, size + taken)))
        new Uint8Array(memory).set(chunk.subarray(0, taken), size)
        size += taken
        if (taken === chunk.length) return
        // A stream that always has data would go on before anyone hears of the end.
        stream.pause()
        problems.push(tooLarge(name, limits.stream))
        resolve()
      })
      stream.on('end', resolve)
      stream.on('error', reject)
    })
  } catch (error) {
    const code = name.endsWith('.gz') ? 'BH_GZIP' : 'BH_READ'
    problems.push(problem(code, { why: (error as Error).message }, { file: name }))
  } finally {
    clearTimeout(timer)
    stream.destroy()
  }
  memory.resize(size)
  return { name, bytes: Buffer.from(memory), problems }
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

export async function readStream(stream: Readable, name: string, limits: Limits): Promise<Source> {
  return gunzipped(await drain(stream, name, limits), limits)
}

/** A regular file is read at its size; a named pipe, whose writer may never come, like any other stream. */
export async function readFile(path: string, limits: Limits): Promise<Source> {
  try {
    const { size, isRegular } = await stat(path).then((info) => ({ size: info.size, isRegular: info.isFile() }))
    const handle = await withStall(open(path, 'r'), limits)
    if (!handle) return failed('BH_STALLED', path, { seconds: limits.stallMs / 1000 })
    if (!isRegular) {
      const piped = await drain(handle.createReadStream(), path, limits)
      return gunzipped({ ...piped, unpacked: true }, limits)
    }
    const length = Math.min(size, limits.source)
    const bytes = Buffer.allocUnsafe(length)
    let read = 0
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, length - read, read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    await handle.close()
    const problems = size > limits.source ? [tooLarge(path, limits.source)] : []
    return gunzipped({ name: path, bytes: bytes.subarray(0, read), problems }, limits)
  } catch (error) {
    return failed('BH_READ', path, { why: reason(error) })
  }
}

function failed(code: 'BH_READ' | 'BH_STALLED', path: string, values: Record<string, string | number>): Source {
  return { name: path, bytes: Buffer.alloc(0), problems: [problem(code, { ...values }, { file: path })] }
}

function tooLarge(name: string, limit: number): Problem {
  return problem('BH_TOO_LARGE', { limit: `${limit / MEBIBYTE} MiB` }, { file: name })
}

async function withStall<T>(work: Promise<T>, limits: Limits): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limits.stallMs)
  })
  return Promise.race([work, stalled]).finally(() => clearTimeout(timer))
}

async function gunzipped(source: Source, limits: Limits): Promise<Source> {
  if (!source.bytes.subarray(0, 2).equals(GZIP_MAGIC)) return source
  const gunzip = createGunzip()
  gunzip.end(source.bytes)
  const whole = await drain(gunzip, source.name, limits)
  const problems = whole.problems.map((each) =>
    each.code === 'BH_READ' ? problem('BH_GZIP', { why: each.message }, { file: source.name }) : each,
  )
  return { ...whole, unpacked: true, problems: [...source.problems, ...problems] }
}

/** A tar or zip file: POSIX ustar has its magic at 257. */
export function isArchive(bytes: Buffer): boolean {
  return bytes.toString('latin1', 257, 262) === 'ustar' || bytes.toString('latin1', 0, 4) === 'PK\x03\x04'
}

export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'there is no such file or folder'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return (error as Error).message
}
