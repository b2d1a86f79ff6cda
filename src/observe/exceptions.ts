import { basename } from 'node:path'
import { parseYaml } from '../cluster/yaml.ts'
import type { Problem } from '../errors.ts'
import { type Input, readInputs } from './files/read.ts'
import { LIMITS, readFile } from './files/source.ts'
import { walk } from './files/walk.ts'

/** A file of another tool, to be read as it is. */
export interface ForeignFile {
  readonly name: string
  readonly text: string
  readonly kind: 'trivyignore' | 'trivyignore-yaml' | 'json'
}

/** What `--exceptions` names: objects, and the files of other tools that say the same. */
export interface ReadExceptions {
  readonly input: Input
  readonly foreign: readonly ForeignFile[]
  readonly problems: readonly Problem[]
}

/** Nobody writes more by hand. */
const MOST_BYTES = 16 * 1024 ** 2

/** Reads files and folders, those inside them too. `isForeign` tells a JSON document that no objects are in. */
export async function readExceptions(
  names: readonly string[],
  isForeign: (value: NonNullable<ReturnType<typeof parseYaml>['value']>) => boolean,
): Promise<ReadExceptions> {
  const problems: Problem[] = []
  const foreign: ForeignFile[] = []
  const objects: string[] = []
  const limits = { ...LIMITS, source: MOST_BYTES }
  for (const name of names) {
    const walked = await walk(name, true)
    problems.push(...walked.problems)
    for (const file of walked.files) {
      const kind = kindOf(file)
      if (kind === undefined) {
        objects.push(file)
        continue
      }
      const source = await readFile(file, limits)
      problems.push(...source.problems)
      const text = source.bytes.toString('utf8')
      const value = kind === 'json' ? parseYaml(text).value : undefined
      if (kind !== 'json' || (value !== undefined && value !== null && isForeign(value)))
        foreign.push({ name: file, text, kind })
      else objects.push(file)
    }
  }
  const input = await readInputs(objects, { limits })
  return { input, foreign, problems: [...problems, ...input.problems] }
}

function kindOf(file: string): ForeignFile['kind'] | undefined {
  const name = basename(file)
  if (/trivyignore\.ya?ml$/.test(name)) return 'trivyignore-yaml'
  if (/trivyignore$/.test(name)) return 'trivyignore'
  return name.endsWith('.json') ? 'json' : undefined
}
