import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from './json.ts'
import { affinityAdmits } from './node.ts'
import { decodePod, type PodSpec } from './pod.ts'
import { alternativesOf, mayHoldTogether } from './requirements.ts'
import { constraintsOf, mayRunOn, unseenNode } from './stand-in.ts'

const pod = (spec: JsonObject): PodSpec => decodePod({ spec }, [])
const affinity = (...terms: readonly JsonObject[]): JsonObject => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
})

test('constraints read as words, and what is ordinary is left out', () => {
  assert.equal(constraintsOf(pod({})), '(any node)')
  assert.equal(constraintsOf(pod({ nodeSelector: { 'kubernetes.io/os': 'windows' } })), '(kubernetes.io/os=windows)')
  assert.equal(constraintsOf(pod({ nodeName: 'worker-1', nodeSelector: { a: 'b' } })), 'worker-1')
  const tolerations = [
    { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
    { operator: 'Exists' },
  ]
  assert.equal(constraintsOf(pod({ tolerations })), '(tolerates everything; tolerates gpu:NoSchedule)')
  const terms = affinity({ matchExpressions: [{ key: 'pool', operator: 'In', values: ['a', 'b'] }] })
  assert.equal(constraintsOf(pod({ ...terms, runtimeClassName: 'x' })), '(pool In a,b; runtimeClass x)')
})

const word = fc.constantFrom('a', 'b', 'a=b', 'a; b', 'a,b', '', 'In', ' ', 'everything')
const requirement = fc.record({
  key: word,
  operator: fc.constantFrom('In', 'NotIn', 'Exists'),
  values: fc.array(word, { maxLength: 2 }),
})
const spec = fc.record(
  {
    nodeSelector: fc.dictionary(word, word, { maxKeys: 2 }),
    terms: fc.array(fc.array(requirement, { maxLength: 2 }), { maxLength: 2 }),
    tolerations: fc.array(
      fc.record({
        key: word,
        operator: fc.constantFrom('Exists', 'Equal', ''),
        value: word,
        effect: fc.constantFrom('', 'NoSchedule', 'NoExecute'),
      }),
      { maxLength: 2 },
    ),
    runtimeClassName: word,
  },
  { requiredKeys: [] },
)

/** What the words stand for, apart from order and repetition. */
function meaning({ nodeSelector, nodeTerms, tolerations, runtimeClassName }: PodSpec): string {
  const sorted = (values: readonly unknown[]): readonly string[] =>
    [...new Set(values.map((each) => JSON.stringify(each)))].sort()
  return JSON.stringify([
    sorted([...nodeSelector]),
    nodeTerms?.map((term) => JSON.stringify([sorted(term.labels), sorted(term.fields)])).sort(),
    sorted(tolerations),
    runtimeClassName ?? null,
  ])
}

test('different constraints never have equal words', () => {
  const toPod = ({ terms, ...rest }: { readonly terms?: readonly (readonly JsonObject[])[] }): PodSpec =>
    pod({
      ...(rest as JsonObject),
      ...(terms ? affinity(...terms.map((matchExpressions) => ({ matchExpressions }))) : {}),
    })
  const told = new Map<string, string>()
  for (const each of fc.sample(spec, { numRuns: 30_000, seed: 1 })) {
    const words = constraintsOf(toPod(each))
    const before = told.get(words)
    if (before !== undefined) assert.equal(meaning(toPod(each)), before, words)
    told.set(words, meaning(toPod(each)))
  }
  assert.ok(told.size > 1000)
})

test('a long list of constraints has a short name of its own', () => {
  const many = (last: string): PodSpec =>
    pod(
      affinity({
        matchExpressions: [
          { key: 'host', operator: 'In', values: [...Array(99).keys()].map((at) => `node-${at}`).concat(last) },
        ],
      }),
    )
  assert.ok(constraintsOf(many('a')).length < 200)
  assert.notEqual(constraintsOf(many('a')), constraintsOf(many('b')))
})

const term = fc.record({
  labels: fc.array(
    fc.record({
      key: fc.constantFrom('k', 'l'),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Wrong'),
      values: fc.array(fc.constantFrom('1', '2', '3', 'x'), { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 3 },
  ),
  fields: fc.array(
    fc.record({
      key: fc.constant('metadata.name'),
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.array(fc.constantFrom('n', 'm'), { minLength: 1, maxLength: 1 }),
    }),
    { maxLength: 1 },
  ),
})

test('terms exclude each other only where no node whatever meets both', () => {
  const values = [undefined, '0', '1', '2', '3', '4', 'x', 'y']
  const nodes = ['n', 'm', 'o'].flatMap((name) =>
    values.flatMap((k) =>
      values.map((l) => ({
        name,
        labels: new Map([
          ...(k === undefined ? [] : [['k', k] as const]),
          ...(l === undefined ? [] : [['l', l] as const]),
        ]),
      })),
    ),
  )
  fc.assert(
    fc.property(term, term, (one, other) => {
      const met = nodes.some((node) =>
        [one, other].every(
          (each) =>
            each.labels.length + each.fields.length === 0 ||
            affinityAdmits({ nodeSelector: new Map(), nodeTerms: [each] }, node),
        ),
      )
      // An empty term matches nothing; none at all, everything.
      const [a, b] = [one, other].map((each) =>
        alternativesOf({
          nodeSelector: new Map(),
          nodeTerms: each.labels.length + each.fields.length === 0 ? undefined : [each],
        }),
      ) as [ReturnType<typeof alternativesOf>, ReturnType<typeof alternativesOf>]
      const may = a.some((first) => b.some((second) => mayHoldTogether(first, second)))
      assert.ok(may || !met, 'a node meets both')
      // Ranges that a list of values empties, one by one, are not looked at.
      const isRange = [...one.labels, ...other.labels].some((each) => each.operator === 'NotIn')
      assert.ok(!may || met || isRange, 'no node meets both')
    }),
    { numRuns: 5_000 },
  )
})

test('a stand-in takes the pods that may meet what it stands for', () => {
  const inPool = (value: string): PodSpec =>
    pod(affinity({ matchExpressions: [{ key: 'pool', operator: 'In', values: [value] }] }))
  assert.equal(mayRunOn(inPool('a'), unseenNode(inPool('a'))), true)
  assert.equal(mayRunOn(inPool('a'), unseenNode(inPool('b'))), false)
  assert.equal(mayRunOn(inPool('a'), unseenNode(pod({ nodeSelector: { pool: 'b' } }))), false)
  assert.equal(mayRunOn(pod({}), unseenNode(inPool('b'))), true)
  const named = (name: string): PodSpec =>
    pod(affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }))
  assert.equal(mayRunOn(named('one'), unseenNode(pod({ nodeName: 'one' }))), true)
  assert.equal(mayRunOn(named('two'), unseenNode(pod({ nodeName: 'one' }))), false)
  const nowhere = pod(affinity({}))
  assert.equal(mayRunOn(nowhere, unseenNode(pod({}))), false)
})
