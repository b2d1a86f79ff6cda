import { realpath } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type Problem, problem } from '../errors.ts'
import { reason } from '../observe/files/source.ts'
import { type Bytes, fileBytes, type HistoryLimits, heldBytes, streamOf } from './bytes.ts'
import { findFiles } from './find.ts'

export interface Opened {
  readonly bytes: Bytes
  /** Named itself, not only its folder. */
  readonly isNamed: boolean
}

/** The files of paths and folders, and what `-` stands for, in their order. Named twice is still one file, and nothing in it happened twice. */
export async function* opened(
  paths: readonly string[],
  stdin: Readable | undefined,
  limits: HistoryLimits,
  tell: (problem: Problem) => void,
): AsyncGenerator<Opened> {
  const seen = new Set<string>()
  for (const path of paths) {
    if (path === '-') {
      if (stdin) yield { bytes: await heldBytes(stdin, 'standard input', limits, tell), isNamed: true }
      continue
    }
    for (const { path: file, isNamed } of await findFiles(path, tell)) {
      const real = await realpath(file).catch(() => file)
      if (seen.has(real)) continue
      seen.add(real)
      const stream = await streamOf(file).catch((error: unknown) => {
        tell(problem('BH_READ', { why: reason(error) }, { file }))
      })
      yield { bytes: stream ? await heldBytes(stream, file, limits, tell) : fileBytes(file, limits), isNamed }
    }
  }
}
