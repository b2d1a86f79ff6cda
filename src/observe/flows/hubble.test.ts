import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, JsonObject } from '../../cluster/json.ts'
import { clusterOf } from '../../cluster/testing.ts'
import type { Connection, End } from '../record.ts'
import { Ends } from './ends.ts'
import { decodeHubble, type HubbleRecord } from './hubble.ts'

const workload = (kind: string, name: string, extra = ''): string => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template: {metadata: {labels: {app: ${name}}}, spec: {${extra} containers: [{name: a, image: a, ports: [{name: http, containerPort: 8080}]}]}}
`
const livePod = (name: string, ip: string, more: string, status = ''): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: web}${more}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-6b746f74dc, controller: true}]}
spec: {nodeName: worker-1, containers: [{name: a, image: a}]}
status: {phase: Running, podIP: ${ip}${status}}
`

const CLUSTER = clusterOf(
  [
    workload('Deployment', 'web'),
    workload('Deployment', 'web-api'),
    workload('StatefulSet', 'db'),
    workload('DaemonSet', 'agent'),
    workload('DaemonSet', 'proxy', 'hostNetwork: true,'),
    `apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-6b746f74dc, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}
`,
    `apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: a}]}}}}}
`,
    `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: canary, namespace: shop}
spec: {selector: {matchLabels: {app: canary}}, template: {metadata: {labels: {app: canary}}, spec: {containers: [{name: a, image: a}]}}}
`,
    livePod('web-6b746f74dc-2xxxx', '10.0.0.7', '', ', startTime: "2026-05-01T09:00:00Z"'),
    `apiVersion: v1
kind: Node
metadata: {name: worker-1}
spec: {podCIDR: 10.0.0.0/16}
status: {addresses: [{type: InternalIP, address: 192.168.0.11}]}
`,
    `apiVersion: v1
kind: Node
metadata: {name: control, labels: {node-role.kubernetes.io/control-plane: ""}}
status: {addresses: [{type: InternalIP, address: 192.168.0.10}]}
`,
    `apiVersion: v1
kind: Endpoints
metadata: {name: kubernetes, namespace: default}
subsets: [{addresses: [{ip: 192.168.0.10}], ports: [{port: 6443}]}]
`,
    `apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec: {clusterIP: 10.96.0.1, ports: [{port: 443, targetPort: 6443}]}
`,
    `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.2, selector: {app: web}, ports: [{port: 80, targetPort: 8080}, {port: 81, targetPort: nothing}]}
`,
    `apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {clusterIP: 10.96.0.3, ports: [{port: 80}]}
`,
  ].join('---\n'),
)

const TIME = '2026-05-01T10:00:00.123456789Z'
const PLACE = { file: 'flows.log', line: 1 }

function record(value: Json, ends = new Ends(CLUSTER)): HubbleRecord | undefined {
  return decodeHubble(value, JSON.stringify(value), PLACE, ends)
}

function connection(fields: JsonObject, ends?: Ends): Connection {
  const value = {
    flow: {
      time: TIME,
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 80 } },
      is_reply: false,
      node_name: 'prod/worker-1',
      ...fields,
    },
  }
  const made = record(value, ends)
  assert.equal(made?.kind, 'connection')
  return made.connection
}

/** What the source of a flow resolves to. */
function source(endpoint: JsonObject, address = '10.0.0.1', ends?: Ends, time = TIME): End {
  return connection({ source: endpoint, IP: { source: address, destination: '10.0.0.2' }, time }, ends).source
}

function destination(address: string, port: number): { end: End; port: number } {
  const made = connection({
    IP: { source: '10.0.0.1', destination: address },
    l4: { TCP: { source_port: 40_000, destination_port: port } },
    destination: { identity: 2, labels: ['reserved:world'] },
  })
  return { end: made.destination, port: made.port }
}

const unresolved = (why: string, address: string, namespace = ''): object => ({
  kind: 'unresolved',
  why,
  namespace,
  address,
})
const pod = (pod_name: string, labels: readonly string[] = []): JsonObject => ({ namespace: 'shop', pod_name, labels })

describe('a flow', () => {
  test('has the verdict of the connection', () => {
    const verdicts = ['FORWARDED', 'REDIRECTED', 'AUDIT', 'DROPPED', 'ERROR', 'TRACED', 'TRANSLATED', 'NEW', 7]
    assert.deepEqual(
      verdicts.map((verdict) => connection({ verdict: verdict as string }).verdict),
      ['forwarded', 'forwarded', 'forwarded', 'dropped', 'untold', 'untold', 'untold', 'untold', 'untold'],
    )
  })

  test('goes from client to server, as far as the record says', () => {
    const l4 = (flags: JsonObject): JsonObject => ({ TCP: { source_port: 80, destination_port: 40_000, flags } })
    const of = (fields: JsonObject): readonly (string | number | undefined)[] => {
      const { port, direction } = connection({ l4: l4({ ACK: true }), is_reply: null, ...fields })
      return [port, direction]
    }
    assert.deepEqual(of({ is_reply: true }), [80, undefined])
    assert.deepEqual(of({ reply: true }), [80, undefined])
    assert.deepEqual(of({ is_reply: false }), [40_000, undefined])
    assert.deepEqual(of({ l4: l4({ SYN: true, ACK: true }) }), [80, undefined])
    assert.deepEqual(of({ l4: l4({ SYN: true }) }), [40_000, undefined])
    assert.deepEqual(of({ l7: { type: 'RESPONSE' } }), [80, undefined])
    assert.deepEqual(of({}), [40_000, 'untold'])
    assert.equal(connection({ is_reply: true, verdict: 'DROPPED' }).verdict, 'untold')
  })

  test('may come bare, with UDP or SCTP, and without its times twice', () => {
    const bare = { time: TIME, verdict: 'FORWARDED', IP: {}, l4: { UDP: { source_port: 1, destination_port: 53 } } }
    const made = record(bare)
    assert.ok(made?.kind === 'connection')
    assert.deepEqual([made.connection.protocol, made.connection.port], ['UDP', 53])
    const outer = { flow: { verdict: 'FORWARDED', IP: {}, l4: { SCTP: { destination_port: 9 } } }, time: TIME }
    assert.ok(record(outer)?.kind === 'connection')
    assert.equal(record({ flow: { ...bare, time: 'today' } }), undefined)
  })

  test('of ICMP, and what is no flow, is told apart', () => {
    const icmp = { flow: { time: TIME, l4: { ICMPv6: { type: 128 } } } }
    assert.deepEqual(record(icmp), { kind: 'other', what: 'icmp', time: Date.parse('2026-05-01T10:00:00.123Z') })
    assert.equal(record({ flow: { time: TIME } })?.kind, 'other')
    assert.equal(record({ agent_event: { type: 'POLICY_UPDATED' }, time: TIME })?.kind, 'other')
    for (const value of [
      null,
      7,
      [],
      {},
      { flow: 7 },
      { time: TIME },
      { lost_events: { num_events_lost: 'x' }, time: TIME },
    ])
      assert.equal(record(value), undefined)
  })

  test('that was lost is counted', () => {
    const lost = { lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: '12' }, time: TIME }
    assert.deepEqual(record(lost), { kind: 'lost', time: Date.parse('2026-05-01T10:00:00.123Z'), count: 12 })
  })
})

describe('an end of a flow', () => {
  test('is the workload that the record names', () => {
    const of = (kind: string, name: string): End =>
      source({ namespace: 'shop', pod_name: 'p', workloads: [{ kind, name }] })
    const is = (id: string): object => ({ kind: 'workload', workload: id, pod: 'p' })
    assert.deepEqual(of('Deployment', 'web'), is('Deployment/shop/web'))
    assert.deepEqual(of('ReplicaSet', 'web-6b746f74dc'), is('Deployment/shop/web'))
    assert.deepEqual(of('Rollout', 'canary'), is('Rollout.argoproj.io/shop/canary'))
    assert.deepEqual(of('Job', 'report-29123456'), is('CronJob/shop/report'))
    assert.deepEqual(of('Deployment', 'gone'), is('Deployment/shop/gone'))
  })

  test('is the workload that the name of the pod fits, and its labels', () => {
    const of = (name: string, labels?: readonly string[]): string => {
      const end = source(pod(name, labels))
      return end.kind === 'workload' ? end.workload : end.kind === 'unresolved' ? end.why : end.kind
    }
    assert.equal(of('web-6b746f74dc-2xxxx'), 'Deployment/shop/web')
    assert.equal(of('web-5d4f8c7b9-zzzzz', ['k8s:app=web', 'k8s:version=1']), 'Deployment/shop/web')
    assert.equal(of('web-5d4f8c7b9-zzzzz', ['k8s:app=other']), 'unknown pod')
    assert.equal(of('web-api-5d4f8c7b9-zzzzz'), 'Deployment/shop/web-api')
    assert.equal(of('db-12'), 'StatefulSet/shop/db')
    assert.equal(of('agent-x7k2p'), 'DaemonSet/shop/agent')
    assert.equal(of('report-29123456-x7k2p'), 'CronJob/shop/report')
    assert.equal(of('canary-5d4f8c7b9-zzzzz'), 'Rollout.argoproj.io/shop/canary')
    assert.equal(of('web-0'), 'unknown pod')
    assert.equal(of('***'), 'unknown pod')
    assert.equal(of('constructor'), 'unknown pod')
  })

  test('is the workload whose selector its identity satisfies, when the pod is not named', () => {
    const labels = ['k8s:app=db', 'k8s:extra=1', 'k8s:io.kubernetes.pod.namespace=shop']
    const is = { kind: 'workload', workload: 'StatefulSet/shop/db', pod: '' }
    assert.deepEqual(source({ labels }, '10.0.0.99'), is)
    assert.deepEqual(source({ namespace: 'shop', labels: labels.slice(0, 1) }, '***'), is)
    const as = (account: string): End =>
      source({ labels: [...labels, `k8s:io.cilium.k8s.policy.serviceaccount=${account}`] })
    assert.deepEqual(as('default'), is)
    assert.deepEqual(as('other'), unresolved('unknown', '10.0.0.1', 'shop'))
    assert.deepEqual(source({ labels: ['k8s:app=x', labels[2] as string] }), unresolved('unknown', '10.0.0.1', 'shop'))
  })

  test('is a node, the API server, or an address', () => {
    const reserved = (...names: string[]): JsonObject => ({ labels: names.map((each) => `reserved:${each}`) })
    assert.deepEqual(source(reserved('host')), { kind: 'node', name: 'worker-1' })
    assert.deepEqual(source(reserved('remote-node'), '192.168.0.11'), { kind: 'node', name: 'worker-1' })
    assert.deepEqual(source(reserved('health')), { kind: 'node', name: 'worker-1' })
    assert.deepEqual(source(reserved('remote-node', 'kube-apiserver')), { kind: 'api-server' })
    assert.deepEqual(source(reserved('world'), '192.168.0.11'), { kind: 'node', name: 'worker-1' })
    assert.deepEqual(source(reserved('world'), '172.16.0.1'), { kind: 'address', address: '172.16.0.1' })
    assert.deepEqual(source({}, '93.184.216.34'), { kind: 'address', address: '93.184.216.34' })
    assert.deepEqual(source({}, '2606:2800::1'), { kind: 'address', address: '2606:2800::1' })
    assert.deepEqual(source(pod('proxy-x7k2p'), '192.168.0.11'), { kind: 'node', name: 'worker-1' })
    assert.deepEqual(source({}, 'no address'), unresolved('unknown', 'no address'))
    assert.deepEqual(source({}, '10.0.***'), unresolved('masked', '10.0.***'))
  })

  test('at the address of the API server is that only at its port', () => {
    assert.deepEqual(destination('192.168.0.10', 6443).end, { kind: 'api-server' })
    assert.deepEqual(destination('192.168.0.10', 10_250).end, { kind: 'node', name: 'control' })
    assert.deepEqual(destination('10.96.0.1', 443), { end: { kind: 'api-server' }, port: 6443 })
  })

  test('at the address of a Service is the one workload behind it, at its port', () => {
    const web = { kind: 'workload', workload: 'Deployment/shop/web', pod: '' }
    assert.deepEqual(destination('10.96.0.2', 80), { end: web, port: 8080 })
    assert.deepEqual(destination('10.96.0.2', 81).end, unresolved('service address', '10.96.0.2'))
    assert.deepEqual(destination('10.96.0.2', 9999).end, unresolved('service address', '10.96.0.2'))
    assert.deepEqual(destination('10.96.0.3', 80).end, unresolved('service address', '10.96.0.3'))
  })

  test('in another cluster of a mesh is nobody here', () => {
    const web = { namespace: 'shop', pod_name: 'web-6b746f74dc-2xxxx', cluster_name: 'a' }
    const flow = { source: web, destination: { ...web, cluster_name: 'b' } }
    const out = connection({ ...flow, traffic_direction: 'EGRESS' })
    assert.deepEqual([out.source.kind, out.destination], ['workload', unresolved('other cluster', '10.0.0.2', 'shop')])
    const back = connection({ ...flow, traffic_direction: 'INGRESS' })
    assert.deepEqual(
      [back.source, back.destination.kind],
      [unresolved('other cluster', '10.0.0.1', 'shop'), 'workload'],
    )
  })
})

describe('an address without a name', () => {
  const at = (time: string): string => `2026-05-01T${time}Z`

  test('is the pod of the snapshot since it runs', () => {
    const live = { kind: 'workload', workload: 'Deployment/shop/web', pod: 'web-6b746f74dc-2xxxx' }
    assert.deepEqual(source({}, '10.0.0.7', undefined, at('09:00:00')), live)
    assert.deepEqual(source({}, '10.0.0.7', undefined, at('08:59:59')), unresolved('reused', '10.0.0.7'))
    assert.deepEqual(source({}, '10.0.0.8'), unresolved('unknown', '10.0.0.8'))
  })

  test('is what records say that it was at that time', () => {
    const ends = new Ends(CLUSTER)
    const ip = '10.0.0.50'
    source(pod('db-0'), ip, ends, at('10:00:00'))
    source(pod('db-0'), ip, ends, at('10:30:00'))
    source(pod('agent-x7k2p'), ip, ends, at('11:00:00'))
    const who = (time: string): string => {
      const end = source({}, ip, ends, at(time))
      return end.kind === 'workload' ? end.pod : end.kind === 'unresolved' ? end.why : end.kind
    }
    assert.deepEqual(['09:59:00', '10:15:00', '10:30:09', '10:45:00', '11:00:05', '12:00:00'].map(who), [
      'reused',
      'db-0',
      'db-0',
      'reused',
      'agent-x7k2p',
      'reused',
    ])
    source(pod('db-0'), ip, ends, at('12:30:00'))
    assert.equal(who('11:00:05'), 'reused')
  })

  test('is nobody when a record names another pod than the snapshot', () => {
    const ends = new Ends(CLUSTER)
    source(pod('db-0'), '10.0.0.7', ends, at('10:00:00'))
    assert.deepEqual(source({}, '10.0.0.7', ends, at('10:00:01')), unresolved('reused', '10.0.0.7'))
  })
})
