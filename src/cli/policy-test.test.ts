import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bulkhead, testFolder } from './cli.testing.ts'

const folder = testFolder()

const RULES = `  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
`
const policy = (expression: string, name = 'no-root'): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
${RULES}  validations:
    - expression: ${JSON.stringify(expression)}
      message: root
`
const fix = (expression: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: no-root}
spec:
  failurePolicy: Fail
  reinvocationPolicy: IfNeeded
${RULES}  mutations:
    - patchType: JSONPatch
      jsonPatch: {expression: ${JSON.stringify(expression)}}
`
const map = (name: string, user: string, annotations = ''): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}${annotations}}
data: {user: ${user}}
`
const HOLDS = "object.data.user != 'root'"
const MENDS = "object.data.user == 'root' ? [JSONPatch{op: 'replace', path: '/data/user', value: 'app'}] : []"

interface Files {
  readonly policy?: string
  readonly good?: string
  readonly bad?: string
  readonly fix?: string
}

function example(
  place: string,
  { policy: own = policy(HOLDS), good = map('a', 'app'), bad = map('b', 'root'), fix: mends }: Files = {},
): void {
  folder.write(`${place}/policy.yaml`, own)
  folder.write(`${place}/good.yaml`, good)
  folder.write(`${place}/bad.yaml`, bad)
  if (mends !== undefined) folder.write(`${place}/fix.yaml`, mends)
}

const run = (place: string, ...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  bulkhead(['policy', 'test', place, ...args], { cwd: folder.path })

const CASES: readonly { readonly name: string; readonly files: Files; readonly says: string }[] = [
  {
    name: 'a good one that fails',
    files: { good: map('a', 'root') },
    says: 'good.yaml ConfigMap/default/a: fail: root',
  },
  {
    name: 'a bad one that passes',
    files: { bad: map('b', 'app') },
    says: 'bad.yaml ConfigMap/default/b: does not fail',
  },
  {
    name: 'a bad one on which the expression breaks',
    files: { bad: map('b', 'root').replace(/^data:.*\n/m, '') },
    says: `bad.yaml ConfigMap/default/b: fail: expression '${HOLDS}' resulted in error: no such key: data`,
  },
  {
    name: 'a fix that mends nothing',
    files: { fix: fix(MENDS.replace("'app'", "'root'")) },
    says: 'fix.yaml of ConfigMap/default/b: its fix has nothing to change here',
  },
  {
    name: 'a fix that mends the wrong thing',
    files: { fix: fix(MENDS.replace('/data/user', '/data/other')) },
    says: 'fix.yaml of ConfigMap/default/b: its fix does not mend it: root',
  },
  {
    name: 'a fix that changes what is good',
    files: { fix: fix("[JSONPatch{op: 'replace', path: '/data/user', value: 'app2'}]") },
    says: 'good.yaml ConfigMap/default/a: passes, and its fix changes it',
  },
  {
    name: 'one that is called unfixable, and is not',
    files: { fix: fix(MENDS), bad: map('b', 'root', ', annotations: {bulkhead.dev/unfixable: never}') },
    says: 'fix.yaml of ConfigMap/default/b: is fixed, though bulkhead.dev/unfixable says that it cannot be',
  },
  {
    name: 'a policy that no API server takes',
    files: { policy: policy('object.data.user != nope') },
    says: 'no-root/policy.yaml:9: ValidatingAdmissionPolicy no-root: spec.validations[0].expression: Invalid value: ',
  },
  {
    name: 'a fix that no API server takes',
    files: { fix: fix('[]') },
    says: 'no-root/fix.yaml:',
  },
  { name: 'examples that are missing', files: { good: '' }, says: 'good.yaml holds no example' },
]

describe('policy test', () => {
  test('runs the examples of every folder below', () => {
    example('all/one', { fix: fix(MENDS) })
    example('all/deep/two', { policy: policy(HOLDS, 'two') })
    const { status, stdout, stderr } = run('all')
    assert.deepEqual([status, stderr], [0, ''])
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/ +/)),
      [
        ['POLICY', 'GOOD', 'BAD', 'FIXED', 'RESULT'],
        ['two', '1/1', '1/1', '-', 'ok'],
        ['no-root', '1/1', '1/1', '1/1', 'ok'],
        [''],
        '2 policies, 5 examples: all as they should be'.split(' '),
      ],
    )
  })

  test('takes a bad example that cannot be fixed as it is annotated', () => {
    const bad = `${map('b', 'root')}---\n${map('c', 'root', ', annotations: {bulkhead.dev/unfixable: it is needed}')}`
    example('unfixable', { fix: fix(MENDS.replace("== 'root'", "== 'root' && object.metadata.name == 'b'")), bad })
    const { status, stdout } = run('unfixable', '-o', 'json')
    assert.equal(status, 0)
    const [item] = (
      JSON.parse(stdout) as { items: { examples: { test: string; result: string; message?: string }[] }[] }
    ).items
    assert.deepEqual(
      item?.examples.filter((each) => each.test === 'fixed').map(({ result, message }) => [result, message]),
      [
        ['ok', undefined],
        ['ok', 'it is needed'],
      ],
    )
  })

  for (const [index, { name, files, says }] of CASES.entries())
    test(`tells of ${name}`, () => {
      example(`wrong-${index}/no-root`, files)
      const { status, stdout } = run(`wrong-${index}`)
      assert.equal(status, 1)
      assert.ok(stdout.includes(says), stdout)
      assert.match(stdout, /1 policy fails\n$/)
    })

  test('bindings and params beside a policy hold', () => {
    const bound = `${policy('object.data.user != params.data.user').replace('spec:\n', 'spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n')}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: no-root
  validationActions: [Deny]
  paramRef: {name: users, namespace: default, parameterNotFoundAction: Deny}
---
${map('users', 'root')}`
    example('params/no-root', { policy: bound })
    assert.equal(run('params').status, 0)
    example('params/no-root', { policy: bound.replace('name: users,', 'name: nobody,') })
    assert.equal(run('params').status, 1)
  })

  test('asks for a folder with a policy', () => {
    folder.write('none/readme.txt', '')
    assert.deepEqual([run('none').status, run('none').stderr], [2, 'bulkhead: no folder with a policy.yaml in none\n'])
    assert.equal(run('nowhere').status, 2)
  })
})
