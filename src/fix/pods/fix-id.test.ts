import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixId } from './fix-id.ts'

test('an id says the kind, the namespace and the workload', () => {
  assert.equal(fixId('token-off', 'Deployment/shop/frontend'), 'token-off-shop-deployment-frontend')
  assert.equal(fixId('pod-security-label', 'Namespace//shop'), 'pod-security-label-namespace-shop')
})

test('what would read alike ends in a hash of its own', () => {
  const alike = [
    fixId('token-off', 'Pod/a/pod-b'),
    fixId('token-off', 'Pod/a-pod/b'),
    fixId('token-off', 'Rollout.argoproj.io/a/b'),
    fixId('token-off', 'Rollout.example.com/a/b'),
    fixId('token-off', 'Pod/a/b.c'),
    fixId('token-off', 'Pod/a/b-c'),
    fixId('host-path-off', 'Pod/a/b', 'c'),
    fixId('host-path-off', 'Pod/a/b-c'),
  ]
  assert.equal(new Set(alike).size, alike.length)
})

test('names of any kind and length make short names of files', () => {
  for (const name of ['x'.repeat(253), '../..', 'näme', 'job-*abc', '-'.repeat(200), '']) {
    const id = fixId('own-service-account', `Deployment/${'n'.repeat(63)}/${name}`)
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    assert.ok(id.length <= 100, id)
  }
})
