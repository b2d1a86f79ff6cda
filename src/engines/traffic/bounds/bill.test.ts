import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeLimit, NodePool } from '../../../cluster/cloud/exports.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import type { Exposed } from '../../known.ts'
import { moneyValue } from '../prices/money.ts'
import { SHIPPED } from '../prices/shipped.ts'
import { userTable } from '../prices/user-table.ts'
import { type Bounds, boundsOf } from './bill.ts'

/** 0.10 an hour is 73.00 a month of 730 hours; 0.20 is 146.00. */
const PRICES = {
  instances: { small: 0.1, big: '0.20', odd: 0.0333 },
  vcpuHour: 0.04,
  gbHour: 0.005,
  pods: { vcpuHour: 0.05, gbHour: 0.006 },
  storage: { fast: 0.1, default: 0.05 },
  loadBalancerMonth: 18.25,
}

function bounds(
  text: string,
  more: {
    exposed?: readonly Exposed[]
    prices?: object
    pools?: readonly NodeLimit[]
    machines?: readonly NodePool[]
  } = {},
): Bounds {
  const prices = userTable((more.prices ?? PRICES) as never, 'test', SHIPPED)
  assert.ok(typeof prices !== 'string', String(prices))
  return boundsOf(clusterOf(text), {
    prices,
    exposed: more.exposed ?? [],
    pools: more.pools ?? [],
    machines: more.machines ?? [],
  })
}

const totals = ({ totals: { all } }: Bounds): readonly unknown[] => [
  moneyValue(all.now),
  moneyValue(all.worst),
  moneyValue(all.uncapped),
]
const item = (found: Bounds, id: string) => {
  const one = found.items.find(({ controller }) => controller === id)
  assert.ok(one, id)
  return one
}
const money = (found: Bounds, id: string): readonly unknown[] => {
  const { now, worst, uncapped } = item(found, id).monthly
  return [moneyValue(now), moneyValue(worst), moneyValue(uncapped)]
}
const nodesOf = ({ nodes }: Bounds): readonly string[] =>
  nodes.map(({ nodes: each, worst, uncapped }) => `${each.id} ${each.now} ${worst} ${uncapped}`)

/** A node of 2 cores, 4 GiB and 10 pods, of which pods may have as much. */
const node = (name: string, more = '', spec = ''): string => `---
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {node.kubernetes.io/instance-type: small, pool: a, ${more}}}
spec: {${spec}}
status: {allocatable: {cpu: "2", memory: 4Gi, pods: "10"}, capacity: {cpu: "2", memory: 4Gi, pods: "10"}}
`
const container = (resources: string): string => `{name: c, image: i, resources: {${resources}}}`
const deployment = (name: string, replicas: number, resources: string, spec = '', of = ''): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  replicas: ${replicas}
  strategy: {type: Recreate}
  ${of}
  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [${container(resources)}], ${spec}}}
`
const hpa = (name: string, max: number): string => `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${name}, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}, maxReplicas: ${max}}
`
const quota = (hard: string, more = ''): string => `---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {${hard}}, ${more}}
`
const autoscaler = (...flags: readonly string[]): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cluster-autoscaler, namespace: kube-system}
spec:
  strategy: {type: Recreate}
  template:
    metadata: {labels: {app: ca}}
    spec: {containers: [{name: ca, image: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.0", command: ${JSON.stringify(['./cluster-autoscaler', ...flags])}}]}
`
const knative = (annotations = ''): string => `---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: fn, namespace: shop}
spec: {template: {metadata: {annotations: {${annotations}}}, spec: {containers: [${container('requests: {cpu: 500m, memory: 1Gi}')}]}}}
`
const cron = (schedule: string, job: string, more = ''): string => `---
apiVersion: batch/v1
kind: CronJob
metadata: {name: job, namespace: shop}
spec:
  schedule: "${schedule}"
  ${more}
  jobTemplate: {spec: {${job} template: {spec: {restartPolicy: Never, containers: [${container('requests: {cpu: "1", memory: 1Gi}')}]}}}}
`

describe('bills worked out by hand', () => {
  test('1. without nodes, pods are priced by what they request', () => {
    // Each pod: 0.5 × 0.04 + 1 × 0.005 = 0.025 an hour, 18.25 a month. 2 pods 36.50; the autoscaler’s 10: 182.50.
    const found = bounds(deployment('web', 2, 'requests: {cpu: 500m, memory: 1Gi}') + hpa('web', 10))
    assert.deepEqual(totals(found), [36.5, 182.5, 182.5])
    assert.deepEqual([item(found, 'Deployment/shop/web').now, item(found, 'Deployment/shop/web').worst], [2, 10])
    assert.ok(found.unknowns.some(({ id }) => id === 'bounds-nodes-unseen'))
  })

  test('2. on nodes, whole machines of the resource that runs out first', () => {
    // 10 pods of 500m and 1Gi: 5 cores of 2 = 2.5, 10 GiB of 4 = 2.5, 10 pods of 10 = 1: 3 machines at 73.00.
    const found = bounds(node('n1') + deployment('web', 2, 'requests: {cpu: 500m, memory: 1Gi}') + hpa('web', 10))
    assert.deepEqual(totals(found), [73, 219, 219])
    // Its own share is 2.5 machines.
    assert.deepEqual(money(found, 'Deployment/shop/web'), [36.5, 182.5, 182.5])
  })

  test('3. pods run out before cores and memory', () => {
    // 35 pods of 10m: 0.35 cores, 35 pods of 10 a machine: 4 machines.
    const found = bounds(node('n1') + deployment('web', 35, 'requests: {cpu: 10m, memory: 1Mi}'))
    assert.deepEqual(totals(found), [73, 292, 292])
  })

  test('4. a quota on requests caps the pods', () => {
    // 4 cores of 500m: 8 pods of the 40 that the autoscaler may make: 4 cores and 8 GiB, 2 machines. Without: 20 cores, 10.
    const web = deployment('web', 1, 'requests: {cpu: 500m, memory: 1Gi}') + hpa('web', 40)
    const found = bounds(node('n1') + web + quota('requests.cpu: "4"'))
    assert.deepEqual(totals(found), [73, 146, 730])
    assert.deepEqual(item(found, 'Deployment/shop/web').worst, 8)
    assert.deepEqual(
      item(found, 'Deployment/shop/web').caps.map(({ label }) => label),
      ['ResourceQuota q requests.cpu'],
    )
  })

  test('5. a quota is shared: the pods that ask most for what it counts least come first', () => {
    // Quota of 10 pods: a asks 1 core, b 2 GiB. Cores at most 10 (10 of a), memory 20 GiB (10 of b): max(5, 5) = 5 machines.
    const a = deployment('a', 20, 'requests: {cpu: "1", memory: 0}')
    const b = deployment('b', 20, 'requests: {cpu: 0, memory: 2Gi}')
    // Without it 20 cores and 40 GiB: 10 machines.
    assert.deepEqual(totals(bounds(node('n1') + a + b + quota('pods: "10"'))), [73, 365, 730])
  })

  test('6. a LimitRange gives requests; without one a quota on them refuses the pods', () => {
    const web = deployment('web', 4, '') + hpa('web', 100)
    const range = `---
apiVersion: v1
kind: LimitRange
metadata: {name: r, namespace: shop}
spec: {limits: [{type: Container, default: {cpu: "1"}, defaultRequest: {cpu: 250m, memory: 256Mi}}]}
`
    // 250m each: 2 cores of quota make 8 pods: 2 cores and 2 GiB, one machine. Without the quota 25 cores: 13 machines.
    const found = bounds(node('n1') + web + range + quota('requests.cpu: "2"'))
    assert.deepEqual(totals(found), [73, 73, 949])
    assert.equal(item(found, 'Deployment/shop/web').worst, 8)
    const refused = bounds(node('n1') + web + quota('requests.cpu: "2"'))
    assert.equal(item(refused, 'Deployment/shop/web').worst, 0)
    assert.deepEqual(
      item(refused, 'Deployment/shop/web').caps.map(({ label }) => label),
      ['q refuses it'],
    )
  })

  test('7. what runs on every node leaves less of each', () => {
    // Of 2 cores 500m are the agent’s: 9 cores of 1.5 make 6 machines, not 5.
    const agent = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {template: {metadata: {labels: {app: agent}}, spec: {containers: [${container('requests: {cpu: 500m, memory: 512Mi}')}]}}}
`
    const found = bounds(node('n1') + agent + deployment('web', 9, 'requests: {cpu: "1", memory: 1Mi}'))
    assert.deepEqual(totals(found), [73, 438, 438])
    assert.deepEqual([item(found, 'DaemonSet/shop/agent').now, item(found, 'DaemonSet/shop/agent').worst], [1, 6])
    // A quarter of each machine.
    assert.deepEqual(money(found, 'DaemonSet/shop/agent'), [18.25, 109.5, 109.5])
  })

  test('8. claims of a StatefulSet grow with its pods, as far as the quota of storage lets them', () => {
    const set = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 3
  template: {metadata: {labels: {app: db}}, spec: {containers: [${container('requests: {cpu: 0, memory: 0}')}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast, resources: {requests: {storage: 100Gi}}}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: db, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}, maxReplicas: 9}
`
    // 100 GiB at 0.10: 10.00 each. 3 are 30, 9 are 90; 550 GiB of quota hold 5: 50.
    const found = bounds(set + quota('requests.storage: 550Gi'))
    assert.deepEqual(
      ['now', 'worst', 'uncapped'].map((key) => moneyValue(found.totals.volumes[key as 'now'])),
      [30, 50, 90],
    )
  })

  test('9. runs of a CronJob overlap as long as their deadline lets them', () => {
    // Every 5 minutes, for at most 12: 3 at once, of 2 pods each: 6 pods of 1 core and 1 GiB at 0.045 × 730 = 32.85.
    const found = bounds(cron('*/5 * * * *', 'activeDeadlineSeconds: 720, parallelism: 2,'))
    assert.equal(item(found, 'CronJob/shop/job').worst, 6)
    assert.deepEqual(totals(found), [0, 197.1, 197.1])
    assert.equal(item(bounds(cron('*/5 * * * *', '', 'concurrencyPolicy: Forbid')), 'CronJob/shop/job').worst, 1)
  })

  test('10. without a deadline they pile up: no end, with the reason; a count of Jobs ends it', () => {
    const found = bounds(cron('*/5 * * * *', ''))
    assert.deepEqual(totals(found), [0, 'unbounded', 'unbounded'])
    const { unbounded, path, worst } = item(found, 'CronJob/shop/job')
    assert.deepEqual([unbounded, worst], [true, Number.POSITIVE_INFINITY])
    assert.match(path.map(({ text }) => text).join('\n'), /no activeDeadlineSeconds.*\n.*no ResourceQuota/)
    // 4 Jobs of 1 pod: 131.40.
    assert.deepEqual(totals(bounds(cron('*/5 * * * *', '') + quota('count/jobs.batch: "4"'))), [0, 131.4, 'unbounded'])
  })

  test('11. cluster-autoscaler caps nodes: by count, by cores, by group', () => {
    const endless = knative()
    const ca = (...flags: readonly string[]) => totals(bounds(node('n1') + endless + autoscaler(...flags)))
    assert.deepEqual(ca(), [73, 'unbounded', 'unbounded'])
    assert.deepEqual(ca('--max-nodes-total=7'), [73, 511, 'unbounded'])
    // 15 cores of machines with 2: 7.
    assert.deepEqual(ca('--cores-total=0:15'), [73, 511, 'unbounded'])
    assert.deepEqual(ca('--memory-total', '0:20'), [73, 365, 'unbounded'])
    assert.deepEqual(ca('--max-nodes-total=7', '--cores-total=0:8'), [73, 292, 'unbounded'])
    assert.deepEqual(ca('--nodes=1:3:other-group'), [73, 'unbounded', 'unbounded'])
    const grouped =
      node('n1', 'eks.amazonaws.com/nodegroup: workers') + endless + autoscaler('--nodes=1:3:eks-workers-0ac1')
    assert.deepEqual(totals(bounds(grouped)), [73, 219, 'unbounded'])
  })

  test('11a. a cap of all nodes gives what a full group leaves to the others', () => {
    const two =
      node('n1', 'eks.amazonaws.com/nodegroup: one') +
      node('n2', 'eks.amazonaws.com/nodegroup: two').replace('type: small', 'type: big')
    // 7 in all: 2 of the dearer group at 146.00, 5 of the other at 73.00.
    const flags = autoscaler('--max-nodes-total=7', '--nodes=1:2:two', '--nodes=1:9:one')
    assert.deepEqual(totals(bounds(two + knative() + flags)), [219, 657, 'unbounded'])
  })

  test('12. a CapacityQuota counts only where the autoscaler enforces it', () => {
    const capacity = `---
apiVersion: autoscaling.x-k8s.io/v1beta1
kind: CapacityQuota
metadata: {name: all}
spec: {selector: {matchLabels: {pool: a}}, limits: {resources: {cpu: 9, nodes: 20}}}
`
    const base = node('n1') + knative() + capacity
    // 9 cores of machines with 2: 4.
    assert.deepEqual(totals(bounds(base + autoscaler('--capacity-quotas-enabled=true'))), [73, 292, 'unbounded'])
    assert.deepEqual(totals(bounds(base + autoscaler())), [73, 'unbounded', 'unbounded'])
  })

  test('13. Karpenter: the limits of a pool, and none', () => {
    const pool = (limits: string): string => `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec: {template: {spec: {requirements: []}}, ${limits}}
`
    const base = node('n1', 'karpenter.sh/nodepool: default') + knative()
    assert.deepEqual(totals(bounds(base + pool('limits: {cpu: "9"}'))), [73, 292, 'unbounded'])
    assert.deepEqual(totals(bounds(base + pool('limits: {cpu: "9", memory: 8Gi}'))), [73, 146, 'unbounded'])
    assert.deepEqual(totals(bounds(base + pool('replicas: 2'))), [73, 146, 'unbounded'])
    const open = bounds(base + pool(''))
    assert.deepEqual(totals(open), [73, 'unbounded', 'unbounded'])
    assert.match(
      item(open, 'Service.serving.knative.dev/shop/fn')
        .path.map(({ text }) => text)
        .join('\n'),
      /NodePool default has no limits/,
    )
  })

  test('14. Karpenter without a node yet: the cheapest type that fits', () => {
    // 6 pods of 1 core and 1 GiB: m5.large (2 cores, 8 GiB, 0.096) 3 × 70.08 = 210.24; m5.xlarge (0.192) 2 × 140.16.
    const pool = `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template: {spec: {requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m5.large, m5.xlarge]}]}}
  limits: {cpu: "1000"}
`
    const web = pool + deployment('web', 6, 'requests: {cpu: "1", memory: 1Gi}')
    assert.deepEqual(totals(bounds(web, { prices: {} })), [0, 210.24, 210.24])
    // A table that names neither, but has prices of a core (0.04) and a GiB (0.005): 2 cores and 8 GiB are 0.12, 87.60.
    assert.deepEqual(totals(bounds(web)), [0, 262.8, 262.8])
  })

  test('14a. Karpenter makes a node with the zone, the payment or the type that a pod asks for, if the pool lets it', () => {
    const pool = `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements:
        - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.large, m5.xlarge]}
        - {key: topology.kubernetes.io/zone, operator: In, values: [a, b]}
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
`
    const prices = { instances: { 'm5.large': 0.1, 'm5.xlarge': 0.2 } }
    const worst = (spec: string): unknown =>
      totals(bounds(pool + deployment('web', 4, 'requests: {cpu: "1", memory: 1Gi}', spec), { prices }))[1]
    const affinity = (operator: string, zone: string): string =>
      `affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: topology.kubernetes.io/zone, operator: ${operator}, values: [${zone}]}]}]}}}`
    // 4 cores: 2 of m5.large or 1 of m5.xlarge, 146.00 both.
    for (const spec of [
      'nodeSelector: {topology.kubernetes.io/zone: b}',
      'nodeSelector: {topology.kubernetes.io/region: somewhere}',
      'nodeSelector: {karpenter.k8s.aws/instance-family: m5}',
      'nodeSelector: {node.kubernetes.io/instance-type: m5.xlarge}',
      affinity('In', 'b'),
      affinity('NotIn', 'a'),
    ])
      assert.equal(worst(spec), 146, spec)
    for (const spec of [
      'nodeSelector: {topology.kubernetes.io/zone: c}',
      'nodeSelector: {karpenter.sh/capacity-type: spot}',
      'nodeSelector: {karpenter.k8s.aws/instance-family: c5}',
      'nodeSelector: {node.kubernetes.io/instance-type: m5.2xlarge}',
      'nodeSelector: {disk: ssd}',
      affinity('In', 'c'),
    ])
      assert.equal(worst(spec), 0, spec)
  })

  test('14b. a static pool of Karpenter has its nodes, whatever pods ask for', () => {
    const pool = `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: static}
spec: {replicas: 4, template: {spec: {requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m5.large]}]}}}
`
    const prices = { instances: { 'm5.large': 0.1 } }
    assert.deepEqual(totals(bounds(pool, { prices })), [292, 292, 292])
    assert.deepEqual(totals(bounds(pool + knative(), { prices })), [292, 292, 'unbounded'])
  })

  test('15. taints and selectors: each pod on the nodes that take it', () => {
    const big = `---
apiVersion: v1
kind: Node
metadata: {name: b1, labels: {node.kubernetes.io/instance-type: big, tier: data}}
spec: {taints: [{key: data, value: "1", effect: NoSchedule}]}
status: {allocatable: {cpu: "4", memory: 16Gi, pods: "20"}}
`
    const data = deployment(
      'data',
      9,
      'requests: {cpu: "1", memory: 1Gi}',
      'nodeSelector: {tier: data}, tolerations: [{key: data, operator: Exists}]',
    )
    // 9 cores of 4: 3 big at 146.00; 3 cores of 2: 2 small at 73.00.
    const found = bounds(node('n1') + big + data + deployment('web', 3, 'requests: {cpu: "1", memory: 1Gi}'))
    assert.deepEqual(totals(found), [219, 584, 584])
    assert.deepEqual(nodesOf(found), ['default big 1 3 3', 'default small 1 2 2'])
  })

  test('16. init containers, sidecars, the overhead of a runtime class, pod-level resources', () => {
    const classes = `---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: kata}
handler: kata
overhead: {podFixed: {cpu: 250m}}
`
    // Containers 500m + sidecar 250m = 750m; the init container beside the sidecar 1000m + 250m; overhead 250m: 1.5 cores.
    const spec = `runtimeClassName: kata, initContainers: [{name: s, image: i, restartPolicy: Always, resources: {requests: {cpu: 250m}}}, {name: init, image: i, resources: {requests: {cpu: "1"}}}]`
    // 8 pods: 12 cores of 2: 6 machines; without the overhead, or the sidecar beside the init container, 10 cores: 5.
    const found = bounds(node('n1') + classes + deployment('web', 8, 'requests: {cpu: 500m, memory: 1Mi}', spec))
    assert.deepEqual(totals(found), [73, 438, 438])
    // spec.resources stands for the containers: 2 cores each, 4 machines.
    const level = deployment('web', 4, 'requests: {cpu: 500m, memory: 1Mi}', 'resources: {requests: {cpu: "2"}}')
    assert.deepEqual(totals(bounds(node('n1') + level)), [73, 292, 292])
  })

  test('17. a VerticalPodAutoscaler raises requests to maxAllowed, or without an end until a quota ends it', () => {
    const vpa = (policies: string, mode = 'Auto'): string => `---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, updatePolicy: {updateMode: "${mode}"}, resourcePolicy: {containerPolicies: [${policies}]}}
`
    const web = node('n1') + deployment('web', 2, 'requests: {cpu: 500m, memory: 512Mi}')
    // 2 pods of up to 2 cores: 2 machines.
    const capped = `{containerName: "*", maxAllowed: {cpu: "2", memory: 1Gi}}`
    assert.deepEqual(totals(bounds(web + vpa(capped))), [73, 146, 146])
    assert.deepEqual(totals(bounds(web + vpa(capped, 'Off'))), [73, 73, 73])
    // Machines stay as large as they are, and a pod that asks for more than one has stays pending: a machine each.
    assert.deepEqual(totals(bounds(web + vpa(''))), [73, 146, 146])
    // Karpenter finds a larger machine.
    const chosen = web.replace('pool: a', 'karpenter.sh/nodepool: default')
    assert.deepEqual(totals(bounds(chosen + vpa(''))), [73, 'unbounded', 'unbounded'])
    // 6 cores and 4 GiB of quota: 3 machines.
    const under = bounds(chosen + vpa('') + quota('requests.cpu: "6", requests.memory: 4Gi'))
    assert.deepEqual(totals(under), [73, 219, 'unbounded'])
    assert.equal(item(under, 'Deployment/shop/web').unbounded, false)
  })

  test('18. Fargate bills pods', () => {
    const fargate = node('f1', 'eks.amazonaws.com/compute-type: fargate')
    // 1 core and 2 GiB: 0.05 + 0.012 = 0.062 an hour, 45.26 a month; 4 pods 181.04.
    const found = bounds(fargate + deployment('web', 1, 'requests: {cpu: "1", memory: 2Gi}') + hpa('web', 4))
    assert.deepEqual(totals(found), [45.26, 181.04, 181.04])
  })

  test('19. an export says how far a node group may grow', () => {
    const pools = [{ pool: 'workers', resource: 'nodes', max: 4, from: { text: 'node group workers' } }] as const
    const found = bounds(node('n1', 'eks.amazonaws.com/nodegroup: workers') + knative(), { pools })
    assert.deepEqual(totals(found), [73, 292, 'unbounded'])
  })

  test('19a. of an export alone: machines as large as their type says, two now, five at most', () => {
    const from = { text: 'node group workers' }
    const limits = [{ pool: 'workers', resource: 'nodes', max: 5, from }] as const
    const group: NodePool = {
      name: 'workers',
      types: ['m5.large', 'nobody.knows'],
      now: 2,
      labels: new Map([['tier', 'web']]),
      taints: [],
      maxPods: 8,
      from,
    }
    const more = { pools: limits, machines: [group], prices: { instances: { 'm5.large': 0.1 } } }
    const web = deployment('web', 4, 'requests: {cpu: 500m, memory: 1Gi}', 'nodeSelector: {tier: web}')
    // 24 pods of 500m: 12 cores of 2: 6 machines at 73.00, of which there may be 5.
    assert.deepEqual(totals(bounds(web + hpa('web', 24), more)), [146, 365, 438])
    // 17 pods of 8 a machine: 3.
    assert.deepEqual(totals(bounds(deployment('web', 17, 'requests: {cpu: 1m, memory: 1Mi}'), more)), [146, 219, 219])
    const agent = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {template: {metadata: {labels: {app: agent}}, spec: {containers: [${container('requests: {cpu: 500m, memory: 512Mi}')}]}}}
`
    const agents = item(bounds(web + agent + hpa('web', 24), more), 'DaemonSet/shop/agent')
    assert.deepEqual([agents.now, agents.worst], [2, 5])
    // With Nodes in the input it has none now.
    assert.deepEqual(totals(bounds(node('n1'), { ...more, prices: PRICES })), [73, 73, 73])
    // A taint keeps them away.
    const tainted = { ...group, taints: [{ key: 'a', value: '', effect: 'NoSchedule' }] }
    assert.deepEqual(
      bounds(web, { ...more, machines: [tainted] }).unknowns.find(({ id }) => id === 'bounds-no-node-fits')?.count,
      1,
    )
  })

  test('20. load balancers and claims, and a price that no decimal of a float holds', () => {
    const more = `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {resources: {requests: {storage: 7Gi}}}
`
    // 18.25 + 7 × 0.05 = 18.60; 3 machines at 0.0333 × 730 = 24.309 each: 72.927, together 91.527.
    const odd = node('n1').replace('type: small', 'type: odd')
    const found = bounds(odd + more + deployment('web', 6, 'requests: {cpu: "1", memory: 1Mi}'))
    assert.deepEqual(totals(found), [42.91, 91.53, 91.53])
    assert.ok(found.totals.complete)
  })

  test('20a. a Gateway has a load balancer, one inside of the mesh has none', () => {
    const gateway = (name: string, className: string, protocol: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: shop}
spec: {gatewayClassName: ${className}, listeners: [{name: a, port: 80, protocol: ${protocol}}]}
`
    const inside = gateway('wp', 'istio-waypoint', 'HBONE') + gateway('other', 'mesh', 'HBONE')
    assert.deepEqual(totals(bounds(gateway('edge', 'eg', 'HTTP') + inside)), [18.25, 18.25, 18.25])
  })

  test('21. what has no price is told and never nothing', () => {
    const found = bounds(
      `${node('n1').replace('type: small', 'type: x-unheard-of')}---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer}
`,
      { prices: {} },
    )
    assert.deepEqual(totals(found), [null, null, null])
    assert.equal(found.totals.complete, false)
    assert.deepEqual(
      found.unknowns.map(({ id, count }) => [id, count]),
      [
        ['bounds-node-price', 1],
        ['bounds-node-maximum', 1],
        ['bounds-load-balancer-price', 1],
      ],
    )
  })

  test('22. a pool that is full sends the rest to the next', () => {
    const two =
      node('n1', 'eks.amazonaws.com/nodegroup: one') +
      node('n2', 'eks.amazonaws.com/nodegroup: two').replace('type: small', 'type: big')
    const web = deployment('web', 20, 'requests: {cpu: "1", memory: 1Mi}')
    // 10 machines are needed. The dearer group has 3 at most, 7 are left for the other: 3 × 146 + 7 × 73.
    const found = bounds(two + web + autoscaler('--nodes=1:3:two'))
    assert.deepEqual(nodesOf(found), ['one small 1 7 1', 'two big 1 3 10'])
    assert.deepEqual(totals(found).slice(0, 2), [219, 949])
    // What may go nowhere else has its room first: 4 cores of the 6 of the dearer group, so that 18 go on: 9.
    const stuck = deployment('stuck', 4, 'requests: {cpu: "1", memory: 1Mi}', 'nodeSelector: {tier: two}')
    const shared = two.replace('nodegroup: two', 'nodegroup: two, tier: two') + web + stuck
    assert.deepEqual(nodesOf(bounds(shared + autoscaler('--nodes=1:3:two'))), ['one small 1 9 1', 'two big 1 3 12'])
  })

  test('23. a node that is small takes no pod that is large', () => {
    const found = bounds(node('n1') + deployment('web', 2, 'requests: {cpu: "3", memory: 1Gi}'))
    assert.deepEqual(totals(found), [73, 73, 73])
    assert.deepEqual(money(found, 'Deployment/shop/web'), [null, null, null])
    assert.equal(found.unknowns.find(({ id }) => id === 'bounds-no-node-fits')?.count, 1)
  })

  test('24. quotas of scopes count only their pods', () => {
    const low = deployment('low', 10, 'requests: {cpu: "1", memory: 1Mi}', 'priorityClassName: low')
    const scope = 'scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [low]}]}'
    const high = deployment('high', 10, 'requests: {cpu: "1", memory: 1Mi}', 'priorityClassName: high')
    // 4 cores of low, 10 of high: 7 machines; without 20 cores: 10.
    assert.deepEqual(totals(bounds(node('n1') + low + high + quota('requests.cpu: "4"', scope))), [73, 511, 730])
  })

  test('25. claims of several sets share the quota of storage', () => {
    const set = (name: string): string => `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ${name}, namespace: shop}
spec:
  replicas: 9
  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [${container('requests: {cpu: 1m, memory: 1Mi}')}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast, resources: {requests: {storage: 10Gi}}}}]
`
    // 18 claims of 10 GiB at 0.10 are 18.00; what is written today stays, whatever a quota of 55 GiB says.
    const both = bounds(set('a') + set('b') + quota('requests.storage: 55Gi'))
    assert.equal(moneyValue(both.totals.volumes.uncapped), 18)
    assert.equal(moneyValue(both.totals.volumes.worst), 18)
    // Of none there now: 5.50.
    const scaled = (name: string): string =>
      set(name).replace('replicas: 9', 'replicas: 1') + hpa(name, 9).replace('Deployment', 'StatefulSet')
    const grown = bounds(scaled('a') + scaled('b') + quota('requests.storage: 55Gi'))
    assert.deepEqual(
      ['now', 'worst', 'uncapped'].map((key) => moneyValue(grown.totals.volumes[key as 'now'])),
      [2, 5.5, 18],
    )
  })
})

describe('hostile input', () => {
  test('amounts that nobody means have figures, or none, and end', () => {
    for (const amount of ['1e309', '1e1000', '9'.repeat(200), '-5', '0', '1e-400', 'x', '1Ei', '0x10', '{}', '[1]']) {
      const web =
        deployment('web', 1_000_000, `requests: {cpu: ${amount}, memory: ${amount}}`) + hpa('web', 2_147_483_647)
      for (const text of [web, node('n1') + web, node('n1') + web + quota(`requests.cpu: "${amount}"`)]) {
        const found = bounds(text)
        for (const value of totals(found))
          assert.ok(value === null || value === 'unbounded' || Number(value) >= 0, amount)
        assert.ok(found.items.length > 0)
      }
    }
  })

  test('scalers that scale each other, or nothing; nodes of nothing', () => {
    const self = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h, namespace: shop}
spec: {scaleTargetRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: h}, maxReplicas: 5}
`
    const empty = `---
apiVersion: v1
kind: Node
metadata: {name: __proto__, labels: {node.kubernetes.io/instance-type: constructor}}
status: {allocatable: {cpu: "0", memory: "0", pods: "0", __proto__: "1"}}
`
    const found = bounds(
      self + empty + deployment('constructor', 2, 'requests: {cpu: 1m, __proto__: 5}') + hpa('constructor', 4),
    )
    assert.equal(found.items[0]?.controller, 'Deployment/shop/constructor')
    assert.ok(found.unknowns.some(({ id }) => id === 'bounds-no-node-fits'))
  })
})

describe('a path to money', () => {
  const exposed: readonly Exposed[] = [
    {
      kind: 'exposed-load-balancer',
      workload: 'Service.serving.knative.dev/shop/fn',
      truth: 'yes',
      rule: 'Service//x',
      because: [],
    },
  ]
  test('begins outside and ends with what is billed', () => {
    const found = bounds(node('n1') + knative(), { exposed })
    const { path, exposed: how } = item(found, 'Service.serving.knative.dev/shop/fn')
    assert.equal(how, 'yes')
    assert.match(path[0]?.text ?? '', /^the internet reaches it/)
    assert.match(path.at(-1)?.text ?? '', /each node is billed$/)
  })
  test('a maximum ends it', () => {
    const found = bounds(node('n1') + knative('autoscaling.knative.dev/max-scale: "4"'), { exposed })
    assert.deepEqual(
      [
        item(found, 'Service.serving.knative.dev/shop/fn').worst,
        item(found, 'Service.serving.knative.dev/shop/fn').unbounded,
      ],
      [4, false],
    )
  })
})
