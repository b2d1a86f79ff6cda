import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { isObject, type Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import type { ReportStep } from '../report/plan.ts'
import { bulkhead, scanned, shop, testFolder } from './cli.testing.ts'

const SHOP = ['-R', '-f', 'shop']
const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0

const folder = testFolder()
/** Part of the shop, to be quick. */
const part = folder.copyOf(join(shop, 'web'), 'shop/web')
cpSync(join(shop, 'cluster'), join(part, 'shop/cluster'), { recursive: true })
const copy = (): string => folder.copyOf(join(part, 'shop'), 'shop')
let place: string
let steps: readonly ReportStep[]
before(() => {
  place = copy()
  steps = scanned(SHOP, { cwd: place }).plan?.slice(0, 4) ?? []
})

const risk = (cwd: string): number => scanned([...SHOP, '--no-plan'], { cwd }).risk.total
const near = (a: number, b: number | undefined): void =>
  assert.ok(b !== undefined && Math.abs(a - b) < 1e-9, `${a} is not ${b}`)

describe('patches', () => {
  for (const [tool, args] of [
    ['patch', ['-p1']],
    ['git', ['apply', '-']],
  ] as const)
    test(`${tool} takes what fix prints, and the risk is the figure of the plan`, {
      skip: has(tool) ? false : `no ${tool} here`,
    }, () => {
      const cwd = copy()
      const { status, stdout, stderr } = bulkhead(['fix', ...SHOP, '--plan', '3'], { cwd })
      assert.equal(status, 0, stderr)
      assert.equal(stderr, '')
      const taken = spawnSync(tool, args, { cwd, input: stdout, encoding: 'utf8' })
      assert.equal(taken.status, 0, `${taken.stdout}${taken.stderr}`)
      near(risk(cwd), steps[2]?.risk.after)
    })

  test('are those of the steps, told as one', () => {
    const all = bulkhead(['fix', ...SHOP, '--plan', '4'], { cwd: place }).stdout
    const files = [...all.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file)
    assert.deepEqual(files, [...new Set(steps.flatMap(({ patches }) => patches.map(({ file }) => file)))].sort())
  })

  test('a new object is a new file beside that of the workload it serves', () => {
    const cwd = copy()
    const args = ['fix', ...SHOP, '--id', 'isolate-web-mailer']
    const file = 'shop/web/bulkhead-isolate-web-mailer.yaml'
    const { stdout } = bulkhead(args, { cwd })
    assert.ok(stdout.startsWith(`--- /dev/null\n+++ b/${file}\n@@ -0,0 +1,`), stdout)
    assert.equal(bulkhead([...args, '--in-place'], { cwd }).stderr, `changed ${file}\n`)
    const body = parseYaml(readFileSync(join(cwd, file), 'utf8'))
    assert.ok(!body.problem && isObject(body.value) && body.value.kind === 'NetworkPolicy')
  })

  test('a removed object is a removed document, and nothing else', () => {
    const cwd = copy()
    const file = join(cwd, 'shop/web/rbac.yaml')
    const count = (): number => readFileSync(file, 'utf8').split(/^---$/m).length
    const old = count()
    const { status, stderr } = bulkhead(['fix', ...SHOP, '--id', 'revoke-binding-web-legacy-deployer', '--in-place'], {
      cwd,
    })
    assert.deepEqual([status, stderr], [0, 'changed shop/web/rbac.yaml\n'])
    assert.equal(count(), old - 1)
    assert.ok(!/kind: RoleBinding\nmetadata:\n +name: legacy-deployer/.test(readFileSync(file, 'utf8')))
  })
})

describe('--in-place', () => {
  test('gives the risk of the step, and then the rest of the plan', () => {
    const cwd = copy()
    const { status, stdout } = bulkhead(['fix', ...SHOP, '--plan', '2', '--in-place'], { cwd })
    assert.deepEqual([status, stdout], [0, ''])
    const after = scanned(SHOP, { cwd })
    near(after.risk.total, steps[1]?.risk.after)
    const made = new Set(steps.slice(0, 2).map(({ id }) => id))
    assert.ok(
      after.plan?.every(({ id }) => !made.has(id)),
      'what was done is not proposed again',
    )
    assert.equal(bulkhead(['fix', ...SHOP, '--plan', '2', '--in-place'], { cwd }).status, 0)
    near(risk(cwd), after.plan?.[1]?.risk.after)
  })

  test('says when there is nothing left to do', () => {
    const file = folder.write('one/harmless.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n')
    const { status, stdout, stderr } = bulkhead(['fix', '-f', file, '--in-place'])
    assert.deepEqual([status, stdout], [0, ''])
    assert.equal(stderr, 'no change that is known here lowers the risk\n')
  })

  test('never replaces a file that was not read', () => {
    const cwd = copy()
    const id = 'isolate-web-mailer'
    const other = join(cwd, `shop/web/bulkhead-${id}.yaml`)
    const args = ['fix', '-f', 'shop/web/shop.yaml', '-f', 'shop/web/extras.yaml', '--id', id, '--in-place']
    const first = bulkhead(args, { cwd })
    assert.equal(first.status, 0, first.stderr)
    const text = readFileSync(other, 'utf8')
    const again = bulkhead(args, { cwd })
    assert.equal(again.status, 2)
    assert.match(again.stderr, /is there already and was not read; name it with -f as well/)
    assert.equal(readFileSync(other, 'utf8'), text)
  })

  test('of standard input, or with -w, is refused', () => {
    for (const args of [
      ['-f', '-', '--in-place'],
      ['-f', join(shop, 'web'), '--in-place', '-w', join(folder.path, 'out')],
    ]) {
      const { status, stdout, stderr } = bulkhead(['fix', ...args], { input: 'a: b\n' })
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, /^bulkhead|^main\.ts/)
      assert.match(stderr, /--in-place/)
    }
  })
})

describe('-w', () => {
  test('writes a folder for each owner, and nothing outside', () => {
    const tree = folder.write(
      'hostile/all.yaml',
      ['../..', '/etc', 'a/../../b', '.', '\u001b[31m']
        .map(
          (owner, at) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: w${at}, namespace: s${at}, labels: {app.kubernetes.io/part-of: ${JSON.stringify(owner)}, team: ${JSON.stringify(owner)}}}
spec:
  selector: {matchLabels: {app: w${at}}}
  template:
    metadata: {labels: {app: w${at}}}
    spec: {hostPID: true, containers: [{name: a, image: a, securityContext: {privileged: true}}]}
`,
        )
        .join('---\n'),
    )
    const config = folder.write(
      'config.yaml',
      `applications: {names: [{name: evil, owner: {team: ../../../up}, match: {namespaces: [s0]}}]}\n`,
    )
    const out = join(folder.path, 'deep/er/out')
    const before = readdirSync(folder.path)
    const plain = bulkhead(['fix', '-f', tree, '--plan', '3', '-w', out])
    assert.equal(plain.status, 0, plain.stderr)
    const withConfig = bulkhead(['fix', '-f', tree, '--plan', '3', '-w', out, '--config', config])
    assert.ok([0, 2].includes(withConfig.status ?? -1))
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
    assert.ok(files.some((file) => file.endsWith('.patch')) && files.some((file) => file.endsWith('.yaml')))
    for (const file of files) assert.match(file, /^[a-z0-9-]+(\/\d\d-[a-z0-9-]+\.(patch|yaml))?$/)
    assert.deepEqual(readdirSync(folder.path), [...before, 'deep'].sort())
    assert.ok(!plain.stderr.includes('\u001b'))
  })

  test('what cannot be written is told in one line', () => {
    const file = folder.write('taken', '')
    const { status, stderr } = bulkhead(['fix', ...SHOP, '--plan', '1', '-w', file], { cwd: place })
    assert.equal(status, 2)
    assert.match(stderr, /cannot write/)
    assert.ok(!stderr.includes('    at '))
  })
})

describe('--id and -o', () => {
  test('one fix', () => {
    const id = steps[1]?.id ?? ''
    const { status, stdout } = bulkhead(['fix', ...SHOP, '--id', id, '--id', id, '-o', 'name'], { cwd: place })
    assert.deepEqual([status, stdout], [0, `${id}\t${steps[1]?.title}\n`])
  })

  test('an unknown one', () => {
    const { status, stdout, stderr } = bulkhead(['fix', ...SHOP, '--id', 'no-\u001b[31msuch'], { cwd: place })
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /no fix has the id no-\\u001b\[31msuch; -o name lists those of the plan/)
  })

  test('name, yaml and json give the same changes', () => {
    const of = (format: string) => bulkhead(['fix', ...SHOP, '--plan', '4', '-o', format], { cwd: place })
    assert.deepEqual(
      of('name')
        .stdout.trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
      steps.slice(0, 4).map(({ id }) => id),
    )
    const json = of('json')
    const { kind, items } = JSON.parse(json.stdout) as { kind: string; items: Json[] }
    assert.equal(kind, 'List')
    const yaml = of('yaml').stdout
    const documents = yaml.split(/^---$/m).map((text) => parseYaml(text))
    assert.deepEqual(
      documents.map((each) => (each.problem ? each.problem.message : each.value)),
      items,
    )
    assert.match(yaml, /^# delete: RoleBinding web\/legacy-deployer$/m)
    assert.equal(json.stderr, 'to delete: RoleBinding web/legacy-deployer\n')
  })
})

describe('what is no file', () => {
  const text = (): string =>
    ['web/shop.yaml', 'web/rbac.yaml', 'web/extras.yaml', 'cluster/people.yaml']
      .map((name) => readFileSync(join(shop, name), 'utf8'))
      .join('---\n')

  test('standard input: objects, no patches, and that is said', () => {
    const input = text()
    const diff = bulkhead(['fix', '-f', '-', '--plan', '2'], { input })
    assert.deepEqual([diff.status, diff.stdout], [0, ''])
    assert.match(diff.stderr, /^no patches of standard input, .* -o yaml gives the objects to apply$/m)
    const yaml = bulkhead(['fix', '-f', '-', '--plan', '2', '-o', 'yaml'], { input })
    assert.deepEqual([yaml.status, yaml.stderr], [0, ''])
    assert.match(yaml.stdout, /^kind: /m)
    const { plan = [] } = scanned(['-f', '-', '--steps', '3'], { input })
    assert.ok(plan.length > 2 && plan.every(({ patches }) => patches.length === 0))
  })

  test('a compressed file', () => {
    const file = folder.write('packed/all.yaml.gz', gzipSync(text()))
    const { status, stdout, stderr } = bulkhead(['fix', '-f', file, '--plan', '2'])
    assert.deepEqual([status, stdout], [0, ''])
    assert.match(stderr, /^no patches of .*all\.yaml\.gz/m)
    const inPlace = bulkhead(['fix', '-f', file, '--plan', '2', '--in-place'])
    assert.equal(inPlace.status, 2)
    assert.match(inPlace.stderr, /all\.yaml\.gz cannot be changed in place; -o yaml gives the objects to apply/)
    assert.deepEqual(readdirSync(join(folder.path, 'packed')), ['all.yaml.gz'])
    assert.ok(!existsSync('bulkhead-isolate-web-frontend.yaml'))
  })
})
