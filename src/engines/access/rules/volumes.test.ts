import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, NODE, rule, workload } from '../testing.ts'

const POD = rule('create', 'pods')
const CLAIM = rule('create', 'persistentvolumeclaims')
const VOLUME = rule('create', 'persistentvolumes')

const BASELINE = `
---
apiVersion: v1
kind: Namespace
metadata: {name: base, labels: {pod-security.kubernetes.io/enforce: baseline}}`

const volume = (name: string, source: string, claim = '') => `
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: ${name}}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], ${source}${claim === '' ? '' : `, claimRef: {namespace: ${claim.split('/')[0]}, name: ${claim.split('/')[1]}}`}}`
const ROOT = 'hostPath: {path: /}'

const claim = (name: string, namespace: string) => `
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, namespace: ${namespace}}
spec: {accessModes: [ReadWriteOnce]}`

/** `none`, or how certain the best way to the node is. */
function node(yaml: string): string {
  const judged = cluster(BASELINE + yaml)
  if (!judged.controls(ATTACKER, NODE)) return 'none'
  const truths = judged.analysis.edges
    .filter(({ kind }) => kind === 'host-volume' || kind === 'new-pod-host-volume')
    .map(({ truth }) => truth)
  return truths.includes('yes') ? 'yes' : (truths[0] ?? 'other')
}

describe('host-volume: a PersistentVolume of one’s own', () => {
  const at = (namespace: string, rules = [POD, CLAIM], wide = [VOLUME]) =>
    grant(rules, { at: namespace, name: 'local' }) + (wide.length > 0 ? grant(wide, { name: 'wide' }) : '')
  test('where Pod Security keeps privileged pods out and lets root in', () => assert.equal(node(at('base')), 'yes'))
  test('where it lets no root in, it is not sure', () => assert.equal(node(at('locked')), 'unknown'))
  test('where a privileged pod is admitted it says nothing more', () => {
    assert.deepEqual(cluster(at('app')).kinds(ATTACKER, 'Scope/*/nodes'), [])
  })
  test('needs all three rights', () => {
    assert.equal(node(at('base', [POD])), 'none')
    assert.equal(node(at('base', [CLAIM])), 'none')
    assert.equal(node(at('base', [POD, CLAIM], [])), 'none')
  })
  test('a RoleBinding gives none on PersistentVolumes', () => {
    assert.equal(node(at('base', [POD, CLAIM, VOLUME], [])), 'none')
  })
  test('a create has no name', () => {
    assert.equal(node(at('base', [POD, CLAIM], [rule('create', 'persistentvolumes', '', 'mine')])), 'none')
    assert.equal(node(at('base', [POD, rule('create', 'persistentvolumeclaims', '', 'mine')])), 'none')
  })
  test('by a template that may be changed, where there is one', () => {
    const patch = at('base', [rule('patch', 'deployments', 'apps'), CLAIM])
    assert.equal(node(patch), 'none')
    assert.equal(node(patch + workload('Deployment', 'd', { namespace: 'base' })), 'yes')
  })
  test('names its bindings and rules', () => {
    const edge = cluster(BASELINE + at('base')).analysis.edges.find(({ kind }) => kind === 'host-volume')
    const places = edge?.because.map(({ object, path }) => `${object?.id} ${path?.join('.')}`) ?? []
    for (const each of ['ClusterRole//wide rules.0', 'RoleBinding/base/local subjects.0'])
      assert.ok(places.includes(each), `${each} in ${places.join('; ')}`)
  })
})

describe('host-volume: a PersistentVolume that is there', () => {
  const rights = (namespace: string) => grant([POD, CLAIM], { at: namespace })
  test('is free', () => assert.equal(node(rights('base') + volume('host', ROOT)), 'yes'))
  test('is reserved for a claim of the namespace', () => {
    assert.equal(node(rights('base') + volume('host', ROOT, 'base/data')), 'yes')
    assert.equal(node(rights('base') + volume('host', ROOT, 'ops/data')), 'none')
  })
  test('is bound to a claim, which any new pod may mount', () => {
    const there = volume('host', ROOT, 'base/data') + claim('data', 'base')
    assert.equal(node(grant([POD], { at: 'base' }) + there), 'yes')
    assert.equal(node(grant([POD], { at: 'locked' }) + there), 'none')
  })
  test('is no path that makes root, or no path at all', () => {
    assert.equal(node(rights('base') + volume('host', 'hostPath: {path: /srv/data}')), 'none')
    assert.equal(node(rights('base') + volume('host', 'csi: {driver: x, volumeHandle: y}')), 'none')
  })
  test('is local to another node', () => {
    const local = (name: string) =>
      volume(
        'host',
        `local: {path: /var/lib/kubelet}, nodeAffinity: {required: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [${name}]}]}]}}`,
      )
    assert.equal(node(rights('base') + local('worker-1')), 'yes')
    assert.equal(node(rights('base') + local('worker-2')), 'none')
  })
})

describe('rebind-volume', () => {
  const DATA = 'PersistentVolumeClaim/ops/orders'
  const there = volume('pv-1', 'csi: {driver: x, volumeHandle: y}', 'ops/orders') + claim('orders', 'ops')
  const own = grant([POD, CLAIM], { at: 'locked', name: 'own' })
  const leads = (rights: string) => cluster(there + own + rights).controls(ATTACKER, DATA)
  test('whoever writes PersistentVolumes has the data of each claim', () => {
    assert.ok(leads(grant([rule('patch', 'persistentvolumes')])))
    assert.ok(leads(grant([rule('update', 'persistentvolumes', '', 'pv-1')])))
  })
  test('of others not', () => {
    assert.ok(!leads(grant([rule('update', 'persistentvolumes', '', 'pv-2')])))
    assert.ok(!leads(grant([rule('patch', 'persistentvolumes')], { at: 'locked' })))
  })
  test('without a claim and a pod of one’s own it is nothing', () => {
    assert.ok(!cluster(there + grant([rule('patch', 'persistentvolumes')])).controls(ATTACKER, DATA))
  })
})
