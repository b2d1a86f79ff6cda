import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Input, type ReadOptions, readInputs } from './read.ts'

const GOOD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n'
const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-hostile-'))
})
after(() => rmSync(folder, { recursive: true }))

async function read(content: string | Buffer, options: ReadOptions & { readonly name?: string } = {}): Promise<Input> {
  const path = join(folder, options.name ?? 'input.yaml')
  writeFileSync(path, content)
  return readInputs([path], options)
}

const names = (input: Input): readonly string[] => input.objects.map((object) => object.name)

/** Whatever is wrong with one document, the good ones around it are read, and the bad one is told with its place. */
async function survives(bad: string | Buffer, code: string, line?: number): Promise<void> {
  const after = GOOD.replace('good', 'after')
  const input = await read(
    Buffer.concat([Buffer.from(`${GOOD}---\n`), Buffer.from(bad), Buffer.from(`\n---\n${after}`)]),
  )
  assert.deepEqual(names(input), ['good', 'after'])
  assert.deepEqual(
    input.problems.map((each) => each.code),
    [code],
  )
  const [told] = input.problems
  assert.ok(told?.file !== undefined && told.line !== undefined && told.line >= 5, JSON.stringify(told))
  if (line !== undefined) assert.equal(told.line, line)
}

describe('one bad document among good ones', () => {
  test('cut in a string', () => survives('a: "b', 'BH_YAML'))
  test('cut in a flow mapping', () => survives('a: {b: [1, 2', 'BH_YAML'))
  test('a tab for indentation', () => survives('a:\n\tb: 1', 'BH_YAML', 6))
  test('an unrendered template', () => survives('metadata:\n  name: {{ .Values.name }}', 'BH_YAML'))
  test('ten thousand levels of flow', () => survives('['.repeat(10_000), 'BH_YAML'))
  test('ten thousand levels of block', () => survives('- '.repeat(10_000), 'BH_YAML'))
  test('an alias bomb', () =>
    survives(
      [...Array(12).keys()]
        .map(
          (at) =>
            `a${at}: &a${at} [${Array(10)
              .fill(at === 0 ? 'x' : `*a${at - 1}`)
              .join()}]`,
        )
        .join('\n'),
      'BH_YAML',
    ))
  test('an anchor inside itself', () => survives('a: &a [*a]', 'BH_YAML'))
  test('a NUL byte', () => survives('a: b\0c', 'BH_YAML'))
  test('bytes that are not UTF-8', () => survives(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]), 'BH_UTF8'))
  test('text after the separator', async () => {
    const input = await read(`${GOOD}--- a: 1\nb: 2\n---\n${GOOD.replace('good', 'after')}`)
    assert.deepEqual(names(input), ['good', 'after'])
    assert.deepEqual(
      input.problems.map((each) => each.code),
      ['BH_SEPARATOR'],
    )
  })
  test('a name of a megabyte', () =>
    survives(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${'n'.repeat(1_000_000)}}`, 'BH_OBJECT'))
  test('no name', () => survives('apiVersion: v1\nkind: ConfigMap\nmetadata: {}', 'BH_OBJECT'))
  test('a document larger than any object', () => survives(`a: ${'x'.repeat(17 * 1024 ** 2)}`, 'BH_DOCUMENT_TOO_LARGE'))
})

describe('lists', () => {
  const item = (name: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`

  test('a list that is cut gives its whole items', async () => {
    const input = await read(
      `{"apiVersion":"v1","kind":"List","items":[${item('a')},${item('b')},{"apiVersion":"v1","kind`,
      { name: 'cut.json' },
    )
    assert.deepEqual(names(input), ['a', 'b'])
    assert.deepEqual(
      input.problems.map((each) => each.code),
      ['BH_JSON'],
    )
  })

  test('a bad item does not sink the others', async () => {
    const input = await read(`{"kind":"List","apiVersion":"v1","items":[${item('a')},{"a":tru},${item('b')}]}`, {
      name: 'bad.json',
    })
    assert.deepEqual(names(input), ['a', 'b'])
    assert.equal(input.problems[0]?.line, 1)
  })

  test('a long YAML list is read item by item, and gives what the whole gives', async () => {
    const items = [...Array(8_000).keys()].map(
      (at) =>
        `- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c${at}\n  data:\n    text: |\n      - not an item\n`,
    )
    const input = await read(`apiVersion: v1\nitems:\n${items.join('')}kind: List\n`)
    assert.equal(input.objects.length, 8_000)
    const origin = input.objects[4_321]?.origin
    assert.ok(origin)
    assert.deepEqual(input.locate(origin, ['metadata', 'name'])?.line, 3 + 4_321 * 7 + 3)
  })

  test('an item-like line inside a quoted scalar does not cut the list', async () => {
    const padding = `- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: pad}\n  data: {a: ${'x'.repeat(300_000)}}\n`
    const input = await read(
      `apiVersion: v1\nkind: List\nitems:\n${padding}- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: quoted}\n  data:\n    a: 'one\n- two'\n`,
    )
    assert.deepEqual(names(input), ['pad', 'quoted'])
    assert.deepEqual(input.problems, [])
  })

  test('members that do not say what they are take the type of their list, or of their file', async () => {
    const typed = await read('{"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"a"}}]}', {
      name: 'typed.json',
    })
    assert.deepEqual(
      typed.objects.map((object) => object.kind),
      ['ConfigMap'],
    )
    const bare = await read('[{"metadata":{"name":"p","namespace":"n"},"spec":{"containers":[]}}]', {
      name: 'pods.json',
    })
    assert.deepEqual(
      bare.objects.map((object) => object.id),
      ['Pod/n/p'],
    )
    assert.ok(
      (await read('{"apiVersion":"v1","kind":"NetworkPolicyList","items":null}', { name: 'empty.json' })).listed.has(
        'NetworkPolicy',
      ),
    )
  })
})

describe('secrets', () => {
  test('no value of a Secret, nor what kubectl remembers of one, is kept', async () => {
    const text = `apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"password":"c2VjcmV0LXZhbHVl"}}'}
data: {password: c2VjcmV0LXZhbHVl}
stringData: {other: secret-value}
`
    const input = await read(text)
    const kept = JSON.stringify(input.objects)
    assert.ok(!/secret-value|c2VjcmV0/.test(kept))
    assert.ok(kept.includes('"password":""') && kept.includes('"other":""'))
  })
})

describe('files and folders', () => {
  test('kubectl’s rules: extensions, order, folders only with -R; links never lead outside', async () => {
    const root = join(folder, 'tree')
    mkdirSync(join(root, 'inner'), { recursive: true })
    writeFileSync(join(root, 'b.yaml'), GOOD.replace('good', 'b'))
    writeFileSync(join(root, 'a.json'), '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}')
    writeFileSync(join(root, 'note.txt'), GOOD)
    writeFileSync(join(root, 'inner', 'c.yml.gz'), gzipSync(GOOD.replace('good', 'c')))
    writeFileSync(join(folder, 'outside.yaml'), GOOD.replace('good', 'outside'))
    symlinkSync(join(folder, 'outside.yaml'), join(root, 'd.yaml'))
    symlinkSync(join(root, 'b.yaml'), join(root, 'e.yaml'))
    symlinkSync(folder, join(root, 'f'))
    const flat = await readInputs([root])
    assert.deepEqual(names(flat), ['a', 'b', 'b'])
    assert.deepEqual(flat.notRead.length, 1)
    assert.deepEqual(
      flat.problems.map((each) => each.code),
      ['BH_NOT_REGULAR'],
    )
    assert.deepEqual(names(await readInputs([root], { recursive: true })), ['a', 'b', 'b', 'c'])
  })

  test('what is not there, and what is no gzip', async () => {
    const missing = await readInputs([join(folder, 'nowhere')])
    assert.deepEqual(
      missing.problems.map((each) => each.code),
      ['BH_READ'],
    )
    const cut = await read(gzipSync(GOOD).subarray(0, 30), { name: 'cut.yaml.gz' })
    assert.ok(cut.problems.some((each) => each.code === 'BH_GZIP'))
  })

  test('a gzip bomb ends at the limit', async () => {
    const bomb = await read(gzipSync(Buffer.alloc(8 * 1024 ** 2)), {
      name: 'bomb.yaml.gz',
      limits: { stream: 1024 ** 2 },
    })
    assert.ok(bomb.problems.some((each) => each.code === 'BH_TOO_LARGE'))
  })

  test('a stream that stalls, and one that never ends, give what had come', async () => {
    async function* stalled(): AsyncGenerator<Buffer> {
      yield Buffer.from(GOOD)
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
    }
    const stall = await readInputs(['-'], { stdin: Readable.from(stalled()), limits: { stallMs: 100 } })
    assert.deepEqual(names(stall), ['good'])
    assert.deepEqual(
      stall.problems.map((each) => each.code),
      ['BH_STALLED'],
    )
    function* endless(): Generator<Buffer> {
      for (;;) yield Buffer.from(`${GOOD}---\n`)
    }
    const end = await readInputs(['-'], { stdin: Readable.from(endless()), limits: { stream: 100_000 } })
    assert.ok(end.objects.length > 1_000)
    assert.equal(end.problems[0]?.code, 'BH_TOO_LARGE')
  })

  test('millions of tiny or broken documents end at the limits', async () => {
    const tiny = await read('{}\n'.repeat(5_000), { name: 'tiny.json', limits: { documents: 1_000 } })
    assert.deepEqual(
      tiny.problems.map((each) => each.code),
      ['BH_TOO_MANY'],
    )
    const broken = await read('---\n{\n'.repeat(5_000), { limits: { problems: 100 } })
    assert.equal(broken.problems.at(-1)?.code, 'BH_TOO_MANY')
    assert.equal(broken.problems.length, 101)
  })
})

describe('more objects than a run keeps', () => {
  const pods = (prefix: string, count: number): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PodList',
      items: Array.from({ length: count }, (_, at) => ({ metadata: { name: `${prefix}${at}` } })),
    })

  test('the rest is told and not read, over all files', async () => {
    const first = join(folder, 'first.json')
    const second = join(folder, 'second.json')
    writeFileSync(first, pods('a', 60))
    writeFileSync(second, pods('b', 60))
    const input = await readInputs([first, second, first], { limits: { objects: 100 } })
    assert.equal(input.objects.length, 100)
    assert.deepEqual(
      input.problems.map(({ code, file }) => [code, file]),
      [['BH_TOO_MANY', second]],
    )
    assert.equal(input.listed.has('Pod'), false)
    const fitting = await readInputs([first], { limits: { objects: 60 } })
    assert.equal(fitting.problems.length, 0)
    assert.equal(fitting.listed.has('Pod'), true)
  })

  test('the same object again is not another one', async () => {
    const input = await read(`${GOOD}---\n`.repeat(50), { limits: { objects: 1 } })
    assert.equal(input.problems.length, 0)
  })

  test('a list of 100 MB, cut off, of nothing but workloads', () => {
    const path = join(folder, 'pods.json')
    const parts = ['{"apiVersion":"v1","kind":"List","items":[']
    for (let at = 0, size = 0; size < 100_000_000; at++) {
      const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p${at}"},"spec":{"containers":[{"name":"c","image":"x"}]}},`
      size += pod.length
      parts.push(pod)
    }
    writeFileSync(path, parts.join('').slice(0, 100_000_000))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, 'scan', '-f', path, '--max-objects', '5000', '-o', 'json'],
      { encoding: 'utf8', maxBuffer: 1024 ** 3 },
    )
    assert.equal(status, 3)
    assert.match(stderr, /pods\.json:1:\d+: has more than 5000 objects in all; the rest was not read \[BH_TOO_MANY\]/)
    assert.equal((JSON.parse(stdout) as { inputs: { objects: number } }).inputs.objects, 5_000)
  })
})

describe('the command line', () => {
  test('a file of 100 MB that is one document is refused, and the rest is scanned', () => {
    const path = join(folder, 'large.yaml')
    writeFileSync(path, `${GOOD}---\na: "${'x'.repeat(100_000_000)}"\n---\n${GOOD.replace('good', 'after')}`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'scan', '-f', path, '-o', 'json'], {
      encoding: 'utf8',
    })
    assert.equal(status, 3)
    assert.match(stderr, /large\.yaml:5:1: a document of 96 MiB is larger than 16 MiB.*\[BH_DOCUMENT_TOO_LARGE\]/)
    assert.equal((JSON.parse(stdout) as { inputs: { objects: number } }).inputs.objects, 2)
  })

  test('a pipe that never ends', async () => {
    const child = spawn(process.execPath, [main, 'scan', '-f', '-', '--max-input', '1', '-o', 'json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stdin.on('error', () => {})
    const feed = setInterval(() => child.stdin.write(`${GOOD}---\n`.repeat(1_000)), 1)
    const code = await new Promise((resolve) => child.on('exit', resolve))
    clearInterval(feed)
    assert.equal(code, 3)
    assert.ok((JSON.parse(out) as { inputs: { objects: number } }).inputs.objects > 10_000)
  })
})
