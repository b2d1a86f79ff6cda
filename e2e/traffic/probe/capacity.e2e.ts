import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TrafficProbe } from '../../../src/report/traffic/probe.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))
const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const RUNS = Number(process.env.BULKHEAD_E2E_PROBE_RUNS ?? 3)

/** Measured before and after, these differ by no more: the machine was the same all the while. */
const SAME = 1.25

const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function start(kind: string): Promise<{ url: string; stop: () => void }> {
  const child = spawn(process.execPath, [own('service.ts'), kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const port =
    kind === 'hog'
      ? ''
      : await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim())))
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => {
      child.kill('SIGKILL')
      children.delete(child)
    },
  }
}

async function calibrated(url: string): Promise<number> {
  const { stdout } = await run(process.execPath, [own('calibrate.ts'), url, '5', '8'])
  return Number(stdout)
}

async function probed(url: string): Promise<TrafficProbe> {
  const { stdout } = await run(process.execPath, [main, 'traffic', 'probe', url, '-o', 'json'], {
    maxBuffer: 64 * 1024 ** 2,
  })
  const document = JSON.parse(stdout) as TrafficProbe
  assert.ok(document.budget.requests.used <= 5_000)
  assert.ok(document.budget.seconds.used <= 60.5)
  return document
}

/** What was seen, with the load of the machine, for whoever writes it down. */
function record(name: string, capacity: number, { capacity: found, verdict, budget, confidence }: TrafficProbe): void {
  const off = found?.best === undefined ? '' : ` (${(100 * (found.best / capacity - 1)).toFixed(1)} %)`
  const text = found ? `${found.low} to ${found.high ?? '…'}, best ${found.best ?? '…'}${off}` : 'none'
  const line = `${name}: measured before ${capacity.toFixed(1)}; ${verdict} ${confidence}: ${text}; ${budget.requests.used} requests, ${budget.seconds.used} s; load average ${(loadavg()[0] ?? 0).toFixed(1)}`
  console.log(line)
  if (process.env.BULKHEAD_E2E_RECORD) appendFileSync(`${process.env.BULKHEAD_E2E_RECORD}/probe.txt`, `${line}\n`)
}

describe('traffic probe, on services of known capacity', () => {
  for (const kind of ['single', 'pool', 'slow-start'])
    for (let count = 1; count <= RUNS; count++)
      test(`${kind}, run ${count}: within 15 % of what was measured just before and after`, async () => {
        // One that starts slowly is measured on a twin, since the second measurement would find it warm.
        const twin = kind === 'slow-start' ? await start('single') : undefined
        const service = await start(kind)
        const before = await calibrated((twin ?? service).url)
        const document = await probed(service.url)
        const then = await calibrated(service.url)
        twin?.stop()
        service.stop()
        record(`${kind} ${count}`, before, document)
        // A machine whose own figure moves by more than that cannot tell: what the product says must then still hold one of them.
        const [low, high] = [Math.min(before, then), Math.max(before, then)]
        if (document.verdict === 'unknown') {
          assert.ok(high / low > 1.1 || document.cause === 'noise', document.sentence)
          return
        }
        if (high / low > SAME && document.confidence === 'poor') return
        const best = document.capacity?.best ?? 0
        assert.ok(best >= 0.85 * low && best <= 1.15 * high, `${best}, measured ${before} before and ${then} after`)
      })
})

const MOST_TRIES = 3

describe('traffic probe, with CPU hogs beside it', () => {
  for (const hogs of [1, 2])
    for (let count = 1; count <= RUNS; count++)
      test(`${hogs} of them, run ${count}: the interval holds what was measured just before, or it is unknown`, async (t) => {
        for (let tries = 1; tries <= MOST_TRIES; tries++) {
          const service = await start('single')
          const neighbours = await Promise.all(Array.from({ length: hogs }, () => start('hog')))
          try {
            const before = await calibrated(service.url)
            const document = await probed(service.url)
            const then = await calibrated(service.url)
            record(`single beside ${hogs} hogs ${count} (${then.toFixed(1)} after)`, before, document)
            const { low = 0, high = Number.POSITIVE_INFINITY } = document.capacity ?? {}
            if (document.verdict === 'unknown' || (low <= before && before <= high)) return
            // Others use the machine as well, and not evenly: what holds before does not hold meanwhile.
            const isSame = Math.max(before, then) / Math.min(before, then) <= SAME
            assert.ok(!isSame, `${document.sentence} Measured ${before} before and ${then} after.`)
          } finally {
            for (const each of [service, ...neighbours]) each.stop()
          }
        }
        t.skip('others use this machine: what was measured before and after differed each time')
      })
})
