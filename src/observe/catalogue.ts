import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KubeObject } from '../cluster/object.ts'
import type { Problem } from '../errors.ts'
import { type Input, readFiles } from './files/read.ts'
import { type CatalogueObjects, keepCatalogue, keptCatalogue, seenAs } from './kept-catalogue.ts'

/** The checks that come with the product, as they stand in `policies/`. */
export interface Catalogue {
  /** Every policy, of a control that changed its meaning all of them. */
  readonly policies: readonly KubeObject[]
  /** Mutations by the id of their check. */
  readonly fixes: ReadonlyMap<string, KubeObject>
  readonly problems: readonly Problem[]
}

const FOLDER = fileURLToPath(new URL('../../policies', import.meta.url))
/** Beside the modules that set-up makes of these (bin/setup.mjs), and nowhere else, so that it is as new as the code that reads. */
const KEPT = fileURLToPath(new URL('catalogue.json', import.meta.url))
const POLICY_FILE = /^policy(\.v1\.\d+)?\.yaml$/
const FIX_FILE = 'fix.yaml'

/** `policies/`, or another folder of the same shape: a folder a check, in it policy.yaml and perhaps fix.yaml. */
export function readCatalogue(folder: string = FOLDER): Catalogue {
  const kept = folder === FOLDER ? keptCatalogue(KEPT, folder) : undefined
  if (kept) return catalogueOf(kept, [])
  const { policies, fixes, problems } = readFolder(folder, filesIn(folder))
  return catalogueOf({ policies, fixes }, problems)
}

/** Keeps what `policies/` holds in a file, for those who read it beside their own code. Nothing is kept of what is broken. */
export function keepCatalogueIn(file: string, folder: string = FOLDER): void {
  const files = filesIn(folder)
  const folders = new Set(files.map(({ id }) => id))
  const seen = ['.', ...folders, ...files.map(({ path }) => path)].map((path) => seenAs(folder, path))
  const { policies, fixes, problems } = readFolder(folder, files)
  if (problems.length === 0) keepCatalogue(file, seen, { policies, fixes })
}

function catalogueOf({ policies, fixes }: CatalogueObjects, problems: readonly Problem[]): Catalogue {
  return { policies, fixes: new Map(fixes.map((fix) => [fix.name, fix])), problems }
}

interface CatalogueFile {
  readonly id: string
  readonly name: string
  /** Relative to the folder of the catalogue. */
  readonly path: string
}

function filesIn(folder: string): readonly CatalogueFile[] {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
  return ids.flatMap((id) =>
    readdirSync(join(folder, id))
      .filter((name) => POLICY_FILE.test(name) || name === FIX_FILE)
      .sort()
      .map((name) => ({ id, name, path: join(id, name) })),
  )
}

function readFolder(
  folder: string,
  files: readonly CatalogueFile[],
): CatalogueObjects & { readonly problems: readonly Problem[] } {
  const read = (isWanted: (name: string) => boolean): Input =>
    readFiles(files.filter(({ name }) => isWanted(name)).map(({ path }) => join(folder, path)))
  const policies = read((name) => name !== FIX_FILE)
  const fixes = read((name) => name === FIX_FILE)
  return { policies: policies.objects, fixes: fixes.objects, problems: [...policies.problems, ...fixes.problems] }
}

/** What a person must know of a check of the catalogue, as Markdown; undefined where there is no such page. */
export function readPage(id: string): string | undefined {
  // A user’s policy may have any name, also one that leads out of the folder.
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) return undefined
  const file = join(FOLDER, id, 'page.md')
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
