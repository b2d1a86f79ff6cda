import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served, waysIn } from './testing.ts'

const gateway = (hosts: string, namespace = 'default'): string => `
kind: Gateway
apiVersion: networking.istio.io/v1
metadata: {name: g, namespace: ${namespace}}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80}, hosts: [${hosts}]}]}`
const virtual = (rule: string, hosts = 'a.example.com'): string => `
kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: v}
spec: {hosts: [${hosts}], gateways: [g, infra/g], http: [{${rule}}]}`
const to = (host: string): string => `{destination: {host: ${host}}}`
const of = (...texts: string[]): readonly string[] => waysIn(served('a'), served('b'), ...texts)
const exposed = (...names: string[]): string[] => names.map((name) => `exposed-gateway ${name} TCP 80 yes`)

test('a VirtualService and a server of its Gateway must have a host in common', () => {
  const hosts = (server: string, own: string): boolean =>
    waysIn(served('a'), gateway(server, 'infra'), virtual(`route: [${to('a')}]`, own)).includes(exposed('a')[0] ?? '')
  assert.equal(hosts('b.example.org', 'a.example.com'), false)
  assert.equal(hosts("'*.example.com'", 'a.b.example.com'), true)
  assert.equal(hosts("'*'", 'a.example.com'), true)
  assert.equal(hosts('a.example.com', "'*'"), true)
  assert.equal(hosts('default/a.example.com', 'a.example.com'), true)
  assert.equal(hosts('other/a.example.com', 'a.example.com'), false)
  assert.equal(hosts("'*/a.example.com'", 'a.example.com'), true)
  assert.equal(hosts('./a.example.com', 'a.example.com'), false)
  assert.equal(hosts('a.default.svc.cluster.local', 'a'), true)
})

test('of several destinations those without a weight get nothing; a single one gets all', () => {
  const routed = (...routes: string[]): readonly string[] => {
    const found = of(gateway("'*'"), virtual(`route: [${routes.join(', ')}]`))
    return found.filter((each) => each.endsWith('yes'))
  }
  const weighted = (host: string, weight: number): string => `{destination: {host: ${host}}, weight: ${weight}}`
  assert.deepEqual(routed(weighted('a', 0), weighted('b', 100)), exposed('b'))
  assert.deepEqual(routed(to('a'), weighted('b', 100)), exposed('b'))
  assert.deepEqual(routed(weighted('a', 20), weighted('b', 80)), exposed('a', 'b'))
  assert.deepEqual(routed(to('a')), exposed('a'))
})

test('what requests are mirrored to gets them too', () => {
  const routed = (mirror: string): readonly string[] =>
    of(gateway("'*'"), virtual(`route: [${to('a')}], ${mirror}`)).filter((each) => each.endsWith('yes'))
  assert.deepEqual(routed('mirror: {host: b}'), exposed('a', 'b'))
  assert.deepEqual(routed('mirror: {host: b}, mirrorPercentage: {value: 0}'), exposed('a'))
  assert.deepEqual(routed('mirrors: [{destination: {host: b}}]'), exposed('a', 'b'))
})
