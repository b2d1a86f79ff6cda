import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubeletRequests } from './kubelet.ts'

const asked = (method: string, path: string, minor: number): string[] =>
  kubeletRequests(method, path, 'n', minor).map(({ verb, resource, subresource, name }) =>
    [verb, `${resource}/${subresource}`, name].join(' '),
  )

/** pkg/kubelet/server/auth_test.go of each release, and the paths of server.go. */
test('the kubelet asks for proxy, and since 1.33 for finer rights beside it', () => {
  for (const path of ['/pods', '/pods/', '/runningpods/', '/healthz', '/healthz/log', '/configz']) {
    const [, first = ''] = path.split('/')
    const fine = first === 'runningpods' ? 'pods' : first
    assert.deepEqual(asked('GET', path, 32), ['get nodes/proxy n'], path)
    for (const minor of [33, 35, 36, 37])
      assert.deepEqual(asked('GET', path, minor), [`get nodes/${fine} n`, 'get nodes/proxy n'], path)
  }
  assert.deepEqual(asked('GET', '/allocatedPods', 36), ['get nodes/proxy n'])
  assert.deepEqual(asked('GET', '/allocatedPods', 37), ['get nodes/pods n', 'get nodes/proxy n'])
})

test('stats, metrics, logs and checkpoints have their own right alone', () => {
  for (const [path, right] of [
    ['/stats/summary', 'stats'],
    ['/metrics', 'metrics'],
    ['/metrics/cadvisor', 'metrics'],
    ['/logs/', 'log'],
  ] as const)
    for (const minor of [28, 36]) assert.deepEqual(asked('GET', path, minor), [`get nodes/${right} n`], path)
  assert.deepEqual(asked('POST', '/checkpoint/ns/pod/c', 29), ['create nodes/proxy n'])
  assert.deepEqual(asked('POST', '/checkpoint/ns/pod/c', 30), ['create nodes/checkpoint n'])
  assert.deepEqual(asked('GET', '/statusz', 36), ['get nodes/statusz n'])
  assert.deepEqual(asked('GET', '/flagz', 36), ['get nodes/configz n'])
})

test('what runs in a container is proxy, and a GET of it is get', () => {
  for (const path of [
    '/exec/ns/pod/c',
    '/run/ns/pod/c',
    '/attach/ns/pod/c',
    '/portForward/ns/pod',
    '/containerLogs/ns/pod/c',
    '/debug/pprof/heap',
  ]) {
    assert.deepEqual(asked('GET', path, 36), ['get nodes/proxy n'], path)
    assert.deepEqual(asked('POST', path, 36), ['create nodes/proxy n'], path)
  }
  assert.deepEqual(asked('GET', '/podsX', 36), ['get nodes/proxy n'])
  assert.deepEqual(asked('GET', '/metricsX', 36), ['get nodes/proxy n'])
})
