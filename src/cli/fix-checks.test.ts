import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runChecks } from '../checks.ts'
import { isObject } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import type { Profile } from '../engines/policy/selection.ts'
import { readCatalogue } from '../observe/catalogue.ts'
import { readInputs } from '../observe/files/read.ts'
import { bulkhead, corpus, type Ran, testFolder } from './cli.testing.ts'

const folder = testFolder()
const fixed = (cwd: string, ...args: readonly string[]): Ran => bulkhead(['fix', '-R', '-f', 'set', ...args], { cwd })

/** What a copy of a set from the corpus holds, by name; the corpus may be read-only. */
function copyOf(set: string): { readonly cwd: string; files(): ReadonlyMap<string, string> } {
  const cwd = folder.copyOf(join(corpus, set), 'set')
  const names = readdirSync(join(cwd, 'set'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(cwd, 'set', name),
  )
  for (const name of names) chmodSync(name, statSync(name).isDirectory() ? 0o755 : 0o644)
  const files = names.filter((name) => statSync(name).isFile())
  return { cwd, files: () => new Map(files.map((name) => [name, readFileSync(name, 'latin1')])) }
}

async function failures(path: string, profile: Profile): Promise<readonly string[]> {
  const input = await readInputs([path], { recursive: true, keepAll: true })
  const { items } = runChecks(input, { catalogue: readCatalogue().policies, profile })
  return items.filter(({ result }) => result !== 'pass').map(({ check, object }) => `${check.id} ${object.id}`)
}

const comments = (text: string): readonly string[] => text.split('\n').filter((line) => line.includes('#'))

describe('fix --in-place --profile', () => {
  for (const [set, changed] of [
    ['badpods', 112],
    ['kubernetes-goat', 5],
  ] as const)
    describe(set, { skip: existsSync(join(corpus, set)) ? false : 'no corpus here' }, () => {
      test('every file comes to baseline, and nothing but what was wrong is another', async () => {
        const { cwd, files } = copyOf(set)
        const before = files()
        assert.notDeepEqual(await failures(join(cwd, 'set'), 'baseline'), [])
        const patch = fixed(cwd, '--profile', 'baseline')
        const { status, stdout, stderr } = fixed(cwd, '--profile', 'baseline', '--in-place')
        assert.deepEqual([patch.status, status, stdout], [0, 0, ''])
        assert.match(stderr, /; 0 not fixed\n$/)
        assert.deepEqual(await failures(join(cwd, 'set'), 'baseline'), [])
        const after = files()
        assert.equal([...after].filter(([name, text]) => text !== before.get(name)).length, changed)
        // What is left of what was taken away is all that comes to stand there.
        const added = [...patch.stdout.matchAll(/^\+(?!\+\+)(.*)$/gm)].map(([, line = '']) => line)
        for (const line of added) assert.match(line, /^ +(securityContext|emptyDir|capabilities): \{\}$/)
        const removed = [...patch.stdout.matchAll(/^-(?!--)(.*)$/gm)].map(([, line = '']) => line)
        const FAULT =
          /^ +(host(Network|PID|IPC): true|(securityContext|hostPath|capabilities):|privileged: true|path: |type: |add: \[)/
        for (const line of removed) assert.match(line, FAULT)
        for (const [name, text] of after) assert.deepEqual(comments(text), comments(before.get(name) ?? ''), name)
      })

      test('a second run changes nothing', () => {
        const { cwd, files } = copyOf(set)
        fixed(cwd, '--profile', 'baseline', '--in-place')
        const once = files()
        const { status, stderr } = fixed(cwd, '--profile', 'baseline', '--in-place')
        assert.deepEqual([status, stderr.trim()], [0, 'fixed 0 failures in 0 objects; 0 not fixed'])
        assert.deepEqual(files(), once)
      })
    })

  test('kubernetes-goat comes as near to restricted as its fixes go, and what is left is told', {
    skip: existsSync(join(corpus, 'kubernetes-goat')) ? false : 'no corpus here',
  }, async () => {
    const { cwd } = copyOf('kubernetes-goat')
    const { stderr } = fixed(cwd, '--profile', 'restricted', '--in-place')
    const left = await failures(join(cwd, 'set'), 'restricted')
    assert.deepEqual(
      [...stderr.matchAll(/^not fixed: ([^:]+): [^:]+: (.*)$/gm)].map(([, check, object]) => `${check} ${object}`),
      left,
    )
    assert.ok(left.length > 0 && left.length < 5, left.join())
  })
})

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: NAME
spec:
  containers:
    - name: app
      image: registry.example/app:1.0
`

describe('fix of checks', () => {
  const write = (name: string, text: string): string => folder.write(`small/${name}`, text)
  const fix = (...args: readonly string[]): Ran => bulkhead(['fix', '--profile', 'baseline', ...args])

  test('keeps comments, quotes and the order of what it leaves', () => {
    const file = write(
      'kept.yaml',
      `# a pod\r\n${POD.replace('NAME', '"kept"   # its name').replaceAll('\n', '\r\n')}      securityContext:\r\n        # not for long\r\n        privileged: true\r\n        runAsUser: 1000\r\n`,
    )
    const before = readFileSync(file, 'utf8')
    const { status, stderr } = fix('-f', file, '--in-place')
    assert.deepEqual([status, stderr], [0, `changed ${file}\nfixed 1 failure in 1 object of 1 file; 0 not fixed\n`])
    assert.equal(readFileSync(file, 'utf8'), before.replace('        privileged: true\r\n', ''))
  })

  test('takes each of two documents of one name for itself', () => {
    const pod = POD.replace('NAME', 'twice')
    const file = write('twice.yaml', `${pod}  hostPID: true\n---\n${pod}---\n${pod}  hostIPC: true\n`)
    assert.equal(fix('-f', file, '--in-place', '-q').status, 0)
    assert.equal(readFileSync(file, 'utf8'), `${pod}---\n${pod}---\n${pod}`)
  })

  test('tells what it does not fix, and why', () => {
    const owner = '  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u, controller: true}]\n'
    const owned = POD.replace('NAME', 'owned').replace('spec:\n', `${owner}spec:\n  hostPID: true\n`)
    const merged = `${POD.replace('NAME', 'merged')}      securityContext: &base {privileged: true, runAsUser: 1000}
    - name: other
      image: registry.example/app:1.0
      securityContext: {<<: *base, runAsGroup: 1000}
`
    const zero = POD.replace('NAME', 'zero').replace('spec:\n', 'spec:\n  securityContext: {runAsUser: 0}\n')
    const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]
`
    const file = write('left.yaml', [owned, merged, zero, binding].join('---\n'))
    const before = readFileSync(file, 'utf8')
    const checks = 'host-namespaces,privileged,run-as-user-zero,cluster-role-binding-admin'
    const { status, stderr } = bulkhead(['fix', '--checks', checks, '-f', file, '--in-place'])
    assert.equal(status, 0)
    assert.deepEqual(stderr.trim().split('\n'), [
      'not fixed: cluster-role-binding-admin: it takes several objects: ClusterRoleBinding//all',
      'not fixed: host-namespaces: made by ReplicaSet web: change that: Pod/default/owned',
      `not fixed: privileged: ${file}: spec.containers[1].securityContext.privileged comes from an anchor that is merged in: Pod/default/merged`,
      'not fixed: run-as-user-zero: no fix is known: Pod/default/zero',
      'fixed 0 failures in 0 objects; 4 not fixed',
    ])
    assert.equal(readFileSync(file, 'utf8'), before)
  })

  test('leaves alone what is excepted', () => {
    const annotations = '  annotations:\n    bulkhead.dev/except.host-namespaces: "debugs; ops; never"\n'
    const text = POD.replace('NAME', 'excepted').replace('spec:\n', `${annotations}spec:\n  hostPID: true\n`)
    const file = write('excepted.yaml', text)
    const { status, stderr } = fix('-f', file, '--in-place')
    assert.deepEqual([status, stderr], [0, 'fixed 0 failures in 0 objects; 0 not fixed, 1 excepted\n'])
    assert.equal(readFileSync(file, 'utf8'), text)
  })

  test('gives the objects of a stream, which has no file to change', () => {
    const input = POD.replace('NAME', 'piped').replace('spec:\n', 'spec:\n  hostPID: true\n')
    const made = bulkhead(['fix', '--profile', 'baseline', '-f', '-', '-o', 'yaml'], { input })
    assert.equal(made.status, 0)
    const read = parseYaml(made.stdout)
    assert.ok(!read.problem && isObject(read.value) && isObject(read.value.spec))
    assert.deepEqual(Object.keys(read.value.spec), ['containers'])
    assert.equal(bulkhead(['fix', '--profile', 'baseline', '-f', '-', '--in-place'], { input }).status, 2)
  })

  test('names each fix by its check and its object', () => {
    const file = write('named.yaml', POD.replace('NAME', 'named').replace('spec:\n', 'spec:\n  hostPID: true\n'))
    const { stdout } = fix('-f', file, '-o', 'name')
    assert.equal(stdout, 'host-namespaces--pod-default-named\tMend host-namespaces in Pod/default/named\n')
  })

  test('takes fixes of the user beside their policies', () => {
    const rules = `  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
`
    const policy = write(
      'own/policy.yaml',
      `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: team}
spec:
${rules}  validations:
    - expression: "'team' in object.metadata.?labels.orValue({})"
      message: no team
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  reinvocationPolicy: IfNeeded
${rules}  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: "Object{metadata: Object.metadata{labels: Object.metadata.labels{team: 'unknown'}}}"
`,
    )
    const file = write('team.yaml', POD.replace('NAME', 'team'))
    assert.equal(bulkhead(['fix', '--policy', policy, '-f', file, '--in-place', '-q']).status, 0)
    assert.equal(readFileSync(file, 'utf8'), POD.replace('NAME', 'team\n  labels:\n    team: unknown'))
  })

  test('refuses flags of the plan, and ids that no check has', () => {
    const file = write('usage.yaml', POD.replace('NAME', 'usage'))
    for (const args of [
      ['--plan', '1'],
      ['--id', 'x'],
      ['-w', 'x'],
    ])
      assert.equal(fix('-f', file, ...args).status, 2)
    const { status, stderr } = bulkhead(['fix', '--checks', 'nope', '-f', file])
    assert.deepEqual([status, stderr], [2, 'bulkhead: no check has the id nope\n'])
  })
})
