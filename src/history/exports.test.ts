import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { events } from '../../bench/audit/events.ts'
import { EXPORTS, hidesImpersonation } from '../../bench/audit/exports.ts'
import { planted } from '../../bench/audit/planted/plant.ts'
import { linesOf } from '../../bench/audit/write.ts'
import { temporaryFolder } from '../temporary.testing.ts'
import type { HistoryLimits } from './bytes.ts'
import { accessesOf, EMPTY_CLUSTER, sourceOf } from './contract.testing.ts'
import { type FileHistory, openHistory } from './files.ts'
import type { Access } from './history.ts'

async function of(
  files: Readonly<Record<string, string | Buffer>>,
  limits: Partial<HistoryLimits> = {},
): Promise<FileHistory> {
  const made = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text)
  return openHistory([made], { cluster: EMPTY_CLUSTER, limits })
}

/** All that is told of a request but where it stands. */
function told(access: Access): string {
  const { id, time, end, user, groups, impersonator, verb, group, resource, subresource, namespace, name } = access
  const { path, query, waited, decision, reason, credential, session, issued, issuedUntil, sources, code } = access
  const { dryRun, userAgent, pod, review } = access
  const who = [id, time, end, user, groups, impersonator, credential, session, sources, userAgent, pod]
  const what = [verb, group, resource, subresource, namespace, name, path, query, dryRun, review]
  return JSON.stringify([who, what, waited, decision, reason, issued, issuedUntil, code])
}

/** As the table AKSAudit has it: by who asked. */
function asked(access: Access): Access {
  const { impersonator } = access
  if (!impersonator) return access
  return new Proxy(access, {
    get: (whole, key) =>
      key === 'impersonator' ? undefined : Reflect.get(key === 'user' || key === 'groups' ? impersonator : whole, key),
  })
}

const logs = [
  ...events(3, 1500),
  ...[...planted(7, 3000).log].filter(({ impersonatedUser }, at) => impersonatedUser !== undefined || at % 20 === 0),
]
/** As the form itself says it. */
const FORMS = ['v1', 'eks', 'gke', 'aks'] as const
const native = new Map<string, readonly Access[]>()
for (const form of FORMS)
  native.set(form, await accessesOf(await of({ 'audit.log': [...linesOf(form, logs)].join('\n') })))

describe('an audit log as it was exported by', () => {
  for (const [name, { form, isWhole, write }] of Object.entries(EXPORTS)) {
    test(`${name} tells what its form tells, whole and member by member`, async () => {
      const text = write(logs)
      const expected = (native.get(form) as readonly Access[])
        .map((each) => told(hidesImpersonation(name) ? asked(each) : each))
        .sort()
      assert.ok(expected.length > 1500)
      for (const line of isWhole ? [64 * 1024 ** 2] : [128 * 1024, 64 * 1024 ** 2]) {
        const history = await of({ export: text }, { line })
        assert.deepEqual(history.problems, [])
        const accesses = await accessesOf(history)
        const { unread, leftOut, forms } = sourceOf(history.coverage(), 'audit')
        assert.deepEqual([unread, leftOut], [0, {}])
        assert.deepEqual(accesses.map(told).sort(), expected)
        assert.equal(
          forms.every((each) => each.hides.fields.includes('impersonation')),
          hidesImpersonation(name),
        )
        const places = accesses.map(({ place }) => `${place.file} ${place.line} ${place.item}`)
        assert.equal(new Set(places).size, places.length)
      }
    })
  }

  test('several of them at once counts once', async () => {
    for (const form of FORMS) {
      const written = Object.entries(EXPORTS).filter(([name, each]) => each.form === form && !hidesImpersonation(name))
      const files = written.map(([, { write }], at) => [`export-${at}`, write(logs)] as const)
      const history = await of({ ...Object.fromEntries(files), 'audit.log': [...linesOf(form, logs)].join('\n') })
      const expected = native.get(form) as readonly Access[]
      assert.deepEqual((await accessesOf(history)).map(told).sort(), expected.map(told).sort())
      const { unread, leftOut } = sourceOf(history.coverage(), 'audit')
      assert.equal(unread, 0)
      const copies = leftOut['copy of a request told before'] ?? 0
      assert.ok(copies > expected.length * (written.length - 1), `${copies}`)
    }
  })
})
