import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { because } from '../../../cluster/because.ts'
import { isObject, type Json, type JsonObject } from '../../../cluster/json.ts'
import { type KubeObject, toObject } from '../../../cluster/object.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import type { FoundLimit, Product, Settings, Written } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import type { Limit } from '../limit.ts'
import { REFUSED } from '../models/limiter.ts'
import { limiterOf } from '../models/limiter-of.ts'
import { anyLimit } from './limits.testing.ts'
import type { Writable } from './writer.ts'
import { WRITERS } from './writers.ts'

const PRODUCTS = Object.keys(WRITERS) as Writable[]
const VERSIONS: Readonly<Record<Writable, string>> = {
  'ingress-nginx': '1.15.1',
  'f5-nginx': '5.5.4',
  'envoy-gateway': '1.9.0',
  haproxy: '3.2.11',
  'haproxy-ingress': '0.16.1',
  traefik: '3.7.9',
}
const TARGET = { name: 'shop', namespace: 'default', gateway: 'edge' }
const CLUSTER = clusterOf('apiVersion: v1\nkind: Namespace\nmetadata: {name: default}')

function toKube(body: Json): KubeObject {
  assert.ok(isObject(body))
  const made = toObject(
    body as JsonObject,
    { source: 0, start: 0, end: 0, inner: [] },
    {
      namespace: 'default',
      clusterScoped: new Set<string>(),
    },
  )
  assert.ok(typeof made !== 'string', String(made))
  return made
}

/** Everything that the readers find in what was written, besides defaults of the engine. */
function readBack(product: Writable, { objects, annotations, settings }: Written): readonly FoundLimit[] {
  const dialect = dialectOf(product as Product)
  assert.ok(dialect)
  const said: Settings = {
    values: new Map(Object.entries(settings).map(([key, value]) => [key, { value, because: because(key) }])),
    flags: new Map(),
    seen: true,
    version: VERSIONS[product],
  }
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', namespace: 'default', annotations },
    spec: {},
  }
  return [undefined, toKube(ingress), ...objects.map(toKube)]
    .flatMap((object) => dialect.read(object, said, CLUSTER))
    .filter(({ byDefault }) => !byDefault)
}

const sorted = (limits: readonly Limit[]): readonly string[] =>
  limits
    .map((limit) =>
      JSON.stringify(
        Object.entries({ ...limit, exempt: limit.exempt && [...limit.exempt].sort() })
          .filter(([, value]) => value !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    )
    .sort()

for (const product of PRODUCTS) {
  test(`${product}: what is read back is what was said to be kept, and it works`, () => {
    fc.assert(
      fc.property(fc.array(anyLimit, { maxLength: 6 }), (limits) => {
        const written = WRITERS[product](limits, TARGET)
        const found = readBack(product, written)
        for (const { limit, inert, unknown } of found)
          assert.ok(!inert && !unknown, JSON.stringify({ limit, rule: inert?.rule, unknown: unknown?.missing }))
        assert.deepEqual(sorted(found.map(({ limit }) => limit)), sorted(written.kept))
      }),
      { numRuns: 2000 },
    )
  })

  test(`${product}: no limit disappears, and no field changes, without a word`, () => {
    fc.assert(
      fc.property(fc.array(anyLimit, { maxLength: 6 }), (limits) => {
        const { kept, losses } = WRITERS[product](limits, TARGET)
        const lost = new Set(losses.filter(({ severity }) => severity === 'lost').map(({ limit }) => limit))
        assert.equal(kept.length + lost.size, limits.length)
        for (const { limit, message } of losses) assert.ok(limits.includes(limit) && message.length > 10, message)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(anyLimit, (limit) => {
        const { kept, losses } = WRITERS[product]([limit], TARGET)
        const [one] = kept
        if (one === undefined) return
        const told = new Set(losses.map(({ field }) => field))
        for (const field of differing(limit, one))
          assert.ok(told.has(field), `${field} of ${JSON.stringify(limit)} became ${JSON.stringify(one)}`)
        for (const at of [1, 5, 50])
          if (admittedAtOnce(limit, at) !== admittedAtOnce(one, at))
            assert.ok(
              told.has('burst') || told.has('rate') || told.has('algorithm'),
              `${at} at once: ${JSON.stringify(limit)}`,
            )
      }),
      { numRuns: 4000 },
    )
  })
}

/** By the letter: every field that has another value, but a rate that says the same of another period. */
function differing(limit: Limit, kept: Limit): readonly string[] {
  const fields = new Set([...Object.keys(limit), ...Object.keys(kept)]) as Set<keyof Limit>
  const changed = [...fields].filter((field) => !same(limit[field], kept[field], field))
  const isWindow = [limit, kept].some(({ algorithm }) => algorithm.endsWith('window'))
  const pace = ({ rate = 0, period = 1 }: Limit): number => rate / period
  const samePace = Math.abs(pace(limit) - pace(kept)) < 1e-9 * pace(limit)
  return changed.flatMap((field) => {
    if (field === 'rate' || field === 'period') return !isWindow && samePace ? [] : ['rate']
    // What passes at once is asked of the machines.
    if (field === 'burst') return []
    // The place in a burst from which requests wait means nothing but to a leaky bucket, and there nothing beyond it.
    if (field === 'undelayed') return bites(limit) || bites(kept) ? ['undelayed'] : []
    return [field]
  })
}

function bites({ algorithm, undelayed, burst = 0 }: Limit): boolean {
  return algorithm === 'leaky-bucket' && undelayed !== undefined && undelayed < burst
}

function same(a: unknown, b: unknown, field: string): boolean {
  const plain = (value: unknown): string =>
    JSON.stringify(Array.isArray(value) ? [...value].sort() : (value ?? (field === 'exempt' ? [] : null)))
  return plain(a) === plain(b)
}

function admittedAtOnce(limit: Limit, requests: number): number {
  const limiter = limiterOf(limit)
  let count = 0
  for (let n = 0; n < requests; n++) if (limiter?.admit(0, 1_700_000_000_000) !== REFUSED) count++
  return count
}

test('nothing is written that the notes on nginx warn of', () => {
  fc.assert(
    fc.property(fc.array(anyLimit, { maxLength: 6 }), (limits) => {
      const { annotations, kept } = WRITERS['ingress-nginx'](limits, TARGET)
      assert.notEqual(annotations['nginx.ingress.kubernetes.io/limit-burst-multiplier'], '0')
      const f5 = WRITERS['f5-nginx'](limits, TARGET)
      for (const limit of [...kept, ...f5.kept])
        if (limit.kind === 'requests') assert.ok((limit.burst ?? 0) >= (limit.rate ?? 0) / (limit.period ?? 1) / 10)
    }),
  )
})

test('foreign text becomes no syntax of an engine', () => {
  const hostile: Limit = {
    kind: 'requests',
    algorithm: 'leaky-bucket',
    rate: 10,
    period: 1,
    burst: 10,
    key: { kind: 'header', name: 'x"; } evil { "' },
    exempt: ['10.0.0.0/8; evil'],
    scope: 'replica',
  }
  const native = { listen: '127.0.0.1:1', backend: '127.0.0.1:2', folder: '/f' }
  for (const product of PRODUCTS) {
    const written = WRITERS[product]([hostile], { ...TARGET, native })
    assert.ok(written.native !== undefined && !written.native.includes('evil'), product)
    assert.ok(!JSON.stringify([written.objects, written.annotations, written.settings]).includes('evil'), product)
  }
})
