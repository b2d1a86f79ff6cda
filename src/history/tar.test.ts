import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tarEntry, tarFile } from '../../bench/audit/containers.ts'
import type { Problem } from '../errors.ts'
import { type Bytes, HISTORY_LIMITS } from './bytes.ts'
import { unpacked } from './packings.ts'
import { entriesOf, isTar } from './tar.ts'

/** Counts the bytes that are read of it. */
class Source implements Bytes {
  readonly name = 'logs.tar'
  readonly #bytes: Buffer
  readonly #size: number
  read = 0

  constructor(bytes: Buffer, size = 1 << 16) {
    this.#bytes = bytes
    this.#size = size
  }

  chunks(tell: (problem: Problem) => void): AsyncIterable<Buffer> {
    return unpacked(this.#cut(), this.name, HISTORY_LIMITS.unpacked, tell)
  }

  async *#cut(): AsyncGenerator<Buffer> {
    for (let from = 0; from < this.#bytes.length; from += this.#size) {
      const chunk = this.#bytes.subarray(from, from + this.#size)
      this.read += chunk.length
      yield chunk
    }
  }
}

async function textOf(bytes: Bytes, tell: (problem: Problem) => void = () => {}): Promise<string> {
  let text = ''
  for await (const chunk of bytes.chunks(tell)) text += chunk.toString()
  return text
}

async function read(
  archive: Source,
): Promise<{ readonly entries: readonly Bytes[]; readonly problems: readonly string[] }> {
  const problems: string[] = []
  const entries: Bytes[] = []
  for await (const { bytes, head } of entriesOf(archive, HISTORY_LIMITS, (each) => problems.push(each.message))) {
    assert.equal(await textOf(head), await textOf({ ...head }))
    entries.push(bytes)
  }
  return { entries, problems }
}

const LONG = `must-gather/${'x'.repeat(120)}`
const FILES: readonly (readonly [string, Buffer])[] = [
  ['./a.log', Buffer.from('a\n'.repeat(1000))],
  [`${LONG}/b.log`, Buffer.from('b')],
  [`${LONG}/c.log.gz`, gzipSync('c\n')],
  ['.hidden', Buffer.from('no')],
  ['folder/._mac', Buffer.from('no')],
  ['empty', Buffer.alloc(0)],
  ['d\u001b[31m.log', Buffer.alloc(512, 'd')],
]

describe('a tar archive', () => {
  test('tells its files, each as often as asked, in any order', async () => {
    for (const bytes of [tarFile(FILES), gzipSync(tarFile(FILES))]) {
      const { entries, problems } = await read(new Source(bytes, 1000))
      assert.deepEqual(problems, [])
      assert.deepEqual(
        entries.map(({ name }) => name),
        ['logs.tar/a.log', `logs.tar/${LONG}/b.log`, `logs.tar/${LONG}/c.log.gz`, 'logs.tar/d?[31m.log'],
      )
      const texts = ['a\n'.repeat(1000), 'b', 'c\n', 'd'.repeat(512)]
      for (const order of [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [2, 2, 0, 3],
      ])
        for (const at of order) assert.equal(await textOf(entries[at] as Bytes), texts[at])
      // At once.
      assert.deepEqual(await Promise.all(entries.map((each) => textOf(each))), texts)
    }
  })

  test('is read once for all its files in their order', async () => {
    const archive = new Source(
      tarFile(Array.from({ length: 50 }, (_, at) => [`${at}.log`, Buffer.alloc(5000, 'x')] as const)),
    )
    const { entries } = await read(archive)
    archive.read = 0
    for (const entry of entries) assert.equal((await textOf(entry)).length, 5000)
    assert.ok(archive.read <= 50 * 5632 + 1024, `${archive.read}`)
  })

  test('that is cut off or broken says so, wherever', async () => {
    const whole = tarFile([
      ['a.log', Buffer.from('a')],
      ['b.log', Buffer.alloc(700, 'b')],
    ])
    for (let to = 513; to < whole.length - 1024; to++) {
      const { problems } = await read(new Source(whole.subarray(0, to)))
      const isBetween = to === 1024
      assert.deepEqual(problems.length, isBetween ? 0 : 1, `${to}`)
    }
    const broken = Buffer.from(whole)
    broken[1024 + 3] = 0xff
    const { entries, problems } = await read(new Source(broken))
    assert.deepEqual(
      [entries.length, problems],
      [1, ['cannot be read: the tar archive is broken or cut off at byte 1536']],
    )
  })

  test('that claims more than it has ends', async () => {
    for (const size of [2 ** 31, 8 ** 11 - 1]) {
      const { problems } = await read(new Source(tarEntry('a.log', '0', Buffer.from('x'), size)))
      assert.equal(problems.length, 1)
    }
    const { entries, problems } = await read(new Source(tarEntry('x', 'L', Buffer.from('x'), 2 ** 31)))
    assert.deepEqual([entries.length, problems.length], [0, 1])
  })

  test('is told by its first header', () => {
    const bytes = tarFile(FILES)
    assert.ok(isTar(bytes))
    assert.ok(!isTar(bytes.subarray(0, 511)))
    bytes[0] = 0x41
    assert.ok(!isTar(bytes))
    assert.ok(!isTar(Buffer.alloc(1024)))
  })
})
