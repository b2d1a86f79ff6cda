import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { UsageError } from './exit.ts'

/** Where a document goes: standard output, or a file. */
export interface Target {
  readonly format: string
  /** Undefined: standard output. */
  readonly file: string | undefined
}

/** `-o FORMAT` or `-o FORMAT=FILE`, repeatable; `--output-file` names the file of the last one that has none. */
export function parseTargets(
  values: readonly string[],
  file: string | undefined,
  formats: readonly string[],
): readonly Target[] | string {
  const targets = values.map((value) => {
    const at = value.indexOf('=')
    return at < 0
      ? { format: value, file: undefined as string | undefined }
      : { format: value.slice(0, at), file: value.slice(at + 1) || undefined }
  })
  const unknown = targets.find((target) => !formats.includes(target.format))
  if (unknown) return `-o ${unknown.format} is not known; choose one of ${formats.join(', ')}`
  if (file !== undefined) {
    const last = targets.findLast((target) => target.file === undefined)
    if (!last) return '--output-file needs an output that has no file of its own'
    last.file = file
  }
  if (targets.filter((target) => target.file === undefined).length > 1)
    return 'only one output can go to standard output; give the others a file: -o FORMAT=FILE'
  return targets
}

/** Writes pieces as fast as the reader takes them. A reader that goes away (`| head`) ends the writing quietly. */
export async function write(pieces: Iterable<string>, target: Target): Promise<void> {
  const stream: Writable = target.file === undefined ? process.stdout : createWriteStream(target.file)
  let closed = false
  const failure = new Promise<Error>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      closed = true
      resolve(error)
    })
  })
  let buffer = ''
  for (const piece of pieces) {
    if (closed) break
    buffer += piece
    if (buffer.length < 65_536) continue
    if (!stream.write(buffer)) await Promise.race([once(stream, 'drain').catch(() => {}), failure])
    buffer = ''
  }
  if (!closed) {
    await Promise.race([new Promise<void>((resolve) => stream.write(buffer, () => resolve())), failure])
    if (target.file !== undefined)
      await Promise.race([new Promise<void>((resolve) => stream.end(() => resolve())), failure])
  }
  if (closed) {
    const error: NodeJS.ErrnoException = await failure
    if (error.code !== 'EPIPE')
      throw new UsageError(`${target.file ?? 'standard output'}: cannot write: ${error.message}`)
  }
}
