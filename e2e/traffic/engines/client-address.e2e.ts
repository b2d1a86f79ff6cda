// The three ways in which a limit that is there does nothing, or too much: found in the objects, seen on nginx with the
// configuration that ingress-nginx generates of them, and gone from both with the objects that work. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import { app, ingress, ingressNginx, statesOf } from '../../../src/engines/traffic/routes/testing.ts'
import { WRITERS } from '../../../src/engines/traffic/write/writers.ts'
import { missing } from './all.ts'
import { type Backend, startBackend } from './backend.ts'
import { nginxAs } from './engines.ts'
import { type Answers, count, paced } from './load.ts'

const REQUESTS = 200
const SECONDS = 2
/** `limit-rps: "10"` with the multiplier that ingress-nginx has by default: 51 at once, then 10 a second. */
const LIMIT: Limit = {
  kind: 'requests',
  algorithm: 'leaky-bucket',
  rate: 10,
  period: 1,
  burst: 50,
  key: { kind: 'client-address' },
  code: 429,
  scope: 'replica',
}
/** 51, and what comes back while the load lasts. */
const ONE_BUCKET = 51 + 10 * SECONDS

const CDN = '173.245.48.0/20'
const BALANCER = '10.20.0.0/24'
/** Whoever stands in front is this machine, in the test; the objects name who it would be. */
const HERE = '127.0.0.0/8'
const CDN_ONLY = `externalTrafficPolicy: Local, loadBalancerSourceRanges: ["${CDN}"]`

interface Objects {
  /** Keys of the controller's ConfigMap. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of its Service. */
  readonly service?: string
  /** `whitelist-source-range` of the Ingress. */
  readonly allow?: string
}

/** What `bulkhead traffic routes` says of the limits of these objects. */
function found({ settings = {}, service, allow }: Objects): readonly string[] {
  const written = WRITERS['ingress-nginx']([LIMIT], { name: 'web', namespace: 'shop' })
  const annotations = Object.entries({
    ...written.annotations,
    ...(allow === undefined ? {} : { 'nginx.ingress.kubernetes.io/whitelist-source-range': allow }),
  })
  const quoted = (entries: readonly [string, string][]): string =>
    entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')
  const all = Object.entries({ ...settings, ...written.settings })
  return statesOf(ingressNginx(quoted(all), service) + ingress(quoted(annotations)) + app('web'))
}

const run = nginxAs('ingress-nginx')
let backend: Backend
before(async () => {
  backend = await startBackend()
})
after(() => backend.stop())

/** nginx as the controller sets it up for these objects; `forwarded` is the X-Forwarded-For of the n-th request. */
async function served({ settings = {}, allow }: Objects, forwarded: (n: number) => string): Promise<Answers> {
  const here = (ranges: string): readonly string[] => [ranges === '0.0.0.0/0' ? ranges : HERE]
  const realIp =
    settings['use-forwarded-headers'] === 'true'
      ? { trusted: here(settings['proxy-real-ip-cidr'] ?? '0.0.0.0/0'), header: 'X-Forwarded-For' }
      : undefined
  const options = { ...(realIp ? { realIp } : {}), ...(allow === undefined ? {} : { allow: here(allow) }) }
  const { engine } = await run!([LIMIT], backend.port, options)
  try {
    return await paced({
      url: engine.url,
      perSecond: REQUESTS / SECONDS,
      seconds: SECONDS,
      headers: (n) => ({ 'X-Forwarded-For': forwarded(n) }),
    })
  } finally {
    await engine.stop()
  }
}

const around = (admitted: number, wanted: number): void =>
  assert.ok(Math.abs(admitted - wanted) <= wanted * 0.03 + 1, `${admitted} admitted, not ${wanted}`)

describe('ingress-nginx on nginx', { skip: missing(run) }, () => {
  describe('an attacker writes X-Forwarded-For, and the load balancer appends who it is', () => {
    const spoofed = (n: number): string => `203.0.113.${n % 250}, 198.51.100.7`

    test('proxy-real-ip-cidr at its default: every request is of another client, and none is refused', async () => {
      const objects = { settings: { 'use-forwarded-headers': 'true' } }
      assert.deepEqual(found(objects), ['requests bypassable R2'])
      assert.equal(count(await served(objects, spoofed), 200), REQUESTS)
    })

    test('only the load balancer is believed: one client, with its limit', async () => {
      const objects = { settings: { 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': BALANCER } }
      assert.deepEqual(found(objects), ['requests effective'])
      const answers = await served(objects, spoofed)
      around(count(answers, 200), ONE_BUCKET)
      assert.equal(count(answers, 200, 429), REQUESTS)
    })
  })

  describe('two hundred clients behind a CDN, one request each', () => {
    const client = (n: number): string => `198.51.100.${n % 250}`

    test('without real IP they share one bucket', async () => {
      const objects = { service: CDN_ONLY }
      assert.deepEqual(found(objects), ['requests bypassable R3'])
      around(count(await served(objects, client), 200), ONE_BUCKET)
    })

    test('with the CDN’s ranges believed, each has its own', async () => {
      const settings = { 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': CDN }
      const objects = { settings, service: CDN_ONLY }
      assert.deepEqual(found(objects), ['requests effective'])
      assert.equal(count(await served(objects, client), 200), REQUESTS)
    })
  })

  describe('an allowlist of the CDN’s ranges on the Ingress', () => {
    const client = (n: number): string => `198.51.100.${n % 250}`
    const settings = { 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': CDN }

    test('is asked after real IP: no user of the CDN is in it, and all get 403', async () => {
      const objects = { settings, service: CDN_ONLY, allow: CDN }
      assert.deepEqual(found(objects), ['requests inert R4'])
      assert.equal(count(await served(objects, client), 403), REQUESTS)
    })

    test('is asked after the limit: what it refuses has counted', async () => {
      const answers = await served({ settings, allow: CDN }, () => '198.51.100.7')
      around(count(answers, 403), ONE_BUCKET)
      assert.equal(count(answers, 403, 429), REQUESTS)
    })

    test('left to the load balancer’s source ranges, users come through', async () => {
      const objects = { settings, service: CDN_ONLY }
      assert.deepEqual(found(objects), ['requests effective'])
      assert.equal(count(await served(objects, client), 200), REQUESTS)
    })
  })
})
