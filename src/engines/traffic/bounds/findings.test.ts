import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { knownOf, partsOf } from '../../../known.ts'
import { boundFindings } from './findings.ts'

function found(text: string): readonly string[] {
  const cluster = clusterOf(text)
  const known = knownOf(cluster, partsOf(cluster, { enforced: 'assume' }))
  return [...boundFindings(cluster, known)]
    .map(({ check, severity, object }) => `${severity} ${check} ${object.id}`)
    .sort()
}

const node = (more = ''): string => `---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {node.kubernetes.io/instance-type: m5.large, ${more}}}
status: {allocatable: {cpu: "2", memory: 8Gi, pods: "29"}}
`
const web = (
  volumes = '',
  resources = 'requests: {cpu: 100m, memory: 64Mi}, limits: {ephemeral-storage: 1Gi}',
): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}], resources: {${resources}}}], volumes: [${volumes}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
`
const scaled = (spec: string): string => `---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {name: web}, triggers: [{type: prometheus}], ${spec}}
`
const vpa = (policies: string): string => `---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, resourcePolicy: {containerPolicies: [${policies}]}}
`
const quota = (hard: string): string => `---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {${hard}}}
`
const pool = (spec: string): string => `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec: {template: {spec: {}}, ${spec}}
`
const autoscaler = (flags: readonly string[]): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cluster-autoscaler, namespace: kube-system}
spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: ca, image: r/cluster-autoscaler:v1, args: ${JSON.stringify(flags)}}]}}}
`

test('a bounded cluster is quiet', () => {
  const bounded =
    node('karpenter.sh/nodepool: default') +
    web() +
    scaled('maxReplicaCount: 5') +
    vpa('{containerName: "*", maxAllowed: {cpu: "1", memory: 1Gi}}') +
    quota('pods: "20", services.loadbalancers: "1"') +
    pool('limits: {cpu: "50"}') +
    autoscaler(['--max-nodes-total=10', '--node-group-auto-discovery=asg:tag=x'])
  assert.deepEqual(found(bounded), [])
})

test('each thing without an end, once', () => {
  assert.deepEqual(found(node() + web() + vpa('')), [
    'medium vpa-unlimited VerticalPodAutoscaler.autoscaling.k8s.io/shop/web',
  ])
  assert.deepEqual(found(node('karpenter.sh/nodepool: default') + web() + vpa('')), [
    'high cost-unbounded Deployment/shop/web',
    'medium vpa-unlimited VerticalPodAutoscaler.autoscaling.k8s.io/shop/web',
  ])
  assert.deepEqual(found(node() + web() + vpa('') + autoscaler(['--max-nodes-total=9'])), [
    'medium vpa-unlimited VerticalPodAutoscaler.autoscaling.k8s.io/shop/web',
  ])
  assert.deepEqual(found(web() + scaled('')), ['medium keda-default-maximum ScaledObject.keda.sh/shop/web'])
  assert.deepEqual(found(node() + pool('')), ['medium node-pool-unlimited NodePool.karpenter.sh//default'])
  assert.deepEqual(found(node() + pool('replicas: 3')), [])
  assert.deepEqual(found(autoscaler(['--node-group-auto-discovery=asg:tag=x'])), [
    'low cluster-autoscaler-unlimited Deployment/kube-system/cluster-autoscaler',
  ])
  assert.deepEqual(found(autoscaler(['--nodes=1:10:workers'])), [])
  assert.deepEqual(found(web('{name: tmp, emptyDir: {}}', 'requests: {cpu: 1m}')), [
    'low empty-dir-unlimited Deployment/shop/web',
  ])
  assert.deepEqual(found(web('{name: tmp, emptyDir: {}}')), [])
  assert.deepEqual(found(web('{name: tmp, emptyDir: {sizeLimit: 1Gi}}', 'requests: {cpu: 1m}')), [])
  assert.deepEqual(found(web() + quota('pods: "9"')), ['low load-balancers-without-quota ResourceQuota/shop/q'])
})

test('where nodes are capped, what has no end takes them all', () => {
  const fn = `---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: fn, namespace: shop}
spec: {template: {metadata: {labels: {app: fn}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}], resources: {requests: {cpu: 100m}}}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: fn-lb, namespace: shop}
spec: {type: LoadBalancer, selector: {app: fn}, ports: [{port: 80}]}
`
  const capped = autoscaler(['--max-nodes-total=9'])
  assert.deepEqual(found(node() + fn + capped), ['medium traffic-takes-all-nodes Service.serving.knative.dev/shop/fn'])
  assert.deepEqual(found(node() + fn + capped + quota('pods: "9", services.loadbalancers: "1"')), [])
  assert.deepEqual(found(node() + fn), ['high cost-unbounded Service.serving.knative.dev/shop/fn'])
})
