import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { ReportProof } from '../report/plan.ts'
import { bulkhead, type Ran, shop, testFolder } from './cli.testing.ts'

const folder = testFolder()
const SHOP = ['-R', '-f', shop]
const HISTORY = ['--history', join(shop, 'history')]

const prove = (...args: readonly string[]): Ran => bulkhead(['prove', ...SHOP, ...args])
const proofOf = ({ stdout }: Ran): ReportProof => JSON.parse(stdout) as ReportProof

/** The Role of the frontend with some of what it has. */
const role = (...rules: readonly string[]): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployers, namespace: web}
rules:
${rules.map((rule) => `- ${rule}\n`).join('')}`
const PODS = '{apiGroups: [""], resources: [pods], verbs: [get, list]}'
const CONFIG = '{apiGroups: [""], resources: [configmaps], verbs: [get]}'

describe('a reduced role', () => {
  test('that keeps what was used holds', () => {
    const file = folder.write('holds.yaml', role(PODS, CONFIG))
    const { status, stdout, stderr } = prove(...HISTORY, '--fix', file)
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^holds over 14 days\nReplayed [1-9]\d* records that it touches, of 2026-11-02 to 2026-11-15 /)
  })

  test('that takes something used breaks: exit 4, with the record and its place', () => {
    const file = folder.write('breaks.yaml', role(PODS))
    const ran = prove(...HISTORY, '--fix', file, '-o', 'json')
    assert.equal(ran.status, 4)
    const { verdict, counterexamples } = proofOf(ran)
    assert.equal(verdict, 'breaks')
    const [first] = counterexamples
    assert.match(first?.what ?? '', /^system:serviceaccount:web:frontend get configmaps/)
    assert.match(first?.file ?? '', /audit\.jsonl\.gz$/)
    const line =
      gunzipSync(readFileSync(first?.file ?? ''))
        .toString()
        .split('\n')[(first?.line ?? 0) - 1] ?? ''
    const raw = JSON.parse(first?.raw ?? '') as { auditID: string }
    assert.equal((JSON.parse(line) as { auditID: string }).auditID, raw.auditID)
    const table = prove(...HISTORY, '--fix', file)
    assert.equal(table.status, 4)
    assert.match(table.stdout, /^breaks: system:serviceaccount:web:frontend get configmaps/)
    assert.match(table.stdout.replaceAll(/\s+/g, ' '), new RegExp(`audit\\.jsonl\\.gz:${first?.line}\\b`))
  })

  test('without a history is unproven', () => {
    const ran = prove('--fix', folder.write('holds.yaml', role(PODS, CONFIG)), '-o', 'json')
    assert.equal(ran.status, 0)
    assert.deepEqual(
      [proofOf(ran).verdict, proofOf(ran).reasons, proofOf(ran).window.days],
      ['unknown', ['no recorded history was given'], 0],
    )
  })

  test('from standard input', () => {
    const { status, stdout } = bulkhead(['prove', ...SHOP, ...HISTORY, '--fix', '-'], { input: role(PODS, CONFIG) })
    assert.equal(status, 0)
    assert.match(stdout, /^holds over 14 days/)
  })
})

describe('--delete', () => {
  test('of what was used once breaks', () => {
    const ran = prove(...HISTORY, '--delete', 'rolebinding/web/legacy-deployer', '-o', 'json')
    assert.equal(ran.status, 4)
    assert.match(proofOf(ran).counterexamples[0]?.first ?? '', /^2026-11-11T16:42/)
  })
  test('of what has no namespace', () => {
    const ran = prove(...HISTORY, '--delete', 'ClusterRoleBinding//ci-runner', '-o', 'json')
    assert.equal(ran.status, 4)
  })
  test('of what is not there', () => {
    const { status, stdout, stderr } = prove('--delete', 'Role/web/no-\u001b[31mbody')
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /the input holds no such object; name it KIND\/NAMESPACE\/NAME, KIND\/\/NAME/)
    assert.ok(!stderr.includes('\u001b'))
  })
})

test('a NetworkPolicy that cuts recorded traffic breaks, with the flow', () => {
  const policy = (port: number): string =>
    folder.write(
      `policy-${port}.yaml`,
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cart, namespace: web}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: cart}}
  policyTypes: [Ingress]
  ingress: [{ports: [{port: ${port}}]}]
`,
    )
  const closed = prove(...HISTORY, '--fix', policy(1), '-o', 'json')
  assert.equal(closed.status, 4)
  const [first] = proofOf(closed).counterexamples
  assert.match(first?.why ?? '', /the ingress of Deployment web\/cart is isolated by NetworkPolicy web\/cart/)
  assert.match(first?.file ?? '', /flows\.jsonl\.gz$/)
  assert.ok((first?.line ?? 0) > 0 && first?.raw !== '')
  const port = Number(/TCP (\d+)$/.exec(first?.what ?? '')?.[1])
  const open = prove(...HISTORY, '--fix', policy(port), '-o', 'json')
  assert.deepEqual([open.status, proofOf(open).verdict], [0, 'holds'], open.stdout.slice(0, 400))
})

describe('what cannot be read', () => {
  const change = ['--delete', 'RoleBinding/web/deployers']
  test('a history that is not there, or is none: exit 3', () => {
    for (const [path, message] of [
      [join(folder.path, 'nowhere'), /nowhere: cannot be read: .* \[BH_READ\]/],
      [join(shop, 'web/rbac.yaml'), /rbac\.yaml: is neither an audit log nor a log of flows \[BH_HISTORY\]/],
      [join(shop, 'web'), /web: holds neither an audit log nor a log of flows \[BH_HISTORY\]/],
    ] as const) {
      const { status, stdout, stderr } = prove('--history', path, ...change)
      assert.equal(status, 3, path)
      assert.match(stderr, message)
      assert.match(stdout, /^unproven: /)
    }
    assert.equal(prove('--history', join(shop, 'web'), ...change, '--allow-partial').status, 0)
    assert.equal(bulkhead(['scan', ...SHOP, '--history', join(folder.path, 'nowhere'), '--steps', '1']).status, 3)
  })

  test('a line of the history: told with its place, and it makes the verdict unknown', () => {
    const log = gunzipSync(readFileSync(join(shop, 'history/flows.jsonl.gz')))
      .toString()
      .split('\n')
      .slice(0, 40)
    const file = folder.write('flows.jsonl', [...log, '{"flow": ', ''].join('\n'))
    const { status, stderr } = prove('--history', file, ...change)
    assert.equal(status, 3)
    assert.match(stderr, /flows\.jsonl:41: not JSON \[BH_JSON\]/)
  })

  test('the change itself', () => {
    const broken = folder.write('\u001b[31mbroken.yaml', 'a: [\n')
    const { status, stderr } = prove('--fix', broken)
    assert.equal(status, 3)
    assert.match(stderr, /broken\.yaml:2:1: .*\[BH_YAML\]/)
    assert.ok(!stderr.includes('\u001b'))
    const empty = folder.write('empty.yaml', 'a: b\n')
    const nothing = prove('--fix', empty)
    assert.equal(nothing.status, 3)
    assert.match(nothing.stderr, /no Kubernetes object was found in .*empty\.yaml \[BH_NOTHING\]/)
    assert.equal(prove('--fix', empty, '--allow-partial').status, 0)
  })

  test('what is missing on the command line is said: exit 2', () => {
    for (const args of [
      ['prove', ...SHOP, ...HISTORY],
      ['prove', '-f', '-', '--fix', '-'],
      ['prove', '-f', '-', '--history', '-', ...change],
    ]) {
      const { status, stdout, stderr } = bulkhead(args)
      assert.deepEqual([status, stdout], [2, ''], args.join(' '))
      assert.match(stderr, /name the change|standard input can be read once/)
    }
  })
})
