import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule } from '../testing.ts'

const GROUP = 'snapshot.storage.k8s.io'
const CLAIM = 'PersistentVolumeClaim/ops/data'
const OTHER = 'PersistentVolumeClaim/ops/other'
const claim = (name: string): string =>
  `\n---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: ${name}, namespace: ops}}`
const content = (name: string, source: string, status: string, reference = '{namespace: ops, name: nightly}'): string =>
  `\n---\n{apiVersion: ${GROUP}/v1, kind: VolumeSnapshotContent, metadata: {name: ${name}}, spec: {driver: d, source: ${source}, volumeSnapshotRef: ${reference}}, status: ${status}}`
const SNAPSHOT = `
---
{apiVersion: ${GROUP}/v1, kind: VolumeSnapshot, metadata: {name: nightly, namespace: ops}, spec: {source: {persistentVolumeClaimName: data}}}`
const TAKEN = claim('data') + claim('other') + SNAPSHOT + content('c1', '{volumeHandle: v1}', '{snapshotHandle: h1}')

const CONTENT = rule('create', 'volumesnapshotcontents', GROUP)
const READ = rule('get, list', 'volumesnapshotcontents', GROUP)
const SNAP = rule('create', 'volumesnapshots', GROUP)
const PVC = rule('create', 'persistentvolumeclaims')
const PODS = rule('create', 'pods')
const ALL = [CONTENT, READ, SNAP, PVC, PODS]

/** What stands in namespaces is granted in `locked` alone, where no pod is privileged and nothing of `ops` is. */
const has = (rules: readonly string[], to = CLAIM, objects = TAKEN): boolean => {
  const wide = rules.filter((each) => each.includes('volumesnapshotcontents'))
  const local = rules.filter((each) => !wide.includes(each))
  return cluster(
    objects +
      (wide.length > 0 ? grant(wide, { name: 'wide' }) : '') +
      (local.length > 0 ? grant(local, { name: 'local', at: 'locked' }) : ''),
  ).controls(ATTACKER, to)
}

describe('snapshots of other namespaces', () => {
  test('a content of one’s own with the handle of another gives its data', () => {
    assert.ok(has(ALL))
    assert.ok(!has(ALL, OTHER))
  })
  test('takes every one of the rights', () => {
    for (const missing of ALL) assert.ok(!has(ALL.filter((each) => each !== missing)), missing)
  })
  test('contents are of the cluster: a RoleBinding gives nothing on them', () => {
    assert.ok(!cluster(TAKEN + grant(ALL, { at: 'locked' })).controls(ATTACKER, CLAIM))
  })
  test('reading one by name gives its handle alone', () => {
    const named = (name: string) => rule('get', 'volumesnapshotcontents', GROUP, name)
    assert.ok(has([CONTENT, named('c1'), SNAP, PVC, PODS]))
    assert.ok(!has([CONTENT, named('c2'), SNAP, PVC, PODS]))
    // A create has no name.
    assert.ok(!has([rule('create', 'volumesnapshotcontents', GROUP, 'c1'), READ, SNAP, PVC, PODS]))
  })
  test('without a handle there is nothing to name; of whom it is may be told by the volume', () => {
    assert.ok(!has(ALL, CLAIM, claim('data') + SNAPSHOT + content('c1', '{volumeHandle: v1}', '{}')))
    const volume = `\n---\n{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {csi: {driver: d, volumeHandle: v1}, claimRef: {namespace: ops, name: data}}}`
    const loose = (handle: string): string =>
      claim('data') +
      volume +
      content('c1', `{volumeHandle: ${handle}}`, '{snapshotHandle: h1}', '{namespace: ops, name: gone}')
    assert.ok(has(ALL, CLAIM, loose('v1')))
    assert.ok(!has(ALL, CLAIM, loose('v2')))
  })
})
