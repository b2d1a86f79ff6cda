import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { applyFix } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import { patchAll, patchedFiles } from '../fix/patches.ts'
import { type Analysis, analyse, fixesOf, plan } from '../loop.ts'
import { readInputs } from '../observe/files/read.ts'
import { collectFacts, type Facts } from '../prove/facts.ts'
import { daily, memory, type Recorded } from '../prove/testing.ts'
import { withoutNeedless } from './needless.ts'
import type { Outlook } from './outlook.ts'
import type { Plan, PlanPorts, Taken } from './ports.ts'
import { takenOf } from './taken.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-choices-'))
after(() => rmSync(folder, { recursive: true }))

const role = (name: string, ...rules: readonly string[]): string => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: [${rules.join(', ')}]
`
const binding = (name: string, of: string, ...users: readonly string[]): string => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${of}}
subjects: [${users.map((user) => `{kind: User, name: ${user}, apiGroup: rbac.authorization.k8s.io}`).join(', ')}]
`
const SECRETS = '{apiGroups: [""], resources: [secrets], verbs: [get, list]}'
const PODS = '{apiGroups: [""], resources: [pods], verbs: [create]}'
const SECRET = '---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n'

async function read(text: string): Promise<Analysis> {
  const file = join(folder, 'all.yaml')
  writeFileSync(file, text)
  return analyse(await readInputs([file]))
}

async function planOf(text: string, history?: Recorded): Promise<Plan> {
  const base = await read(text)
  const facts: Facts | undefined = history && (await collectFacts(memory(history), base.cluster))
  return plan(base, {}, { steps: 10, ...(facts ? { facts } : {}) })
}

const used = (user: string): Recorded => ({
  accesses: daily(14, { user, groups: ['system:authenticated'], resource: 'secrets', namespace: 'shop', name: 's' }),
})

test('of two equal routes neither helps alone: the bundle is one step', async () => {
  const { steps, residual } = await planOf(
    binding('a', 'cluster-admin', 'alice') + binding('b', 'cluster-admin', 'alice'),
  )
  const [first] = steps
  assert.deepEqual(first?.fixes.map(({ id }) => id).sort(), ['revoke-binding-a', 'revoke-binding-b'])
  assert.equal(first?.id, 'revoke-binding-a+revoke-binding-b')
  assert.match(first?.title ?? '', /^Together: .*ClusterRoleBinding a.*ClusterRoleBinding b/)
  assert.ok(Math.abs(steps.reduce((sum, { risk }) => sum + risk.share, residual.share) - 1) < 1e-9)
})

describe('two that remove the same', () => {
  const text = binding('a', 'cluster-admin', 'alice') + binding('b', 'cluster-admin', 'bob') + SECRET
  const ids = ({ steps }: Plan): readonly string[] => steps.map(({ id }) => id)
  test('go by their ids', async () =>
    assert.deepEqual(ids(await planOf(text)), ['revoke-binding-a', 'revoke-binding-b']))
  test('go by their verdicts first, and what breaks is rejected with what breaks', async () => {
    const { steps, rejected } = await planOf(text, used('alice'))
    assert.deepEqual(
      steps.map(({ id, proof }) => [id, proof.verdict]),
      [['revoke-binding-b', 'unknown']],
    )
    const [broken] = rejected
    assert.deepEqual([broken?.id, broken?.why, broken?.proof?.verdict], ['revoke-binding-a', 'breaks', 'breaks'])
    assert.ok((broken?.gain ?? 0) > 0)
    const [example] = broken?.proof?.counterexamples ?? []
    assert.deepEqual([example?.what, example?.times], ['alice get secrets in shop', 14])
    assert.deepEqual([example?.place, broken?.reason], [{ file: 'audit.log', line: 1 }, example?.why])
  })
  test('each that only one of them breaks leaves the other', async () => {
    const { steps, rejected } = await planOf(text, used('bob'))
    assert.deepEqual(
      [steps.map(({ id }) => id), rejected.map(({ id }) => id)],
      [['revoke-binding-a'], ['revoke-binding-b']],
    )
  })
})

test('a step that a later one makes needless is dropped, and the risk at the end is the same', async () => {
  const base = await read(role('mixed', SECRETS, PODS) + binding('mixed', 'mixed', 'alice') + SECRET)
  const known = fixesOf(base, {}, undefined)
  const named = (id: RegExp): Fix => known.find((fix) => id.test(fix.id)) as Fix
  const wanted = [named(/^drop-rule-mixed-create-pods/), named(/^revoke-binding-mixed/)]
  assert.ok(wanted.every(Boolean), known.map(({ id }) => id).join(' '))
  const ports: PlanPorts = {
    base,
    judge: (objects) => analyse({ ...base.input, objects }),
    propose: () => [],
    files: patchedFiles({ names: base.input.files, bytes: base.input.bytes }, base.objects),
    prove: () => ({ verdict: 'unknown' }) as ReturnType<PlanPorts['prove']>,
    hasHistory: false,
    steps: 10,
  }
  const taken: Taken[] = []
  let now: Outlook = base
  let files = ports.files
  for (const fix of wanted) {
    const next = ports.judge(applyFix(now.objects, fix))
    const patched = patchAll(files, [fix])
    assert.ok(!('refused' in patched))
    taken.push(takenOf(now, next, [fix], ports.prove(now, next, [fix]), patched.patches))
    files = patched.files
    now = next
  }
  assert.ok(taken.every(({ risk }) => risk.after < risk.before))
  const kept = withoutNeedless(ports, now, taken)
  assert.deepEqual(
    kept.map(({ fixes }) => fixes.map(({ id }) => id)),
    [[wanted[1]?.id]],
  )
  assert.ok(Math.abs((kept[0]?.risk.after ?? 1) - now.risk.total) < 1e-12)
  assert.equal(kept[0]?.risk.before, base.risk.total)
})
