import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { comparable, type Result, readVectors, resultOf, vectorEnv } from './vectors.testing.ts'

/** An expression in the versions of the language from 1.28 on. */
interface Versioned {
  readonly expr: string
  readonly topic: string
  readonly data?: string
  readonly results: readonly (Result & { readonly since: number; readonly until: number })[]
}

const { kubernetes, checked, cases, activations, differences } = readVectors<Versioned>('cel-versions')
const newest = minorOf(kubernetes)

/** What releases do and this evaluator does not, on purpose. */
const KNOWN: ReadonlySet<string> = new Set([
  // The type is called `optional` until 1.30; nothing but its name can tell.
  '1.28 type(optional.of(1))',
  // The issue ends in an address of the checker's memory.
  '1.31 optional.none().optMap(x, x + 1)',
  '1.31 optional.none().optFlatMap(x, optional.of(1))',
  // The release's format() takes the process down; Kubernetes answers with an internal error.
  "1.31 dyn('%s %s').format([dyn('a')])",
  "1.31 dyn('%d').format(['a'])",
  "1.31 ('%' + 's').format(['a'])",
  "1.31 ('%' + 'd').format(['a'])",
  "1.31 ('%' + 'd').format([2])",
])

function minorOf(version: string): number {
  return Number(version.split('.')[1])
}

function inLanguage({ results }: Versioned, language: number): Result {
  return results.find(({ since, until }) => since <= language && language <= until) ?? {}
}

function mismatches(
  minor: number,
  language: number,
  expected: (vector: Versioned, index: number) => Result,
): unknown[] {
  const env = vectorEnv(minor, language)
  return cases.flatMap((vector, index) => {
    const wanted = comparable(expected(vector, index))
    const told = resultOf(env, vector.expr, activations.get(vector.data ?? '') ?? [])
    // Before 1.31 the checker words its issues otherwise, and says more after the first one.
    if (minor < 31 && told.issues !== undefined && wanted.issues !== undefined) return []
    if (KNOWN.has(`1.${minor} ${vector.expr}`)) return []
    return JSON.stringify(told) === JSON.stringify(wanted) ? [] : [{ expr: vector.expr, wanted, told }]
  })
}

describe(`cel-versions: ${cases.length} expressions`, () => {
  for (let language = 28; language <= newest; language++) {
    test(`in the language of 1.${language} as Kubernetes ${kubernetes} answers`, () => {
      assert.deepEqual(
        mismatches(newest, language, (vector) => inLanguage(vector, language)),
        [],
      )
    })
  }

  for (const release of checked) {
    const minor = minorOf(release)
    test(`as Kubernetes ${release} itself answers`, () => {
      const own = new Map(
        differences.filter((each) => each.kubernetes === release).map((each) => [each.index, each.result]),
      )
      assert.deepEqual(
        mismatches(minor, minor, (vector, index) => own.get(index) ?? inLanguage(vector, minor)),
        [],
      )
    })
  }
})
