import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { NETWORK_KINDS, networkEngine } from './network.ts'
import { cluster, type Manifest, made, NOTHING_KNOWN, namespace, policy, service, workload } from './testing.ts'

const findings = (...manifests: Manifest[]): string[] =>
  [...networkEngine().findings(cluster(...manifests), NOTHING_KNOWN)].map(
    ({ check, severity, object }) => `${check} ${severity} ${object.id}`,
  )
const unknowns = (...manifests: Manifest[]): string[] =>
  [...networkEngine().unknowns(cluster(...manifests), NOTHING_KNOWN)].map(({ id, count }) => `${id} ${count}`)

const app = workload('a/app')
const on = (labels: Manifest, rest: { readonly [key: string]: Json } = {}): Manifest =>
  policy('a/policy', { podSelector: { matchLabels: labels }, ...rest })

test('a namespace in which nothing is isolated for ingress', () => {
  assert.deepEqual(findings(namespace('a'), app, workload('a/other')), ['network-unisolated medium Namespace//a'])
  assert.deepEqual(findings(app), ['network-unisolated medium Deployment/a/app'])
  assert.deepEqual(findings(namespace('a'), app, on({ app: 'app' }, { policyTypes: ['Egress'] })), [
    'network-unisolated medium Namespace//a',
  ])
  assert.deepEqual(findings(namespace('a'), app, workload('a/other'), on({ app: 'app' })), [])
  assert.deepEqual(findings(namespace('empty')), [])
  assert.deepEqual(findings(namespace('a'), workload('a/host', { spec: { hostNetwork: true } })), [])
})

test('where nobody enforces policies, nothing is isolated', () => {
  const of = cluster(namespace('a'), app, on({ app: 'app' }))
  const [found] = [...networkEngine({ enforced: 'no' }).findings(of, NOTHING_KNOWN)]
  assert.equal(found?.check, 'network-unisolated')
  assert.match(found?.message ?? '', /namespace a .* its one workload accepts/)
})

test('a policy that selects nothing where there is something to select', () => {
  const all = policy('a/all', { podSelector: {} })
  assert.deepEqual(findings(namespace('a'), app, all, on({ app: 'ap' })), [
    'network-policy-selects-nothing low NetworkPolicy/a/policy',
  ])
  assert.deepEqual(findings(namespace('a'), on({ app: 'app' })), [])
  const host = workload('a/host', { spec: { hostNetwork: true } })
  const [found] = [
    ...networkEngine().findings(cluster(namespace('a'), app, all, host, on({ app: 'host' })), NOTHING_KNOWN),
  ]
  assert.match(found?.message ?? '', /node's network/)
})

test('a policy that admits everyone on every port', () => {
  const open = ['network-policy-allows-all low NetworkPolicy/a/policy']
  assert.deepEqual(findings(namespace('a'), app, on({ app: 'app' }, { ingress: [{}] })), open)
  assert.deepEqual(
    findings(namespace('a'), app, on({ app: 'app' }, { ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })),
    open,
  )
  assert.deepEqual(findings(namespace('a'), app, on({ app: 'app' }, { ingress: [{ ports: [{ port: 80 }] }] })), [])
})

test('what the answers rest on and the input does not show', () => {
  assert.deepEqual(unknowns(namespace('a'), app), [])
  assert.deepEqual(unknowns(namespace('a'), app, service('a/app', { type: 'NodePort', ports: [{ port: 80 }] })), [
    'network-cloud-firewall 1',
  ])
  assert.deepEqual(unknowns(namespace('a'), app, service('a/out', { selector: null, ports: [{ port: 80 }] })), [
    'network-service-without-selector 1',
  ])
  assert.deepEqual(unknowns(namespace('a'), app, made('a/x', 'getambassador.io/v2', 'Mapping', {})), [
    'network-unread-route 1',
  ])
  const asks = on({ app: 'app' }, { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'x' } } }] }] })
  assert.deepEqual(unknowns(namespace('a'), app, workload('lost/app'), asks), [
    'network-enforcer-unseen 1',
    'network-namespace-labels 1',
  ])
})

test('every kind of edge is told in the docs', () => {
  const kinds = new Set(NETWORK_KINDS.map(({ kind }) => kind))
  const of = cluster(
    namespace('a'),
    app,
    service('a/app', { type: 'LoadBalancer', externalIPs: ['198.51.100.7'], ports: [{ port: 80 }] }),
  )
  const edges = [...networkEngine().edges(of, NOTHING_KNOWN)]
  assert.deepEqual([...new Set(edges.map(({ kind }) => kind))].sort(), [
    'connects',
    'exposed-external-ip',
    'exposed-load-balancer',
    'receives',
    'sends',
  ])
  for (const { kind } of edges) assert.ok(kinds.has(kind), kind)
  assert.equal(kinds.size, NETWORK_KINDS.length)
})
