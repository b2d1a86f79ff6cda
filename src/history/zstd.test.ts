import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { isZstd, unzstd } from './zstd.ts'

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(bytes: Buffer, size = 1 << 16): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of unzstd(cut(bytes, size), 1 << 16)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const text = Array.from({ length: 4_000 }, (_, at) => `line ${at} ${(at * 7919) % 1013}\n`).join('')
const skippable = Buffer.concat([Buffer.from('5a2a4d18', 'hex'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc')])

describe('zstd', () => {
  test('is read frame after frame, however it comes', async () => {
    const parts = [text, '', 'x'.repeat(200_000), 'end\n']
    const frames = Buffer.concat([skippable, ...parts.map((part) => zstdCompressSync(part)), skippable])
    for (const size of [1, 3, 1000, 1 << 20]) assert.equal(await read(frames, size), parts.join(''))
    assert.ok(isZstd(frames) && isZstd(zstdCompressSync('')) && !isZstd(Buffer.from('{"a')) && !isZstd(Buffer.alloc(3)))
  })

  test('is faulty wherever it ends too early, or has something else behind it', async () => {
    const frame = zstdCompressSync(text.slice(0, 700))
    const two = Buffer.concat([frame, skippable, frame])
    const ends = new Set([0, frame.length, frame.length + skippable.length, two.length])
    for (let to = 0; to <= two.length; to++) {
      if (ends.has(to)) await read(two.subarray(0, to))
      else await assert.rejects(read(two.subarray(0, to)), `${to}`)
    }
    await assert.rejects(read(Buffer.concat([frame, Buffer.from('{"a":1}\n')])), /something else/)
  })

  test('that asks for a window without end is refused', async () => {
    // A frame with a window of 2^41 bytes and one raw block.
    const bomb = Buffer.from('28b52ffd00f8090000410a', 'hex')
    await assert.rejects(read(bomb))
  })
})
