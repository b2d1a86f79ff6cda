import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../json.ts'
import { resolveNamespaces } from '../namespace.ts'
import { type KubeObject, toObject } from '../object.ts'
import { expandDefinitions } from './expand.ts'

/**
 * rbac-manager's rules said once more, the plain way: one pass, every namespace asked, the first fault ends the
 * definition. Where it ends at none, what is made must be the same; where it does, at least what came before.
 */
interface Asked {
  readonly name: string
  readonly subjects: readonly { kind: string; name: string; namespace?: string }[]
  readonly clusterRoleBindings?: readonly { clusterRole: string }[]
  readonly roleBindings?: readonly RoleBinding[]
}
interface RoleBinding {
  readonly clusterRole?: string
  readonly role?: string
  readonly namespace?: string
  readonly namespaceSelector?: {
    readonly matchLabels?: Record<string, string>
    readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[]
  }
}

const LABELS: Readonly<Record<string, Record<string, string>>> = {
  a: { team: 'x', app: 'p' },
  b: { team: 'x' },
  c: { team: 'y', app: 'q' },
  d: {},
}

function plain(bindings: readonly Asked[]): { made: Map<string, string>; failed: boolean } {
  const made = new Map<string, string>()
  const add = (id: string, text: string) => {
    if (!made.has(id)) made.set(id, text)
  }
  for (const { name, subjects, clusterRoleBindings = [], roleBindings = [] } of bindings) {
    const who = subjects.map((each) => `${each.kind}:${each.namespace ?? ''}:${each.name}`).join()
    for (const { kind, namespace, name: account } of subjects)
      if (kind === 'ServiceAccount') add(`ServiceAccount/${namespace}/${account}`, '')
    for (const { clusterRole } of clusterRoleBindings)
      add(`ClusterRoleBinding//def-${name}-${clusterRole}`, `ClusterRole ${clusterRole} ${who}`)
    for (const { clusterRole = '', role = '', namespace = '', namespaceSelector: selector = {} } of roleBindings) {
      if (clusterRole === '' && role === '') return { made, failed: true }
      const [end, ref] =
        clusterRole === '' ? [`${role}-${namespace}`, `Role ${role}`] : [clusterRole, `ClusterRole ${clusterRole}`]
      const { matchLabels, matchExpressions = [] } = selector
      if (matchLabels !== undefined || matchExpressions.length > 0) {
        for (const { operator, values = [] } of matchExpressions)
          if ((operator === 'In' || operator === 'NotIn') !== values.length > 0) return { made, failed: true }
        for (const [place, own] of Object.entries(LABELS)) {
          const labels: Record<string, string | undefined> = { ...own, 'kubernetes.io/metadata.name': place }
          const isEqual = Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value)
          const isMatch = matchExpressions.every(({ key, operator, values = [] }) => {
            const label = labels[key]
            if (operator === 'Exists') return label !== undefined
            if (operator === 'DoesNotExist') return label === undefined
            const isIn = label !== undefined && values.includes(label)
            return operator === 'In' ? isIn : !isIn
          })
          if (isEqual && isMatch) add(`RoleBinding/${place}/def-${name}-${end}`, `${ref} ${who}`)
        }
      } else if (namespace !== '') add(`RoleBinding/${namespace}/def-${name}-${end}`, `${ref} ${who}`)
      else return { made, failed: true }
    }
  }
  return { made, failed: false }
}

const word = fc.constantFrom('a', 'b', 'c', 'a-b', 'x')
const key = fc.constantFrom('team', 'app', 'kubernetes.io/metadata.name', 'none')
const value = fc.constantFrom('x', 'y', 'p', 'q', 'a', 'b', 'none')
const optional = { requiredKeys: [] }
const selector = fc.record(
  {
    matchLabels: fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true }),
    matchExpressions: fc.array(
      fc.record(
        {
          key,
          operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
          values: fc.array(value, { maxLength: 2 }),
        },
        { requiredKeys: ['key', 'operator'] },
      ),
      { maxLength: 2 },
    ),
  },
  optional,
)
const roleBinding = fc.record(
  {
    clusterRole: fc.constantFrom('', 'a', 'b', 'a-b', 'x-a'),
    role: fc.constantFrom('', 'a', 'b', 'x'),
    namespace: fc.constantFrom('', 'a', 'b', 'c'),
    namespaceSelector: selector,
  },
  optional,
)
const subject = fc.oneof(
  fc.record({ kind: fc.constantFrom('User', 'Group'), name: word }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: word, namespace: fc.constantFrom('a', 'b') }),
)
const bindings = fc.array(
  fc.record(
    {
      name: word,
      subjects: fc.array(subject, { maxLength: 3 }),
      clusterRoleBindings: fc.array(fc.record({ clusterRole: word }), { maxLength: 2 }),
      roleBindings: fc.array(roleBinding, { maxLength: 3 }),
    },
    { requiredKeys: ['name', 'subjects'] },
  ),
  { maxLength: 4 },
)

function objectOf(body: unknown): KubeObject {
  const made = toObject(
    body as JsonObject,
    { source: 0, start: 0, end: 0, inner: [] },
    { namespace: '', clusterScoped: new Set() },
  )
  assert.ok(typeof made !== 'string', String(made))
  return made
}

const namespaces = resolveNamespaces(
  Object.entries(LABELS).map(([name, labels]) =>
    objectOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
  ),
)

function textOf({ kind, body }: KubeObject): string {
  if (kind === 'ServiceAccount') return ''
  const { roleRef, subjects = [] } = body as unknown as {
    roleRef: { kind: string; name: string }
    subjects?: readonly { kind: string; name: string; namespace?: string }[]
  }
  const who = subjects.map((each) => `${each.kind}:${each.namespace ?? ''}:${each.name}`).join()
  return `${roleRef.kind} ${roleRef.name} ${who}`
}

const ENDS: ReadonlySet<string> = new Set(['no-role', 'no-namespace', 'empty-selector', 'invalid-selector'])

test('any definition makes what the rules, said plainly, make; faults are told exactly where these end', () => {
  let ended = 0
  let whole = 0
  fc.assert(
    fc.property(bindings, (asked) => {
      const definition = objectOf({
        apiVersion: 'rbacmanager.reactiveops.io/v1beta1',
        kind: 'RBACDefinition',
        metadata: { name: 'def' },
        rbacBindings: asked as unknown as Json,
      })
      const { objects, problems } = expandDefinitions([definition], namespaces)
      const { made, failed } = plain(asked as readonly Asked[])
      const ours = new Map(objects.map((object) => [object.id, textOf(object)]))
      assert.equal(
        problems.some(({ check, severity }) => severity === 'error' && ENDS.has(check)),
        failed,
      )
      if (failed) {
        ended++
        for (const [id, text] of made) assert.equal(ours.get(id), text)
      } else {
        if (made.size > 0) whole++
        assert.deepEqual(new Map([...ours].sort()), new Map([...made].sort()))
      }
    }),
    { numRuns: 3_000 },
  )
  assert.ok(ended > 300 && whole > 300, `${ended} ended, ${whole} whole`)
})
