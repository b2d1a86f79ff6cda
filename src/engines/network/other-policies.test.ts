import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { connection } from './connection.ts'
import { networkModel } from './model.ts'
import { networkEngine } from './network.ts'
import { cluster, edgesOf, type Manifest, made, NOTHING_KNOWN, namespace, policy, workload } from './testing.ts'

const base = [
  namespace('a'),
  namespace('b'),
  workload('a/one'),
  workload('a/two'),
  workload('b/three'),
  policy('a/deny', { podSelector: { matchLabels: { app: 'two' } } }),
]

/** Of pairs: one that v1 allows inside namespace a, one that it denies there, and one that it allows in b. */
function truths(...others: readonly Manifest[]): string {
  const model = networkModel(cluster(...base, ...others))
  const pairs = [
    ['a/two', 'a/one'],
    ['a/one', 'a/two'],
    ['a/one', 'b/three'],
  ]
  return pairs
    .map(([from, to]) => connection(model, { workload: `Deployment/${from}` }, { workload: `Deployment/${to}` }).truth)
    .join(' ')
}

const other = (apiVersion: string, kind: string, spec: Json): Manifest => made('a/x', apiVersion, kind, { spec })
const NETWORK_API = 'policy.networking.k8s.io/v1alpha1'

test('each kind acts the way it can', () => {
  const all = { action: 'Deny', from: [{ namespaces: {} }] }
  const cases: readonly (readonly [Manifest, string])[] = [
    [other(NETWORK_API, 'AdminNetworkPolicy', { ingress: [all] }), 'unknown no unknown'],
    [other(NETWORK_API, 'AdminNetworkPolicy', { ingress: [{ ...all, action: 'Allow' }] }), 'yes unknown yes'],
    [other(NETWORK_API, 'AdminNetworkPolicy', { ingress: [{ ...all, action: 'Pass' }] }), 'yes no yes'],
    [other(NETWORK_API, 'AdminNetworkPolicy', {}), 'yes no yes'],
    [other(NETWORK_API, 'BaselineAdminNetworkPolicy', { ingress: [all] }), 'unknown no unknown'],
    [
      other('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', {
        tier: 'Admin',
        egress: [{ action: 'Accept' }, all],
      }),
      'unknown no unknown',
    ],
    [other('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, ingress: [{}] }), 'unknown unknown yes'],
    [other('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, egressDeny: [{}] }), 'unknown no unknown'],
    [
      other('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', { endpointSelector: {}, ingress: [{}] }),
      'unknown unknown unknown',
    ],
    [other('projectcalico.org/v3', 'NetworkPolicy', { selector: 'all()', types: ['Ingress'] }), 'unknown unknown yes'],
    [other('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', { selector: 'all()' }), 'unknown unknown unknown'],
    [other('k8s.cni.cncf.io/v1beta1', 'MultiNetworkPolicy', {}), 'yes unknown yes'],
    [other('k8s.ovn.org/v1', 'UserDefinedNetwork', {}), 'unknown no unknown'],
    [other('k8s.ovn.org/v1', 'ClusterUserDefinedNetwork', {}), 'unknown no unknown'],
    [other('security.istio.io/v1', 'AuthorizationPolicy', {}), 'unknown no yes'],
    [other('security.istio.io/v1', 'AuthorizationPolicy', { selector: { matchLabels: { app: 'two' } } }), 'yes no yes'],
  ]
  assert.equal(truths(), 'yes no yes')
  for (const [manifest, expected] of cases) assert.equal(truths(manifest), expected, JSON.stringify(manifest))
})

test('a baseline has no say where a policy isolates the pod', () => {
  const baseline = other(NETWORK_API, 'BaselineAdminNetworkPolicy', { ingress: [{ action: 'Deny' }] })
  const open = policy('a/open', { podSelector: { matchLabels: { app: 'one' } }, ingress: [{}] })
  assert.equal(truths(baseline, open), 'yes no unknown')
})

test('one that names no namespace may be meant for any', () => {
  const lost = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'x' },
    spec: { ingress: [{}] },
  }
  const of = cluster(...base, lost)
  const placed = of.ofKind('CiliumNetworkPolicy', 'cilium.io')[0]?.namespace
  assert.equal(truths(lost), placed === '' ? 'unknown unknown unknown' : 'yes no yes')
})

test('what makes a connection uncertain is named', () => {
  const admin = other(NETWORK_API, 'AdminNetworkPolicy', { ingress: [{ action: 'Deny' }, { action: 'Allow' }] })
  const model = networkModel(cluster(...base, admin))
  for (const [from, to] of [
    ['a/two', 'a/one'],
    ['a/one', 'a/two'],
  ]) {
    const { because } = connection(model, { workload: `Deployment/${from}` }, { workload: `Deployment/${to}` })
    assert.ok(
      because.some(({ object }) => object?.kind === 'AdminNetworkPolicy'),
      to,
    )
  }
})

test('they are counted by name', () => {
  const kinds = [other('cilium.io/v2', 'CiliumNetworkPolicy', {}), other(NETWORK_API, 'AdminNetworkPolicy', {})]
  const unknowns = [...networkEngine().unknowns(cluster(...base, ...kinds), NOTHING_KNOWN)].filter(
    ({ id }) => id === 'network-unsupported-kind',
  )
  assert.deepEqual(
    unknowns.map(({ message, count }) => [/kind (\S+):/.exec(message)?.[1], count]),
    [
      ['AdminNetworkPolicy.policy.networking.k8s.io', 1],
      ['CiliumNetworkPolicy.cilium.io', 1],
    ],
  )
})

test('a policy that the API server refuses is unknown in both senses, for what it selects', () => {
  const invalid = policy('a/invalid', { podSelector: {}, ingress: [{ from: [{}] }] })
  assert.equal(truths(invalid), 'unknown unknown yes')
  const of = cluster(...base, invalid)
  assert.deepEqual(
    [...networkEngine().findings(of, NOTHING_KNOWN)]
      .filter(({ check }) => check === 'network-policy-invalid')
      .map(({ object, severity }) => [object.name, severity]),
    [['invalid', 'medium']],
  )
  assert.deepEqual(
    [...networkEngine().unknowns(of, NOTHING_KNOWN)]
      .filter(({ id }) => id === 'network-policy-invalid')
      .map(({ count }) => count),
    [1],
  )
})

test('where nothing is enforced, only what a mesh enforces is left', () => {
  const of = cluster(
    ...base,
    other('cilium.io/v2', 'CiliumNetworkPolicy', { ingress: [{}] }),
    made('b/x', 'security.istio.io/v1', 'AuthorizationPolicy', {}),
  )
  const model = networkModel(of, { enforced: 'no' })
  const truth = (from: string, to: string) =>
    connection(model, { workload: `Deployment/${from}` }, { workload: `Deployment/${to}` }).truth
  assert.equal(truth('a/one', 'a/two'), 'yes')
  assert.equal(truth('a/one', 'b/three'), 'unknown')
  assert.ok(edgesOf(of, { enforced: 'no' }).length > 0)
})
