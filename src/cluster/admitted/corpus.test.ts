import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { countLines } from '../../observe/files/lines.ts'
import { readSource } from '../../observe/files/read-source.ts'
import { LIMITS } from '../../observe/files/source.ts'
import { field, isObject, type Json, type JsonObject, string } from '../json.ts'
import { asAdmitted } from './admitted.ts'
import { schemaOf } from './schema.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const corpus = process.env.BULKHEAD_CORPUS ?? join(root, '../shared/corpus')

interface Digests {
  readonly path: string
  /** The digest of what is shown, `refused`, or nothing for a kind that is not built in, or in a version that is served no more. */
  readonly docs: readonly string[]
}

const { cases } = JSON.parse(readFileSync(join(root, 'oracle/vectors/admitted-corpus.json'), 'utf8')) as {
  readonly cases: readonly Digests[]
}

function documentsOf(bytes: Buffer): Json[] {
  const documents: Json[] = []
  const push = (value: Json): void => {
    if (value !== null) documents.push(value)
  }
  readSource({ name: 'input', bytes, problems: [], index: 0, lines: countLines(bytes) }, LIMITS, {
    accept: push,
    acceptHeader: () => undefined,
    acceptDuplicateKey: () => {},
    acceptProblem: () => push(null),
  })
  return documents
}

const isJsonList = (bytes: Buffer): boolean =>
  /^\s*(\{|\[)/.test(bytes.toString('latin1', 0, 100)) && /"items"|^\s*\[/.test(bytes.toString('latin1'))

function answer(document: Json): string {
  if (!isObject(document)) return ''
  const [version = '', group = ''] = (string(field(document, 'apiVersion')) ?? '').split('/').reverse()
  if (!/^v\d+$/.test(version) || !schemaOf(group, version, string(field(document, 'kind')) ?? '')) return ''
  const { body, problems } = asAdmitted({ body: document as JsonObject })
  if (problems.length > 0) return 'refused'
  return createHash('sha256').update(text(body)).digest('hex').slice(0, 8)
}

/** As Go writes it: keys sorted, and two line separators escaped. */
function text(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => text(item as Json)).join()}]`
  if (!isObject(value)) return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${text(value[key] as Json)}`)
    .join()}}`
}

test('every object of the corpus as Kubernetes shows it', {
  skip: existsSync(corpus) ? false : `no corpus at ${corpus} (set BULKHEAD_CORPUS)`,
}, () => {
  let count = 0
  for (const { path, docs } of cases) {
    const bytes = readFileSync(join(corpus, path))
    const documents = isJsonList(bytes) ? [JSON.parse(bytes.toString('utf8')) as Json] : documentsOf(bytes)
    assert.deepEqual(documents.map(answer), docs, path)
    count += docs.filter((digest) => digest !== '').length
  }
  assert.ok(count > 2_700, String(count))
})
