import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { containerLines, isContainerLine } from './container-lines.ts'
import type { Slice } from './lines.ts'

async function* cut(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

function told({ bytes, from, to, line, fault, leftOut }: Slice): string {
  return `${line} ${fault ?? (leftOut === undefined ? bytes.toString('utf8', from, to) : `(${leftOut})`)}`
}

async function read(lines: readonly string[], size = 1 << 16, limit = 1 << 20): Promise<readonly string[]> {
  const found: string[] = []
  for await (const slices of containerLines(cut(lines.map((line) => `${line}\n`).join(''), size), limit))
    found.push(...slices.map(told))
  return found
}

const TIME = '2026-05-01T10:00:00.123456789Z'
const docker = (log: string, stream = 'stdout'): string => JSON.stringify({ log, stream, time: TIME })

describe('files of containers', () => {
  test('of the CRI are read as what the container wrote, parts joined', async () => {
    const lines = [
      `${TIME} stdout F {"a":1}`,
      `${TIME} stdout P {"b":`,
      `${TIME} stderr F I0501 klog`,
      `${TIME} stderr P {"c`,
      `${TIME} stdout P "ü`,
      `${TIME} stdout F "}`,
      '2026-05-01T10:00:00.1+02:00 stderr F:x ":2}',
      '{"d":4}',
      `${TIME} stdout P {"e`,
    ]
    for (const size of [1, 13, 1 << 16])
      assert.deepEqual(await read(lines, size), [
        '1 {"a":1}',
        '3 (text that is no event)',
        '2 {"b":"ü"}',
        '4 {"c":2}',
        '8 {"d":4}',
        '9 ends before its line does',
      ])
  })

  test('of Docker are read so too', async () => {
    const lines = [
      docker('{"a":1}\n'),
      docker('{"b":'),
      docker('hello\n', 'stderr'),
      docker('2}\n'),
      '{"log":"x"}',
      docker('{"c'),
    ]
    for (const size of [1, 13, 1 << 16])
      assert.deepEqual(await read(lines, size), [
        '1 {"a":1}',
        '3 (text that is no event)',
        '2 {"b":2}',
        '5 {"log":"x"}',
        '6 ends before its line does',
      ])
  })

  test('hold no more of a line than it may have', async () => {
    const parts = Array.from({ length: 50 }, () => `${TIME} stdout P ${'x'.repeat(100)}`)
    const lines = [...parts, `${TIME} stdout F x`, `${TIME} stdout F {"a":1}`]
    assert.deepEqual(await read(lines, 1 << 16, 1000), ['1 longer than 1000 bytes', '52 {"a":1}'])
  })

  test('are told by their lines', () => {
    for (const line of [`${TIME} stdout F {}`, `${TIME} stderr P x`, docker('x')]) assert.ok(isContainerLine(line))
    for (const line of [`${TIME} {}`, `${TIME} stdout {}`, '{"log":"x"}', '{"kind":"Event"}', 'x'])
      assert.ok(!isContainerLine(line))
  })
})
