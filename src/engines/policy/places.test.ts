import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../cluster/json.ts'
import { Places } from './places.ts'

const shared = { cpu: '1' }
const first = { name: 'a', resources: shared }
const second = { name: 'b', resources: shared }
const body: JsonObject = { metadata: { name: 'x' }, spec: { containers: [first, second], matrix: [[{ at: 'end' }]] } }

test('a mapping is found where it stands, in whatever order it is asked for', () => {
  const places = new Places(body)
  assert.deepEqual(places.pathOf(second), ['spec', 'containers', 1])
  assert.deepEqual(places.pathOf(first), ['spec', 'containers', 0])
  assert.deepEqual(places.pathOf(body), [])
  assert.deepEqual(places.pathOf((body.spec as { matrix: object[][] }).matrix[0]?.[0] as object), [
    'spec',
    'matrix',
    0,
    0,
  ])
})

test('what stands at several places is found at the first', () => {
  assert.deepEqual(new Places(body).pathOf(shared), ['spec', 'containers', 0, 'resources'])
  const late = new Places(body)
  late.pathOf({})
  assert.deepEqual(late.pathOf(shared), ['spec', 'containers', 0, 'resources'])
})

test('lists, and mappings of other objects, are not found', () => {
  const places = new Places(body)
  assert.equal(places.pathOf((body.spec as { containers: object }).containers), undefined)
  assert.equal(places.pathOf({ name: 'a' }), undefined)
})
