import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served, waysIn } from './testing.ts'

const backends = [served('a'), served('b')]
const gateway = (listener = '', spec = '', rest = ''): string => `
kind: Gateway
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: g}
spec: {gatewayClassName: x, ${spec} listeners: [{name: l, port: 80, protocol: HTTP, ${listener}}]}
${rest}`
const route = (rule: string, spec = '', kind = 'HTTPRoute'): string => `
kind: ${kind}
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: r}
spec: {parentRefs: [{name: g}], ${spec} rules: [{${rule}}]}`
const toA = 'backendRefs: [{name: a, port: 80}]'
const of = (...texts: string[]): readonly string[] => waysIn(...backends, ...texts)
const [A, B] = ['exposed-gateway a TCP 80 yes', 'exposed-gateway b TCP 80 yes'] as const

test('a backend of weight 0 gets nothing', () => {
  const rule = (a: string, b: string): string => `backendRefs: [{name: a, port: 80, ${a}}, {name: b, port: 80, ${b}}]`
  assert.deepEqual(of(gateway(), route(rule('weight: 0', ''))), [B])
  assert.deepEqual(of(gateway(), route(rule('weight: 1', 'weight: 0'))), [A])
  assert.deepEqual(of(gateway(), route(rule('', ''))), [A, B])
})

test('a route and its listener must have a name in common', () => {
  const names = (listener: string, route_: string, kind = 'HTTPRoute'): readonly string[] =>
    of(
      gateway(listener === '' ? '' : `hostname: '${listener}'`),
      route(toA, route_ === '' ? '' : `hostnames: [${route_}],`, kind),
    )
  assert.deepEqual(names('a.example.com', 'b.example.org'), [])
  assert.deepEqual(names('a.example.com', 'b.example.org', 'GRPCRoute'), [])
  assert.deepEqual(names('*.example.com', 'b.example.org, a.b.example.com'), [A])
  assert.deepEqual(names('*.example.com', 'example.com'), [])
  assert.deepEqual(names('a.example.com', "'*.example.com'"), [A])
  assert.deepEqual(names('a.example.com', ''), [A])
  assert.deepEqual(names('', 'a.example.com'), [A])
})

test('each listener is asked, and routes of TLS too', () => {
  const two = gateway('hostname: a.example.com').replace(
    'listeners: [',
    'listeners: [{name: tls, port: 443, protocol: TLS, hostname: b.example.org}, ',
  )
  assert.deepEqual(of(two, route(toA, 'hostnames: [b.example.org],')), [])
  assert.deepEqual(of(two, route(toA, 'hostnames: [b.example.org],', 'TLSRoute')), [A])
  assert.deepEqual(of(two, route(toA, 'hostnames: [c.example.org],', 'TLSRoute')), [])
})

test('what requests are mirrored to gets them too', () => {
  const mirror = (more = ''): string =>
    `filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, ${more}}}]`
  assert.deepEqual(of(gateway(), route(`${toA}, ${mirror()}`)), [A, B])
  assert.deepEqual(of(gateway(), route(`${toA}, ${mirror('percent: 0')}`)), [A])
  const ofBackend = (weight: number): string =>
    route(`backendRefs: [{name: a, port: 80, weight: ${weight}, ${mirror()}}]`)
  assert.deepEqual(of(gateway(), ofBackend(1)), [A, B])
  assert.deepEqual(of(gateway(), ofBackend(0)), [])
})

test('a Gateway that has only private addresses may be reached some other way', () => {
  const UNKNOWN = ['exposed-gateway a TCP 80 unknown']
  assert.deepEqual(of(gateway('', 'addresses: [{type: IPAddress, value: 10.0.0.9}],'), route(toA)), UNKNOWN)
  assert.deepEqual(of(gateway('', 'addresses: [{value: 10.0.0.9}, {value: 203.0.113.9}],'), route(toA)), [A])
  assert.deepEqual(of(gateway('', 'addresses: [{type: Hostname, value: a.example.com}],'), route(toA)), [A])
  const status = (value: string): string => gateway('', '', `status: {addresses: [{value: ${value}}]}`)
  assert.deepEqual(of(status('192.168.0.9'), route(toA)), UNKNOWN)
  assert.deepEqual(of(status('203.0.113.9'), route(toA)), [A])
})
