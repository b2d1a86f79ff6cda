import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx, routed, statesOf } from '../routes/testing.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'
const RPS = `${PREFIX}limit-rps: "10"`
const CANARY = `${PREFIX}canary: "true", ${PREFIX}canary-weight: "10"`
const states = (...ingresses: readonly string[]): readonly string[] =>
  statesOf(ingressNginx() + ingresses.join('') + app('web'))
const aged = (text: string, year: number): string =>
  text.replace('namespace: shop,', `namespace: shop, creationTimestamp: "${year}-01-01T00:00:00Z",`)

test('a canary has the limits of the Ingress that it stands beside, not its own', () => {
  assert.deepEqual(states(ingress(RPS), ingress(CANARY, 'web-canary')), ['requests effective', 'requests effective'])
  assert.deepEqual(states(ingress(''), ingress(`${CANARY}, ${RPS}`, 'web-canary')), ['requests inert canary'])
})

describe('of two Ingresses with one location', () => {
  test('the older counts', () => {
    const [old, young] = [aged(ingress(''), 2020), aged(ingress(RPS, 'late'), 2021)]
    assert.deepEqual(states(old, young), ['requests inert overridden'])
    assert.deepEqual(states(aged(ingress(RPS), 2020), aged(ingress('', 'late'), 2021)), ['requests effective'])
  })

  test('nobody knows which, where their age is not in the input', () => {
    const { routing } = routed(ingressNginx() + ingress(RPS) + ingress('', 'other') + app('web'))
    const limit = routing.routes.flatMap(({ limits }) => limits).find((each) => each.limit.kind === 'requests')
    assert.equal(limit?.state, 'unknown')
    assert.match(limit?.unknown?.missing ?? '', /creationTimestamp/)
  })

  test('another path, or another class, is another location', () => {
    const other = ingress('', 'other').replace('ingressClassName: nginx', 'ingressClassName: else')
    const there = [ingress(RPS), ingress('', 'other', 'shop.example.com', '/api'), other]
    assert.deepEqual(states(there[0] ?? '', there[1] ?? ''), ['requests effective'])
    assert.ok(!states(there[0] ?? '', there[2] ?? '').includes('requests unknown overridden'))
  })
})

test('TLS that is passed on is not counted, where the controller passes TLS on', () => {
  const passing = ingress(`${RPS}, ${PREFIX}ssl-passthrough: "true"`)
  const told = ingressNginx().replace('--controller-class', '--enable-ssl-passthrough, --controller-class')
  assert.deepEqual(statesOf(told + passing + app('web')), ['requests bypassable passthrough'])
  assert.deepEqual(states(passing), ['requests effective'])
})

test('a redirect to nowhere is none', () => {
  assert.deepEqual(states(ingress(`${RPS}, ${PREFIX}permanent-redirect: ""`)), ['requests effective'])
})
