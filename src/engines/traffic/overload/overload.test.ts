import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../../cluster/cluster.ts'
import { toObject } from '../../../cluster/object.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import { knownOf, partsOf } from '../../../known.ts'
import { availabilityOf } from '../../../radius/availability.ts'
import { SHIPPED } from '../../../radius/weights.ts'
import { nginx, site } from '../front/testing.ts'
import { routesOf } from '../routes/routes.ts'
import type { Exhaustion } from './exhaustion.ts'
import { overloadOf } from './overload.ts'

function exhaustions(...texts: readonly string[]): readonly Exhaustion[] {
  const cluster = clusterOf(texts.join('\n---\n'))
  const parts = partsOf(cluster, { enforced: 'yes' })
  const known = knownOf(cluster, parts)
  return overloadOf(cluster, known, routesOf(cluster, known), availabilityOf(parts.applications(), SHIPPED)).items
}

const of = (all: readonly Exhaustion[], source: Exhaustion['source'], kind: Exhaustion['exhausts']['kind']) =>
  all.filter((each) => each.source === source && each.exhausts.kind === kind)

interface Made {
  readonly kind?: string
  readonly namespace?: string
  readonly resources?: string
  readonly env?: string
  readonly spec?: string
  readonly image?: string
  readonly replicas?: number
}

const LIMITS = '{limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}}'

function workload(name: string, made: Made = {}): string {
  const { kind = 'Deployment', namespace = 'shop', resources = LIMITS, env = '[]', spec = '', image = 'x' } = made
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  replicas: ${made.replicas ?? 1}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {${spec === '' ? '' : `${spec}, `}containers: [{name: c, image: "${image}", resources: ${resources}, env: ${env}}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{port: 80}]}`
}

const calls = (service: string): string => `[{name: BACKEND_URL, value: "http://${service}:80"}]`

describe('one client', () => {
  const limited = { 'nginx.ingress.kubernetes.io/limit-rps': '10' }
  const local = 'type: LoadBalancer, externalTrafficPolicy: Local'

  test('takes the exposed workload and the proxy that all hosts share', () => {
    const all = exhaustions(nginx(local), site('a.example.com', {}, 'a'), site('b.example.com', {}, 'b'))
    const [proxy] = of(all, 'client', 'proxy')
    assert.deepEqual(proxy?.sources, { count: 2, examples: ['a.example.com', 'b.example.com'] })
    assert.deepEqual(proxy?.hits.workloads.examples, [
      'Deployment/edge/nginx',
      'Deployment/shop/a',
      'Deployment/shop/b',
    ])
    assert.equal(proxy?.truth, 'yes')
    assert.equal(proxy?.share, 1)
    const [own] = of(all, 'client', 'workload')
    assert.equal(own?.sources.count, 2)
    assert.ok(Math.abs((own?.share ?? 0) - 1 / 3) < 1e-9)
  })

  test('a limit that works takes a host from the sources; one that does not, does not', () => {
    const hosts = (annotations: Readonly<Record<string, string>>, service = local): readonly string[] | undefined =>
      of(
        exhaustions(nginx(service), site('a.example.com', annotations, 'a'), site('b.example.com', {}, 'b')),
        'client',
        'proxy',
      )[0]?.sources.examples
    assert.deepEqual(hosts(limited), ['b.example.com'])
    // The address of every client is lost behind externalTrafficPolicy: Cluster, so that all share one bucket.
    assert.deepEqual(hosts(limited, 'type: LoadBalancer, externalTrafficPolicy: Cluster'), [
      'a.example.com',
      'b.example.com',
    ])
    assert.deepEqual(hosts({ 'haproxy.org/rate-limit-requests': '10' }), ['a.example.com', 'b.example.com'])
  })

  test('where all hosts are limited nothing is left', () => {
    const all = exhaustions(nginx(local), site('a.example.com', limited, 'a'))
    assert.deepEqual(of(all, 'client', 'proxy'), [])
    assert.deepEqual(of(all, 'client', 'workload'), [])
  })

  test('takes the store behind what it calls, and with it all other callers', () => {
    const all = exhaustions(
      nginx(local),
      site('a.example.com', {}, 'web').replace('image: web', `image: web, env: ${calls('orders')}`),
      workload('orders', { env: '[{name: DB, value: "postgres://db:5432/x"}]' }),
      workload('db', { image: 'postgres:16' }).replace('port: 80', 'port: 5432'),
      workload('billing', { env: '[{name: DB, value: "postgres://db:5432/x"}]' }),
      workload('aside', {}),
    )
    const [store] = of(all, 'client', 'store')
    assert.deepEqual(store?.via, ['Deployment/shop/orders'])
    assert.deepEqual(store?.sources.examples, ['Deployment/shop/web'])
    assert.deepEqual(
      store?.hits.workloads.examples,
      ['billing', 'db', 'orders', 'web'].map((name) => `Deployment/shop/${name}`),
    )
    const [pod] = of(all, 'pod', 'store')
    assert.deepEqual(
      pod?.sources.examples,
      ['billing', 'orders'].map((name) => `Deployment/shop/${name}`),
    )
  })

  test('a circle of calls ends', () => {
    const all = exhaustions(
      workload('a', { env: calls('b') }),
      workload('b', { env: calls('a') }),
      workload('db', { image: 'redis', env: calls('a') }),
    )
    assert.ok(Array.isArray(all))
  })
})

describe('one pod', () => {
  const node = (name: string): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}}`
  const pod = (name: string, on: string, resources: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop}
spec: {nodeName: ${on}, containers: [{name: c, image: x, resources: ${resources}}]}
status: {phase: Running}`
  const GUARANTEED = '{limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}}'
  const BURSTABLE = '{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 2Gi, ephemeral-storage: 1Gi}}'

  test('without a limit of memory takes its neighbours that are not guaranteed theirs, on its node only', () => {
    const all = exhaustions(
      node('n1'),
      node('n2'),
      pod('bad', 'n1', '{limits: {cpu: 1, ephemeral-storage: 1Gi}}'),
      pod('kept', 'n1', GUARANTEED),
      pod('hit', 'n1', BURSTABLE),
      pod('far', 'n2', BURSTABLE),
    )
    const memory = of(all, 'pod', 'node').filter(({ exhausts }) => exhausts.id === 'memory')
    assert.deepEqual(
      memory.map(({ sources, hits, truth }) => [sources.examples, hits.workloads.examples, truth]),
      [[['Pod/shop/bad'], ['Pod/shop/bad', 'Pod/shop/hit'], 'yes']],
    )
  })

  test('with all limits takes nobody', () => {
    const all = exhaustions(node('n1'), pod('a', 'n1', GUARANTEED), pod('b', 'n1', BURSTABLE))
    assert.deepEqual(of(all, 'pod', 'node'), [])
  })

  test('a LimitRange gives the limit that the pod does not say', () => {
    const range = `
apiVersion: v1
kind: LimitRange
metadata: {name: r, namespace: shop}
spec: {limits: [{type: Container, default: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}}]}`
    const texts = [node('n1'), pod('a', 'n1', '{}'), pod('b', 'n1', '{}')]
    assert.ok(of(exhaustions(...texts), 'pod', 'node').length > 0)
    assert.deepEqual(of(exhaustions(...texts, range), 'pod', 'node'), [])
  })

  test('CPU is taken from whoever asked for none', () => {
    const all = exhaustions(
      node('n1'),
      pod('bad', 'n1', '{requests: {cpu: 1}, limits: {memory: 1Gi, ephemeral-storage: 1Gi}}'),
      pod('asked', 'n1', BURSTABLE),
      pod('silent', 'n1', '{limits: {memory: 1Gi, ephemeral-storage: 1Gi}}'),
      pod('mute', 'n1', '{limits: {memory: 1Gi, ephemeral-storage: 1Gi}}'),
    )
    const [cpu] = of(all, 'pod', 'node').filter(({ exhausts }) => exhausts.id === 'cpu')
    assert.deepEqual(cpu?.hits.workloads.examples, ['Pod/shop/mute', 'Pod/shop/silent'])
  })

  test('without Nodes who shares one is unknown', () => {
    const all = exhaustions(workload('a', { resources: '{}' }), workload('b', { resources: '{}' }))
    assert.deepEqual([...new Set(of(all, 'pod', 'node').map(({ truth }) => truth))], ['unknown'])
  })

  test('takes the DNS, unless policies keep it from asking', () => {
    const dns = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: c, image: coredns, resources: ${LIMITS}, ports: [{containerPort: 53, protocol: UDP}]}]}`
    const silent = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: silent, namespace: shop}
spec: {podSelector: {matchLabels: {app: b}}, policyTypes: [Egress]}`
    const asking = (...more: readonly string[]): number | undefined =>
      of(exhaustions(workload('a'), workload('b'), dns, ...more), 'pod', 'dns')[0]?.sources.count
    assert.equal(asking(), 2)
    assert.equal(asking(silent), 1)
    assert.deepEqual(of(exhaustions(workload('a')), 'pod', 'dns'), [])
  })
})

describe('one growing workload', () => {
  const hpa = (max: number): string => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: ${max}}`
  const quota = (cpu: number): string => `
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {requests.cpu: ${cpu}}}`

  test('takes the quota of its namespace where the others leave it less than it may grow to', () => {
    const taken = (max: number, cpu: number): readonly Exhaustion[] =>
      of(exhaustions(workload('web'), workload('other', { replicas: 2 }), hpa(max), quota(cpu)), 'deployment', 'quota')
    assert.equal(taken(8, 10).length, 0)
    assert.equal(taken(9, 10).length, 1)
    assert.deepEqual(taken(9, 10)[0]?.hits.workloads.examples, ['Deployment/shop/other'])
    assert.equal(taken(9, 100).length, 0)
  })

  test('takes the nodes where no quota counts it, from whatever has no higher priority', () => {
    const cron = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: pile, namespace: shop}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: x, resources: ${LIMITS}}]}}}}`
    const high = `
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
---
${workload('kept', { spec: 'priorityClassName: high' })}
---
${workload('hit')}`
    const [found] = of(exhaustions(cron, high), 'deployment', 'capacity')
    assert.deepEqual(found?.sources.examples, ['CronJob/shop/pile'])
    assert.deepEqual(found?.hits.workloads.examples, ['CronJob/shop/pile', 'Deployment/shop/hit'])
    assert.equal(found?.truth, 'unknown')
    assert.deepEqual(of(exhaustions(cron, high, quota(2)), 'deployment', 'capacity'), [])
    assert.deepEqual(of(exhaustions(high), 'deployment', 'capacity'), [])
  })

  test('takes the connections of a store that it calls, if it may become more', () => {
    const db = '[{name: DB, value: "postgres://db:5432/x"}]'
    const texts = [
      workload('web', { env: db }),
      workload('db', { image: 'postgres:16' }).replace('port: 80', 'port: 5432'),
    ]
    const [found] = of(exhaustions(...texts, hpa(50)), 'deployment', 'store')
    assert.deepEqual([found?.sources.examples, found?.truth], [['Deployment/shop/web'], 'unknown'])
    assert.deepEqual(of(exhaustions(...texts), 'deployment', 'store'), [])
    assert.deepEqual(of(exhaustions(...texts, hpa(1)), 'deployment', 'store'), [])
  })

  test('a token that may make pods where no quota counts them', () => {
    const bound = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {kind: ClusterRole, name: edit, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]`
    const pods = quota(1).replace('requests.cpu', 'pods')
    const able = (...more: readonly string[]): number =>
      of(exhaustions(workload('a'), ...more), 'pod', 'capacity').length
    assert.deepEqual([able(), able(bound), able(bound, pods)], [0, 1, 0])
  })
})

describe('one identity', () => {
  const bound = (name: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: shop}
roleRef: {kind: ClusterRole, name: view, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: shop}]
---
${workload(name, { spec: `serviceAccountName: ${name}` })}`

  test('takes the seats of its priority level from those that work there', () => {
    const [seats] = of(exhaustions(bound('a'), bound('b'), workload('idle')), 'identity', 'api-server')
    assert.equal(seats?.exhausts.id, 'workload-low')
    assert.equal(seats?.sources.count, 3)
    assert.deepEqual(seats?.hits.workloads.examples, ['Deployment/shop/a', 'Deployment/shop/b'])
  })

  test('a level of its own, no token, or nobody who works are nothing', () => {
    const own = `
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: capped}
spec: {type: Limited, limited: {nominalConcurrencyShares: 5, limitResponse: {type: Reject}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: capped}
spec:
  matchingPrecedence: 8000
  priorityLevelConfiguration: {name: capped}
  rules:
    - subjects: [{kind: ServiceAccount, serviceAccount: {name: a, namespace: shop}}]
      resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true}]`
    assert.deepEqual(of(exhaustions(bound('a'), bound('b'), own), 'identity', 'api-server'), [])
    assert.deepEqual(of(exhaustions(workload('p'), workload('q')), 'identity', 'api-server'), [])
    const off = (name: string): string =>
      bound(name).replace('spec: {serviceAccountName', 'spec: {automountServiceAccountToken: false, serviceAccountName')
    assert.deepEqual(of(exhaustions(off('a'), off('b')), 'identity', 'api-server'), [])
  })
})

test('the worst stands first, what is unknown half as high, and shares are shares', () => {
  const all = exhaustions(nginx(), site('a.example.com'), workload('db', { image: 'redis', resources: '{}' }))
  assert.ok(all.length > 2)
  for (const { share, hits, sources } of all) {
    assert.ok(share > 0 && share <= 1)
    assert.ok(hits.applications.count > 0 && sources.count >= sources.examples.length)
  }
  assert.equal(all[0]?.source, 'client')
})

test('of 6,000 workloads the document stays small: sources that differ in their names only are one', () => {
  const objects = Array.from({ length: 6_000 }, (_, index) => index).flatMap((index) => {
    const names = { name: `w${index}`, namespace: `ns${index % 100}` }
    const labels = { app: names.name }
    const containers = [{ name: 'c', image: index % 20 === 0 ? 'redis' : 'x', ports: [{ containerPort: 80 }] }]
    return [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: names,
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: names,
        spec: { selector: labels, type: index % 3 === 0 ? 'LoadBalancer' : 'ClusterIP', ports: [{ port: 80 }] },
      },
    ].map((body) =>
      toObject(body, { source: 0, start: 0, end: 0, inner: [] }, { namespace: '', clusterScoped: new Set() }),
    )
  })
  const cluster = buildCluster({ objects: objects.filter((each) => typeof each !== 'string') })
  const parts = partsOf(cluster, { enforced: 'yes' })
  const known = knownOf(cluster, parts)
  const { items } = overloadOf(cluster, known, routesOf(cluster, known), availabilityOf(parts.applications(), SHIPPED))
  assert.ok(items.length > 0 && items.length < 20, String(items.length))
  assert.equal(of(items, 'client', 'workload')[0]?.sources.count, 2_000)
  const size = JSON.stringify(items, (key, value) => (key === 'object' ? undefined : value)).length
  assert.ok(size < 50_000, String(size))
})

test('broken and hostile objects are judged, and their names are names', () => {
  const all = exhaustions(
    workload('constructor', { resources: '{limits: {memory: 9repeat, cpu: -1}, requests: []}' }),
    workload('toString', { resources: '{limits: {memory: 1e999, cpu: nan}}', env: calls('constructor') }),
    `
apiVersion: v1
kind: ResourceQuota
metadata: {name: hasOwnProperty, namespace: shop}
spec: {hard: {__proto__: 1, requests.cpu: x, pods: []}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: __proto__}
value: high
globalDefault: true`,
  )
  assert.ok(all.every(({ share }) => share >= 0 && share <= 1))
})

test('an empty cluster has nothing to exhaust', () => {
  assert.deepEqual(exhaustions('apiVersion: v1\nkind: Namespace\nmetadata: {name: x}'), [])
})
