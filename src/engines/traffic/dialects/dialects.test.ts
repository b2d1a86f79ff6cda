import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at } from '../../../cluster/json.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import { found, ingress, line, settingsOf } from './dialects.testing.ts'
import { DIALECTS, dialectOf } from './dialects.ts'
import { MOST_LIMITS } from './found.ts'
import { overDefaults } from './over-defaults.ts'

describe('the list of dialects', () => {
  test('each product has one, and finds itself', () => {
    assert.equal(new Set(DIALECTS.map(({ product }) => product)).size, 17)
    for (const each of DIALECTS) assert.equal(dialectOf(each.product), each)
  })

  test('an object of nobody says nothing, and settings that were not seen are a guess', () => {
    const cluster = clusterOf('{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}')
    for (const each of DIALECTS) {
      for (const object of cluster.objects) assert.deepEqual(each.read(object, settingsOf(), cluster), [], each.product)
      for (const limit of each.read(undefined, settingsOf({ unseen: true }), cluster))
        assert.ok(limit.byDefault && limit.unknown, `${each.product} ${line(limit)}`)
    }
  })

  test('an object sets a bounded number of limits; the rest is unknown', () => {
    const routes = Array.from({ length: 5000 }, () => ({ rateLimitPolicy: { local: { requests: 1, unit: 'second' } } }))
    const limits = found(
      'contour',
      JSON.stringify({
        apiVersion: 'projectcontour.io/v1',
        kind: 'HTTPProxy',
        metadata: { name: 'p' },
        spec: { routes },
      }),
    )
    assert.equal(limits.length, MOST_LIMITS + 1)
    assert.match(limits.at(-1)?.unknown?.missing ?? '', /after its first 1000 limits/)
    const rules = Array.from({ length: 5000 }, () => ({ limit: { requests: 1, unit: 'Second' } }))
    const policy = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata: { name: 'p' },
      spec: { rateLimit: { global: { rules } } },
    }
    assert.equal(found('envoy-gateway', JSON.stringify(policy)).length, MOST_LIMITS + 1)
  })
})

describe('limits of an object over those of its controller', () => {
  const over = (annotations: Readonly<Record<string, string>>): readonly string[] => {
    const named = Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
    )
    const said = { version: '1.15.1' }
    return overDefaults(found('ingress-nginx', ingress(named), said), found('ingress-nginx', '', said)).map(line)
  }
  const TIMES = ['timeout headers 60 -> 408 default', 'timeout body 60 -> 408 default', 'timeout idle 75 default']

  test('the same kind and time takes the place of the default, also to say that there is none', () => {
    const worker = 'connections 16384 by worker process default'
    assert.deepEqual(over({ 'proxy-body-size': '8m', 'proxy-read-timeout': '5' }), [
      'body 8388608 -> 413',
      'timeout backend 5 -> 504',
      ...TIMES,
      worker,
    ])
    assert.deepEqual(over({ 'proxy-body-size': '0' })[0], 'body 0 -> 413 INERT unlimited')
    assert.equal(over({ 'proxy-body-size': '0' }).filter((each) => each.startsWith('body')).length, 1)
  })

  test('a value that is not taken leaves it, and connections of a client do not replace those of a process', () => {
    assert.ok(over({ 'proxy-read-timeout': 'x' }).includes('timeout backend 60 -> 504 default'))
    assert.equal(over({ 'limit-connections': '5' }).filter((each) => each.startsWith('connections')).length, 2)
  })
})

test('the first reason of what an object says is a field that it has', () => {
  const annotated = ingress({
    'nginx.ingress.kubernetes.io/limit-rps': '5',
    'nginx.org/limit-req-rate': '5r/s',
    'haproxy.org/rate-limit-requests': '5',
    'haproxy-ingress.github.io/limit-rps': '5',
    'alb.ingress.kubernetes.io/wafv2-acl-arn': 'a',
    'appgw.ingress.kubernetes.io/request-timeout': '5',
  })
  const cluster = clusterOf(annotated)
  let count = 0
  for (const each of DIALECTS)
    for (const object of cluster.objects)
      for (const { because } of each.read(object, settingsOf(), cluster)) {
        count++
        assert.equal(because[0]?.object, object, each.product)
        assert.notEqual(at(object.body, ...(because[0]?.path ?? [])), undefined, each.product)
      }
  assert.equal(count, 7)
})
