import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unifiedDiff } from './diff.ts'
import { patchDiff } from './patch-diff.ts'
import { joinPatches, type Patch } from './pieces.ts'

/** Lines of a file and, for two states of it, what becomes of some of them. */
const states = fc
  .record({
    lines: fc.array(fc.constantFrom('a', 'b', 'c', 'd: 1', ''), { minLength: 1, maxLength: 80 }),
    ends: fc.boolean(),
    old: fc.array(fc.tuple(fc.nat(79), fc.nat(3), fc.constantFrom('', 'x\n', 'x\ny\n', 'a\n'))),
    now: fc.array(fc.tuple(fc.nat(79), fc.nat(3), fc.constantFrom('', 'z\n', 'x\n', 'b\n'))),
  })
  .map(({ lines, ends, old, now }) => {
    const text = lines.map((line, at) => `${line}${at}`).join('\n') + (ends ? '\n' : '')
    const original = Buffer.from(text)
    const starts = [0]
    for (let at = 0; at < text.length; at++) if (text[at] === '\n') starts.push(at + 1)
    const patchesOf = (all: readonly (readonly [number, number, string])[]): readonly Patch[] => {
      const patches: Patch[] = []
      let last = -1
      for (const [line, count, put] of [...all].sort((a, b) => a[0] - b[0])) {
        if (line <= last || line >= starts.length) continue
        const end = Math.min(line + count, starts.length - 1)
        last = end
        patches.push({ start: starts[line] as number, end: starts[end] as number, text: put })
      }
      return patches
    }
    return { original, old: patchesOf(old), now: patchesOf(now) }
  })

test('what is told of the lines around the patches is what the whole files would tell, line for line', () => {
  fc.assert(
    fc.property(states, ({ original, old, now }) => {
      const whole = unifiedDiff('f', joinPatches(original, old), joinPatches(original, now))
      const near = patchDiff('f', original, old, now)
      const changes = (diff: string): readonly string[] => diff.split('\n').filter((line) => /^[-+]/.test(line))
      // Of several shortest scripts the two may choose differently; each must give the same text.
      assert.equal(applied(joinPatches(original, old).toString(), near), joinPatches(original, now).toString())
      assert.ok(changes(near).length <= changes(whole).length + 8, `${near}\n${whole}`)
    }),
    { numRuns: 400, seed: 7 },
  )
})

/** As `patch` does, by the numbers of the lines. */
function applied(text: string, diff: string): string {
  const old = text.split(/(?<=\n)/).filter((line) => line !== '')
  const result: string[] = []
  let at = 0
  let sign = ''
  for (const line of diff.split('\n').slice(2, -1)) {
    const head = /^@@ -(\d+),?(\d*) \+/.exec(line)
    if (head) {
      const from = head[2] === '0' ? Number(head[1]) : Number(head[1]) - 1
      while (at < from) result.push(old[at++] as string)
      continue
    }
    if (line.startsWith('\\')) {
      if (sign !== '-') result.push((result.pop() as string).replace(/\n$/, ''))
    } else if (line.startsWith('+')) result.push(`${line.slice(1)}\n`)
    else {
      assert.equal((old[at] as string).replace(/\n$/, ''), line.slice(1))
      if (line.startsWith(' ')) result.push(old[at] as string)
      at++
    }
    sign = line.charAt(0)
  }
  return [...result, ...old.slice(at)].join('')
}
