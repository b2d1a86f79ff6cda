// The set cel-admission-library of the corpus: policies of another project, their parameters, and the objects they are tested with.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { at, type JsonObject } from '../../src/cluster/json.ts'
import { bindingOf } from './binding.ts'
import { readDocuments } from './documents.ts'
import type { PolicySet } from './install.ts'
import type { Question } from './question.ts'

const corpus = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))
const root = join(corpus, 'cel-admission-library')

/** Why the set cannot be asked for here; false where it can. */
export const libraryMissing = existsSync(root) ? false : `no cel-admission-library at ${root} (set BULKHEAD_CORPUS)`

export type Library = { readonly set: PolicySet; readonly questions: readonly Question[] }

/** Every policy is bound to everything, with the configuration that the set brings. Questions are named by their file. */
export async function readLibrary(): Promise<Library> {
  const [configuration, policies, resources] = await Promise.all(
    [['configuration'], ['controls', 'runtime-policies'], ['test-resources']].map(objectsIn),
  )
  const params = configuration!.map(({ body }) => body).sort((a) => (a.kind === 'CustomResourceDefinition' ? -1 : 1))
  const param = params.find((body) => body.kind === 'ControlConfiguration')
  const taken = policies!.map(({ body }) => body)
  const questions = resources!
    .filter(({ body }) => at(body, 'metadata', 'name') !== 'placeholder')
    .map(({ file, body }, index, all): Question => {
      const name = basename(file, '.yaml')
      const before = all.slice(0, index).filter((each) => each.file === file).length
      return { id: before === 0 ? name : `${name}#${before + 1}`, operation: 'CREATE', object: body }
    })
  const connects = ['exec', 'attach', 'portforward'].map((subresource): Question => {
    const query = subresource === 'portforward' ? 'ports=80' : 'command=sh'
    return {
      id: `connect-${subresource}`,
      operation: 'CONNECT',
      path: `/api/v1/namespaces/default/pods/web/${subresource}?${query}`,
    }
  })
  const bindings = taken.map((policy) => bindingOf(policy, param))
  return { set: { policies: taken, bindings, params }, questions: [...questions, ...connects] }
}

async function objectsIn(folders: readonly string[]): Promise<{ file: string; body: JsonObject }[]> {
  const files: string[] = []
  for (const folder of folders)
    for (const name of await readdir(join(root, folder), { recursive: true }))
      if (name.endsWith('.yaml')) files.push(join(root, folder, name))
  return readDocuments(files.sort())
}
