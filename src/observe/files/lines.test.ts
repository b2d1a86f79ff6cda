import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countLines } from './lines.ts'

/** Some 40 KB: lines short and long, one longer than several blocks, none at the end. */
const TEXT = [...Array(700).keys()]
  .map((at) => (at === 300 ? 'x'.repeat(20_000) : 'y'.repeat((at * 37) % 60)))
  .join('\n')
const BYTES = Buffer.from(TEXT)

function counted(offset: number): { line: number; column: number } {
  const before = TEXT.slice(0, offset).split('\n')
  return { line: before.length - 1, column: (before.at(-1) as string).length }
}

const somewhere = (at: number): number => (at * 7919) % (BYTES.length + 1)
const orders: Readonly<Record<string, readonly number[]>> = {
  'one after the other': [...Array(BYTES.length + 1).keys()].filter((at) => at % 13 === 0),
  backwards: [...Array(BYTES.length + 1).keys()].filter((at) => at % 131 === 0).toReversed(),
  anywhere: [...Array(500).keys()].map(somewhere),
  twice: [...Array(200).keys()].flatMap((at) => [somewhere(at), somewhere(at)]),
}

for (const [name, offsets] of Object.entries(orders))
  test(`the line of every byte, asked for ${name}`, () => {
    const lines = countLines(BYTES)
    for (const offset of offsets)
      assert.deepEqual(
        lines.at(offset, (from, to) => BYTES.subarray(from, to)),
        counted(offset),
        String(offset),
      )
  })

test('a line is found by reading one block and no more', () => {
  const lines = countLines(BYTES)
  for (const offset of orders.anywhere as readonly number[])
    lines.at(offset, (from, to) => {
      assert.ok(to === offset && to - from <= 8 * 1024)
      return BYTES.subarray(from, to)
    })
})
