import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, DYN, kubernetesEnv, Meter } from '../../../cel/cel.ts'
import type { Json } from '../../../cluster/json.ts'
import { type KubeObject, toObject } from '../../../cluster/object.ts'
import { objectsOf } from '../../../cluster/testing.ts'
import { checkOf } from '../check.ts'
import { definitionOf } from './definition.ts'
import { Evaluator } from './evaluate.ts'
import { compileSet, type PolicySet } from './policy.ts'
import { creations } from './request.ts'
import { FILTER_OF_NOTHING, Run } from './run.ts'
import { EMPTINESS_COST, validate } from './validate.ts'

/** What the evaluator does not evaluate costs what it would cost, in every release. */
for (const minor of [28, 30, 31, 32, 34, 36, 37])
  test(`the costs of what is not evaluated, 1.${minor}`, () => {
    const env = kubernetesEnv({ minor, mode: 'stored', variables: new Map([['variables', DYN]]) })
    const cost = (text: string, x: readonly number[]): number => {
      const { program } = compile(text, env)
      assert.ok(program)
      const meter = new Meter()
      program.run([{ x }], meter)
      return meter.cost
    }
    assert.equal(cost('variables.x.filter(c, c == 1)', []), FILTER_OF_NOTHING)
    for (const x of [[], [1], Array.from({ length: 1_000 }, () => 1)])
      assert.equal(cost('size(variables.x) == 0', x), EMPTINESS_COST)
  })

function policyOf(name: string, filter: string): KubeObject {
  const made = toObject(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }],
        },
        variables: [
          { name: 'all', expression: 'object.?spec.?all.orValue([]).filter(x, x != 0)' },
          { name: 'offenders', expression: `variables.all.filter(x, ${filter})` },
        ],
        validations: [{ expression: 'size(variables.offenders) == 0', message: name }],
      },
    },
    { source: 0, start: 0, end: 0, inner: [] },
    { namespace: '', clusterScoped: new Set() },
  )
  assert.ok(typeof made !== 'string')
  return made
}

const setOf = (...policies: readonly KubeObject[]): PolicySet =>
  compileSet(policies.map(definitionOf), { minor: 36, mode: 'stored' })

/** What each policy says of each object in turn. */
function said(set: PolicySet, objects: readonly Json[]): readonly string[] {
  const run = new Run(set.slots)
  return objects.flatMap((object) => {
    run.begin({ object, oldObject: null, namespaceObject: null, request: null })
    return set.policies.map((policy) => JSON.stringify(validate(policy, run)))
  })
}

test('policies that filter one list say together what each says alone', () => {
  const policies = [
    policyOf('large', 'x > 10'),
    policyOf('odd', 'x % 2 == 1'),
    // Fails, wherever there is an item.
    policyOf('broken', 'x.none == 1'),
    policyOf('equal', 'x == 7'),
  ]
  const objects = [
    { spec: { all: [] } },
    { spec: { all: [0, 0] } },
    { spec: { all: [7] } },
    {},
    { spec: { all: [12] } },
    { spec: { all: 'text' } },
    { spec: { all: [0] } },
  ]
  const together = said(setOf(...policies), objects)
  const alone = policies.map((policy) => said(setOf(policy), objects))
  assert.deepEqual(
    together,
    objects.flatMap((_, object) => alone.map((of) => of[object])),
  )
  assert.equal(new Set(together).size, 6)
})

test('passes that are only counted are those that are told', () => {
  const policies = [policyOf('large', 'x > 10'), policyOf('odd', 'x % 2 == 1'), policyOf('never', 'x.none == 1')]
  const set = setOf(...policies)
  const evaluator = (): Evaluator => {
    const uses = policies.map((object, index) => {
      const policy = set.policies[index]
      assert.ok(policy)
      return { check: checkOf(object), policy, bindings: 'everything' as const }
    })
    return new Evaluator(set, uses, { find: () => [], brought: () => [], isComplete: () => true })
  }
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, 36)
  const requests = [[2], [7], [12], [13, 1], [4, 6]].flatMap((all) =>
    objectsOf(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { all } }))
      .concat(
        objectsOf(JSON.stringify({ apiVersion: 'a.example/v1', kind: 'A', metadata: { name: 'a' }, spec: { all } })),
      )
      .map(request),
  )
  const telling = evaluator()
  const told = requests.flatMap((each) => telling.judge(each).passed.map(({ id }) => id))
  const counting = evaluator()
  for (const each of requests) assert.deepEqual(counting.judge(each, false).passed, [])
  const counted = [...counting.passes()].map(([{ id }, count]) => [id, count])
  const wanted = [...Map.groupBy(told, (id) => id)].map(([id, same]) => [id, same.length])
  assert.deepEqual(counted.sort(), wanted.sort())
  assert.deepEqual(wanted, [
    ['large', 8],
    ['never', 5],
    ['odd', 8],
  ])
})
