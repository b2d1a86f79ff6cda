import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { comparable, readVectors, resultOf, type Vector, vectorEnv } from './vectors.testing.ts'

for (const name of ['cel-libraries', 'cel-json']) {
  const { kubernetes, cases, activations } = readVectors<Vector>(name)
  describe(`${name}: value, error and cost as Kubernetes ${kubernetes} has them`, () => {
    const env = vectorEnv(Number(kubernetes.split('.')[1]))
    for (const [topic, vectors] of Map.groupBy(cases, (vector) => vector.topic)) {
      test(`${topic} (${vectors.length})`, () => {
        const wrong = vectors.flatMap((vector) => {
          const expected = comparable(vector)
          const told = resultOf(env, vector.expr, activations.get(vector.data ?? '') ?? [])
          const same = JSON.stringify(told) === JSON.stringify(expected)
          return same ? [] : [{ expr: vector.expr, expected, told }]
        })
        assert.deepEqual(wrong, [])
      })
    }
  })
}
