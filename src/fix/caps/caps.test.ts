import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterOf } from '../../cluster/testing.ts'
import { parseYaml } from '../../cluster/yaml.ts'
import { boundsOf } from '../../engines/traffic/bounds/bill.ts'
import { SHIPPED } from '../../engines/traffic/prices/shipped.ts'
import type { Access, SourceCoverage } from '../../history/history.ts'
import { yamlText } from '../../report/yaml.ts'
import type { CapObject } from './cap.ts'
import { capsFor } from './caps.ts'
import { PeaksFold } from './peaks.ts'
import { judge, type Record } from './replay.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const START = Date.UTC(2026, 9, 1)

const request = (time: number, verb: string, name: string, more: Partial<Access> = {}): Access =>
  ({
    time: START + time,
    end: START + time,
    verb,
    resource: 'pods',
    group: '',
    subresource: '',
    namespace: 'shop',
    name,
    user: 'system:kube-scheduler',
    code: 201,
    dryRun: false,
    ...more,
  }) as Access
const placed = (time: number, name: string): Access => request(time, 'create', name, { subresource: 'binding' })
const deleted = (time: number, name: string): Access =>
  request(time, 'delete', name, { user: 'system:serviceaccount:kube-system:replicaset-controller', code: 200 })
const gone = (time: number, name: string): Access =>
  request(time, 'delete', name, { user: 'system:node:n1', code: 200 })

const workloadOf = (_: string, pod: string): string => (pod.startsWith('fn-') ? FN : '')
const FN = 'Service.serving.knative.dev/shop/fn'

function peaksOf(accesses: readonly Access[], standing = 0) {
  const fold = new PeaksFold(workloadOf)
  for (const access of accesses) fold.add(access)
  return fold.peaks(() => standing)
}

const SOURCE = { gaps: [], lost: [], unread: 0 } as unknown as SourceCoverage

describe('recorded peaks', () => {
  test('pods count from when they are placed until their kubelet says that they are gone', () => {
    const peaks = peaksOf([
      placed(0, 'fn-1'),
      placed(MINUTE, 'fn-2'),
      deleted(2 * MINUTE, 'fn-1'),
      // Still ending, so there are three.
      placed(2 * MINUTE + 1000, 'fn-3'),
      gone(2 * MINUTE + 2000, 'fn-1'),
      placed(2 * MINUTE + 3000, 'fn-4'),
    ])
    assert.deepEqual(peaks.workload(FN), { pods: 3, at: START + 2 * MINUTE + 1000 })
    assert.deepEqual(peaks.namespace('shop')?.pods, 3)
    assert.equal(peaks.placed, 4)
  })

  test('where no kubelet is recorded, a pod ends a minute after it is deleted', () => {
    const accesses = [placed(0, 'fn-1'), deleted(MINUTE, 'fn-1'), placed(3 * MINUTE, 'fn-2')]
    assert.equal(peaksOf(accesses).namespace('shop')?.pods, 1)
  })

  test('what was there before the log, or is there still, counts all along', () => {
    assert.equal(
      peaksOf([placed(0, 'fn-1'), gone(MINUTE, 'fn-old'), deleted(MINUTE, 'other')]).namespace('shop')?.pods,
      2,
    )
    assert.equal(peaksOf([placed(0, 'fn-1')], 4).namespace('shop')?.pods, 4)
    assert.equal(peaksOf([], 4).namespace('shop')?.pods, 4)
    assert.equal(peaksOf([]).namespace('shop'), undefined)
  })

  test('dry runs and refusals are no pods', () => {
    const peaks = peaksOf([
      { ...placed(0, 'fn-1'), dryRun: true },
      { ...placed(0, 'fn-2'), code: 409 },
    ])
    assert.equal(peaks.placed, 0)
  })
})

describe('the record on a cap', () => {
  const record = (accesses: readonly Access[], source = SOURCE): Record => ({ peaks: peaksOf(accesses), source })
  const week = [placed(0, 'fn-1'), placed(8 * DAY, 'fn-2')]
  test('holds, breaks, or is not proved, with the reason', () => {
    assert.equal(judge(3, 2, record(week)).verdict, 'holds')
    assert.equal(judge(1, 2, record(week)).verdict, 'breaks')
    assert.match(judge(3, 2, undefined).reasons[0] ?? '', /no audit log/)
    assert.match(judge(3, 2, record([placed(0, 'a'), placed(DAY, 'b')])).reasons[0] ?? '', /1\.0 days/)
    assert.match(
      judge(3, undefined, record([request(0, 'get', 'a'), request(8 * DAY, 'get', 'a')])).reasons[0] ?? '',
      /no pod/,
    )
    const gapped = record(week, { ...SOURCE, gaps: [{ from: 0, to: 1 }] })
    assert.match(judge(3, 2, gapped).reasons[0] ?? '', /1 gaps/)
  })
})

const NODE = `---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {node.kubernetes.io/instance-type: m5.large, karpenter.sh/nodepool: default}}
status: {allocatable: {cpu: "2", memory: 8Gi, pods: "29"}}
`
const fn = (resources: string): string => `---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: fn, namespace: shop, uid: u-1, resourceVersion: "5"}
spec: {template: {spec: {containers: [{name: c, image: i, resources: {${resources}}}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: silent, namespace: shop}
spec: {replicas: 2, strategy: {type: Recreate}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}
`
const POOL = `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec: {template: {spec: {}}}
`

function capsOf(text: string, accesses?: readonly Access[], headroom = 1.5): readonly CapObject[] {
  const cluster = clusterOf(text)
  const bounds = boundsOf(cluster, { prices: SHIPPED, exposed: [] })
  return capsFor(cluster, bounds, headroom, accesses && { peaks: peaksOf(accesses), source: SOURCE }, (capped) =>
    boundsOf(capped, { prices: SHIPPED, exposed: [] }),
  )
}

describe('caps', () => {
  const busy = [...[1, 2, 3, 4, 5].map((n) => placed(n, `fn-${n}`)), placed(8 * DAY, 'fn-9')]
  const caps = capsOf(NODE + fn('requests: {cpu: 500m, memory: 256Mi}') + POOL, busy)

  test('are sized from the recorded peak times the headroom, with room for all that has a bound', () => {
    assert.deepEqual(
      caps.map(({ body: { kind, spec, metadata } }) => [kind, (metadata as { name: string }).name, spec]),
      [
        // Six at once: 9.
        [
          'Service',
          'fn',
          {
            template: {
              spec: {
                containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '500m', memory: '256Mi' } } }],
              },
              metadata: { annotations: { 'autoscaling.knative.dev/max-scale': '9' } },
            },
          },
        ],
        [
          'LimitRange',
          'bulkhead-bounds',
          { limits: [{ type: 'Container', defaultRequest: { cpu: '100m', memory: '128Mi' } }] },
        ],
        // 9 of fn and the 2 silent ones: 9 × 500m + 2 × 100m; 9 × 256Mi + 2 × 128Mi.
        [
          'ResourceQuota',
          'bulkhead-bounds',
          { hard: { pods: '11', 'requests.cpu': '4700m', 'requests.memory': '2560Mi' } },
        ],
        // 4.7 cores of 2 make 3 nodes of 2 cores and 8 GiB, times 1.5.
        ['NodePool', 'default', { template: { spec: {} }, limits: { cpu: '9', memory: '36Gi' } }],
      ],
    )
    assert.deepEqual(
      caps.map(({ verdict }) => verdict.verdict),
      ['holds', 'holds', 'holds', 'unknown'],
    )
    assert.ok(!JSON.stringify(caps).includes('resourceVersion'))
  })

  test('applied, nothing grows without an end any more, and every pod that is there is admitted', () => {
    const text =
      NODE +
      fn('requests: {cpu: 500m, memory: 256Mi}') +
      POOL +
      caps.map(({ body }) => `---\n${yamlText(body)}`).join('')
    const cluster = clusterOf(text)
    const after = boundsOf(cluster, { prices: SHIPPED, exposed: [] })
    assert.deepEqual(
      after.items.filter(({ unbounded }) => unbounded),
      [],
    )
    const silent = after.loads.find(({ workload }) => workload.name === 'silent')
    assert.deepEqual([silent?.now, silent?.capped], [2, 2n])
    assert.deepEqual(capsOf(text), [])
    for (const { body } of caps) assert.equal(parseYaml(yamlText(body)).problem, undefined)
  })

  test('no LimitRange where every container says its requests', () => {
    const all =
      NODE +
      fn('requests: {cpu: 500m, memory: 256Mi}').replace(
        'image: i}]}}}',
        'image: i, resources: {requests: {cpu: 1m, memory: 1Mi}}}]}}}',
      )
    assert.deepEqual(
      capsOf(all).map(({ body }) => body.kind),
      ['Service', 'ResourceQuota'],
    )
  })

  const hardOf = (caps: readonly CapObject[]): unknown =>
    caps.flatMap(({ body }) => (body.kind === 'ResourceQuota' ? [(body.spec as { hard: unknown }).hard] : []))[0]
  const defaultsOf = (caps: readonly CapObject[]): unknown =>
    caps.flatMap(({ body }) =>
      body.kind === 'LimitRange' ? (body.spec as { limits: { defaultRequest: unknown }[] }).limits : [],
    )[0]?.defaultRequest

  test('a LimitRange gives only what is lacking: one that is there may have a minimum', () => {
    const range = `---
apiVersion: v1
kind: LimitRange
metadata: {name: r, namespace: shop}
spec: {limits: [{type: Container, min: {cpu: 200m}}]}
`
    const caps = capsOf(NODE + fn('requests: {cpu: 500m, memory: 256Mi}') + range)
    assert.deepEqual(defaultsOf(caps), { memory: '128Mi' })
    // 2 of fn by the headroom, and 2 silent ones of 200m.
    assert.deepEqual(hardOf(caps), { pods: '4', 'requests.cpu': '1400m', 'requests.memory': '768Mi' })
  })

  test('a pod with resources of its own needs no LimitRange, and none gives its containers more than it has', () => {
    const level = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: level, namespace: shop}
spec: {replicas: 1, strategy: {type: Recreate}, template: {metadata: {labels: {c: d}}, spec: {resources: {requests: {cpu: 50m, memory: 64Mi}}, containers: [{name: c, image: i}, {name: d, image: i}]}}}
`
    const [spoken = ''] = fn('requests: {cpu: 500m, memory: 256Mi}').split('---\napiVersion: apps/v1')
    assert.equal(defaultsOf(capsOf(NODE + spoken + level)), undefined)
    const both = capsOf(NODE + fn('requests: {cpu: 500m, memory: 256Mi}') + level)
    assert.deepEqual(defaultsOf(both), { cpu: '25m', memory: '32Mi' })
    assert.deepEqual(hardOf(both), { pods: '5', 'requests.cpu': '1100m', 'requests.memory': '640Mi' })
  })

  test('a quota has room for the rollout of what is autoscaled, and for pods of which no object tells', () => {
    const web = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 2, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 8}
`
    const [spoken = ''] = fn('requests: {cpu: 500m, memory: 256Mi}').split('---\napiVersion: apps/v1')
    // 8 and the 2 of a rollout, and 2 of fn.
    assert.deepEqual(hardOf(capsOf(NODE + spoken + web)), {
      pods: '12',
      'requests.cpu': '2',
      'requests.memory': '1152Mi',
    })
    // 21 at once, 20 of them strangers: 32 pods, 20 more than are known, each of 500m and 256Mi.
    const strangers = [...Array(20).keys()].map((n) => placed(n, `gone-${n}`))
    const caps = capsOf(NODE + spoken + web, [...strangers, placed(8 * DAY, 'fn-1')], 1.5)
    const quota = caps.find(({ body }) => body.kind === 'ResourceQuota')
    assert.equal(quota?.verdict.verdict, 'unknown')
    assert.match(quota?.verdict.reasons.join() ?? '', /of 9 of the pods that were there at once/)
    assert.deepEqual(hardOf(caps), { pods: '32', 'requests.cpu': '12', 'requests.memory': '6272Mi' })
  })

  test('a CronJob that piles up waits for its last run; KEDA gets a maximum of its own', () => {
    const text = `apiVersion: batch/v1
kind: CronJob
metadata: {name: job, namespace: shop}
spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i, resources: {requests: {cpu: 1m, memory: 1Mi}}}]}}}}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: s, namespace: shop}
spec: {scaleTargetRef: {name: web}}
status: {x: 1}
`
    const caps = capsOf(text)
    assert.deepEqual(
      caps.map(({ body }) => [
        body.kind,
        JSON.stringify(body).match(/"(?:concurrencyPolicy|maxReplicaCount|pods)":[^,}]*/)?.[0],
      ]),
      [
        ['ScaledObject', '"maxReplicaCount":1'],
        ['CronJob', '"concurrencyPolicy":"Forbid"'],
        ['ResourceQuota', '"pods":"2"'],
      ],
    )
    assert.ok(!JSON.stringify(caps[0]?.body).includes('status'))
  })
})
