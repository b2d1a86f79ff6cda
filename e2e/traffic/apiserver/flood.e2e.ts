// A real API server flooded by one service account: found in its audit log, capped by the generated objects. Run: npm run e2e
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { bulkhead, testFolder } from '../../../src/cli/cli.testing.ts'
import { objectsOf } from '../../../src/cluster/testing.ts'
import type { TrafficApiServer } from '../../../src/report/traffic/apiserver.ts'
import { type ControlPlane, startControlPlane } from '../../controlplane/start.ts'
import { type Api, connect, POLL_MS } from '../../policy/api.ts'
import { CONFIG_MAPS, configMaps, furnish, gauge, RUNAWAY, type Run, run } from './world.ts'

const SECONDS = 12
const RUNS = 3
const LEAST = 3
const WHO = 'sa:a/runaway'

const folder = testFolder()
const log = join(folder.path, 'audit.log')
const policy = folder.write('policy.yaml', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n')
const input = join(folder.path, 'cluster.json')

let plane: ControlPlane
let api: Api
let tokens: Awaited<ReturnType<typeof furnish>>
const floods: Run[] = []

before(async () => {
  plane = await startControlPlane({ components: ['apiserver'], audit: { policy, log } })
  api = connect(plane)
  tokens = await furnish(api)
  const { items } = await configMaps(api)
  writeFileSync(input, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...(items as []), RUNAWAY] }))
})

after(async () => {
  api.close()
  await plane.stop()
})

function tell(t: TestContext, name: string, { flood, victim }: Run): void {
  const load = loadavg()[0]?.toFixed(1)
  const { completed, p50Ms, p95Ms } = victim
  t.diagnostic(
    `${name}: the other completed ${completed} (p50 ${p50Ms} ms, p95 ${p95Ms} ms); ` +
      `the flood ${JSON.stringify(flood?.codes ?? {})}; load average ${load}`,
  )
}

function median(runs: readonly Run[]): number {
  const counts = runs.map(({ victim }) => victim.completed).sort((a, b) => a - b)
  return counts[counts.length >> 1] as number
}

function report(args: readonly string[]): TrafficApiServer {
  const made = bulkhead(['traffic', 'apiserver', '-f', input, '--history', log, '-o', 'json', ...args])
  assert.equal(made.status, 0, made.stderr)
  return JSON.parse(made.stdout) as TrafficApiServer
}

describe('an API server that one service account floods', () => {
  test('serves the other worse', async (t) => {
    const calm = await run(plane, tokens, SECONDS, false)
    tell(t, 'no flood', calm)
    for (let turn = 0; turn < RUNS; turn++) {
      const flooded = await run(plane, tokens, SECONDS)
      tell(t, 'flooded', flooded)
      floods.push(flooded)
    }
    assert.ok(median(floods) < calm.victim.completed)
  })

  test('names it first in its audit log, with its application and owner, and why', (t) => {
    const { items, window, levels } = report([])
    const [first] = items
    t.diagnostic(
      `${first?.subject} ${first?.verb} ${first?.resource}: ${first?.requests} requests, ${first?.seconds} s, ` +
        `${first?.seatSeconds} of ${window.seatSeconds} seat-seconds, ${first?.seats} seats each`,
    )
    assert.deepEqual(
      [first?.subject, first?.agent, first?.verb, first?.resource, first?.applications, first?.owners],
      [WHO, 'reporter/1.0', 'list', 'configmaps', ['Application/a/reports'], ['team-reports']],
    )
    assert.deepEqual(first?.why.map(({ why }) => why).slice(0, 2), ['no-resource-version', 'no-limit'])
    assert.ok((first?.share ?? 0) > 0.5)
    assert.equal(levels.find(({ name }) => name === 'workload-low')?.nominal, 245)
  })

  test('has the seats that were computed, before and with the cap', async () => {
    const { cap, levels } = report(['--cap', WHO])
    assert.ok(cap)
    const today = await gauge(api, 'nominal_limit_seats')
    assert.deepEqual(new Map(levels.map(({ name, nominal }) => [name, nominal])), sorted(today))
    for (const [field, metric] of [
      ['lower', 'lower_limit_seats'],
      ['upper', 'upper_limit_seats'],
    ] as const)
      assert.deepEqual(new Map(levels.map((each) => [each.name, each[field]])), sorted(await gauge(api, metric)))

    const made = bulkhead(['traffic', 'apiserver', '-f', input, '--history', log, '--cap', WHO])
    assert.equal(made.status, 0, made.stderr)
    for (const { body } of objectsOf(made.stdout)) await api.apply(body)
    const expected = new Map([
      ...cap.levels.map(({ name, after: seats }) => [name, seats] as const),
      [cap.name, cap.seats],
    ])
    let seen = await gauge(api, 'nominal_limit_seats')
    for (const end = Date.now() + 30_000; !seen.has(cap.name) && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      seen = await gauge(api, 'nominal_limit_seats')
    }
    assert.deepEqual(sorted(seen), sorted(expected))
  })

  test(`with the cap the other completes at least ${LEAST} times as many requests`, async (t) => {
    const capped: Run[] = []
    for (let turn = 0; turn < RUNS; turn++) {
      const one = await run(plane, tokens, SECONDS)
      tell(t, 'capped', one)
      capped.push(one)
    }
    const [without, with_] = [median(floods), median(capped)]
    t.diagnostic(
      `${CONFIG_MAPS} ConfigMaps, 40 lists in flight, ${SECONDS} s, median of ${RUNS}: ${without} without, ${with_} with the cap`,
    )
    assert.ok(with_ >= LEAST * without, `${with_} of ${without}`)
  })
})

function sorted(map: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}
