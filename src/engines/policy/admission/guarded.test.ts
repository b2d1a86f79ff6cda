import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../../cluster/json.ts'
import { type KubeObject, toObject } from '../../../cluster/object.ts'
import { checkOf } from '../check.ts'
import { definitionOf } from './definition.ts'
import { Evaluator } from './evaluate.ts'
import { compileSet } from './policy.ts'
import { creations } from './request.ts'

function objectOf(body: Record<string, Json>): KubeObject {
  const made = toObject(
    body,
    { source: 0, start: 0, end: 0, inner: [] },
    { namespace: 'default', clusterScoped: new Set() },
  )
  assert.ok(typeof made !== 'string')
  return made
}

/** Images are read only of what is called `-x`. */
const TOOLS = `object.spec.tools.filter(t, t.mode == '-x' && t.image.matches('^bad'))`

function policyOf(name: string, variables: readonly (readonly [string, string])[], validation: string): KubeObject {
  return objectOf({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }],
      },
      variables: variables.map(([variable, expression]) => ({ name: variable, expression })),
      validations: [{ expression: validation, message: name }],
    },
  })
}

const POLICIES: readonly KubeObject[] = [
  policyOf(
    'first',
    [
      ['tools', TOOLS],
      ['offenders', `variables.tools.filter(t, t.mode != 'a')`],
    ],
    'size(variables.offenders) == 0',
  ),
  policyOf(
    'second',
    [
      ['tools', TOOLS],
      ['offenders', `variables.tools.filter(t, t.mode != 'b')`],
    ],
    'size(variables.offenders) == 0',
  ),
  policyOf('shared', [['tools', TOOLS]], 'variables.tools.all(t, false)'),
  policyOf('plain', [], `!object.spec.tools.exists(t, t.mode == '-x' && (t.image.matches('^bad') && t.image != ''))`),
  policyOf(
    'chain',
    [],
    `!object.spec.tools.exists(t, t.mode != '' && t.mode == '-x' && t.image != '' && t.image.matches('^bad'))`,
  ),
  policyOf('either', [], `object.spec.tools.all(t, t.mode != '-x' || !t.image.matches('^bad'))`),
  policyOf(
    'inner',
    [
      ['bad', `object.spec.tools.map(t, t.mode == '-x' && t.image.matches('^bad'))`],
      ['any', 'variables.bad.exists(b, b)'],
    ],
    '!variables.any',
  ),
]

function evaluator(budget: number): Evaluator {
  const set = compileSet(POLICIES.map(definitionOf), { minor: 36, mode: 'stored' })
  const uses = POLICIES.map((policy, index) => {
    const compiled = set.policies[index]
    assert.ok(compiled)
    return { check: checkOf(policy), policy: compiled, bindings: 'everything' as const }
  })
  const params = { find: () => [], brought: () => [], isComplete: () => true }
  return new Evaluator(set, uses, params, budget)
}

test('what lies behind a guard counts where the guard is passed', () => {
  const remembering = evaluator(Number.POSITIVE_INFINITY)
  const evaluating = evaluator(Number.MAX_VALUE)
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, 36)
  const failures = new Map<string, number>()
  for (let index = 0; index < 600; index++) {
    const image = index % 7 === 0 ? `bad-${index}` : `good-${index}`
    const tools = [
      { mode: index % 3 === 0 ? '-x' : 'run', image },
      ...(index % 5 === 0 ? [{ mode: 'run', image }] : []),
    ]
    const made = request(
      objectOf({ apiVersion: 'example.net/v1', kind: 'Tool', metadata: { name: `t-${index}` }, spec: { tools } }),
    )
    const said = (judge: Evaluator) => judge.judge(made).verdicts.map(({ check, message }) => [check.id, message])
    const failed = said(remembering)
    assert.deepEqual(failed, said(evaluating), `object ${index}`)
    for (const [id = ''] of failed) failures.set(id, (failures.get(id) ?? 0) + 1)
  }
  const each = Math.ceil(600 / 21)
  assert.deepEqual(
    [...failures],
    POLICIES.map(({ name }) => [name, each]),
  )
})
