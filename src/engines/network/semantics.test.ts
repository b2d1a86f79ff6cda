import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf } from '../../cluster/addresses.ts'
import type { Json } from '../../cluster/json.ts'
import { type Connection, connection } from './connection.ts'
import { networkModel } from './model.ts'
import { formatPorts } from './ports.ts'
import { cluster, contacts, edgesOf, type Manifest, namespace, pod, policy, workload } from './testing.ts'

/** A test for each row of the semantics of NetworkPolicy that peers get wrong. */

const base: readonly Manifest[] = [
  namespace('shop', { team: 'shop' }),
  namespace('ops', { team: 'ops' }),
  workload('shop/web', { ports: [{ name: 'http', containerPort: 8080 }] }),
  workload('shop/db', {
    ports: [
      { name: 'sql', containerPort: 5432 },
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
    ],
  }),
  workload('ops/agent', { ports: [{ name: 'http', containerPort: 9100 }] }),
]

type Ends = readonly [from: string, to: string]

function ask([from, to]: Ends, ...manifests: readonly Manifest[]): Connection {
  const peer = (each: string) =>
    /^[\d.:/a-f]+$/.test(each) && each !== 'a'
      ? { addresses: addressesOf([each]) }
      : each === 'internet'
        ? each
        : { workload: `Deployment/${each}` }
  return connection(networkModel(cluster(...base, ...manifests)), peer(from), peer(to))
}

function ports(ends: Ends, ...manifests: readonly Manifest[]): string {
  const { truth, ports: may, surely } = ask(ends, ...manifests)
  return truth === 'unknown' ? `maybe ${formatPorts(may)}` : formatPorts(surely)
}

const isolateDb = (...ingress: Json[]): Manifest =>
  policy('shop/db', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'], ingress })
const limitWeb = (...egress: Json[]): Manifest =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress })
const web = { podSelector: { matchLabels: { app: 'web' } } }

test('isolation: no policy, no isolation; one direction does not isolate the other', () => {
  assert.equal(ports(['shop/web', 'shop/db']), 'all ports')
  assert.equal(ports(['shop/web', 'shop/db'], isolateDb()), 'no ports')
  assert.equal(ports(['shop/db', 'shop/web'], isolateDb()), 'all ports')
  assert.equal(ports(['shop/web', 'shop/db'], limitWeb()), 'no ports')
  assert.equal(ports(['ops/agent', 'shop/web'], limitWeb()), 'all ports')
})

test('both ends must admit; policies add up', () => {
  const egress = limitWeb({ to: [{ podSelector: {} }], ports: [{ port: 5000, endPort: 6000 }] })
  const ingress = isolateDb({ from: [web], ports: [{ port: 5432 }, { port: 7000 }] })
  assert.equal(ports(['shop/web', 'shop/db'], egress, ingress), 'TCP 5432')
  const more = policy('shop/more', { podSelector: {}, ingress: [{ from: [web], ports: [{ port: 5999 }] }] })
  assert.equal(ports(['shop/web', 'shop/db'], egress, ingress, more), 'TCP 5432,5999')
})

test('policyTypes by default: ingress always, egress if there is an egress rule', () => {
  const without = (spec: Manifest): Manifest =>
    policy('shop/x', { podSelector: { matchLabels: { app: 'web' } }, ...spec })
  assert.equal(ports(['ops/agent', 'shop/web'], without({})), 'no ports')
  assert.equal(ports(['shop/web', 'shop/db'], without({ egress: [] })), 'all ports')
  assert.equal(ports(['shop/web', 'shop/db'], without({ egress: [{ ports: [{ port: 80 }] }] })), 'TCP 80')
  assert.equal(ports(['ops/agent', 'shop/web'], without({ egress: [{}] })), 'no ports')
})

test('an empty list of rules denies, as its absence does; an empty rule admits all', () => {
  for (const ingress of [[], null])
    assert.equal(ports(['shop/web', 'shop/db'], policy('shop/x', { podSelector: {}, ingress })), 'no ports')
  assert.equal(ports(['ops/agent', 'shop/db'], isolateDb({})), 'all ports')
  assert.equal(ports(['203.0.113.7', 'shop/db'], isolateDb({})), 'all ports')
  assert.equal(ports(['203.0.113.7', 'shop/db'], isolateDb({ from: [] })), 'all ports')
})

test('the policy selects pods of its own namespace; without a selector all of them', () => {
  assert.equal(
    ports(['shop/web', 'ops/agent'], policy('shop/x', { podSelector: { matchLabels: { app: 'agent' } } })),
    'all ports',
  )
  assert.equal(ports(['ops/agent', 'shop/db'], policy('shop/x', {})), 'no ports')
})

test('peers: pods of the own namespace, namespaces, both at once', () => {
  const from = (peer: Json): Manifest => isolateDb({ from: [peer] })
  assert.equal(ports(['shop/web', 'shop/db'], from({ podSelector: {} })), 'all ports')
  assert.equal(ports(['ops/agent', 'shop/db'], from({ podSelector: {} })), 'no ports')
  assert.equal(
    ports(['ops/agent', 'shop/db'], from({ namespaceSelector: { matchLabels: { team: 'ops' } } })),
    'all ports',
  )
  assert.equal(
    ports(['shop/web', 'shop/db'], from({ namespaceSelector: { matchLabels: { team: 'ops' } } })),
    'no ports',
  )
  assert.equal(ports(['ops/agent', 'shop/db'], from({ namespaceSelector: {} })), 'all ports')
  const both = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ops' } },
    podSelector: { matchLabels: { app: 'other' } },
  }
  assert.equal(ports(['ops/agent', 'shop/db'], from(both)), 'no ports')
  assert.equal(ports(['203.0.113.7', 'shop/db'], from({ namespaceSelector: {} })), 'no ports')
})

test('ports: an empty one is all TCP; endPort is inclusive; each protocol is its own', () => {
  const on = (...list: Json[]): string => ports(['shop/web', 'shop/db'], isolateDb({ ports: list }))
  assert.equal(on(), 'all ports')
  assert.equal(on({}), 'all TCP')
  assert.equal(on({ protocol: 'UDP' }), 'all UDP')
  assert.equal(on({ port: 80, endPort: 90 }, { port: 80, protocol: 'SCTP' }), 'TCP 80-90, SCTP 80')
})

test('a named port is what the receiving pod calls so, with that protocol, in both directions', () => {
  assert.equal(ports(['shop/web', 'shop/db'], isolateDb({ ports: [{ port: 'sql' }, { port: 'dns' }] })), 'TCP 5432')
  assert.equal(ports(['shop/web', 'shop/db'], isolateDb({ ports: [{ port: 'dns', protocol: 'UDP' }] })), 'UDP 53')
  const out = limitWeb({ ports: [{ port: 'http' }, { port: 'sql' }] })
  assert.equal(ports(['shop/web', 'ops/agent'], out), 'TCP 9100')
  assert.equal(ports(['shop/web', 'shop/db'], out), 'TCP 5432')
  assert.equal(ports(['shop/web', '203.0.113.7'], out), 'no ports')
})

test('named ports of sidecars count, those of other init containers do not', () => {
  const meshed = (restartPolicy?: string): Manifest => {
    const init = {
      name: 'proxy',
      image: 'proxy',
      ports: [{ name: 'admin', containerPort: 15000 }],
      ...(restartPolicy ? { restartPolicy } : {}),
    }
    return workload('shop/meshed', { spec: { initContainers: [init] } })
  }
  const admin = policy('shop/meshed', {
    podSelector: { matchLabels: { app: 'meshed' } },
    ingress: [{ ports: [{ port: 'admin' }] }],
  })
  assert.equal(ports(['shop/web', 'shop/meshed'], meshed('Always'), admin), 'TCP 15000')
  assert.equal(ports(['shop/web', 'shop/meshed'], meshed(), admin), 'no ports')
})

test('ipBlocks: addresses outside, of both families, without what is excepted', () => {
  const block = isolateDb({
    from: [
      { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.64/26'] } },
      { ipBlock: { cidr: '2001:db8::/32' } },
    ],
  })
  assert.equal(ports(['203.0.113.7', 'shop/db'], block), 'all ports')
  assert.equal(ports(['203.0.113.65', 'shop/db'], block), 'no ports')
  assert.equal(ports(['2001:db8::7', 'shop/db'], block), 'all ports')
  assert.equal(ports(['203.0.113.0/24', 'shop/db'], block), 'maybe all ports')
  assert.equal(ports(['internet', 'shop/db'], block), 'all ports')
  assert.equal(ports(['internet', 'shop/db'], isolateDb({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })), 'no ports')
  assert.equal(ports(['shop/web', 'shop/db'], block), 'no ports')
})

test('ipBlocks match pods whose address is known, may match others if they are as wide as a network of pods', () => {
  const pods = [namespace('live'), pod('live/a', '10.0.0.1'), pod('live/b', '10.0.0.2')]
  const from = (cidr: string): Manifest =>
    policy('live/b', { podSelector: { matchLabels: { app: 'b' } }, ingress: [{ from: [{ ipBlock: { cidr } }] }] })
  const between = (cidr: string) =>
    connection(networkModel(cluster(...pods, from(cidr))), { workload: 'Pod/live/a' }, { workload: 'Pod/live/b' }).truth
  assert.equal(between('10.0.0.1/32'), 'yes')
  assert.equal(between('10.0.0.4/30'), 'no')
  const unlocated = (cidr: string): string =>
    ports(['shop/web', 'shop/db'], isolateDb({ from: [{ ipBlock: { cidr } }] }))
  assert.equal(unlocated('10.0.0.0/16'), 'maybe all ports')
  assert.equal(unlocated('10.1.2.0/24'), 'no ports')
  assert.equal(unlocated('0.0.0.0/0'), 'all ports')
  const butMetadata = { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }
  assert.equal(ports(['shop/web', 'shop/db'], isolateDb({ from: [butMetadata] })), 'all ports')
  const public_ = {
    ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] },
  }
  assert.equal(ports(['shop/web', 'shop/db'], isolateDb({ from: [public_] })), 'no ports')
})

test('Cilium knows pods by identity: an ipBlock matches none for sure', () => {
  const agent = workload('kube-system/cilium', {
    kind: 'DaemonSet',
    spec: { containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.18.0' }] },
  })
  assert.equal(
    ports(['shop/web', 'shop/db'], agent, isolateDb({ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] })),
    'maybe all ports',
  )
})

test('a pod reaches itself, whatever the policies', () => {
  assert.equal(
    ports(['shop/db', 'shop/db'], isolateDb(), policy('shop/x', { podSelector: {}, policyTypes: ['Egress'] })),
    'all ports',
  )
})

test('own node: from nodes an isolated pod is reached for sure only where everyone may enter', () => {
  const found = (...manifests: Manifest[]) =>
    contacts(edgesOf(cluster(...base, ...manifests))).get('Node//(any node) Deployment/shop/db')
  assert.deepEqual(found(), { yes: 0.1, any: 0.1 })
  assert.deepEqual(found(isolateDb({ from: [{ podSelector: {} }] })), { yes: 0, any: 0.1 })
  assert.deepEqual(found(isolateDb({})), { yes: 0.1, any: 0.1 })
})

test('an address of a node may be that of the own node', () => {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] },
  }
  assert.equal(ports(['172.18.0.2', 'shop/db'], node, isolateDb()), 'maybe all ports')
  assert.equal(ports(['172.18.0.3', 'shop/db'], node, isolateDb()), 'no ports')
})

test("pods on their node's network are neither subjects nor peers", () => {
  const host = workload('shop/host', { labels: { app: 'web' }, ports: [9100], spec: { hostNetwork: true } })
  assert.equal(
    ports(['shop/web', 'shop/host'], host, policy('shop/x', { podSelector: { matchLabels: { app: 'web' } } })),
    'all ports',
  )
  assert.equal(ports(['shop/host', 'shop/db'], host, isolateDb({ from: [web] })), 'maybe all ports')
  assert.equal(ports(['shop/host', 'shop/db'], host, isolateDb({})), 'all ports')
  assert.equal(ports(['shop/web', 'shop/host'], host, limitWeb()), 'maybe all ports')
})

test('what has ended takes no part', () => {
  const done = { ...pod('shop/done', '10.0.0.9'), status: { phase: 'Succeeded', podIP: '10.0.0.9' } }
  const edges = edgesOf(cluster(...base, done))
  assert.ok(!edges.some(({ from, to }) => from === 'Pod/shop/done' || to === 'Pod/shop/done'))
})

test('a namespace that is not in the input may have any label but its name', () => {
  const lost = workload('lost/job')
  const from = (selector: Json): string =>
    ports(['lost/job', 'shop/db'], lost, isolateDb({ from: [{ namespaceSelector: selector }] }))
  assert.equal(from({ matchLabels: { team: 'lost' } }), 'maybe all ports')
  assert.equal(from({ matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }), 'maybe all ports')
  assert.equal(from({ matchLabels: { 'kubernetes.io/metadata.name': 'lost' } }), 'all ports')
  assert.equal(from({ matchLabels: { 'kubernetes.io/metadata.name': 'other', team: 'lost' } }), 'no ports')
  assert.equal(from({}), 'all ports')
})

test('a label that differs from pod to pod may match', () => {
  const set = workload('shop/set', { kind: 'StatefulSet' })
  const first = { matchLabels: { app: 'set', 'statefulset.kubernetes.io/pod-name': 'set-0' } }
  const between = (from: string, to: string, ...policies: Manifest[]) =>
    connection(networkModel(cluster(...base, set, ...policies)), { workload: from }, { workload: to }).truth
  const [ofSet, ofWeb, ofAgent] = ['StatefulSet/shop/set', 'Deployment/shop/web', 'Deployment/ops/agent'] as const
  assert.equal(between(ofAgent, ofSet, policy('shop/x', { podSelector: first })), 'unknown')
  const admitsFirst = { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ podSelector: first }] }] }
  assert.equal(between(ofSet, ofWeb, policy('shop/x', admitsFirst)), 'unknown')
  assert.equal(between(ofAgent, ofWeb, policy('shop/x', { podSelector: first })), 'yes')
})

test('a controller that Kubernetes does not have may add labels to its pods', () => {
  const custom = {
    ...workload('shop/rollout', { labels: { app: 'rollout' } }),
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
  }
  const of = (selector: Json) =>
    connection(
      networkModel(cluster(...base, custom, policy('shop/x', { podSelector: selector }))),
      { workload: 'Deployment/ops/agent' },
      { workload: 'Rollout.argoproj.io/shop/rollout' },
    ).truth
  assert.equal(of({ matchLabels: { app: 'rollout' } }), 'no')
  assert.equal(of({ matchLabels: { added: 'later' } }), 'unknown')
  assert.equal(of({ matchLabels: { app: 'web' } }), 'yes')
})

test('a workload whose pods have several shapes reaches, and is reached, as all of them', () => {
  const old = pod('shop/two-1', '10.0.0.5', { labels: { app: 'two', track: 'old' } })
  const owner = {
    metadata: {
      ...(old.metadata as Manifest),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'two', controller: true }],
    },
  }
  const isolate = policy('shop/x', {
    podSelector: { matchLabels: { app: 'two' }, matchExpressions: [{ key: 'track', operator: 'DoesNotExist' }] },
  })
  const both = [workload('shop/two', { ports: [80] }), { ...old, ...owner }]
  assert.equal(ports(['shop/web', 'shop/two'], both[0] as Manifest, isolate), 'no ports')
  assert.equal(ports(['shop/web', 'shop/two'], ...both, isolate), 'all ports')
})

test('what a connection rests on is told, also where it is denied', () => {
  const reasons = ({ because }: Connection): string[] =>
    because.map(({ object, path }) => `${object?.name ?? '-'} ${path?.join('.') ?? ''}`)
  assert.deepEqual(reasons(ask(['shop/web', 'shop/db'], isolateDb({ from: [web] }))), ['- ', 'db spec.ingress.0'])
  assert.deepEqual(reasons(ask(['ops/agent', 'shop/db'], isolateDb({ from: [web] }))), ['db spec.podSelector'])
  assert.deepEqual(ask(['shop/nothing', 'shop/db']).truth, 'no')
})
