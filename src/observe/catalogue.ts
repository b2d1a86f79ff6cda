import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KubeObject } from '../cluster/object.ts'
import type { Problem } from '../errors.ts'
import { readFiles } from './files/read.ts'

/** The checks that come with the product, as they stand in `policies/`. */
export interface Catalogue {
  /** Every policy, of a control that changed its meaning all of them. */
  readonly policies: readonly KubeObject[]
  /** Mutations by the id of their check. */
  readonly fixes: ReadonlyMap<string, KubeObject>
  readonly problems: readonly Problem[]
}

const FOLDER = fileURLToPath(new URL('../../policies', import.meta.url))
const POLICY_FILE = /^policy(\.v1\.\d+)?\.yaml$/

/** Reads `policies/`, or another folder of the same shape: a folder a check, in it policy.yaml and perhaps fix.yaml. */
export function readCatalogue(folder: string = FOLDER): Catalogue {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
  const files = ids.flatMap((id) =>
    readdirSync(join(folder, id))
      .sort()
      .map((name) => ({ name, path: join(folder, id, name) })),
  )
  const pathsOf = (isWanted: (name: string) => boolean): readonly string[] =>
    files.filter(({ name }) => isWanted(name)).map(({ path }) => path)
  const policies = readFiles(pathsOf((name) => POLICY_FILE.test(name)))
  const fixes = readFiles(pathsOf((name) => name === 'fix.yaml'))
  return {
    policies: policies.objects,
    fixes: new Map(fixes.objects.map((fix) => [fix.name, fix])),
    problems: [...policies.problems, ...fixes.problems],
  }
}

/** What a person must know of a check of the catalogue, as Markdown; undefined where there is no such page. */
export function readPage(id: string): string | undefined {
  // A user’s policy may have any name, also one that leads out of the folder.
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) return undefined
  const file = join(FOLDER, id, 'page.md')
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
