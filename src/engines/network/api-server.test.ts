import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Json } from '../../cluster/json.ts'
import { controlPlaneReaches, reaches, reachesApiServer } from './api-server.ts'
import { networkModel } from './model.ts'
import { cluster, type Manifest, made, namespace, pod, policy, service, workload } from './testing.ts'

const app = workload('a/app')
const egress = (...rules: Json[]): Manifest =>
  policy('a/out', { podSelector: {}, policyTypes: ['Egress'], egress: rules })
const ingress = (...rules: Json[]): Manifest =>
  policy('a/in', { podSelector: {}, policyTypes: ['Ingress'], ingress: rules })
const block = (cidr: string, port?: number, ...except: string[]): Json => ({
  to: [{ ipBlock: { cidr, except } }],
  ...(port ? { ports: [{ port }] } : {}),
})

const endpoints = made('default/kubernetes', 'discovery.k8s.io/v1', 'EndpointSlice', {
  metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  endpoints: [{ addresses: ['172.18.0.2'] }],
  ports: [{ port: 6443 }],
})
const clusterIP = service('default/kubernetes', {
  selector: null,
  clusterIP: '10.96.0.1',
  ports: [{ port: 443, targetPort: 6443 }],
})

const workloadOf = (of: Cluster, id: string) => of.workload(id) ?? assert.fail(id)

function out(...manifests: Manifest[]): string {
  const of = cluster(namespace('a'), app, ...manifests)
  return reachesApiServer(networkModel(of), workloadOf(of, 'Deployment/a/app')).truth
}

test('a workload whose egress is not isolated reaches the API server', () => {
  assert.equal(out(), 'yes')
  assert.equal(out(ingress()), 'yes')
  assert.equal(out(egress()), 'no')
})

test('where its endpoints are not known, rules for everyone on its usual ports', () => {
  assert.equal(out(egress({})), 'yes')
  assert.equal(out(egress({ ports: [{ port: 443 }] })), 'yes')
  assert.equal(out(egress({ ports: [{ port: 6443 }] })), 'yes')
  assert.equal(out(egress(block('0.0.0.0/0', 443))), 'yes')
  assert.equal(out(egress(block('0.0.0.0/0', 443, '169.254.169.254/32'))), 'yes')
  assert.equal(out(egress(block('10.0.0.0/8', 443))), 'unknown')
  assert.equal(out(egress(block('10.0.0.0/8', 5432))), 'no')
})

test('only pods: no; some way out to the internet: unknown, as the API may be public', () => {
  assert.equal(out(egress({ to: [{ namespaceSelector: {} }] })), 'no')
  assert.equal(out(egress({ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] })), 'no')
  assert.equal(out(egress(block('0.0.0.0/0', 25, '10.0.0.0/8'))), 'unknown')
  assert.equal(out(egress(block('203.0.113.0/24'))), 'unknown')
})

test('where its endpoints are known, they decide', () => {
  assert.equal(out(endpoints, egress(block('172.18.0.0/16', 6443))), 'yes')
  assert.equal(out(endpoints, egress(block('172.18.0.0/16', 443))), 'unknown')
  assert.equal(out(endpoints, egress(block('192.168.0.0/16', 6443))), 'no')
  assert.equal(out(endpoints, clusterIP, egress(block('172.18.0.0/16', 6443))), 'unknown')
  assert.equal(out(endpoints, clusterIP, egress(block('10.96.0.1/32', 443))), 'unknown')
  assert.equal(out(endpoints, clusterIP, egress(block('172.18.0.0/16', 6443), block('10.96.0.0/12', 443))), 'yes')
  assert.equal(out(endpoints, clusterIP, egress({ ports: [{ port: 6443 }, { port: 443 }] })), 'yes')
  assert.equal(out(endpoints, clusterIP, egress(block('192.168.0.0/16', 443))), 'no')
})

test("pods on their node's network, and beside an API server, reach it", () => {
  const of = cluster(namespace('a'), workload('a/app', { spec: { hostNetwork: true } }), egress())
  assert.equal(reachesApiServer(networkModel(of), workloadOf(of, 'Deployment/a/app')).truth, 'yes')
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] },
  }
  const beside = cluster(namespace('a'), node, endpoints, pod('a/app', '10.0.0.1'), egress())
  assert.equal(reachesApiServer(networkModel(beside), workloadOf(beside, 'Pod/a/app')).truth, 'yes')
})

test('pods on other nodes do not reach it for that', () => {
  const node = (name: string, address: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address }] },
  })
  const nodes = [node('node-1', '172.18.0.3'), node('node-2', '172.18.0.2')]
  const of = cluster(namespace('a'), ...nodes, endpoints, pod('a/app', '10.0.0.1'), egress(), ingress())
  assert.equal(reachesApiServer(networkModel(of), workloadOf(of, 'Pod/a/app')).truth, 'no')
  assert.equal(controlPlaneReaches(networkModel(of), workloadOf(of, 'Pod/a/app')).truth, 'no')
})

function into(...manifests: Manifest[]): string {
  const of = cluster(namespace('a'), app, ...manifests)
  return controlPlaneReaches(networkModel(of), workloadOf(of, 'Deployment/a/app')).truth
}

test("the API server reaches what is open to everyone; a node's address may be in a block", () => {
  assert.equal(into(), 'yes')
  assert.equal(into(ingress()), 'no')
  assert.equal(into(ingress({ ports: [{ port: 8443 }] })), 'yes')
  assert.equal(into(ingress({ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] })), 'yes')
  assert.equal(into(ingress({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })), 'unknown')
  assert.equal(into(ingress({ from: [{ namespaceSelector: {} }] })), 'no')
  assert.equal(into(endpoints, ingress({ from: [{ ipBlock: { cidr: '172.18.0.0/16' } }] })), 'yes')
})

test('where pods relay its connections, they must be admitted', () => {
  const relay = workload('kube-system/konnectivity-agent')
  assert.equal(
    into(
      relay,
      ingress({ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }] }),
    ),
    'yes',
  )
  assert.equal(into(relay, ingress({ from: [{ podSelector: {} }] })), 'no')
})

test('every answer has its reasons', () => {
  const of = cluster(namespace('a'), app, egress(), ingress())
  const reasons = [reachesApiServer, controlPlaneReaches].map((ask) =>
    ask(networkModel(of), workloadOf(of, 'Deployment/a/app')).because.map(({ object }) => object?.name),
  )
  assert.deepEqual(reasons, [['out'], ['in']])
})

test('whether a workload reaches another on some port', () => {
  const of = cluster(
    namespace('a'),
    app,
    workload('a/db', { ports: [5432] }),
    policy('a/db', { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ ports: [{ port: 5432 }] }] }),
  )
  const ask = (...ports: number[]): string =>
    reaches(networkModel(of), workloadOf(of, 'Deployment/a/app'), workloadOf(of, 'Deployment/a/db'), ports).truth
  assert.deepEqual([ask(), ask(5432), ask(80, 5432), ask(80)], ['yes', 'yes', 'yes', 'no'])
})
