// The catalogue's own policies and fixes, as the API server is given them.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../src/cluster/json.ts'
import { readDocuments } from './documents.ts'

const root = fileURLToPath(new URL('../../policies', import.meta.url))

export type CataloguePolicy = {
  /** The folder below `policies/`. */
  readonly folder: string
  readonly body: JsonObject
}

/** Every policy (`policy*.yaml`) and every fix (`fix*.yaml`) in the folders of `policies/`; bindings among them are left out. */
export async function readCatalogue(): Promise<CataloguePolicy[]> {
  if (!existsSync(root)) return []
  const names = await readdir(root, { recursive: true })
  const files = names.filter((name) => /(^|[/\\])(policy|fix)[^/\\]*\.yaml$/.test(name)).sort()
  const documents = await readDocuments(files.map((name) => join(root, name)))
  return documents
    .filter(({ body }) => body.kind === 'ValidatingAdmissionPolicy' || body.kind === 'MutatingAdmissionPolicy')
    .map(({ file, body }) => ({ folder: relative(root, dirname(file)), body }))
}
