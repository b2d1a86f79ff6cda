// Policies and bindings that no API server takes, made of some that it does.
import { at, isObject, type Json, type JsonObject, list, object, type Path, type Step } from '../../src/cluster/json.ts'
import { bindingOf, policyName } from './binding.ts'

export type Broken = { readonly what: string; readonly body: JsonObject }

type Break = readonly [what: string, path: Path, value: Json | ((value: Json | undefined) => Json | undefined)]

const LONG = 'x'.repeat(300)
const RULE: Path = ['spec', 'matchConstraints', 'resourceRules', 0]
const SELECTOR: Path = ['spec', 'matchConstraints', 'objectSelector']
const gone = (): undefined => undefined

const OF_BOTH: readonly Break[] = [
  ['no match constraints', ['spec', 'matchConstraints'], gone],
  ['no rules', ['spec', 'matchConstraints', 'resourceRules'], []],
  ['another failure policy', ['spec', 'failurePolicy'], 'Maybe'],
  ['another match policy', ['spec', 'matchConstraints', 'matchPolicy'], 'Loose'],
  ['no operations', [...RULE, 'operations'], []],
  ['any operation and one', [...RULE, 'operations'], ['*', 'CREATE']],
  ['another operation', [...RULE, 'operations'], ['PATCH']],
  ['no groups', [...RULE, 'apiGroups'], gone],
  ['any group and one', [...RULE, 'apiGroups'], ['apps', '*']],
  ['no versions', [...RULE, 'apiVersions'], []],
  ['an empty version', [...RULE, 'apiVersions'], ['v1', '']],
  ['any version and one', [...RULE, 'apiVersions'], ['*', 'v1']],
  ['no resources', [...RULE, 'resources'], []],
  ['an empty resource', [...RULE, 'resources'], ['']],
  ['any resource and one', [...RULE, 'resources'], ['*', 'pods']],
  ['everything and more', [...RULE, 'resources'], ['*/*', 'pods']],
  ['any subresource and one', [...RULE, 'resources'], ['pods/*', 'pods/exec']],
  ['a subresource of anything and one', [...RULE, 'resources'], ['*/scale', 'deployments/scale']],
  ['another scope', [...RULE, 'scope'], 'Everywhere'],
  ['a name twice', [...RULE, 'resourceNames'], ['a', 'a']],
  ['a name with a slash', [...RULE, 'resourceNames'], ['a/b', '..', 'c%d']],
  ['an excluded rule of nothing', ['spec', 'matchConstraints', 'excludeResourceRules'], [{ operations: ['CREATE'] }]],
  ['a label that is none', SELECTOR, { matchLabels: { 'a b': 'c' } }],
  ['a value that is none', SELECTOR, { matchLabels: { a: '-c-' } }],
  ['another operator', SELECTOR, { matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] }],
  ['in nothing', SELECTOR, { matchExpressions: [{ key: 'a', operator: 'In' }] }],
  ['exists with values', SELECTOR, { matchExpressions: [{ key: 'a/b/c', operator: 'Exists', values: ['b'] }] }],
  ['a long value', SELECTOR, { matchExpressions: [{ key: '/a', operator: 'NotIn', values: [LONG, 'ok'] }] }],
  ['a name of capitals', ['metadata', 'name'], 'Has-Capitals'],
  ['a long name', ['metadata', 'name'], LONG],
  ['no name', ['metadata', 'name'], gone],
  ['a label of metadata', ['metadata', 'labels'], { ü: 'ok' }],
  ['an annotation of metadata', ['metadata', 'annotations'], { '-a': 'ok' }],
  ['params of no version', ['spec', 'paramKind'], { kind: 'ConfigMap' }],
  ['params of no kind', ['spec', 'paramKind'], { apiVersion: 'v1' }],
  ['params of three parts', ['spec', 'paramKind'], { apiVersion: 'a/b/c', kind: 'ConfigMap' }],
  ['params of an empty version', ['spec', 'paramKind'], { apiVersion: 'a/', kind: 'Config Map' }],
  ['params of capitals', ['spec', 'paramKind'], { apiVersion: 'A.example/V1', kind: '9Kind' }],
  ['a condition without a name', ['spec', 'matchConditions'], [{ expression: 'true' }]],
  ['a condition without expression', ['spec', 'matchConditions'], [{ name: 'a', expression: ' ' }]],
  ['two conditions of one name', ['spec', 'matchConditions'], [0, 1].map(() => ({ name: 'a', expression: 'true' }))],
  ['a condition of another type', ['spec', 'matchConditions'], [{ name: 'a b', expression: ' object.metadata.name ' }]],
  ['a condition with variables', ['spec', 'matchConditions'], [{ name: 'a', expression: 'variables.x == 1' }]],
  [
    'too many conditions',
    ['spec', 'matchConditions'],
    Array.from({ length: 65 }, (_, i) => ({ name: `c${i}`, expression: 'true' })),
  ],
  ['a variable without a name', ['spec', 'variables'], [{ name: '', expression: '1' }]],
  ['a variable of a reserved name', ['spec', 'variables'], [{ name: 'namespace', expression: '1' }]],
  ['a variable without expression', ['spec', 'variables'], [{ name: 'a', expression: '' }]],
  ['a variable that is not there', ['spec', 'variables'], [{ name: 'a', expression: 'variables.b' }]],
  ['a variable of itself', ['spec', 'variables'], [{ name: 'a', expression: 'variables.a + 1' }]],
  ['rules that are a text', ['spec', 'matchConstraints', 'resourceRules'], 'pods'],
  ['a field that is not', ['spec', 'validation'], []],
]

const first = (expression: string): readonly [path: Path, value: Json] => [
  ['spec', 'validations', 0, 'expression'],
  expression,
]

const EXPRESSIONS: readonly string[] = [
  '',
  'object.',
  '1 + 1',
  'object.spec.hostNetwork',
  'nothing == 1',
  'params.data.a == "b"',
  '"a" == 1',
  'object.spec.containers.all(c, 1)',
  'has(object)',
  'size(1) == 1',
  '[1, "a"].size() == 2',
  'object.metadata.name.matches("[")',
  'request.uid == "a"',
  'request.userInfo.name == "a"',
  'namespaceObject.metadata.managedFields.size() == 0',
  'duration("1 hour") < duration("2h")',
  'object.metadata.name.\nstartsWith(1)',
  'object.metadata.name == "Ünïcode" && nö',
  'true ? 1 : "a"',
  '{"a": 1, "b": "c"}.size() == 2',
  'variables.unheard == 1',
  `${'('.repeat(300)}true${')'.repeat(300)}`,
  'authorizer.group(1).check("get")',
  'quantity("1") > 2',
  "'unfinished",
  'object.spec.containers.exists(1, true)',
  'Object{spec: Object.spec{}} == object',
  'optional.of(1).orValue("a") == 1',
]

const OF_VALIDATING: readonly Break[] = [
  ['no validations', ['spec', 'validations'], []],
  ...EXPRESSIONS.map((each): Break => [`expression ${each.slice(0, 40)}`, ...first(each)]),
  ['a blank message', ['spec', 'validations', 0, 'message'], '  '],
  ['a message of two lines', ['spec', 'validations', 0, 'message'], 'a\nb'],
  ['a blank messageExpression', ['spec', 'validations', 0, 'messageExpression'], ' '],
  ['a messageExpression of another type', ['spec', 'validations', 0, 'messageExpression'], 'object.metadata.name'],
  [
    'a messageExpression that asks',
    ['spec', 'validations', 0, 'messageExpression'],
    'authorizer.path("/").check("get").reason()',
  ],
  ['another reason', ['spec', 'validations', 0, 'reason'], 'Unauthorized'],
  ['an annotation without value', ['spec', 'auditAnnotations'], [{ key: 'a', valueExpression: '' }]],
  ['an annotation of another type', ['spec', 'auditAnnotations'], [{ key: 'a', valueExpression: ' 1 ' }]],
  [
    'two annotations of one key',
    ['spec', 'auditAnnotations'],
    [0, 1].map(() => ({ key: 'a', valueExpression: "'b'" })),
  ],
  ['an annotation of a key that is none', ['spec', 'auditAnnotations'], [{ key: 'a/b', valueExpression: "'b'" }]],
  ['a long annotation', ['spec', 'auditAnnotations'], [{ key: 'a', valueExpression: `'${'x'.repeat(6000)}'` }]],
  [
    'too many annotations',
    ['spec', 'auditAnnotations'],
    Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, valueExpression: "'<b>'" })),
  ],
]

const OF_MUTATING: readonly Break[] = [
  ['no mutations', ['spec', 'mutations'], []],
  ['another patch', ['spec', 'mutations', 0, 'patchType'], 'Merge'],
  ['no patch type', ['spec', 'mutations', 0, 'patchType'], gone],
  ['a patch of the other type', ['spec', 'mutations', 0, 'patchType'], 'ApplyConfiguration'],
  ['both patches', ['spec', 'mutations', 0, 'applyConfiguration'], { expression: 'Object{}' }],
  ['an empty patch', ['spec', 'mutations', 0, 'jsonPatch'], { expression: ' ' }],
  ['a patch of another type', ['spec', 'mutations', 0, 'jsonPatch'], { expression: '[1]' }],
  [
    'a patch with another field',
    ['spec', 'mutations', 0, 'jsonPatch'],
    { expression: '[JSONPatch{op: "add", to: "/a"}]' },
  ],
  ['another reinvocation', ['spec', 'reinvocationPolicy'], 'Always'],
  ['a deletion', [...RULE, 'operations'], ['DELETE']],
]

const OF_BINDING: readonly Break[] = [
  ['no policy', ['spec', 'policyName'], gone],
  ['a policy of capitals', ['spec', 'policyName'], 'A_b'],
  ['a param without name', ['spec', 'paramRef'], { parameterNotFoundAction: 'Deny' }],
  ['a param by both', ['spec', 'paramRef'], { name: 'a', selector: {}, parameterNotFoundAction: 'Allow' }],
  ['no answer to no param', ['spec', 'paramRef'], { name: 'a' }],
  ['another answer to no param', ['spec', 'paramRef'], { name: 'a/b', parameterNotFoundAction: 'Shrug' }],
  ['another selector', ['spec', 'matchResources'], { objectSelector: { matchLabels: { a: 'b c' } } }],
  ['another rule', ['spec', 'matchResources'], { resourceRules: [{ operations: ['*'], apiGroups: ['*'] }] }],
]

const OF_VALIDATING_BINDING: readonly Break[] = [
  ['no action', ['spec', 'validationActions'], []],
  ['another action', ['spec', 'validationActions'], ['Shout']],
  ['an action twice', ['spec', 'validationActions'], ['Audit', 'Audit']],
  ['deny and warn', ['spec', 'validationActions'], ['Deny', 'Warn']],
]

/** Every way to break a policy, applied to each of those given: those that stay what they are are left out. */
export function brokenOf(policies: readonly JsonObject[]): Broken[] {
  return policies.flatMap((policy) => {
    const isValidating = policy.kind === 'ValidatingAdmissionPolicy'
    const binding = bindingOf(policy)
    return [
      ...applied(policy, [...OF_BOTH, ...(isValidating ? OF_VALIDATING : OF_MUTATING)]),
      ...applied(binding, [...OF_BINDING, ...(isValidating ? OF_VALIDATING_BINDING : [])]),
    ]
  })
}

function applied(body: JsonObject, breaks: readonly Break[]): Broken[] {
  return breaks.flatMap(([what, path, value]) => {
    const changed = put(body, path, typeof value === 'function' ? value(at(body, ...path)) : value)
    return JSON.stringify(changed) === JSON.stringify(body)
      ? []
      : [{ what: `${String(body.kind)} ${policyName(body)}: ${what}`, body: changed as JsonObject }]
  })
}

function put(value: Json | undefined, [step, ...rest]: readonly Step[], made: Json | undefined): Json | undefined {
  if (step === undefined) return made
  if (typeof step === 'number') return list(value).with(step, put(list(value)[step], rest, made) as Json)
  const item = put(isObject(value) ? value[step] : undefined, rest, made)
  const { [step]: _, ...others } = object(value)
  return item === undefined ? others : { ...others, [step]: item }
}
