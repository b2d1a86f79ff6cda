import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import { type KubeObject, toObject } from '../../../cluster/object.ts'
import { checkOf } from '../check.ts'
import { bindingOf, definitionOf } from './definition.ts'
import { Evaluator } from './evaluate.ts'
import { compileSet } from './policy.ts'
import { creations } from './request.ts'

const MILLION = 'a'.repeat(1_000_000)
const COST = 'operation cancelled: actual cost limit exceeded'
const WORK = 'needs the result: more work than an evaluation may take, which the input does not tell'
const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']

function made(body: JsonObject): KubeObject {
  const object = toObject(
    body,
    { source: 0, start: 0, end: 0, inner: [] },
    { namespace: 'default', clusterScoped: new Set() },
  )
  assert.ok(typeof object !== 'string')
  return object
}

/** JSON text, so that `__proto__` is a key. */
const configMap = (data: string, name = 'web'): KubeObject =>
  made(JSON.parse(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":${data}}`))

const thing = (spec: Json): KubeObject =>
  made({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'web' }, spec })

interface Written {
  readonly validations: readonly (string | Readonly<Record<string, string>>)[]
  readonly variables?: readonly (readonly [name: string, expression: string])[]
  readonly params?: KubeObject
  readonly spec?: JsonObject
}

/** `pass`, or what the policy says of the object; an unknown begins with `needs`. */
function judged(object: KubeObject, { validations, variables = [], params, spec = {} }: Written): string {
  const policy = made({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'hostile' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
      ...(params ? { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } : {}),
      variables: variables.map(([name, expression]) => ({ name, expression })),
      validations: validations.map((each) => (typeof each === 'string' ? { expression: each } : each)),
      ...spec,
    },
  })
  const binding = made({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'hostile' },
    spec: {
      policyName: 'hostile',
      validationActions: ['Deny'],
      ...(params ? { paramRef: { name: params.name, namespace: 'default', parameterNotFoundAction: 'Deny' } } : {}),
    },
  })
  const set = compileSet([definitionOf(policy)], { minor: 36, mode: 'stored' })
  const [compiled] = set.policies
  assert.ok(compiled)
  const given = params ? [params] : []
  const evaluator = new Evaluator(set, [{ check: checkOf(policy), policy: compiled, bindings: [bindingOf(binding)] }], {
    find: () => given,
    brought: () => given,
    isComplete: () => true,
  })
  const request = creations(buildCluster({ objects: [object] }), 36)(object)
  const { verdicts, passed } = evaluator.judge(request)
  assert.equal(verdicts.length + passed.length, 1)
  return verdicts[0]?.message ?? 'pass'
}

/** v0, and each of the next 99 variables from the one before it. */
const doubling = (
  start: string,
  next: (before: string) => string,
): readonly (readonly [name: string, expression: string])[] => [
  ['v0', start],
  ...Array.from({ length: 99 }, (_, i) => [`v${i + 1}`, next(`variables.v${i}`)] as const),
]

/** `range.all(a, range.all(b, ... inner))`, six deep. */
const nested = (macro: string, range: string, inner: string, end = ''): string =>
  [...'fedcba'].reduce((text, name) => `${range}.${macro}(${name}, ${text})${end}`, inner)

describe('values that double in a hundred variables', () => {
  const web = configMap('{"a":"b"}')
  const ends = (name: string, variables: Written['variables'], expression: string, expected: RegExp): void => {
    test(name, () => {
      assert.match(judged(web, { variables: variables ?? [], validations: [expression] }), expected)
    })
  }
  ends(
    'texts',
    doubling("'ab'", (v) => `${v} + ${v}`),
    'variables.v99.size() == 0',
    new RegExp(`${COST}$`),
  )
  ends(
    'lists',
    doubling('[1]', (v) => `${v} + ${v}`),
    'variables.v99.size() == 0',
    new RegExp(`^${WORK}$`),
  )
  const lists = doubling('[dyn(1)]', (v) => `[${v}, ${v}]`)
  const others = lists.map(
    ([name, text]) => [name.replace('v', 'w'), text.replaceAll('variables.v', 'variables.w')] as const,
  )
  ends('lists of lists', lists, 'variables.v99.size() == 2', /^pass$/)
  ends('lists of lists that are compared', [...lists, ...others], 'variables.v99 == variables.w99', new RegExp(WORK))
  ends('lists of lists that are written out', lists, "'%s'.format([variables.v99]) == ''", new RegExp(WORK))
  ends(
    'conditions',
    doubling('1', (v) => `${v} == ${v} ? 1 : 2`),
    'variables.v99 == 1',
    /^pass$/,
  )
  ends(
    'a chain of optionals',
    doubling('optional.of(1)', (v) => `optional.of(${v})`),
    'variables.v99.hasValue()',
    /^pass$/,
  )
})

describe('loops six deep over a thousand elements', () => {
  const long = thing({ list: Array.from({ length: 1000 }, (_, i) => i) })
  const list = 'object.spec.list'
  for (const expression of [
    nested('all', list, 'a + b + c + d + e + f >= 0'),
    nested('all', 'lists.range(1000)', 'true'),
    `${nested('map', list, 'f')}.size() == 1`,
    `${nested('transformMap', list, 'v').replaceAll(/transformMap\((\w),/g, 'transformMap($1, v,')}.size() == 1`,
    `${list}.sortBy(a, ${list}.sortBy(b, -b)[a]).size() == 1`,
  ])
    test(expression.slice(0, 60), () =>
      assert.match(judged(long, { validations: [expression] }), new RegExp(`${COST}$`)),
    )
  test('that cost nothing', () => {
    assert.equal(judged(long, { validations: [nested('filter', list, 'false', '.size() == 1000')] }), WORK)
  })
})

describe('patterns from params over a million characters', () => {
  const big = configMap(JSON.stringify({ big: MILLION }))
  const ask = (expression: string, pattern: string): string =>
    judged(big, { validations: [expression], params: configMap(JSON.stringify({ pattern }), 'params') })
  for (const pattern of ['(a+)+$', '(a|a)*$', '(a*)*$', '(x+x+)?a'])
    test(`${pattern} matches`, () => assert.equal(ask('object.data.big.matches(params.data.pattern)', pattern), 'pass'))
  for (const pattern of ['(a+)+b', '^(a|aa)+$b', '(.*)(.*)(.*)(.*)b'])
    test(`${pattern} does not`, () =>
      assert.equal(ask('!object.data.big.matches(params.data.pattern)', pattern), 'pass'))
  for (const pattern of ['((a{0,100}){0,100}){0,100}', 'a{1001}', '(?=a)', '(a)\\1', '('.repeat(900), '*'])
    test(`${pattern.slice(0, 30)} is none`, () => {
      assert.match(ask("'a'.matches(params.data.pattern)", pattern), /resulted in error: error parsing regexp/)
    })
  test('found everywhere, or replaced by a long text', () => {
    assert.notEqual(ask('object.data.big.findAll(params.data.pattern).size() == 1', 'a'), 'pass')
    assert.notEqual(ask("object.data.big.replace(params.data.pattern, object.data.big) == 'a'", 'a'), 'pass')
  })
})

describe('long texts', () => {
  const spaces = `x${' '.repeat(1_000_000)}x`
  const web = configMap(JSON.stringify({ spaces }))
  test('messages of spaces are trimmed in one go', () => {
    const messageExpression = 'string(object.data.spaces)'
    assert.equal(judged(web, { validations: [{ expression: 'false', messageExpression }] }), 'failed expression: false')
    const told = judged(web, { validations: [{ expression: 'false', message: ` ${spaces} ` }] })
    assert.ok(told.startsWith(spaces.slice(0, 6_000)) && told.length < 6_100)
    const auditAnnotations = [{ key: 'k', valueExpression: messageExpression }]
    assert.equal(judged(web, { validations: ['true'], spec: { auditAnnotations } }), 'pass')
  })
  test('an error that quotes a million characters is cut', () => {
    const big = configMap(JSON.stringify({ big: MILLION }))
    const told = judged(big, { validations: ['ip(object.data.big) == ip("10.0.0.1")'] })
    assert.match(told, /^expression 'ip\(object/)
    assert.ok(told.length < 6_100 && told.endsWith('characters)'), `${told.length}`)
  })
  test('what reads a million characters over and over spends the budget', () => {
    const big = configMap(JSON.stringify({ big: MILLION }))
    const validations = Array.from({ length: 60 }, (_, i) => `object.data.big.replace('b', 'c').size() > ${i}`)
    assert.equal(
      judged(big, { validations }),
      'validation failed due to running out of cost budget, no further validation rules will be run',
    )
  })
})

describe('what the input does not tell', () => {
  const secret = made({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'web' },
    data: { password: 'cGFzc3dvcmQ=' },
  })
  test('values of Secrets are unknown, their keys are not', () => {
    const values = "object.data.all(k, object.data[k] != 'cGFzc3dvcmQ=')"
    assert.match(judged(secret, { validations: [values] }), /^needs the values of Secrets/)
    assert.equal(judged(secret, { validations: ["'password' in object.data && size(object.data) == 1"] }), 'pass')
  })
  test('the name that a generateName becomes is unknown', () => {
    const job = made({ apiVersion: 'batch/v1', kind: 'Job', metadata: { generateName: 'run-' }, spec: {} })
    assert.match(judged(job, { validations: ["object.metadata.name == 'run-x'"] }), /^needs the name/)
    assert.equal(judged(job, { validations: ["object.metadata.generateName == 'run-'"] }), 'pass')
  })
  test('more variables than are evaluated', () => {
    const variables = Array.from({ length: 501 }, (_, i) => [`v${i}`, '1'] as const)
    assert.match(
      judged(configMap('{}'), { validations: ['variables.v500 == 1'], variables }),
      /more than 500 variables/,
    )
  })
})

describe('deep and long', () => {
  test('an object of 10,000 levels', () => {
    let deep: Json = 1
    for (let i = 0; i < 10_000; i++) deep = { a: deep }
    const object = thing(deep)
    assert.equal(
      judged(object, { validations: [`has(object.spec${'.a'.repeat(200)})`, 'object != oldObject'] }),
      'pass',
    )
    assert.match(
      judged(object, { validations: ['object == object'] }),
      /^needs whether values are equal that nest too deeply/,
    )
    assert.match(judged(object, { validations: ["'%s'.format([object]) == ''"] }), /values nest too deeply$/)
    assert.match(
      judged(object, { validations: [`object${'.a'.repeat(2000)} == 1`] }),
      /^compilation error: .*recursion depth/,
    )
  })
  test('10,000 validations', () => {
    const validations = Array.from({ length: 10_000 }, (_, i) => `object.metadata.name != 'x${i}'`)
    const web = configMap('{}')
    assert.equal(judged(web, { validations }), 'pass')
    assert.equal(
      judged(web, { validations: [...validations, "object.metadata.name != 'web'"] }),
      "failed expression: object.metadata.name != 'web'",
    )
  })
  test('a variable that is not yet there', () => {
    const variables = [
      ['a', 'variables.a'],
      ['b', 'variables.c'],
      ['c', '1'],
    ] as const
    const said = judged(configMap('{}'), {
      variables,
      validations: ['variables.a == 1', 'variables.b == 1', 'variables.c == 1'],
    })
    assert.match(said, /"a" fails to compile: .*undefined field 'a'/)
    assert.match(said, /"b" fails to compile: .*undefined field 'c'/)
    assert.doesNotMatch(said, /"c" fails/)
  })
})

describe('keys that JavaScript objects inherit', () => {
  const full = configMap(`{${KEYS.map((key) => `"${key}":"1"`).join()}}`)
  const empty = configMap('{"x":"1"}')
  const params = configMap(`{${KEYS.map((key) => `"${key}":"1"`).join()}}`, 'params')
  for (const key of KEYS)
    test(key, () => {
      const there = [
        `has(object.data.${key})`,
        `'${key}' in object.data`,
        `object.data['${key}'] == '1'`,
        `object.data.?${key}.orValue('2') == '1'`,
        `object.data[?'${key}'].hasValue()`,
        `object.data.exists(k, k == '${key}')`,
        `object.data.transformMap(k, v, v).?${key}.hasValue()`,
      ]
      const always = [
        `params.data['${key}'] == '1' && has(params.data.${key})`,
        `{'${key}': 1}['${key}'] == 1 && {'${key}': 1} != {'x': 1}`,
        `!('${key}' in {'x': 1}) && !has({'x': 1}.${key})`,
        `!has(object.${key}) && !('${key}' in object.metadata)`,
        `{'x': 1}.?${key} == optional.none()`,
      ]
      assert.equal(judged(full, { validations: [...there, ...always], params }), 'pass')
      const absent = there.filter((each) => !each.includes("data['"))
      assert.equal(judged(empty, { validations: [...absent.map((each) => `!(${each})`), ...always], params }), 'pass')
      assert.match(judged(empty, { validations: [`object.data['${key}'] == '1'`] }), new RegExp(`no such key: ${key}$`))
      assert.match(judged(empty, { validations: [`variables.${key} == 1`] }), new RegExp(`undefined field '${key}'`))
    })
})
