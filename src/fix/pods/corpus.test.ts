import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { HOST_STEPS } from '../../engines/escape/escape.ts'
import { readInputs } from '../../observe/files/read.ts'
import type { Fix, Proposer } from '../fix.ts'
import { podSecurityLabel } from '../namespaces/pod-security-label.ts'
import { capabilitiesDrop } from './capabilities-drop.ts'
import { hostAccessOff } from './host-access-off.ts'
import { hostPathOff } from './host-path-off.ts'
import { hostPathReadOnly } from './host-path-read-only.ts'
import { ownServiceAccount } from './own-service-account.ts'
import { privilegedOff } from './privileged-off.ts'
import { secureContext } from './secure-context.ts'
import { type Case, caseOfObjects } from './testing.ts'
import { tokenOff } from './token-off.ts'
import { unprivileged } from './unprivileged.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`

const ALL: readonly Proposer[] = [
  capabilitiesDrop,
  hostAccessOff,
  hostPathOff,
  hostPathReadOnly,
  ownServiceAccount,
  podSecurityLabel,
  privilegedOff,
  secureContext,
  tokenOff,
  unprivileged,
]

async function caseIn(...names: readonly string[]): Promise<Case> {
  const input = await readInputs(
    names.map((name) => join(root, name)),
    { recursive: true },
  )
  return caseOfObjects(input.objects)
}

const toNodes = (each: Case, workload: string): readonly string[] =>
  each.context.edges
    .filter(({ from, chance, kind }) => from === workload && chance === 1 && HOST_STEPS.has(kind))
    .map(({ kind, to }) => `${kind} -> ${to}`)

describe('the fix of all that leads to a node, or of the one thing that does', { skip }, () => {
  for (const folder of ['everything-allowed', 'priv', 'hostpath', 'priv-and-hostpid'])
    test(`cuts every way of each workload of badpods/${folder}`, async () => {
      const before = await caseIn(`badpods/manifests/${folder}`)
      const { workloads } = before.context.cluster
      assert.equal(new Set(workloads.map(({ kind }) => kind)).size, 8)
      const whole = new Map(
        [privilegedOff, hostPathOff, unprivileged]
          .flatMap((proposer) => before.propose(proposer))
          .map((fix) => [fix.serves, fix] as const),
      )
      for (const { id } of workloads) {
        assert.ok(toNodes(before, id).length > 0, id)
        assert.deepEqual(toNodes(before.after(whole.get(id) as Fix), id), [], id)
      }
    })

  test('cuts every way of each workload of kubernetes-goat', async () => {
    const before = await caseIn('kubernetes-goat')
    const fixes = before.propose(unprivileged)
    assert.equal(fixes.length, 5)
    for (const fix of fixes) assert.deepEqual(toNodes(before.after(fix), fix.serves as string), [], fix.id)
  })
})

describe('every fix', { skip }, () => {
  for (const names of [
    ['kubernetes-goat'],
    ['badpods/manifests/everything-allowed'],
    ['argo-cd'],
    ['calico', 'knative-serving'],
    ['rook-ceph'],
  ])
    test(`of ${names.join(' and ')} can be made, is not proposed twice, and has a name of its own`, async () => {
      const before = await caseIn(...names)
      const fixes = ALL.flatMap((proposer) => {
        const own = before.propose(proposer)
        assert.deepEqual(
          own.map(({ id }) => id),
          own.map(({ id }) => id).sort(),
        )
        return own.map((fix) => ({ fix, proposer }))
      })
      assert.ok(fixes.length > 0)
      assert.equal(new Set(fixes.map(({ fix }) => fix.id)).size, fixes.length)
      for (const { fix, proposer } of fixes) {
        assert.match(fix.id, /^[a-z0-9]+(-[a-z0-9]+)*$/)
        assert.ok(fix.id.length <= 100)
        const after = before.after(fix)
        assert.ok(!after.propose(proposer).some(({ id }) => id === fix.id), fix.id)
      }
    })
})
