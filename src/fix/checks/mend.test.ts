import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, type JsonObject } from '../../cluster/json.ts'
import { type KubeObject, toObject } from '../../cluster/object.ts'
import { parseYaml } from '../../cluster/yaml.ts'
import { definitionOf } from '../../engines/policy/admission/definition.ts'
import { Evaluator } from '../../engines/policy/admission/evaluate.ts'
import { compileSet } from '../../engines/policy/admission/policy.ts'
import { creations } from '../../engines/policy/admission/request.ts'
import { checkOf } from '../../engines/policy/check.ts'
import { mutationOf } from '../../engines/policy/mutating/definition.ts'
import { Mutator } from '../../engines/policy/mutating/mutate.ts'
import { compileMutations } from '../../engines/policy/mutating/policy.ts'
import { type Mending, mend, type Workshop } from './mend.ts'

const MINOR = 36
const LANGUAGE = { minor: MINOR, mode: 'stored' } as const
const NO_PARAMS = { find: () => [], brought: () => [], isComplete: () => true }

const objectOf = (body: JsonObject): KubeObject => {
  const made = toObject(body, { source: 0, start: 0, end: 0, inner: [] }, { namespace: '', clusterScoped: new Set() })
  if (typeof made === 'string') throw new Error(made)
  return made
}

const policyOf = (kind: string, name: string, spec: JsonObject): KubeObject =>
  objectOf({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    spec: {
      ...spec,
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
      },
    },
  })

/** Checks by name: what must hold, and the expression of the fix. */
function workshop(checks: Readonly<Record<string, { readonly holds: string; readonly fix?: string }>>): Workshop {
  const all = Object.entries(checks)
  const policies = all.map(([name, { holds }]) =>
    policyOf('ValidatingAdmissionPolicy', name, { validations: [{ expression: holds, message: `${name} fails` }] }),
  )
  const set = compileSet(policies.map(definitionOf), LANGUAGE)
  const uses = set.policies.map((policy, index) => ({
    check: checkOf(policies[index] as KubeObject),
    policy,
    bindings: 'everything' as const,
  }))
  const evaluator = new Evaluator(set, uses, NO_PARAMS)
  const fixes = all.map(([name, { fix = '[]' }]) =>
    policyOf('MutatingAdmissionPolicy', name, {
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: fix } }],
    }),
  )
  const mutations = compileMutations(fixes.map(mutationOf), LANGUAGE)
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, MINOR)
  return {
    minor: MINOR,
    request,
    judge: (object) => evaluator.judge(request(object)).verdicts,
    fixOf: (id) => {
      const policy = mutations.policies.find(({ definition }) => definition.name === id)
      return policy && checks[id]?.fix !== undefined
        ? new Mutator(mutations, [{ policy, bindings: 'everything' }], MINOR, NO_PARAMS)
        : undefined
    },
  }
}

function mended(data: JsonObject, shop: Workshop, spared: ReadonlyMap<string, string> = new Map()): Mending {
  return mend(
    objectOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'n' }, data }),
    spared,
    shop,
  )
}

const set = (key: string, value: string): string => `[JSONPatch{op: 'add', path: '/data/${key}', value: '${value}'}]`
const left = ({ left: all }: Mending): readonly string[] => all.map(({ check, why }) => `${check.id}: ${why}`)
const done = ({ done: all }: Mending): readonly string[] => all.map(({ check }) => check.id)

describe('mending an object', () => {
  test('one check after another, each seeing what the ones before did', () => {
    const shop = workshop({
      a: { holds: "object.data.a == 'x'", fix: set('a', 'x') },
      b: {
        holds: "object.data.?b.orValue('') == object.data.a",
        fix: "[JSONPatch{op: 'copy', from: '/data/a', path: '/data/b'}]",
      },
    })
    const made = mended({ a: '0', b: '1' }, shop)
    assert.deepEqual([done(made), left(made), made.body.data], [['a', 'b'], [], { a: 'x', b: 'x' }])
  })

  test('what passes is not touched', () => {
    const shop = workshop({ a: { holds: "object.data.a == 'x'", fix: set('a', 'y') } })
    const made = mended({ a: 'x' }, shop)
    assert.deepEqual([made.done, made.left, at(made.body, 'data', 'a')], [[], [], 'x'])
  })

  test('a fix that does not make its check pass is not kept', () => {
    const made = mended({ a: '0' }, workshop({ a: { holds: "object.data.a == 'x'", fix: set('a', 'y') } }))
    assert.deepEqual(
      [done(made), left(made), made.body.data],
      [[], ['a: its fix does not mend it: a fails'], { a: '0' }],
    )
  })

  test('a fix is tried again when another has changed what it needs', () => {
    const shop = workshop({
      a: {
        holds: 'object.data.a == object.data.b',
        fix: "object.data.b == 'ready' ? [JSONPatch{op: 'copy', from: '/data/b', path: '/data/a'}] : [JSONPatch{op: 'add', path: '/data/a', value: 'no'}]",
      },
      b: { holds: "object.data.b == 'ready'", fix: set('b', 'ready') },
    })
    const made = mended({ a: '0', b: '1' }, shop)
    assert.deepEqual([done(made), left(made), made.body.data], [['b', 'a'], [], { a: 'ready', b: 'ready' }])
  })

  test('fixes that undo each other come to an end, and are told', () => {
    const shop = workshop({
      a: { holds: "object.data.v == 'a'", fix: set('v', 'a') },
      b: { holds: "object.data.v == 'b'", fix: set('v', 'b') },
    })
    const made = mended({ v: '0' }, shop)
    assert.ok(made.done.length <= 3)
    assert.equal(left(made).length, 1)
    assert.match(left(made)[0] as string, /its fix and those of others undo each other: [ab]$/)
  })

  test('a fix that goes on for ever is stopped', () => {
    const shop = workshop({
      a: {
        holds: "object.data.v.startsWith('a')",
        fix: "[JSONPatch{op: 'add', path: '/data/v', value: 'a' + object.data.v}]",
      },
      b: {
        holds: "object.data.v.startsWith('b')",
        fix: "[JSONPatch{op: 'add', path: '/data/v', value: 'b' + object.data.v}]",
      },
    })
    const made = mended({ v: '' }, shop)
    assert.ok(made.done.length <= 6)
    assert.equal(made.left.length, 1)
  })

  test('says why it leaves a check', () => {
    const shop = workshop({
      a: { holds: "object.data.a == 'x'" },
      b: { holds: "object.data.a == 'x'", fix: "[JSONPatch{op: 'remove', path: '/data/nope'}]" },
      c: { holds: "object.data.a == 'x'", fix: "object.data.a == 'y' ? [JSONPatch{op: 'remove', path: '/data'}] : []" },
      d: {
        holds: "object.data.a == 'x'",
        fix: "[JSONPatch{op: 'add', path: '/data/a', value: request.userInfo.username}]",
      },
    })
    assert.deepEqual(left(mended({ a: '0' }, shop)), [
      'a: no fix is known',
      'b: its fix fails: policy "b" denied request: JSON Patch: error in remove for path: \'/data/nope\': Unable to remove nonexistent key: nope: missing value',
      'c: its fix has nothing to change here',
      'd: its fix needs request.userInfo, which the input does not tell',
    ])
  })

  test('more changes than anybody would read are not made', () => {
    const shop = workshop({
      a: {
        holds: 'object.data.size() == 0',
        fix: "object.data.map(k, JSONPatch{op: 'remove', path: '/data/' + k})",
      },
    })
    const data = (count: number): JsonObject =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'x']))
    assert.deepEqual(left(mended(data(501), shop)), ['a: its fix makes more than 500 changes'])
    assert.deepEqual(
      done(
        mended(
          { ...data(499), last: 'x' },
          workshop({
            a: {
              holds: '!has(object.data) || !has(object.data.last)',
              fix: "object.data.map(k, JSONPatch{op: 'remove', path: '/data/' + k})",
            },
          }),
        ),
      ),
      ['a'],
    )
  })

  test('leaves alone what is spared', () => {
    const shop = workshop({ a: { holds: "object.data.a == 'x'", fix: set('a', 'x') } })
    const made = mended({ a: '0' }, shop, new Map([['a', 'excepted']]))
    assert.deepEqual([made.done, made.left, made.body.data], [[], [], { a: '0' }])
  })

  test('hostile keys are keys', () => {
    const data = (parseYaml('{__proto__: a, constructor: b}') as { value: JsonObject }).value
    const shop = workshop({
      a: { holds: "!('__proto__' in object.data)", fix: "[JSONPatch{op: 'remove', path: '/data/__proto__'}]" },
    })
    const made = mended(data, shop)
    assert.deepEqual([done(made), JSON.stringify(made.body.data)], [['a'], '{"constructor":"b"}'])
  })
})
