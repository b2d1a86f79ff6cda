import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTrackingId } from './gitops.ts'

test('tracking ids of Argo CD', () => {
  assert.deepEqual(parseTrackingId('team_shop:rbac.authorization.k8s.io/ClusterRole:default/system:shop:reader'), {
    applicationNamespace: 'team',
    application: 'shop',
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    namespace: 'default',
    name: 'system:shop:reader',
  })
  assert.equal(parseTrackingId('shop:/Service:default/web')?.group, '')
  for (const bad of [
    '',
    ':',
    '::',
    'shop',
    'shop:/Service',
    'shop:Service:a/b',
    'shop:/Service:b',
    'shop:/Service:a/b/c',
    ':/S:a/b',
  ]) {
    assert.equal(parseTrackingId(bad), undefined, bad)
  }
})

test('any text is read without failing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ':', '/', '_') }), (text) => parseTrackingId(text) !== null),
  )
})
