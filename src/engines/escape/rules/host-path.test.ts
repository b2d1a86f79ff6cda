import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { edgesOf, truthOf } from '../testing.ts'

const deployment = (volume: string, { pod = '', container = '', mount = '', namespace = 'shop' } = {}): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: ${namespace}}
spec: {template: {spec: {containers: [{name: main, image: x, volumeMounts: [{name: v, mountPath: /v${mount}}]${container}}], volumes: [{name: v, ${volume}}]${pod}}}}
---
`
const CLAIM = 'persistentVolumeClaim: {claimName: data}'
const persistentVolume = (spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: pv}\nspec: ${spec}\n---\n`
const claim = (spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: ${spec}\n---\n`
const namespace = (level: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: ${level}}}\n---\n`
const node = 'apiVersion: v1\nkind: Node\nmetadata: {name: one}\n---\n'
const truth = (objects: string, from = 'Deployment/shop/a'): string =>
  truthOf(edgesOf(node + objects), from, 'Node//one')

describe('a hostPath behind a claim', () => {
  const bound = (path: string): string =>
    persistentVolume(`{hostPath: {path: ${path}}, claimRef: {namespace: shop, name: data}}`)

  test('is allowed by every level of Pod Security, and an inline one is not', () => {
    assert.equal(truth(namespace('baseline') + bound('/') + deployment(CLAIM)), 'yes')
    assert.equal(truth(namespace('baseline') + bound('/') + deployment('hostPath: {path: /}')), 'none')
  })

  test('is of no use to a pod that is refused for something else', () => {
    const refused = [
      { pod: ', hostNetwork: true' },
      { pod: ', hostPID: true' },
      { container: ', securityContext: {privileged: true}' },
      { container: ', securityContext: {capabilities: {add: [SYS_ADMIN]}}' },
      { container: ', securityContext: {procMount: Unmasked}' },
      { container: ', securityContext: {windowsOptions: {hostProcess: true}}' },
      { container: ', ports: [{containerPort: 80, hostPort: 80}]' },
    ]
    for (const options of refused)
      assert.equal(truth(namespace('baseline') + bound('/') + deployment(CLAIM, options)), 'none')
  })

  test('is not for the user of a restricted pod, but for the group of a socket', () => {
    const restricted = (more = ''): string =>
      deployment(CLAIM, {
        pod: `, securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}${more}}`,
        container: ', securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}',
      })
    assert.equal(truth(namespace('restricted') + bound('/') + deployment(CLAIM)), 'none')
    assert.equal(truth(namespace('restricted') + bound('/') + restricted()), 'none')
    const socket = bound('/run/docker.sock')
    assert.equal(truth(namespace('restricted') + socket + restricted(', supplementalGroups: [998]')), 'unknown')
  })

  test('is read-only where the volume says so', () => {
    assert.equal(truth(bound('/etc') + deployment(CLAIM)), 'yes')
    const readOnly = 'persistentVolumeClaim: {claimName: data, readOnly: true}'
    assert.equal(truth(bound('/etc') + deployment(readOnly)), 'none')
  })

  test('belongs to a StatefulSet by its template', () => {
    const set = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  template: {spec: {containers: [{name: main, image: x, volumeMounts: [{name: data, mountPath: /v}]}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]
---
`
    const volume = (name: string): string =>
      persistentVolume(`{hostPath: {path: /}, claimRef: {namespace: shop, name: ${name}}}`)
    assert.equal(truth(set + volume('data-db-0'), 'StatefulSet/shop/db'), 'yes')
    assert.equal(truth(set + volume('data-db-2'), 'StatefulSet/shop/db'), 'yes')
    assert.equal(truth(set + volume('data-other-0'), 'StatefulSet/shop/db'), 'none')
  })

  test('may come to be bound, where class, size, modes and labels fit', () => {
    const free = persistentVolume(
      '{storageClassName: manual, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /}}',
    )
    const asks = (more: string): string =>
      truth(free + claim(`{accessModes: [ReadWriteOnce], ${more}}`) + deployment(CLAIM))
    assert.equal(asks('storageClassName: manual, resources: {requests: {storage: 1000Mi}}'), 'unknown')
    assert.equal(asks('storageClassName: manual, resources: {requests: {storage: 2Gi}}'), 'none')
    assert.equal(asks('storageClassName: other, resources: {requests: {storage: 1Gi}}'), 'none')
    assert.equal(asks('storageClassName: manual, selector: {matchLabels: {a: b}}'), 'none')
    assert.equal(asks('storageClassName: manual, volumeMode: Block'), 'none')
    assert.equal(asks('storageClassName: manual, volumeName: another'), 'none')
    assert.equal(truth(free + deployment(CLAIM)), 'none', 'a claim that is not there')
  })
})

describe('a user other than root', () => {
  const user = (more: string): string =>
    truth(
      deployment('hostPath: {path: /var/run/docker.sock}', {
        pod: `, securityContext: {runAsUser: 1000${more}}`,
        container: ', securityContext: {allowPrivilegeEscalation: false}',
      }),
    )
  test('opens a socket by a group that the pod gives it, if the socket is of that group', () => {
    assert.equal(user(''), 'none')
    assert.equal(user(', supplementalGroups: [998]'), 'unknown')
    assert.equal(user(', fsGroup: 998'), 'unknown')
    assert.equal(user(', runAsGroup: 998'), 'unknown')
  })
  test('writes no file by it', () =>
    assert.equal(
      truth(
        deployment('hostPath: {path: /etc}', {
          pod: ', securityContext: {runAsUser: 1000, fsGroup: 998}',
          container: ', securityContext: {allowPrivilegeEscalation: false}',
        }),
      ),
      'none',
    ))
})
