import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CheckItem } from '../checks.ts'
import { bulkhead, type Ran, testFolder } from './cli.testing.ts'
import { failsOn } from './fail-on.ts'

const { path, write } = testFolder()

const policies = ['privileged', 'sealed'].map(
  (name) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: own-${name}
  annotations:
    bulkhead.dev/severity: high
    bulkhead.dev/alias.trivy: KSV-0017
    bulkhead.dev/alias.kubescape: C-0057
    bulkhead.dev/alias.polaris: runAsPrivileged
    bulkhead.dev/field: securityContext.privileged
    bulkhead.dev/mandatory: "${name === 'sealed'}"
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  variables:
    - {name: offenders, expression: "object.spec.containers.filter(c, c.?securityContext.?privileged.orValue(false))"}
  validations: [{expression: size(variables.offenders) == 0, message: privileged}]
`,
)
const own = write('policies.yaml', policies.join('---\n'))
const pod = (name: string, ...containers: readonly string[]): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop}
spec: {containers: [${containers.map((each) => `{name: ${each}, image: a, securityContext: {privileged: true}}`).join(', ')}]}
`
const exception = (name: string, expires = 'never'): string => `---
apiVersion: bulkhead.dev/v1alpha1
kind: Exception
metadata: {name: of-${name}}
spec: {resources: [{names: [${name}]}], checks: [own-privileged], reason: r, owner: o, expires: ${expires}}
`
const tree = write('tree/pods.yaml', ['a', 'b', 'c'].map((name) => pod(name, 'main')).join('---\n'))

interface Results {
  readonly items: readonly {
    readonly policy: string
    readonly resource: { readonly name: string }
    readonly result: string
    readonly known?: true
    readonly exception?: { readonly name: string; readonly reason: string }
  }[]
  readonly exceptions: {
    readonly items: readonly {
      readonly name: string
      readonly state: string
      readonly from: string
      readonly location?: { file: string; line: number }
    }[]
    readonly notes: readonly { readonly text: string; readonly location?: { file: string; line: number } }[]
  }
}

const evaluated = (...args: readonly string[]): Ran =>
  bulkhead(['policy', 'eval', '--policy', own, '-f', tree, '-o', 'json', ...args])
const results = (ran: Ran): Results => JSON.parse(ran.stdout) as Results
const silenced = ({ items }: Results): readonly string[] =>
  items.flatMap(({ policy, resource, exception: by }) => (by ? [`${policy} ${resource.name} by ${by.name}`] : []))

describe('policy eval --exceptions', () => {
  test('takes objects and the files of other tools, from files and folders', () => {
    write('given/a.yaml', exception('a') + exception('gone') + exception('b', '2020-01-01'))
    write(
      'given/inner/posture.json',
      '[{"name": "p", "resources": [{"attributes": {"name": "c"}}], "posturePolicies": [{"controlID": "C-0057"}]}]',
    )
    write('given/other.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n')
    const found = results(evaluated('--exceptions', `${path}/given`))
    assert.deepEqual(silenced(found), ['own-privileged a by of-a', 'own-privileged c by p'])
    assert.deepEqual(
      found.exceptions.items.map(({ name, state, from, location }) => `${name} ${state} ${from} ${location?.line}`),
      ['of-a used given 4', 'of-gone unused given 9', 'of-b expired given 14', 'p used given 1'],
    )
    assert.match(found.exceptions.notes[0]?.text ?? '', /ConfigMap\/default\/x is no Exception/)
    const ignored = write('.trivyignore', '# driver\nKSV-0017\n')
    const all = results(evaluated('--exceptions', ignored))
    assert.deepEqual(silenced(all).length, 3)
    assert.equal(all.items.find(({ exception: by }) => by)?.exception?.reason, 'driver')
  })

  test('that cannot be read or is broken says so, and the rest counts', () => {
    const broken = write('broken/a.yaml', `${exception('a')}---\n{a: [\n`)
    assert.equal(evaluated('--exceptions', `${path}/none.yaml`).status, 2)
    const found = results(evaluated('--exceptions', broken))
    assert.deepEqual(silenced(found), ['own-privileged a by of-a'])
    assert.deepEqual(
      found.exceptions.notes.map(({ location }) => location?.file.split('/').at(-1)),
      ['a.yaml'],
    )
  })

  test('inside what is scanned are of the tree, once', () => {
    const inside = write('tree/accepted.yaml', exception('a').slice(4))
    const ran = bulkhead([
      'policy',
      'eval',
      '--policy',
      own,
      '-f',
      `${path}/tree`,
      '-o',
      'json',
      '--exceptions',
      inside,
    ])
    assert.deepEqual(
      results(ran).exceptions.items.map(({ name, state, from }) => `${name} ${state} ${from}`),
      ['of-a used tree'],
    )
  })
})

describe('policy eval --polaris-config', () => {
  test('exempts and asks custom checks; inside what is scanned only with --trust-tree', () => {
    const text =
      'checks: {noPods: danger}\ncustomChecks: {noPods: {target: Pod, schema: {properties: {metadata: {properties: {name: {const: b}}}}}}}\n'
    const outside = results(evaluated('--polaris-config', write('polaris.yaml', text)))
    assert.deepEqual(
      outside.items
        .filter(({ policy }) => policy === 'custom-noPods')
        .map(({ resource, result }) => `${resource.name} ${result}`),
      ['a fail', 'c fail'],
    )
    const inside = write('inner/polaris.yaml', text)
    const args = ['policy', 'eval', '--policy', own, '-f', `${path}/inner`, '-o', 'json', '--polaris-config', inside]
    const refused = bulkhead(args)
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /must not configure the scan/)
    assert.notEqual(bulkhead([...args, '--trust-tree', '--allow-partial']).status, 2)
    assert.equal(evaluated('--polaris-config', write('broken.yaml', '{')).status, 2)
  })
})

describe('policy eval --fail-on', () => {
  test('counts what is at least this grave, neither accepted nor in the baseline', () => {
    const failing = (severity: string, more: object = {}): Iterable<CheckItem> =>
      [{ result: 'fail', severity, ...more }] as unknown as CheckItem[]
    for (const [severity, least, fails] of [
      ['high', 'critical', false],
      ['high', 'danger', true],
      ['danger', 'high', true],
      ['warning', 'danger', false],
      ['low', 'low', true],
      ['critical', 'none', false],
      ['critical', undefined, false],
    ] as const)
      assert.equal(failsOn(failing(severity), least), fails, `${severity} ${least}`)
    assert.equal(failsOn(failing('high', { known: true }), 'low'), false)
    for (const result of ['pass', 'unknown', 'excepted'])
      assert.equal(failsOn(failing('high', { result }), 'low'), false)
    assert.equal(evaluated('--fail-on', 'critical').status, 0)
    assert.equal(evaluated('--fail-on', 'high').status, 1)
    assert.equal(evaluated('--fail-on', 'grave').status, 2)
    const baseline = write('baseline.json', evaluated().stdout)
    const known = evaluated('--fail-on', 'low', '--baseline', baseline)
    assert.equal(known.status, 0)
    assert.ok(results(known).items.every((item) => item.known === true))
    const more = write('more.yaml', `${pod('a', 'main')}---\n${pod('b', 'main', 'side')}`)
    const ran = bulkhead([
      'policy',
      'eval',
      '--policy',
      own,
      '-f',
      more,
      '-o',
      'json',
      '--fail-on',
      'low',
      '--baseline',
      baseline,
    ])
    assert.equal(ran.status, 1)
    assert.deepEqual(
      results(ran).items.map(({ resource, known: isKnown }) => `${resource.name} ${isKnown === true}`),
      ['a true', 'a true', 'b false', 'b false'],
    )
  })

  test('a baseline that is none, or that is scanned, is refused', () => {
    assert.equal(evaluated('--baseline', own).status, 2)
    assert.equal(evaluated('--baseline', write('list.json', '[]')).status, 2)
    assert.equal(evaluated('--baseline', `${path}/none.json`).status, 2)
    const inside = write('with/baseline.json', evaluated().stdout)
    const args = ['policy', 'eval', '--policy', own, '-f', `${path}/with`, '--baseline', inside]
    assert.equal(bulkhead(args).status, 2)
  })
})

describe('policy import', () => {
  test('writes what policy eval takes back', () => {
    const polaris = write(
      'in/polaris.yaml',
      'checks: {runAsPrivileged: ignore, x: danger, noQuay: warning}\ncustomChecks: {noQuay: {target: Container, schema: {properties: {image: {pattern: "^quay.io/"}}}}}\nexemptions: [{controllerNames: [a]}]\n',
    )
    const ran = bulkhead(['policy', 'import', polaris, '--owner', 'team-a', '--expires', '2099-01-01'])
    assert.equal(ran.status, 0)
    assert.match(ran.stderr, /polaris.yaml:1: no check of ours is Polaris’ x/)
    const found = results(evaluated('--exceptions', write('taken.yaml', ran.stdout)))
    assert.deepEqual(silenced(found), [
      'own-privileged a by polaris-1',
      'own-privileged b by polaris-1',
      'own-privileged c by polaris-1',
    ])
    const policy = results(
      bulkhead(['policy', 'eval', '--policy', write('noquay.yaml', ran.stdout), '-f', tree, '-o', 'json']),
    )
    assert.deepEqual(
      policy.items.map(({ policy: id, result }) => `${id} ${result}`),
      Array(3).fill('custom-no-quay fail'),
    )
  })

  test('takes each kind of file, and refuses what it does not know', () => {
    const count = (name: string, text: string): number =>
      bulkhead(['policy', 'import', write(name, text), '--owner', 'o']).stdout.split('kind: Exception').length - 1
    assert.equal(count('in/.kube-linter.yaml', 'checks: {exclude: [latest-tag]}'), 1)
    assert.equal(count('in/.trivyignore', 'KSV-0017\nKSV-9999\n'), 1)
    assert.equal(count('in/.trivyignore.yaml', 'misconfigurations: [{id: KSV-0017}]'), 1)
    assert.equal(
      count(
        'in/k.json',
        '[{"resources": [{"attributes": {"kind": "Pod"}}], "posturePolicies": [{"controlID": "C-0057"}]}]',
      ),
      1,
    )
    assert.equal(bulkhead(['policy', 'import', tree, '--owner', 'o']).status, 2)
    assert.equal(bulkhead(['policy', 'import', own]).status, 2)
    assert.equal(bulkhead(['policy', 'import', own, '--owner', 'o', '--expires', '2026-02-30']).status, 2)
  })
})
