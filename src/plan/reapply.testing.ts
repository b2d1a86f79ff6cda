import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Analysis, analyse, type Options, plan } from '../loop.ts'
import { readInputs } from '../observe/files/read.ts'
import { edgeId } from '../radius/judge.ts'
import type { Plan } from './ports.ts'

/** The check that cannot be faked (DESIGN section 5): the patches are made in the files, and the files read and judged again. */
export async function checkedPlan(
  names: readonly string[],
  options: Options & { readonly namespace?: string } = {},
  steps = 10,
): Promise<{ plan: Plan; base: Analysis }> {
  const read = () =>
    readInputs(names, { recursive: true, ...(options.namespace === undefined ? {} : { namespace: options.namespace }) })
  const base = analyse(await read(), options)
  const made = plan(base, options, { steps })
  let edges = new Set(base.edges.map(edgeId))
  for (const [at, step] of made.steps.entries()) {
    for (const { file, diff } of step.patches) patch(file, diff)
    const again = analyse(await read(), options)
    const what = `step ${at + 1}, ${step.id}`
    assert.ok(
      Math.abs(again.risk.total - step.risk.after) <= 1e-9,
      `${what}: ${again.risk.total}, not ${step.risk.after}`,
    )
    const left = new Set(again.edges.map(edgeId))
    assert.deepEqual([...edges].filter((id) => !left.has(id)).sort(), step.cuts, `${what} cuts`)
    assert.deepEqual([...left].filter((id) => !edges.has(id)).sort(), step.adds, `${what} adds`)
    edges = left
  }
  return { plan: made, base }
}

/** Applies a unified diff as `patch` does, by its line numbers, and fails where a line is not as the diff says. */
export function patch(file: string, diff: string): void {
  const lines = diff.split('\n').slice(0, -1)
  assert.ok(lines[0]?.startsWith('--- ') && lines[1]?.startsWith('+++ '), diff.slice(0, 200))
  const isNew = lines[0] === '--- /dev/null'
  const old = isNew ? [] : readFileSync(file, 'latin1').split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  let hunk = { from: 0, last: '' }
  const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
  for (const line of lines.slice(2)) {
    const start = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@/.exec(line)
    const text = bytes(line.slice(1))
    if (start) {
      hunk = { from: start[2] === '0' ? Number(start[1]) : Number(start[1]) - 1, last: '' }
      while (at < hunk.from) result.push(old[at++] as string)
    } else if (line.startsWith('\\')) {
      if (hunk.last !== '-') result.push((result.pop() as string).replace(/\n$/, ''))
    } else if (line.startsWith('+')) result.push(`${text}\n`)
    else {
      assert.equal((old[at] as string).replace(/\n$/, ''), text, `${file}: line ${at + 1}`)
      if (line.startsWith(' ')) result.push(old[at] as string)
      at++
    }
    if (!line.startsWith('\\')) hunk.last = line.charAt(0)
  }
  while (at < old.length) result.push(old[at++] as string)
  if (lines[1] === '+++ /dev/null') {
    rmSync(file)
    return
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, Buffer.from(result.join(''), 'latin1'))
}
