import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2020.js'
import type { Json } from '../cluster/json.ts'
import type { TrafficProbe } from '../report/traffic/probe.ts'
import { closed, type Ran, root, testFolder } from './cli.testing.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = testFolder()
const stops: (() => void)[] = []
after(() => {
  for (const stop of stops) stop()
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Answers while the test waits, which `spawnSync` would not let it. */
function probe(args: readonly string[], interruptAfterMs?: number): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'traffic', 'probe', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => (stdout += String(data)))
    child.stderr.on('data', (data) => (stderr += String(data)))
    if (interruptAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfterMs)
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

/** A pool of four that takes 20 ms: 200 a second. */
function pool(): RequestListener {
  const waiting: (() => void)[] = []
  let busy = 0
  return (_, response) => {
    const work = (): void => {
      busy++
      setTimeout(() => {
        busy--
        response.end('ok')
        waiting.shift()?.()
      }, 20)
    }
    if (busy < 4) work()
    else waiting.push(work)
  }
}

const validate = new Ajv.Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
  closed(JSON.parse(readFileSync(`${root}/docs/reference/v1alpha1.schema.json`, 'utf8')) as Json) as object,
)

function documentOf(text: string): TrafficProbe {
  const document = JSON.parse(text) as TrafficProbe
  assert.ok(
    validate(document),
    JSON.stringify(validate.errors?.filter(({ schemaPath }) => schemaPath.includes('TrafficProbe'))),
  )
  return document
}

const cluster = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {nginx.ingress.kubernetes.io/limit-rps: "500"}}
spec:
  ingressClassName: nginx
  rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`

describe('traffic probe', () => {
  test('all outputs of one run, beside the route, its limit and its autoscaler', async () => {
    const file = folder.write('cluster.yaml', cluster)
    const [json, html] = [`${folder.path}/probe.json`, `${folder.path}/probe.html`]
    const url = await serve(pool())
    const { status, stdout, stderr } = await probe([
      `${url}?token=secret`,
      ...['-f', file, '--route', 'Ingress/shop/web shop.example.com/', '--max-requests', '2000', '--max-seconds', '25'],
      ...['--header', 'authorization: Bearer very-secret', '-o', 'table', '-o', `json=${json}`, '-o', `html=${html}`],
    ])
    assert.equal(status, 0, stderr)
    const document = documentOf(readFileSync(json, 'utf8'))
    assert.ok(document.budget.requests.used <= 2_000 && document.budget.seconds.used <= 25.5)
    assert.equal(document.against?.route, 'Ingress/shop/web shop.example.com/')
    assert.deepEqual([document.against?.podsNow, document.against?.mostPods], [2, 4])
    assert.deepEqual(document.pods, { count: 1, from: 'address' })
    if (document.verdict === 'measured') {
      const { low, high = 0 } = document.capacity ?? assert.fail()
      assert.ok(low > 0 && low <= high, `${low} to ${high}`)
      assert.match(document.sentence, /requests a second a pod .*limit lets 500 .*four pods: \d+/)
      assert.match(stdout, /capacity +\d+ +├/)
    }
    assert.match(stdout, /LOAD +ANSWERED/)
    const page = readFileSync(html, 'utf8')
    assert.match(page, /default-src 'none'; style-src 'sha256-/)
    assert.doesNotMatch(page, /<script|style="|onload|http-equiv="refresh"/)
    for (const text of [stdout, stderr, page, readFileSync(json, 'utf8')]) assert.doesNotMatch(text, /secret/)
  })

  test('elsewhere, and without what it needs, it refuses with 2 and sends nothing', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.end()
    })
    const allow = folder.write('allow.yaml', 'hosts: [{host: 192.0.2.7, token: too-short}]')
    for (const [args, text] of [
      [['http://192.0.2.7/'], /not on this machine.*--allow FILE/],
      [['http://192.0.2.7/', '--allow', allow], /at least 16 characters/],
      [['http://192.0.2.7/', '--allow', `${folder.path}/none.yaml`], /none\.yaml/],
      [[url, '--route', 'Ingress/a'], /-f FILE/],
      [[url, '--header', 'no header'], /Name: value/],
      [[url, '--header', 'Host: another.example.com'], /set by the sender/],
      [[url, '--header', 'a: b\r\nc: d'], /Name: value/],
      [[url, '--max-requests', '0'], /whole number/],
      [[url, '--max-seconds', '1e9'], /whole number/],
      [[url, '-o', 'xml'], /not known/],
      [[], /missing required argument/],
    ] as const) {
      const { status, stderr } = await probe(args)
      assert.equal(status, 2, stderr)
      assert.match(stderr, text)
    }
    assert.equal(asked, 0)
  })

  test('Ctrl-C stops it at once, and it tells what it knows', async () => {
    const url = await serve(pool())
    const start = performance.now()
    const { status, stdout } = await probe([url, '-o', 'json'], 2_500)
    assert.equal(status, 130)
    assert.ok(performance.now() - start < 8_000)
    const document = documentOf(stdout)
    assert.ok(document.steps.length > 0)
  })

  test('a service that refuses, one that fails, and one behind a limit', async () => {
    const small = ['--max-requests', '600', '--max-seconds', '12', '-o', 'json']
    const refusing = documentOf(
      (await probe([await serve((_, response) => response.writeHead(404).end()), ...small])).stdout,
    )
    assert.deepEqual([refusing.verdict, refusing.cause], ['unknown', 'refused'])
    const failing = documentOf(
      (await probe([await serve((_, response) => response.writeHead(500).end()), ...small])).stdout,
    )
    assert.deepEqual([failing.verdict, failing.cause], ['unknown', 'no-answer'])
    let tokens = 21
    let last = performance.now()
    const limited = await serve((_, response) => {
      const now = performance.now()
      tokens = Math.min(21, tokens + ((now - last) / 1000) * 40)
      last = now
      if (tokens < 1) response.writeHead(429).end()
      else {
        tokens--
        response.end('ok')
      }
    })
    // How near is asked of simulations and of e2e/traffic/probe: here the machine may be as busy as it likes.
    const { verdict, limit, steps } = documentOf((await probe([limited, ...small])).stdout)
    assert.ok(['limited', 'unknown'].includes(verdict), verdict)
    if (verdict === 'limited') assert.deepEqual(limit?.codes, ['429'])
    assert.ok(steps.length > 0)
  })
})

describe('traffic probe --k6', () => {
  test('writes a script that parses, sends nothing, and holds no secret', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.end()
    })
    const file = `${folder.path}/load.mjs`
    const { status, stderr } = await probe([
      `${url}a?key=very-secret`,
      ...[
        '--k6',
        file,
        '--header',
        'Authorization: Bearer very-secret',
        '--max-requests',
        '900',
        '--max-seconds',
        '30',
      ],
    ])
    assert.equal(status, 0, stderr)
    const script = readFileSync(file, 'utf8')
    assert.equal(spawnSync(process.execPath, ['--check', file]).status, 0)
    assert.doesNotMatch(script, /secret/)
    assert.match(script, /ramping-arrival-rate/)
    assert.match(script, /abortOnFail: true/)
    assert.match(script, /MOST_REQUESTS = 900/)
    assert.match(script, /HEADER_AUTHORIZATION/)
    const stages = [...script.matchAll(/target: (\d+), duration: '(\d+)s'/g)].map(([, rate, seconds]) => [
      Number(rate),
      Number(seconds),
    ])
    const total = stages.reduce((sum, [rate = 0, seconds = 0]) => sum + rate * seconds, 0)
    assert.ok(total <= 1.2 * 900 && stages.reduce((sum, [, seconds = 0]) => sum + seconds, 0) <= 30)
    assert.equal(asked, 0)
    assert.ok(statSync(file).size < 5_000)
  })
})
