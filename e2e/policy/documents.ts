// The documents of files, as the product reads them, but whole: the values of Secrets stay, and what stands twice is there twice.
import { at, isObject, type Json, type JsonObject, list } from '../../src/cluster/json.ts'
import { countLines } from '../../src/observe/files/lines.ts'
import { readSource, type Sink } from '../../src/observe/files/read-source.ts'
import { LIMITS, readFile } from '../../src/observe/files/source.ts'

export type Document = { readonly file: string; readonly body: JsonObject }

/** The objects in the files, the items of lists singly. Throws at the first problem: these are files that tests rely on. */
export async function readDocuments(files: readonly string[]): Promise<Document[]> {
  const found: Document[] = []
  for (const file of files) {
    const fail = (why: string) => {
      throw new Error(`${file}: ${why}`)
    }
    const accept = (value: Json) => {
      if (value === null) return
      if (!isObject(value)) fail('a document is no object')
      else if (Array.isArray(value.items) && String(value.kind).endsWith('List')) list(value.items).forEach(accept)
      else if (at(value, 'kind') !== undefined && at(value, 'apiVersion') !== undefined)
        found.push({ file, body: value })
    }
    const sink: Sink = {
      accept,
      acceptHeader: () => undefined,
      acceptDuplicateKey: (_, path) => fail(`the key ${path.join('.')} stands twice`),
      acceptProblem: (problem) => fail(JSON.stringify(problem)),
    }
    const source = await readFile(file, LIMITS)
    for (const problem of source.problems) fail(JSON.stringify(problem))
    readSource({ ...source, index: 0, lines: countLines(source.bytes) }, LIMITS, sink)
  }
  return found
}
