import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isObject, type Json } from '../../cluster/json.ts'
import { countLines } from './lines.ts'
import { readSource } from './read-source.ts'
import { LIMITS } from './source.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const corpus = process.env.BULKHEAD_CORPUS ?? join(root, '../shared/corpus')
const vectors = (name: string): { cases: readonly unknown[] } =>
  JSON.parse(readFileSync(join(root, 'oracle/vectors', `${name}.json`), 'utf8'))

/** What the reader makes of a source; 'refused' for what it tells as a problem. */
function documentsOf(bytes: Buffer): Json[] {
  const documents: Json[] = []
  const push = (value: Json): void => {
    if (value !== null) documents.push(value)
  }
  readSource({ name: 'input', bytes, problems: [], index: 0, lines: countLines(bytes) }, LIMITS, {
    accept: push,
    acceptHeader: () => undefined,
    acceptDuplicateKey: () => {},
    acceptProblem: () => push('refused'),
  })
  return documents
}

const sorted = (value: Json): string =>
  JSON.stringify(value, (_, each: Json) =>
    isObject(each)
      ? Object.fromEntries(
          Object.keys(each)
            .sort()
            .map((key) => [key, each[key] as Json]),
        )
      : each,
  )
const digest = (value: Json): string => createHash('sha256').update(sorted(value)).digest('hex').slice(0, 16)

const isJsonList = (bytes: Buffer): boolean =>
  /^\s*(\{|\[)/.test(bytes.toString('latin1', 0, 100)) && /"items"|^\s*\[/.test(bytes.toString('latin1'))

test('every document of the corpus reads as kubectl reads it', {
  skip: existsSync(corpus) ? false : `no corpus at ${corpus} (set BULKHEAD_CORPUS)`,
}, () => {
  let count = 0
  for (const item of vectors('corpus-yaml').cases as readonly { path: string; docs: readonly string[] }[]) {
    const bytes = readFileSync(join(corpus, item.path))
    // The reader hands on the items of a list singly; the digest is of the whole.
    const documents = isJsonList(bytes) ? [JSON.parse(bytes.toString('utf8')) as Json] : documentsOf(bytes)
    assert.deepEqual(documents.map(digest), item.docs, item.path)
    count += documents.length
  }
  assert.ok(count > 5_000)
})

interface SplitCase {
  readonly name: string
  readonly in?: string
  readonly docs: readonly string[]
  readonly error?: string
}

/** Read otherwise on purpose, or in forms that no tool writes. */
const READ_OTHERWISE: Readonly<Record<string, string>> = {
  'stream 72': 'two byte order marks: kubectl drops both',
  'stream 135': 'a bare array: its members are read, where kubectl takes the array for one object and fails',
  'stream 136': 'a bare array, as above',
  'stream 137': 'a bare array, as above',
  'stream 138': 'a bare array, as above',
  'stream 142': 'null between JSON values',
  'JSON after 4096 blanks': 'kubectl no longer takes it for JSON, and drops all but the first value',
  'JSON after 4097 blanks': 'as above',
}

test('a stream that kubectl reads to its end gives the same documents, or is told where kubectl drops text unseen', () => {
  const good = (vectors('yaml-split').cases as readonly SplitCase[]).filter(
    (item) => item.error === undefined && item.in !== undefined,
  )
  assert.ok(good.length > 150)
  let equal = 0
  for (const item of good) {
    const documents = documentsOf(Buffer.from(item.in as string))
    const isEqual =
      JSON.stringify(documents.map(sorted)) === JSON.stringify(item.docs.map((each) => sorted(JSON.parse(each))))
    if (isEqual) equal++
    assert.ok(
      isEqual || documents.includes('refused') || Object.hasOwn(READ_OTHERWISE, item.name),
      `${item.name}: ${JSON.stringify(item.in)} gives ${JSON.stringify(documents)} for ${JSON.stringify(item.docs)}`,
    )
  }
  assert.ok(equal > 200, `only ${equal} of ${good.length} streams read alike`)
})

test('a stream on which kubectl stops gives at least the documents before, and the rest is told', () => {
  for (const item of vectors('yaml-split').cases as readonly SplitCase[]) {
    if (item.error === undefined || item.in === undefined) continue
    const documents = documentsOf(Buffer.from(item.in)).map(sorted)
    for (const wanted of item.docs)
      assert.ok(
        documents.includes(sorted(JSON.parse(wanted))) || documents.includes('"refused"'),
        `${item.name}: ${JSON.stringify(item.in)} lost ${wanted}`,
      )
  }
})
