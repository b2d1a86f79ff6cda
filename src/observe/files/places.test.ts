import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Path } from '../../cluster/json.ts'
import { type Input, readInputs } from './read.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-places-'))
})
after(() => rmSync(folder, { recursive: true }))

async function read(name: string, content: string | Buffer): Promise<Input> {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return readInputs([path])
}

function place(input: Input, path: Path): string {
  const { line, column } = input.locate(input.objects[0]?.origin as never, path) as { line: number; column: number }
  return `${line}:${column}`
}

const IMAGE: Path = ['spec', 'containers', 0, 'image']

describe('places', () => {
  test('beside an explicit null, which kubectl create --dry-run writes', async () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: null\n  name: p\nspec:\n  containers:\n  - image: ~\n'
    assert.equal(place(await read('null.yaml', text), IMAGE), '8:5')
  })
  test('inside a flow mapping that is an item of a block list', async () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, image: b}\n  - {name: c, securityContext: {privileged: true}}\n'
    const input = await read('flow.yaml', text)
    assert.equal(place(input, IMAGE), '6:15')
    assert.equal(place(input, ['spec', 'containers', 1, 'securityContext', 'privileged']), '7:33')
  })
  test('in a document that ends with three dots', async () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - image: a\n...\n'
    assert.equal(place(await read('dots.yaml', text), IMAGE), '6:5')
  })
  test('in a gzip file, whatever its name', async () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: a}]}\n'
    assert.equal(place(await read('packed.yaml', gzipSync(text)), IMAGE), '4:22')
  })
  test('of a fault in JSON, inside a list as well', async () => {
    const broken = await read('broken.json', '{"apiVersion": "v1",\n "kind": "Pod"\n "metadata": {"name": "p"}}')
    assert.deepEqual(
      broken.problems.map(({ line, column }) => [line, column]),
      [[3, 2]],
    )
    const list = await read('list.json', '{"apiVersion":"v1","kind":"List","items":[\n{"a":1},\n{"a":oops}]}')
    assert.deepEqual(
      list.problems.map(({ line, column }) => [line, column]),
      [[3, 6]],
    )
  })
  test('in a file of one long line', async () => {
    const pods = Array.from(
      { length: 3_000 },
      (_, at) => `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p${at}"}}`,
    )
    const text = `{"apiVersion":"v1","kind":"List","items":[${pods.join()}]}`
    const input = await read('long.json', text)
    const last = input.objects.at(-1)
    assert.ok(last)
    const column = text.indexOf('"name":"p2999"') + 1
    assert.equal(input.locate(last.origin as never, ['metadata', 'name'])?.column, column)
  })
  test('noted while reading are those that are found later', async () => {
    const list = Array.from({ length: 8_000 }, (_, at) => `- kind: Pod\n  apiVersion: v1\n  metadata: {name: p${at}}\n`)
    const path = join(folder, 'many.yaml')
    writeFileSync(
      path,
      `kind: Pod\napiVersion: v1\nmetadata: {name: é}\n---\napiVersion: v1\nkind: List\nitems:\n${list.join('')}`,
    )
    const later = await readInputs([path])
    const noted = await readInputs([path], { places: true })
    assert.equal(noted.objects.length, 8_001)
    for (const [at, object] of noted.objects.entries()) {
      const place = noted.locate(object.origin as never, ['metadata', 'name'])
      assert.deepEqual(place, later.locate(later.objects[at]?.origin as never, ['metadata', 'name']))
      assert.equal(place?.line, at === 0 ? 3 : 7 + at * 3)
    }
  })
  test('of every key that stands twice', async () => {
    const input = await read(
      'twice.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  a: 1\n  a: 2\n  b: [{c: 1, c: 2}]\n',
    )
    assert.deepEqual(
      input.duplicateKeys.map(({ path }) => path),
      [
        ['spec', 'a'],
        ['spec', 'b', 0, 'c'],
      ],
    )
  })
})

describe('names', () => {
  test('two objects with one generateName are two', async () => {
    const job = (image: string): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\nspec: {template: {spec: {containers: [{image: ${image}}]}}}\n`
    const { objects } = await read('generate.yaml', `${job('a')}---\n${job('b')}`)
    assert.equal(new Set(objects.map(({ id }) => id)).size, 2)
    for (const { name } of objects) assert.match(name, /^migrate-\*[0-9a-z]{8}$/)
    assert.deepEqual((await read('generate.yaml', job('a'))).objects[0]?.id, objects[0]?.id)
  })
  test('a namespace that is no string is refused, as a name is', async () => {
    const input = await read('no.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: no}\n')
    assert.deepEqual([input.objects.length, input.problems.map(({ code }) => code)], [0, ['BH_OBJECT']])
  })
  test('a file that is named twice is read once', async () => {
    const { objects } = await read('once.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n')
    const path = join(folder, 'once.yaml')
    assert.equal((await readInputs([path, join(folder, '.', 'once.yaml')])).objects.length, objects.length)
  })
})

describe('what is no object', () => {
  test('words after JSON are a fault, not a document', async () => {
    const input = await read('trail.json', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}\ntrailing words\n')
    assert.deepEqual([input.objects.length, input.problems.map(({ code }) => code)], [1, ['BH_JSON']])
  })
  test('an archive is named as such', async () => {
    const tar = Buffer.alloc(1024)
    tar.write('ustar', 257)
    for (const bytes of [tar, gzipSync(tar), Buffer.from('PK\x03\x04rest')])
      assert.deepEqual(
        (await read('a.yaml', bytes)).problems.map(({ code }) => code),
        ['BH_ARCHIVE'],
      )
  })
  test('what a support bundle could not collect is told', async () => {
    const input = await read('cluster-resources/pods-errors.json', '{"pods/shop.json": ["forbidden"]}')
    assert.equal(input.notCollected.length, 1)
    assert.equal((await read('cluster-resources/pods-errors.json', '{}')).notCollected.length, 0)
  })
})

test('no fault quotes the document: a value may be a secret', async () => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: '
  const texts = [
    '*hunter2',
    '!hunter2,x y',
    '!<hunter2 x',
    '"hunter2\\q"',
    '{hunter2',
    '&hunter2',
    '|hunter2\n',
    '%hunter2',
    '@hunter2',
    '`hunter2',
    "'hunter2",
  ]
  for (const text of [...texts.map((value) => secret + value), '--- {stringData: {p: hunter2}}\n']) {
    const { problems } = await read('secret.yaml', text)
    assert.ok(!JSON.stringify(problems).includes('hunter2'), text)
  }
  const { problems } = await read('secret.json', '{"kind":"Secret","data":{"p":hunter2]}')
  assert.ok(problems.length > 0 && !JSON.stringify(problems).includes('hunter2'))
})
