import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { at, type JsonObject } from '../json.ts'
import { asAdmitted } from './admitted.ts'
import { asCreated } from './created.ts'

interface Vector {
  readonly in: JsonObject
  readonly out: JsonObject
  /** By minor release, where it is another. */
  readonly others?: Readonly<Record<string, JsonObject>>
}

const file = JSON.parse(
  readFileSync(new URL('../../../oracle/vectors/admitted-created.json', import.meta.url), 'utf8'),
) as { readonly kubernetes: string; readonly others: readonly string[]; readonly cases: readonly Vector[] }

function withoutStatus(body: JsonObject): JsonObject {
  const { status: _, ...rest } = body
  return rest
}

for (const release of [file.kubernetes, ...file.others]) {
  const minor = Number(release.split('.')[1])
  test(`as Kubernetes ${release} prepares it (${file.cases.length} objects)`, () => {
    for (const [index, { in: body, out, others }] of file.cases.entries()) {
      const created = asCreated(asAdmitted({ body }, minor).body, minor)
      assert.deepEqual(withoutStatus(created), others?.[minor] ?? out, `case ${index}`)
      assert.deepEqual(asCreated(created, minor), created, `case ${index} again`)
    }
  })
}

test('the user namespace is seen since its field is', () => {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { hostUsers: false, containers: [] } }
  const seen = (minor: number) => at(asCreated(asAdmitted({ body }, minor).body, minor), 'spec', 'hostUsers')
  assert.equal(seen(32), undefined)
  assert.equal(seen(33), false)
})

test('what is of another type than it should be stays', () => {
  for (const spec of [7, 'text', [], { containers: 7 }, { containers: [7], affinity: [], volumes: 'v' }, null]) {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { labels: 7, annotations: ['a'] }, spec } as JsonObject
    for (const minor of [28, 31, 37]) asCreated(body, minor)
  }
  const custom = { apiVersion: 'a.example/v1', kind: 'Pod', spec: { hostUsers: false } }
  assert.equal(asCreated(custom, 28), custom)
})

test('a custom resource has typed metadata and a generation', () => {
  const metadata = { name: 'a', labels: {}, annotations: null, invented: 1 }
  const body = { apiVersion: 'a.example/v1', kind: 'Pod', metadata, spec: { nothing: null } }
  const { body: admitted, problems } = asAdmitted({ body }, 36)
  assert.deepEqual(problems, [])
  const created = asCreated(admitted, 36)
  assert.deepEqual(created, { ...body, metadata: { name: 'a', generation: 1 } })
  assert.deepEqual(asCreated(asAdmitted({ body: created }, 36).body, 36), created)
  const wrong = { ...body, metadata: { name: 'a', labels: { b: 1 } } }
  assert.deepEqual(
    asAdmitted({ body: wrong }, 36).problems.map(({ path }) => path),
    [['metadata', 'labels', 'b']],
  )
})
