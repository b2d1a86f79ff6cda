import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../cluster/testing.ts'
import { waysIn } from './exposure/testing.ts'
import { networkModel } from './model.ts'
import { networkUnknowns } from './unknowns.ts'

/** Services without a selector: their endpoints are written. */

const livePod = (name: string, ip: string, spec = ''): string => `
kind: Pod
apiVersion: v1
metadata: {name: ${name}}
spec: {nodeName: n, ${spec} containers: [{name: c, image: c, ports: [{containerPort: 9090}]}]}
status: {phase: Running, podIP: '${ip}', podIPs: [{ip: '${ip}'}]}`
const service = (port: string): string => `
kind: Service
apiVersion: v1
metadata: {name: s}
spec: {type: LoadBalancer, ports: [${port}]}`
const endpoints = (ip: string, ports = '[{port: 9090}]', more = ''): string => `
kind: Endpoints
apiVersion: v1
metadata: {name: s}
subsets: [{addresses: [{ip: '${ip}' ${more}}], ports: ${ports}}]`
const slice = (endpoint: string, ports: string): string => `
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {name: s-1, labels: {kubernetes.io/service-name: s}}
addressType: IPv4
endpoints: [${endpoint}]
ports: ${ports}`
const admitsOnly = (port: number): string => `
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: p}
spec: {podSelector: {}, ingress: [{ports: [{port: ${port}}]}]}`

const isCounted = (...texts: string[]): boolean =>
  [...networkUnknowns(networkModel(clusterOf(texts.join('\n---\n'))), {})].some(
    ({ id }) => id === 'network-service-without-selector',
  )
const named = (pod: string): string => `, targetRef: {kind: Pod, name: ${pod}}`
const EXPOSED = ['exposed-load-balancer a TCP 9090 yes']
const a = livePod('a', '10.0.0.7')

test('they lead to the pod that is named, or that has the address', () => {
  assert.deepEqual(waysIn(a, service('{port: 80}'), endpoints('10.0.0.7')), EXPOSED)
  assert.deepEqual(waysIn(a, service('{port: 80}'), slice('{addresses: [10.0.0.7]}', '[{port: 9090}]')), EXPOSED)
  assert.deepEqual(waysIn(a, service('{port: 80}'), endpoints('10.0.0.8', '[{port: 9090}]', named('a'))), EXPOSED)
  assert.deepEqual(waysIn(a, service('{port: 80}')), [])
  assert.ok(!isCounted(a, service('{port: 80}'), endpoints('10.0.0.7')))
  assert.ok(isCounted(a, service('{port: 80}')))
})

test('what is named is not looked for by address', () => {
  for (const other of [named('gone'), ', targetRef: {kind: Node, name: n}']) {
    const written = endpoints('10.0.0.7', '[{port: 9090}]', other)
    assert.deepEqual(waysIn(a, service('{port: 80}'), written), [], other)
    assert.ok(isCounted(a, service('{port: 80}'), written), other)
  }
})

test('an address that several workloads share, or that is masked, leads nowhere and is counted', () => {
  for (const [ip, spec] of [
    ['10.0.0.1', 'hostNetwork: true,'],
    ['***HIDDEN***', ''],
    ['', ''],
  ] as const) {
    const both = [livePod('a', ip, spec), livePod('b', ip, spec), service('{port: 80}')]
    const balanced = (...texts: string[]) => waysIn(...texts).filter((each) => each.includes('balancer'))
    assert.deepEqual(balanced(...both, endpoints(ip)), [], ip)
    assert.ok(isCounted(...both, endpoints(ip)), ip)
    assert.deepEqual(balanced(...both, endpoints(ip, '[{port: 9090}]', named('a'))), EXPOSED, ip)
  }
  const masked = livePod('a', '***HIDDEN***')
  assert.deepEqual(waysIn(masked, service('{port: 80}'), endpoints('***HIDDEN***')), [])
})

test('an address is one however it is written', () => {
  assert.deepEqual(
    waysIn(livePod('a', '2001:db8::7'), service('{port: 80}'), endpoints('2001:DB8:0:0:0:0:0:7')),
    EXPOSED,
  )
})

test('the port is that of the endpoints, and policies are asked for it', () => {
  const unused = service('{port: 80, targetPort: 8080}')
  for (const written of [endpoints('10.0.0.7'), slice('{addresses: [10.0.0.7]}', '[{name: "", port: 9090}]')]) {
    assert.deepEqual(waysIn(a, unused, written, admitsOnly(9090)), EXPOSED)
    assert.deepEqual(waysIn(a, unused, written, admitsOnly(80)), [])
  }
})

test('ports are joined by name and protocol', () => {
  const of = (port: string, ports: string): readonly string[] => waysIn(a, service(port), endpoints('10.0.0.7', ports))
  const several = '[{name: x, port: 1}, {name: web, port: 9090}, {name: web, port: 3, protocol: UDP}]'
  assert.deepEqual(of('{name: web, port: 80}', several), EXPOSED)
  assert.deepEqual(of('{name: web, port: 80}', '[{port: 9090}]'), [])
  assert.deepEqual(of('{port: 80}', '[{name: web, port: 9090}]'), [])
  assert.deepEqual(of('{port: 80, protocol: UDP}', '[{port: 9090}]'), [])
  assert.deepEqual(of('{port: 80}', '[]'), [])
})
