import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { type AuditJson, events } from '../../../bench/audit/events.ts'
import { type Form, writeAudit } from '../../../bench/audit/write.ts'
import { buildCluster } from '../../cluster/cluster.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import { openHistory } from '../../history/files.ts'
import { minimizedObjects } from './from-history.ts'

const COUNT = 20_000
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-minimize-'))
after(() => rmSync(folder, { recursive: true }))

interface Truth {
  /** By atom (verb, group, resource, namespace), the names that were asked for. */
  readonly used: Map<string, Set<string>>
  readonly refused: Set<string>
  readonly groups: readonly string[]
}

/** What each user did, out of the events themselves and nothing that the product makes of them. */
function truthOf(all: readonly AuditJson[]): ReadonlyMap<string, Truth> {
  const found = new Map<string, Truth>()
  for (const { user, verb, objectRef, requestURI, annotations, stage } of all) {
    if (!objectRef || stage === 'RequestReceived' || user.username.startsWith('system:node:')) continue
    const { resource, subresource, apiGroup = '', namespace = '', name = '' } = objectRef
    const truth = found.get(user.username) ?? { used: new Map(), refused: new Set(), groups: user.groups ?? [] }
    found.set(user.username, truth)
    const atom = `${verb} ${apiGroup} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${namespace}`
    if (annotations?.['authorization.k8s.io/decision'] === 'forbid') {
      truth.refused.add(atom)
      continue
    }
    const isNamed = verb !== 'create' || subresource !== undefined
    const selected = /metadata\.name(?:=|%3D)([^&]*)/.exec(requestURI)?.[1] ?? ''
    const asked = verb === 'list' || verb === 'watch' ? selected : isNamed ? name : ''
    truth.used.set(atom, (truth.used.get(atom) ?? new Set()).add(asked))
  }
  return found
}

/** By subject, the atoms that are granted, with their names; `*` for any. */
function grantsOf(objects: readonly KubeObject[]): ReadonlyMap<string, Map<string, Set<string>>> {
  const rulesOf = new Map(
    objects.map(({ kind, namespace, name, body }) => [
      `${kind} ${namespace} ${name}`,
      (body.rules ?? []) as unknown as readonly Partial<PolicyRule>[],
    ]),
  )
  const found = new Map<string, Map<string, Set<string>>>()
  for (const { kind, namespace, body } of objects) {
    if (!kind.endsWith('Binding')) continue
    const { roleRef, subjects } = body as unknown as Binding
    const rules = rulesOf.get(`${roleRef.kind} ${roleRef.kind === 'Role' ? namespace : ''} ${roleRef.name}`) ?? []
    for (const subject of subjects) {
      const id =
        subject.kind === 'ServiceAccount'
          ? `User system:serviceaccount:${subject.namespace}:${subject.name}`
          : `${subject.kind} ${subject.name}`
      const own = found.get(id) ?? new Map<string, Set<string>>()
      found.set(id, own)
      for (const { verbs = [], apiGroups = [], resources = [], resourceNames = ['*'] } of rules)
        for (const verb of verbs)
          for (const group of apiGroups)
            for (const resource of resources) {
              const atom = `${verb} ${group} ${resource} ${namespace}`
              const names = own.get(atom) ?? new Set()
              own.set(atom, names)
              for (const each of resourceNames) names.add(each)
            }
    }
  }
  return found
}

interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string }
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
}

describe('a generated log of a thousand identities', () => {
  for (const form of ['v1', 'eks', 'gke', 'aks'] as const satisfies readonly Form[])
    test(`${form}: all that was used, hardly more, nothing that was only refused, names kept`, async () => {
      const all = [...events(7, COUNT)]
      const path = join(folder, `${form}.log`)
      writeAudit(path, form, all)
      const cluster = buildCluster({ objects: [] })
      const { objects } = await minimizedObjects(await openHistory([path], { cluster }))
      const grants = grantsOf(objects)
      let used = 0
      let granted = 0
      let named = 0
      let dropped = 0
      for (const [user, truth] of truthOf(all)) {
        const held = new Map<string, Set<string>>()
        for (const id of [`User ${user}`, ...truth.groups.map((group) => `Group ${group}`)])
          for (const [atom, names] of grants.get(id) ?? [])
            held.set(atom, new Set([...(held.get(atom) ?? []), ...names]))
        used += truth.used.size
        granted += held.size
        for (const [atom, names] of truth.used) {
          const wide = `${atom.slice(0, atom.lastIndexOf(' '))} `
          const given = new Set([...(held.get(atom) ?? []), ...(held.get(wide) ?? [])])
          assert.ok(given.size > 0, `${user} lost ${atom}`)
          for (const name of names) assert.ok(given.has('*') || given.has(name), `${user} lost ${atom} ${name}`)
          if (names.has('') || /^\S+ \S* pods/.test(atom)) continue
          named++
          if (given.has('*')) dropped++
        }
        for (const atom of truth.refused)
          assert.ok(truth.used.has(atom) || !held.has(atom), `${user} was refused ${atom}`)
      }
      assert.ok(granted / used <= 1.05, `${granted} granted of ${used} used`)
      assert.ok(named > 300)
      // Of other things than pods no name of this log is generated.
      assert.equal(dropped, 0)
    })
})
