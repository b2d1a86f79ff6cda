import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { edgesOf, truthOf } from './testing.ts'

const node = (name: string, labels = '', taints = ''): string =>
  `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {taints: [${taints}]}\n---\n`
const workload = (kind: string, name: string, pod = '', container = '', more = ''): string =>
  `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {}
  ${more}
  template: {spec: {containers: [{name: main, image: x${container}}]${pod}}}
---
`
const ROOT = ', securityContext: {privileged: true}'
const TOKENLESS = ', automountServiceAccountToken: false'
const affinity = (operator: string, ...values: readonly string[]): string =>
  `, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: ${operator}, values: [${values.join(', ')}]}]}]}}}`
const A = 'Deployment/shop/a'
const B = 'Deployment/shop/b'

describe('pods that share no node', () => {
  test('by different node affinities, where nodes are seen', () => {
    const nodes = node('one', 'pool: one') + node('two', 'pool: two')
    const a = workload('Deployment', 'a', affinity('In', 'one'), ROOT)
    assert.equal(truthOf(edgesOf(nodes + a + workload('Deployment', 'b', affinity('In', 'two'))), A, B), 'none')
    assert.notEqual(truthOf(edgesOf(nodes + a + workload('Deployment', 'b', affinity('In', 'one'))), A, B), 'none')
  })

  test('by affinities that no node can both meet, where none is seen', () => {
    const a = workload('Deployment', 'a', affinity('In', 'one'), ROOT)
    const with_ = (pod: string): string => truthOf(edgesOf(a + workload('Deployment', 'b', pod)), A, B)
    assert.equal(with_(affinity('In', 'two')), 'none')
    assert.equal(with_(affinity('NotIn', 'one')), 'none')
    assert.equal(with_(affinity('DoesNotExist')), 'none')
    assert.equal(with_(', nodeSelector: {pool: two}'), 'none')
    assert.equal(with_(affinity('In', 'one', 'two')), 'unknown')
    assert.equal(with_(affinity('NotIn', 'two')), 'unknown')
    assert.equal(with_(', nodeSelector: {disk: ssd}'), 'unknown')
    assert.equal(with_(''), 'unknown')
  })

  test('by tolerations that differ in the effect alone', () => {
    const tolerating = (effect: string): string =>
      `, tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists, effect: ${effect}}]`
    const edges = edgesOf(
      workload('Deployment', 'a', tolerating('NoExecute'), ROOT) +
        workload('Deployment', 'b', tolerating('NoSchedule')),
    )
    assert.equal(truthOf(edges, A, 'ControlPlane//control-plane'), 'none')
    assert.equal(new Set(edges.filter((edge) => edge.kind === 'node-identity').map((edge) => edge.from)).size, 2)
  })
})

describe('where a workload runs', () => {
  const tainted = node('cp', 'node-role.kubernetes.io/control-plane: ""', '{key: dedicated, effect: NoSchedule}')

  test('a DaemonSet on each node that takes it', () => {
    const edges = edgesOf(node('one') + node('two') + tainted + workload('DaemonSet', 'a', '', ROOT))
    for (const name of ['one', 'two']) {
      assert.equal(truthOf(edges, 'DaemonSet/shop/a', `Node//${name}`), 'yes')
      assert.equal(truthOf(edges, `Node//${name}`, 'DaemonSet/shop/a', 'runs'), 'yes')
    }
    assert.equal(truthOf(edges, 'DaemonSet/shop/a', 'Node//cp'), 'none')
  })

  test('a DaemonSet also on a node that is cordoned, a Deployment not', () => {
    const cordoned = node('one', '', '{key: node.kubernetes.io/unschedulable, effect: NoSchedule}')
    const edges = edgesOf(cordoned + workload('DaemonSet', 'a', '', ROOT) + workload('Deployment', 'b', '', ROOT))
    assert.equal(truthOf(edges, 'DaemonSet/shop/a', 'Node//one'), 'yes')
    assert.equal(truthOf(edges, B, 'Node//one'), 'none')
  })

  test('others certainly where one node alone takes them, unless nothing of them need run', () => {
    const runs = (nodes: string, more = ''): string =>
      truthOf(edgesOf(nodes + workload('Deployment', 'a', '', '', more)), 'Node//one', A, 'runs')
    assert.equal(runs(node('one')), 'yes')
    assert.equal(runs(node('one') + tainted), 'yes')
    assert.equal(runs(node('one') + node('two')), 'unknown')
    assert.equal(runs(node('one'), 'replicas: 0'), 'unknown')
  })

  test('as its RuntimeClass says', () => {
    const nodes = node('one') + node('gpu', 'gpu: nvidia', '{key: gpu, effect: NoSchedule}')
    const runtime = `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: nvidia}
handler: nvidia
scheduling: {nodeSelector: {gpu: nvidia}, tolerations: [{key: gpu, operator: Exists}]}
---
`
    const edges = edgesOf(nodes + runtime + workload('Deployment', 'a', ', runtimeClassName: nvidia', ROOT))
    assert.equal(truthOf(edges, A, 'Node//gpu'), 'yes')
    assert.equal(truthOf(edges, A, 'Node//one'), 'none')
  })

  test('a pod that runs, though one of its shape has ended', () => {
    const pod = (name: string, phase: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, controller: true}]}
spec: {nodeName: n-${name}, containers: [{name: main, image: x${ROOT}}]}
status: {phase: ${phase}}
---
`
    const namespace =
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}\n---\n'
    const edges = edgesOf(namespace + pod('old', 'Failed') + pod('new', 'Running'))
    assert.equal(truthOf(edges, 'ReplicaSet/shop/rs', 'Node//n-new'), 'yes')
  })
})

describe('nodes of the control plane', () => {
  const cases: Readonly<Record<string, readonly [labels: string, taints: string]>> = {
    'the label of kubeadm': ['node-role.kubernetes.io/control-plane: ""', ''],
    'the label of RKE 1': ['node-role.kubernetes.io/controlplane: "true"', ''],
    'the taint alone': ['', '{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}'],
    'the old taint alone': ['', '{key: node-role.kubernetes.io/master, effect: NoSchedule}'],
  }
  for (const [name, [labels, taints]] of Object.entries(cases))
    test(name, () =>
      assert.equal(truthOf(edgesOf(node('cp', labels, taints)), 'Node//cp', 'ControlPlane//control-plane'), 'yes'),
    )
  test('another taint is none', () =>
    assert.equal(
      truthOf(edgesOf(node('gpu', '', '{key: gpu, effect: NoSchedule}')), 'Node//gpu', 'ControlPlane//control-plane'),
      'none',
    ))
})

describe('what a node may read for its pods', () => {
  const reads = (objects: string, secret: string, from = 'Node//one'): string =>
    truthOf(edgesOf(node('one') + objects), from, `Secret/shop/${secret}`)

  test('the pull secrets of a service account, for pods that name none', () => {
    const account =
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: puller, namespace: shop}\nimagePullSecrets: [{name: pull}]\n---\n'
    const pod = `${TOKENLESS}, serviceAccountName: puller`
    assert.equal(reads(account + workload('Deployment', 'a', pod), 'pull'), 'yes')
    assert.equal(
      reads(account + workload('Deployment', 'a', `${pod}, imagePullSecrets: [{name: own}]`), 'pull'),
      'none',
    )
    assert.equal(reads(account + workload('Deployment', 'a', pod), 'pull', A), 'none')
  })

  test('Secrets of volumes that nothing mounts, which the pod itself does not hold', () => {
    const pod = `${TOKENLESS}, volumes: [{name: v, secret: {secretName: s}}]`
    assert.equal(reads(workload('Deployment', 'a', pod), 's'), 'yes')
    assert.equal(reads(workload('Deployment', 'a', pod), 's', A), 'none')
  })

  for (const source of [
    'csi: {driver: d, nodePublishSecretRef: {name: s}}',
    'flexVolume: {driver: d, secretRef: {name: s}}',
    'rbd: {monitors: [m], image: i, secretRef: {name: s}}',
    'cephfs: {monitors: [m], secretRef: {name: s}}',
    'iscsi: {targetPortal: p, secretRef: {name: s}}',
    'azureFile: {secretName: s, shareName: n}',
    'scaleIO: {gateway: g, secretRef: {name: s}}',
    'storageos: {secretRef: {name: s}}',
    'cinder: {volumeID: i, secretRef: {name: s}}',
  ])
    test(`the Secret that a volume is mounted with: ${source}`, () => {
      const deployment = workload(
        'Deployment',
        'a',
        `${TOKENLESS}, volumes: [{name: v, ${source}}]`,
        ', volumeMounts: [{name: v, mountPath: /v}]',
      )
      assert.equal(reads(deployment, 's'), 'yes')
      assert.equal(reads(deployment, 's', A), 'none')
    })

  test('Secrets of the PersistentVolumes of its claims, those that the kubelet sees', () => {
    const volume = `apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
spec: {claimRef: {namespace: shop, name: data}, csi: {driver: d, nodeStageSecretRef: {namespace: shop, name: stage}, controllerPublishSecretRef: {namespace: shop, name: controller}}}
---
`
    const deployment = workload(
      'Deployment',
      'a',
      `${TOKENLESS}, volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]`,
    )
    assert.equal(reads(volume + deployment, 'stage'), 'yes')
    assert.equal(reads(volume + deployment, 'controller'), 'none')
  })

  test('nothing for a static pod', () => {
    const pod = (annotations: string): string => `apiVersion: v1
kind: Pod
metadata: {name: proxy-one, namespace: shop, annotations: {${annotations}}}
spec: {nodeName: one, containers: [{name: main, image: x}]}
status: {phase: Running}
`
    const to = 'ServiceAccount/shop/default'
    const edges = (annotations: string) => edgesOf(`${node('one')}${pod(annotations)}`)
    assert.equal(truthOf(edges('kubernetes.io/config.mirror: abc'), 'Node//one', to), 'none')
    assert.equal(truthOf(edges(''), 'Node//one', to), 'yes')
  })

  test('tokens, before 1.33 for pods that mount none as well; then only where a volume or its driver asks for one', () => {
    const to = 'ServiceAccount/shop/default'
    const truth = (version: string, objects: string): string =>
      truthOf(edgesOf(node('one') + objects, version), 'Node//one', to)
    assert.equal(truth('v1.32', workload('Deployment', 'a', TOKENLESS)), 'yes')
    assert.equal(truth('v1.33', workload('Deployment', 'a', TOKENLESS)), 'none')
    assert.equal(truth('v1.33', workload('Deployment', 'a')), 'yes')
    const projected = `${TOKENLESS}, volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]`
    assert.equal(truth('v1.33', workload('Deployment', 'a', projected)), 'yes')
    const driver = (audience: string): string =>
      `apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: d}\nspec: {tokenRequests: [{audience: "${audience}"}]}\n---\n`
    const csi = workload('Deployment', 'a', `${TOKENLESS}, volumes: [{name: v, csi: {driver: d}}]`)
    assert.equal(truth('v1.33', driver('') + csi), 'yes')
    assert.equal(truth('v1.33', driver('vault') + csi), 'none')
  })

  test('what only the kubelet asks for does not lie on the node’s disk', () => {
    const reader = workload(
      'Deployment',
      'reader',
      `${TOKENLESS}, volumes: [{name: v, hostPath: {path: /var/lib/kubelet/pods}}]`,
      ', volumeMounts: [{name: v, mountPath: /v, readOnly: true}]',
    )
    const other = workload(
      'Deployment',
      'a',
      ', volumes: [{name: u, secret: {secretName: unmounted}}, {name: m, secret: {secretName: mounted}}]',
      ', volumeMounts: [{name: m, mountPath: /m}]',
    )
    const edges = edgesOf(node('one') + reader + other)
    assert.equal(truthOf(edges, 'Deployment/shop/reader', 'Secret/shop/mounted'), 'yes')
    assert.equal(truthOf(edges, 'Deployment/shop/reader', 'ServiceAccount/shop/default'), 'yes')
    assert.equal(truthOf(edges, 'Deployment/shop/reader', 'Secret/shop/unmounted'), 'none')
  })
})
