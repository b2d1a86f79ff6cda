import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { holdsAt, parseTime, spanOf, stateAt } from './expiry.ts'
import { objectsOf } from './testing.ts'

function binding(annotations: string) {
  const [object] = objectsOf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: b
  annotations: ${annotations}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}`)
  assert.ok(object)
  return object
}

const noon = Date.UTC(2026, 11, 31, 12)

describe('a time', () => {
  const times: readonly [string, number | undefined][] = [
    ['2026-12-31', Date.UTC(2026, 11, 31)],
    ['2026-12-31T12:00:00Z', noon],
    ['2026-12-31t12:00:00z', noon],
    ['2026-12-31T12:00:00.5Z', noon + 500],
    ['2026-12-31T14:00:00+02:00', noon],
    ['2026-12-31T06:30:00-05:30', noon],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-02-29', undefined],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-13-01', undefined],
    ['2026-00-10', undefined],
    ['2026-12-31T24:00:00Z', undefined],
    ['2026-12-31T12:60:00Z', undefined],
    ['2026-12-31T12:00:60Z', undefined],
    ['2026-12-31T12:00:00', undefined],
    ['2026-12-31T12:00Z', undefined],
    ['2026-12-31 12:00:00Z', undefined],
    ['2026-12-31T12:00:00+24:00', undefined],
    ['31.12.2026', undefined],
    ['tomorrow', undefined],
    ['', undefined],
    [' 2026-12-31', undefined],
    [`2026-12-31T12:00:00.${'1'.repeat(100)}Z`, undefined],
  ]
  for (const [text, time] of times) test(JSON.stringify(text.slice(0, 40)), () => assert.equal(parseTime(text), time))
})

describe('a grant', () => {
  test('without annotations always holds', () => {
    assert.deepEqual(spanOf(binding('{}')), { invalid: [] })
    assert.ok(holdsAt(binding('{}'), noon))
  })

  test('holds until it expires, and not at that instant', () => {
    const object = binding('{bulkhead.dev/expires: "2026-12-31T12:00:00Z"}')
    assert.ok(holdsAt(object, noon - 1))
    assert.ok(!holdsAt(object, noon))
    assert.equal(stateAt(spanOf(object), noon), 'expired')
  })

  test('holds from when it starts, that instant included', () => {
    const object = binding('{bulkhead.dev/starts: "2026-12-31T12:00:00Z"}')
    assert.equal(stateAt(spanOf(object), noon - 1), 'not-begun')
    assert.ok(holdsAt(object, noon))
  })

  test('that ends before it starts never holds', () => {
    const object = binding('{bulkhead.dev/starts: "2027-01-01", bulkhead.dev/expires: "2026-01-01"}')
    for (const time of [0, noon, Date.UTC(2026, 6, 1), Date.UTC(2030, 0, 1)]) assert.ok(!holdsAt(object, time))
  })

  test('with a time that is none counts as holding, and says so', () => {
    const object = binding('{bulkhead.dev/expires: "soon"}')
    assert.ok(holdsAt(object, noon))
    assert.deepEqual(spanOf(object).invalid, [
      { annotation: 'bulkhead.dev/expires', text: 'soon', path: ['metadata', 'annotations', 'bulkhead.dev/expires'] },
    ])
  })

  test('with a number, which is no text, is told as well', () => {
    const object = binding('{bulkhead.dev/expires: 20201231}')
    assert.ok(holdsAt(object, noon))
    assert.deepEqual(
      spanOf(object).invalid.map(({ text }) => text),
      ['20201231'],
    )
  })

  test('an unquoted time of YAML is the text that was written', () => {
    assert.ok(!holdsAt(binding('{bulkhead.dev/expires: 2026-12-31T12:00:00Z}'), noon))
    assert.ok(!holdsAt(binding('{bulkhead.dev/expires: 2026-12-30}'), noon))
  })

  test('holds through the day that is given, and from the beginning of it', () => {
    const last = binding('{bulkhead.dev/expires: "2026-12-31"}')
    assert.ok(holdsAt(last, Date.UTC(2027, 0, 1) - 1))
    assert.ok(!holdsAt(last, Date.UTC(2027, 0, 1)))
    const first = binding('{bulkhead.dev/starts: "2026-12-31"}')
    assert.ok(!holdsAt(first, Date.UTC(2026, 11, 31) - 1))
    assert.ok(holdsAt(first, Date.UTC(2026, 11, 31)))
  })
})

describe('one binding of a definition', () => {
  const object = binding(
    '{bulkhead.dev/expires: "2027-06-01", bulkhead.dev/expires.devs: "2026-06-01", bulkhead.dev/expires.ops: "2028-01-01", bulkhead.dev/starts.ops: "2025-01-01", bulkhead.dev/expires.bad: "x"}',
  )
  test('ends earlier by its own time', () => assert.equal(spanOf(object, 'devs').expires, Date.UTC(2026, 5, 2)))
  test('is not extended by its own time', () => assert.equal(spanOf(object, 'ops').expires, Date.UTC(2027, 5, 2)))
  test('is not extended by a time that is none', () => {
    assert.equal(spanOf(object, 'bad').expires, Date.UTC(2027, 5, 2))
    assert.equal(spanOf(object, 'bad').invalid.length, 1)
  })
  test('has the time of the whole where it has none', () => {
    assert.deepEqual(spanOf(object, 'other'), { expires: Date.UTC(2027, 5, 2), invalid: [] })
  })
  test('of the whole object says nothing', () => assert.equal(spanOf(object).starts, undefined))
})
