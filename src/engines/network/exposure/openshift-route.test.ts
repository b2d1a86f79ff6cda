import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served, waysIn } from './testing.ts'

test('a backend of weight 0 gets nothing', () => {
  const route = (a: string, b: string): readonly string[] =>
    waysIn(
      served('a'),
      served('b'),
      `
kind: Route
apiVersion: route.openshift.io/v1
metadata: {name: r}
spec: {to: {kind: Service, name: a, ${a}}, alternateBackends: [{kind: Service, name: b, ${b}}]}`,
    )
  const [A, B] = ['exposed-route a TCP 80 yes', 'exposed-route b TCP 80 yes'] as const
  assert.deepEqual(route('weight: 0', 'weight: 100'), [B])
  assert.deepEqual(route('weight: 100', 'weight: 0'), [A])
  assert.deepEqual(route('', ''), [A, B])
})
