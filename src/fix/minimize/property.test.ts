import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { authorize, authorizeByRbac } from '../../authz/authorize.ts'
import { type RbacPolicy, rbacPolicy } from '../../authz/policy.ts'
import type { ResourceRequest } from '../../authz/rules.ts'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import type { Json, JsonObject } from '../../cluster/json.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import { decodeBinding, decodeRole, isBinding, isRole } from '../../cluster/rbac.ts'
import { policyOf } from '../../engines/access/policy.ts'
import type { Access } from '../../history/history.ts'
import { memory, START } from '../../prove/testing.ts'
import { applyFix } from '../apply.ts'
import { minimizedObjects } from './from-history.ts'
import type { Minimized } from './minimize.ts'

const RUNS = 300
const DAY = 86_400_000
const NAMESPACES = ['', 'a', 'b'] as const
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'delete', 'deletecollection'] as const
const RESOURCES = [
  ['', 'pods', ''],
  ['', 'pods', 'exec'],
  ['', 'secrets', ''],
  ['apps', 'deployments', ''],
] as const
const NAMES = ['', 'db', 'web'] as const
const USERS = [
  { user: 'alice', groups: ['devs', 'system:authenticated'] },
  { user: 'bob', groups: ['devs', 'ops', 'system:authenticated'] },
  {
    user: 'system:serviceaccount:a:ci',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
  },
] as const

function asked(verb: string, resource: string, namespace: string): ResourceRequest {
  return { verb, group: 'apps', resource, subresource: '', namespace, name: '' }
}

type User = (typeof USERS)[number]
type Asked = { readonly who: User; readonly request: ResourceRequest; readonly day: number }

const requests: fc.Arbitrary<Asked> = fc
  .record({
    who: fc.constantFrom(...USERS),
    verb: fc.constantFrom(...VERBS),
    kind: fc.constantFrom(...RESOURCES),
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom(...NAMES),
    day: fc.nat({ max: 9 }),
  })
  .map(({ who, verb, kind: [group, resource, subresource], namespace, name, day }) => {
    const isNameless = subresource === '' && (verb === 'create' || verb === 'deletecollection')
    const needsName = subresource !== '' || verb === 'get' || verb === 'update' || verb === 'delete'
    const own = isNameless ? '' : needsName && name === '' ? 'db' : name
    return { who, day, request: { verb, group, resource, subresource, namespace, name: own } }
  })

const some = <T>(values: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.subarray([...values], { minLength: 1, maxLength: Math.min(3, values.length) })

const rules = fc.record({
  verbs: fc.oneof({ weight: 4, arbitrary: some(VERBS) }, { weight: 1, arbitrary: fc.constant(['*']) }),
  apiGroups: fc.oneof(some(['', 'apps']), fc.constant(['*'])),
  resources: fc.oneof(some(['pods', 'pods/exec', 'secrets', 'deployments']), fc.constant(['*'])),
  resourceNames: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: some(['db', 'web']) },
  ),
})
const subjects = fc.constantFrom<JsonObject>(
  { kind: 'User', name: 'alice' },
  { kind: 'User', name: 'bob' },
  { kind: 'User', name: 'idle' },
  { kind: 'Group', name: 'devs' },
  { kind: 'Group', name: 'ops' },
  { kind: 'Group', name: 'system:serviceaccounts:a' },
  { kind: 'ServiceAccount', name: 'ci', namespace: 'a' },
)

const RBAC = 'rbac.authorization.k8s.io'
let line = 0

function objectOf(kind: string, namespace: string, name: string, rest: JsonObject): KubeObject {
  const metadata = { name, ...(namespace === '' ? {} : { namespace }) }
  const body: JsonObject = { apiVersion: `${RBAC}/v1`, kind, metadata, ...rest }
  const origin = { source: 0, document: line++, path: [] } as unknown as NonNullable<KubeObject['origin']>
  return { id: idOf(kind, namespace, name), group: RBAC, version: 'v1', kind, namespace, name, body, origin }
}

/** Roles, each with one or two bindings; some share. */
const clusters: fc.Arbitrary<Cluster> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      rules: fc.array(rules, { minLength: 1, maxLength: 2 }),
      bound: fc.array(fc.record({ subjects: fc.array(subjects, { minLength: 1, maxLength: 3 }), down: fc.boolean() }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((roles) => {
    const objects = roles.flatMap(({ namespace, rules: own, bound }, at) => {
      const kind = namespace === '' ? 'ClusterRole' : 'Role'
      const role = objectOf(kind, namespace, `role-${at}`, { rules: own as unknown as Json })
      const bindings = bound.map(({ subjects: named, down }, index) => {
        // A ClusterRole may be given in one namespace.
        const place = namespace === '' && down ? 'a' : namespace
        const of = place === '' ? 'ClusterRoleBinding' : 'RoleBinding'
        const roleRef = { apiGroup: RBAC, kind, name: `role-${at}` }
        return objectOf(of, place, `binding-${at}-${index}`, { roleRef, subjects: named as unknown as Json })
      })
      return [role, ...bindings]
    })
    return buildCluster({ objects })
  })

function recorded({ who, request, day }: Asked, allowed: boolean, reason: string, at: number): Partial<Access> {
  const time = START + day * DAY + at
  return { ...who, ...request, time, decision: allowed ? 'allow' : 'forbid', code: allowed ? 200 : 403, reason }
}

const keyOf = ({ who, request }: Asked): string => JSON.stringify([who.user, request])
const atomOf = (user: string, { verb, group, resource, subresource, namespace }: ResourceRequest): string =>
  JSON.stringify([user, verb, group, resource, subresource, namespace])

/** Every request that may be asked. */
function* universe(): Generator<Asked> {
  for (const who of USERS)
    for (const verb of VERBS)
      for (const [group, resource, subresource] of RESOURCES)
        for (const namespace of NAMESPACES)
          for (const name of NAMES) {
            if (name !== '' && subresource === '' && (verb === 'create' || verb === 'deletecollection')) continue
            yield { who, day: 0, request: { verb, group, resource, subresource, namespace, name } }
          }
}

/** Right texts of what is told to be granted without a use: general rules and what stays unseen. */
function toldOf({ generalised, kept }: Minimized): ReadonlySet<string> {
  return new Set([...generalised, ...kept].flatMap(({ what }) => [what, what.split(':')[0] as string]))
}

function textOf({ verb, group, resource, subresource, namespace }: ResourceRequest): string {
  const combined = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  return `${verb} ${combined}${namespace === '' ? '' : ` in ${namespace}`}`
}

function policyOfObjects(objects: readonly KubeObject[]): RbacPolicy {
  return rbacPolicy({
    roles: objects.filter(isRole).map((object) => decodeRole(object)),
    bindings: objects.filter(isBinding).map((object) => decodeBinding(object)),
    version: { minor: 36 },
    bootstrap: false,
  })
}

describe('for random logs', () => {
  test('what was used is allowed, what was only refused is not, and nothing else is that is not told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(requests, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 0.05, 0.5),
        async (asked, maxSpare) => {
          const accesses = asked.map(([each, allowed, byGroup], at) => {
            const reason = `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "x" to ${byGroup ? `Group "${each.who.groups[0]}"` : `User "${each.who.user}"`}`
            return recorded(each, allowed, allowed ? reason : '', at)
          })
          const made = await minimizedObjects(memory({ accesses }), undefined, { maxSpare })
          const policy = policyOfObjects(made.objects)
          const used = asked.filter(([, allowed]) => allowed).map(([each]) => each)
          const usedKeys = new Set(used.map(keyOf))
          for (const { who, request } of used)
            assert.ok(authorize(policy, who, request).allowed, JSON.stringify([who.user, request]))
          const usedAtoms = new Set(used.map(({ who, request }) => atomOf(who.user, request)))
          const widely = (user: string, request: ResourceRequest): boolean =>
            usedAtoms.has(atomOf(user, request)) || usedAtoms.has(atomOf(user, { ...request, namespace: '' }))
          for (const [each, allowed] of asked)
            if (!allowed && !usedKeys.has(keyOf(each)) && !widely(each.who.user, each.request))
              assert.ok(!authorize(policy, each.who, each.request).allowed, `refused: ${JSON.stringify(each)}`)
          const told = toldOf(made)
          let spare = 0
          // Members of a group that were never seen are given what the group is.
          const seen = new Set(asked.map(([each]) => each.who))
          for (const { who, request } of universe()) {
            if (!seen.has(who)) continue
            if (request.name !== '' || !authorize(policy, who, request).allowed || widely(who.user, request)) continue
            assert.ok(
              told.has(textOf(request)) || told.has(textOf({ ...request, namespace: '' })),
              `untold: ${who.user} ${textOf(request)}`,
            )
            spare++
          }
          if (maxSpare === 0) assert.equal(spare, 0)
          const general = made.generalised.reduce((sum, each) => sum + each.spare, 0)
          assert.ok(general <= maxSpare * usedAtoms.size + 1e-9, `${general} of ${usedAtoms.size}`)
        },
      ),
      {
        numRuns: RUNS,
        // A watch of everything would bring a list of everything, and one namespace's was refused.
        examples: [
          [
            [
              [{ who: USERS[2], day: 0, request: asked('watch', 'deployments', '') }, true, false],
              [{ who: USERS[2], day: 0, request: asked('list', 'deployments', 'a') }, false, false],
              [{ who: USERS[0], day: 0, request: asked('get', 'deployments', '') }, true, false],
            ],
            0.5,
          ],
        ],
      },
    )
  })

  test('names are kept: another object is not given with the one that was used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 20 }), async (asked) => {
        const made = await minimizedObjects(
          memory({ accesses: asked.map((each, at) => recorded(each, true, '', at)) }),
          undefined,
          { maxSpare: 0 },
        )
        const policy = policyOfObjects(made.objects)
        const unnamed = new Set(
          asked.filter(({ request }) => request.name === '').map(({ who, request }) => atomOf(who.user, request)),
        )
        for (const { who, request } of asked) {
          const wide =
            unnamed.has(atomOf(who.user, request)) || unnamed.has(atomOf(who.user, { ...request, namespace: '' }))
          if (request.name === '' || wide) continue
          assert.ok(!authorize(policy, who, { ...request, name: 'another' }).allowed, JSON.stringify(request))
        }
      }),
      { numRuns: RUNS },
    )
  })
})

describe('for random rules of today', () => {
  test('after the change what was used is allowed still, and nobody holds more than before', async () => {
    let changed = 0
    await fc.assert(
      fc.asyncProperty(
        clusters,
        fc.array(requests, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        async (cluster, asked, silent) => {
          const before = policyOf(cluster)
          const accesses = asked.map((each, at) => {
            const decision = authorizeByRbac(before, each.who, each.request)
            return recorded(each, decision.allowed, decision.allowed && !silent ? decision.reason : '', at)
          })
          const made = await minimizedObjects(memory({ accesses }), cluster)
          const after = policyOf(buildCluster({ objects: made.fixes.reduce(applyFix, cluster.objects) }))
          if (made.fixes.length > 0) changed++
          for (const each of asked) {
            const was = authorize(before, each.who, each.request).allowed
            assert.equal(
              authorize(after, each.who, each.request).allowed || !was,
              true,
              `lost: ${JSON.stringify(each)}`,
            )
          }
          for (const { who, request } of universe())
            if (authorize(after, who, request).allowed)
              assert.ok(authorize(before, who, request).allowed, `won: ${who.user} ${JSON.stringify(request)}`)
        },
      ),
      { numRuns: RUNS },
    )
    assert.ok(changed > RUNS / 3, `${changed} of ${RUNS} changed anything`)
  })
})
