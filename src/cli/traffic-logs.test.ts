import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Ajv from 'ajv/dist/2020.js'
import { LINES, writeAccessLog } from '../../bench/access-log/lines.ts'
import { floodAddress, type Made, traffic } from '../../bench/access-log/traffic.ts'
import type { TrafficLimits } from '../report/traffic/limits.ts'
import type { TrafficReplay } from '../report/traffic/replay.ts'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)

const CLIENTS = 2_000
const FLOOD = { at: 600_000, seconds: 60, perSecond: 100 }
const CLUSTER = folder.write(
  'shop.yaml',
  `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    # keep this comment
    nginx.ingress.kubernetes.io/limit-rps: "1"
    nginx.ingress.kubernetes.io/limit-burst-multiplier: "3"
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
    - host: www.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web:1}]}}
`,
)
const LOG = join(folder.path, 'flood.log')
writeAccessLog(LOG, 30_000, 'envoy', { clients: CLIENTS, pagesPerSecond: 1, flood: FLOOD })

/** Eight quiet days: long enough for a verdict. */
const WEEK = folder.write(
  'week/access.log.gz',
  gzipSync(
    Array.from({ length: 8 }, (_, day) =>
      [
        ...traffic(1_500, {
          from: Date.parse(`2026-11-0${day + 1}T08:00:00Z`),
          clients: CLIENTS,
          pagesPerSecond: 1,
          seed: day,
        }),
      ]
        .map((each: Made) => `${LINES.envoy(each)}\n`)
        .join(''),
    ).join(''),
  ),
)

function json<T>(status: number, ...args: readonly string[]): T {
  const made = bulkhead(['traffic', ...args, '-o', 'json'])
  assert.equal(made.stderr, '')
  assert.equal(made.status, status)
  const document = JSON.parse(made.stdout) as T
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

describe('traffic replay', () => {
  test('names who one limit would have refused, and ends with 4', () => {
    const { logs, items } = json<TrafficReplay>(
      4,
      'replay',
      '--history',
      LOG,
      '--limit',
      'nginx rate=10r/s burst=50 nodelay',
    )
    assert.equal(logs.requests, 30_000)
    const [item] = items
    assert.equal(item?.proof?.verdict, 'breaks')
    assert.equal(item?.worst[0]?.client, floodAddress(CLIENTS))
    // 6,000 requests in 60 seconds: the burst, one, and ten a second pass.
    assert.ok(Math.abs((item?.worst[0]?.refused ?? 0) - (6_000 - 51 - 600)) <= 10)
    assert.equal(item?.worst.length, 1)
  })
  test('a limit that refuses nobody holds over a week', () => {
    const { items } = json<TrafficReplay>(
      0,
      'replay',
      '--history',
      WEEK,
      '--limit',
      'nginx rate=10r/s burst=50 nodelay',
    )
    assert.equal(items[0]?.proof?.verdict, 'holds')
    assert.equal(items[0]?.proof?.window.days, 8)
  })
  test('the limits of today, which all routes of an Ingress share', () => {
    const { items } = json<TrafficReplay>(0, 'replay', '-f', CLUSTER, '--history', LOG)
    assert.equal(items.length, 1)
    assert.match(items[0]?.route ?? '', /^Ingress\/shop\/web \(2 routes\)$/)
    assert.equal(items[0]?.limits.find(({ kind }) => kind === 'requests')?.burst, 3)
    assert.equal(items[0]?.proof?.verdict, 'unknown')
    assert.equal(items[0]?.control?.bothRefuse, 0)
    assert.match(items[0]?.proof?.reasons.join('\n') ?? '', /do not explain the log/)
  })
  test('a table that fits the screen, without queries of requests', () => {
    const { stdout } = bulkhead(['traffic', 'replay', '--history', LOG, '--limit', 'envoy rate=5/s burst=5'])
    assert.match(stdout, /^ROUTE +LIMIT +REQUESTS/m)
    assert.ok(stdout.split('\n').every((line) => line.length <= 120))
    assert.ok(!stdout.includes('q='))
  })
  test('what is wrong with the question is said, with 2', () => {
    const cases: readonly (readonly [RegExp, ...string[]])[] = [
      [/name the cluster with -f, or one limit/, '--history', LOG],
      [/name what was recorded/, '--limit', 'nginx rate=1r/s'],
      [/apache is no engine/, '--history', LOG, '--limit', 'apache rate=1r/s'],
      [/--log-format/, '--history', LOG, '--limit', 'nginx rate=1r/s', '--log-format', 'x'],
    ]
    for (const [message, ...args] of cases) {
      const { status, stderr } = bulkhead(['traffic', 'replay', ...args])
      assert.equal(status, 2)
      assert.match(stderr, message)
    }
  })
  test('what could not be read is told, with 3', () => {
    const file = folder.write('partly.log', `garbage\n${LINES.combined([...traffic(1)][0] as Made)}\n`)
    const { status, stderr } = bulkhead(['traffic', 'replay', '--history', file, '--limit', 'nginx rate=1r/s'])
    assert.equal(status, 3)
    assert.match(stderr, /partly\.log:1: .*BH_HISTORY/)
  })
})

describe('traffic limits', () => {
  test('fits everybody but the flood, and names it', () => {
    const { items } = json<TrafficLimits>(0, 'limits', '--history', LOG, '--to', 'ingress-nginx')
    const [item] = items
    assert.deepEqual(
      item?.outliers.map(({ client }) => client),
      [floodAddress(CLIENTS)],
    )
    assert.ok((item?.outliers[0]?.refused ?? 0) > 5_000)
    assert.ok((item?.refused.requests ?? 0) - (item?.outliers[0]?.refused ?? 0) <= 30)
    assert.match(item?.annotations['nginx.ingress.kubernetes.io/limit-rps'] ?? '', /^\d+$/)
    assert.equal(item?.proof?.verdict, 'unknown')
  })
  test('holds over a week', () => {
    const { items } = json<TrafficLimits>(0, 'limits', '--history', WEEK, '--to', 'envoy-gateway', '--headroom', '3')
    assert.equal(items[0]?.proof?.verdict, 'holds')
    assert.deepEqual(
      items[0]?.objects.map(({ kind }) => kind),
      ['BackendTrafficPolicy'],
    )
  })
  test('a patch of the Ingress, whose comments stay, once a file', () => {
    const { stdout, status } = bulkhead(['traffic', 'limits', '-f', CLUSTER, '--history', WEEK, '-o', 'diff'])
    assert.equal(status, 0)
    assert.match(stdout, /^-.*limit-rps: "1"$/m)
    assert.match(stdout, /^\+.*limit-rp[sm]: "\d+"$/m)
    assert.match(stdout, /# keep this comment/)
    assert.equal(stdout.match(/^--- /gm)?.length, 1)
  })
  test('a limit of today in another period does not stay beside the one that is suggested', () => {
    const text = readFileSync(CLUSTER, 'utf8').replace(
      '    nginx.ingress.kubernetes.io/limit-burst',
      '    nginx.ingress.kubernetes.io/limit-rpm: "30" # of old\n    nginx.ingress.kubernetes.io/limit-burst',
    )
    const both = folder.write('both.yaml', text)
    const diff = bulkhead(['traffic', 'limits', '-f', both, '--history', WEEK, '-o', 'diff']).stdout
    assert.equal(diff.match(/^-.*limit-rp[sm]: /gm)?.length, 2)
    assert.equal(diff.match(/^\+.*limit-rp[sm]: /gm)?.length, 1)
    const { items } = json<TrafficLimits>(0, 'limits', '-f', both, '--history', WEEK)
    assert.match(items[0]?.notes.join() ?? '', /limit-rp[sm] of today is taken out/)
  })
  test('shadow mode first where the engine has one, unless told otherwise', () => {
    const shadowed = (...more: readonly string[]): boolean =>
      json<TrafficLimits>(0, 'limits', '--history', WEEK, '--to', 'f5-nginx', ...more).items[0]?.limits.some(
        ({ shadow }) => shadow === true,
      ) === true
    assert.equal(shadowed(), true)
    assert.equal(shadowed('--enforce'), false)
    const [gateway] = json<TrafficLimits>(0, 'limits', '--history', WEEK, '--to', 'envoy-gateway').items
    assert.ok(gateway?.limits.some(({ shadow }) => shadow === true))
    assert.match(gateway?.notes.join() ?? '', /since Envoy Gateway 1\.8/)
  })
  test('an engine that is not known is refused', () => {
    assert.equal(bulkhead(['traffic', 'limits', '--history', WEEK, '--to', 'apache']).status, 2)
    assert.equal(bulkhead(['traffic', 'limits', '--history', WEEK]).status, 2)
  })
})
