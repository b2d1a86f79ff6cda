import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isObject, type Json } from '../cluster/json.ts'
import type { Report } from '../report/report.ts'
import { temporaryFolder } from '../temporary.testing.ts'

/** For tests: the command line as a process, and files for it in a folder that goes when they end. */

const main = fileURLToPath(new URL('main.ts', import.meta.url))
export const root = fileURLToPath(new URL('../..', import.meta.url))
export const shop = join(root, 'examples/shop')
export const corpus = process.env.BULKHEAD_CORPUS ?? join(root, '../shared/corpus')

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly input?: string
}

export function bulkhead(args: readonly string[], { cwd, input = '' }: RunOptions = {}): Ran {
  const made = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
    input,
    ...(cwd === undefined ? {} : { cwd }),
  })
  return { status: made.status, stdout: made.stdout, stderr: made.stderr }
}

export function scanned(args: readonly string[], options?: RunOptions): Report {
  return JSON.parse(bulkhead(['scan', '-o', 'json', ...args], options).stdout) as Report
}

export interface Folder {
  readonly path: string
  write(name: string, text: string | Buffer): string
  /** A folder of its own that holds a copy of what is there, under the same name. */
  copyOf(source: string, name: string): string
}

export function testFolder(): Folder {
  const path = temporaryFolder()
  return {
    path,
    write(name, text) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    copyOf(source, name) {
      const place = mkdtempSync(join(path, 'copy-'))
      cpSync(source, join(place, name), { recursive: true })
      return place
    },
  }
}

/** The schema with every object closed: what it does not name is an error. */
export function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isObject(schema)) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value as Json)]))
  return schema.type === 'object' && 'properties' in schema && !('additionalProperties' in schema)
    ? { ...inner, additionalProperties: false }
    : inner
}
