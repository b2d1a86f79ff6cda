import { createWriteStream } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from './exit.ts'

/** Where a document goes: standard output, or a file. */
export interface Target<Format extends string = string> {
  readonly format: Format
  /** Undefined: standard output. */
  readonly file: string | undefined
}

export interface OutputFlags {
  readonly output?: readonly string[]
  readonly outputFile?: string
}

/**
 * `-o FORMAT` or `-o FORMAT=FILE`, repeatable; `--output-file` names the file of the last one that has none. Without `-o` the
 * preferred format, by default the first. Throws a `UsageError`.
 */
export function targetsOf<Format extends string>(
  { output = [], outputFile: file }: OutputFlags,
  formats: readonly [Format, ...Format[]],
  preferred: Format = formats[0],
): readonly Target<Format>[] {
  const targets = (output.length === 0 ? [preferred] : output).map((value) => {
    const at = value.indexOf('=')
    const format = at < 0 ? value : value.slice(0, at)
    const known = formats.find((each) => each === format)
    if (known === undefined) throw new UsageError(`-o ${format} is not known; choose one of ${formats.join(', ')}`)
    return { format: known, file: at < 0 ? undefined : value.slice(at + 1) }
  })
  if (targets.some((target) => target.file === ''))
    throw new UsageError('-o FORMAT=FILE needs the name of a file after the =')
  if (file !== undefined) {
    const last = targets.findLast((target) => target.file === undefined)
    if (!last) throw new UsageError('--output-file needs an output that has no file of its own')
    last.file = file
  }
  if (targets.filter((target) => target.file === undefined).length > 1)
    throw new UsageError('only one output can go to standard output; give the others a file: -o FORMAT=FILE')
  return targets
}

/** Writes pieces, each of whole characters, as fast as the reader takes them. A reader that goes away (`| head`) ends the writing quietly. */
export async function write(pieces: Iterable<string>, target: Target): Promise<void> {
  const stream: Writable = target.file === undefined ? process.stdout : createWriteStream(target.file)
  try {
    if (target.file !== undefined) await pipeline(Readable.from(blocks(pieces)), stream)
    // Standard output stays open for what comes after, and nothing waits for it when the process ends.
    else for (const block of blocks(pieces)) await written(stream, block)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EPIPE') throw new UsageError(`${target.file ?? 'standard output'}: cannot write: ${message}`)
  }
}

/** The callback tells of a failure; the event that follows it must not end the process. */
function written(stream: Writable, block: Buffer): Promise<void> {
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  return new Promise((resolve, reject) => {
    stream.write(block, (error) => (error ? reject(error) : resolve()))
  })
}

function ignore(): void {}

/** What a reader is given at once. */
const BLOCK = 64 * 1024

/** Encoded a piece at a time: of many pieces, one long text would have to be made first. */
function* blocks(pieces: Iterable<string>): Generator<Buffer> {
  let block = Buffer.allocUnsafeSlow(BLOCK)
  let end = 0
  for (const piece of pieces) {
    // A code unit takes three bytes at most.
    const most = piece.length * 3
    if (end + most > BLOCK && end > 0) {
      yield block.subarray(0, end)
      // The reader may still hold the last one.
      block = Buffer.allocUnsafeSlow(BLOCK)
      end = 0
    }
    if (most > BLOCK) yield Buffer.from(piece)
    else end += block.write(piece, end)
  }
  if (end > 0) yield block.subarray(0, end)
}
