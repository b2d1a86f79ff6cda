import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../cluster/cluster.ts'
import type { Json } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { revokedSubjects } from '../../cluster/rbac.ts'
import { objectsOf } from '../../cluster/testing.ts'
import { HIDES } from '../../observe/audit/form.ts'
import { account, auditPolicy, daily, grant, memory, type Recorded, START } from '../../prove/testing.ts'
import { applyFix } from '../apply.ts'
import { type FromHistoryOptions, minimizedObjects } from './from-history.ts'

const CI = account('shop', 'ci')
const DAY = 86_400_000

async function made(
  accesses: Recorded['accesses'],
  yaml?: string,
  options?: FromHistoryOptions,
  audit?: Recorded['audit'],
) {
  const cluster = yaml === undefined ? undefined : buildCluster({ objects: objectsOf(yaml) })
  return minimizedObjects(memory({ accesses: accesses ?? [], ...(audit ? { audit } : {}) }), cluster, options)
}

/** `Role/shop/name: get,list secrets [db]`. */
function told(objects: readonly KubeObject[]): readonly string[] {
  return objects.flatMap(({ id, body }) => {
    const { rules, subjects } = body as unknown as { rules?: Rule[]; subjects?: { kind: string; name: string }[] }
    if (subjects) return [`${id} -> ${subjects.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`]
    return (rules ?? []).map(
      ({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }) =>
        `${id}: ${verbs.join()} ${[...resources, ...nonResourceURLs].join()}${apiGroups.join() === '' ? '' : `.${apiGroups.join()}`}${resourceNames.length === 0 ? '' : ` [${resourceNames.join()}]`}`,
    )
  })
}

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

const group = (name: string, extra = {}) => ({
  groups: [name, 'system:authenticated'],
  reason: `RBAC: allowed by RoleBinding "team/shop" of Role "team" to Group "${name}"`,
  ...extra,
})

describe('of the log alone', () => {
  test('what was used, by name and namespace; what was only refused is not granted', async () => {
    const { objects } = await made([
      { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' },
      { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'mail' },
      { ...CI, verb: 'list', resource: 'pods', namespace: 'shop' },
      { ...CI, verb: 'list', resource: 'nodes' },
      { ...CI, verb: 'delete', resource: 'secrets', namespace: 'shop', name: 'db', decision: 'forbid', code: 403 },
      { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'root', decision: 'forbid', code: 403 },
    ])
    assert.deepEqual(told(objects), [
      'ClusterRole//bulkhead-sa-shop-ci: list nodes',
      'ClusterRoleBinding//bulkhead-sa-shop-ci -> ServiceAccount ci',
      'Role/shop/bulkhead-sa-shop-ci: list pods',
      'Role/shop/bulkhead-sa-shop-ci: get secrets [db,mail]',
      'RoleBinding/shop/bulkhead-sa-shop-ci -> ServiceAccount ci',
    ])
  })

  test('no names where the authorizer sees none; a name of a subresource stays', async () => {
    const { objects } = await made([
      { ...CI, verb: 'create', resource: 'configmaps', namespace: 'shop', name: 'one' },
      { ...CI, verb: 'deletecollection', resource: 'configmaps', namespace: 'shop' },
      { ...CI, verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'db-0' },
      { ...CI, verb: 'watch', resource: 'configmaps', namespace: 'shop', name: 'settings' },
    ])
    assert.deepEqual(told(objects).slice(0, -1), [
      'Role/shop/bulkhead-sa-shop-ci: create,deletecollection configmaps',
      'Role/shop/bulkhead-sa-shop-ci: watch configmaps [settings]',
      'Role/shop/bulkhead-sa-shop-ci: create pods/exec [db-0]',
    ])
  })

  test('names that do not come again are not kept, and that is told', async () => {
    const { objects, generalised } = await made([
      { ...CI, verb: 'get', resource: 'pods', namespace: 'shop', name: 'web-5d4f8c7b9-x2x7k' },
      { ...CI, verb: 'get', resource: 'pods', subresource: 'log', namespace: 'shop', name: 'db-0' },
      ...Array.from({ length: 5 }, (_, day) => ({
        ...CI,
        verb: 'get',
        resource: 'configmaps',
        namespace: 'shop',
        name: `report-${day + 7}`,
        time: START + day * DAY,
      })),
      ...Array.from({ length: 5 }, (_, day) => ({
        ...CI,
        verb: 'get',
        resource: 'secrets',
        namespace: 'shop',
        name: `tenant-${(day * 3) % 5}`,
        time: START + day * DAY,
      })),
    ])
    assert.deepEqual(told(objects).slice(0, -1), [
      'Role/shop/bulkhead-sa-shop-ci: get configmaps,pods',
      'Role/shop/bulkhead-sa-shop-ci: get pods/log [db-0]',
      'Role/shop/bulkhead-sa-shop-ci: get secrets [tenant-0,tenant-1,tenant-2,tenant-3,tenant-4]',
    ])
    assert.deepEqual(
      generalised.map(({ rule, what, spare }) => [rule, what, spare]),
      [
        ['ephemeral-names', 'get pods in shop: any name', 0],
        ['ephemeral-names', 'get configmaps in shop: any name', 0],
      ],
    )
  })

  test('more names than are kept are any name, told with what they begin with', async () => {
    const { objects, generalised } = await made(
      Array.from({ length: 300 }, (_, at) => ({
        ...CI,
        verb: 'get',
        resource: 'configmaps',
        namespace: 'shop',
        name: `tenant-${(at * 7919) % 300}x`,
      })),
    )
    assert.deepEqual(told(objects)[0], 'Role/shop/bulkhead-sa-shop-ci: get configmaps')
    assert.match(generalised[0]?.why ?? '', /more names than are kept \(200\), such as tenant-…/)
  })

  test('subjects with equal needs share a role', async () => {
    const list = { verb: 'list', resource: 'pods', namespace: 'shop' }
    const { objects } = await made([
      { ...CI, ...list },
      { user: 'bob', ...list },
      { user: 'alice', ...list, verb: 'get' },
    ])
    assert.equal(objects.filter(({ kind }) => kind === 'Role').length, 2)
    const shared = objects.find(({ kind, name }) => kind === 'RoleBinding' && name.includes('and-1-more'))
    assert.deepEqual((shared?.body.subjects as readonly Json[] | undefined)?.length, 2)
  })

  test('what all members of a group used by it is granted to the group once; what one used, to that one', async () => {
    const list = { verb: 'list', resource: 'pods', namespace: 'shop' }
    const { objects } = await made([
      { user: 'alice', ...group('devs'), ...list },
      { user: 'bob', ...group('devs'), ...list },
      { user: 'bob', ...group('devs'), ...list, verb: 'delete', name: 'db-0' },
    ])
    assert.deepEqual(told(objects), [
      'Role/shop/bulkhead-group-devs: list pods',
      'RoleBinding/shop/bulkhead-group-devs -> Group devs',
      'Role/shop/bulkhead-user-bob: delete pods [db-0]',
      'RoleBinding/shop/bulkhead-user-bob -> User bob',
    ])
    const asked = await made(
      [
        { user: 'alice', ...group('devs'), ...list },
        { user: 'bob', ...group('devs'), ...list, verb: 'delete', name: 'db-0' },
      ],
      undefined,
      { subjects: [{ kind: 'Group', namespace: '', name: 'devs' }] },
    )
    assert.deepEqual(
      asked.subjects.map(({ text, used }) => [text, used]),
      [['group:devs', 2]],
    )
  })

  test('discovery is everybody’s; nodes have an authorizer of their own', async () => {
    const { objects, kept } = await made([
      { user: 'alice', groups: ['system:authenticated'], resource: '', path: '/apis' },
      { user: 'alice', groups: ['system:authenticated'], resource: '', path: '/metrics' },
      {
        user: 'system:node:a',
        groups: ['system:nodes', 'system:authenticated'],
        resource: 'secrets',
        namespace: 'shop',
        name: 'db',
      },
    ])
    assert.deepEqual(told(objects), [
      'ClusterRole//bulkhead-user-alice: get /metrics',
      'ClusterRoleBinding//bulkhead-user-alice -> User alice',
    ])
    assert.deepEqual(
      kept.map(({ subject }) => subject),
      ['user:system:node:a'],
    )
  })

  test('a patch that created needs create; whoever impersonated needs to', async () => {
    const { objects } = await made([
      { ...CI, verb: 'patch', resource: 'configmaps', namespace: 'shop', name: 'one', code: 201 },
      { user: 'bob', groups: ['devs'], verb: 'list', resource: 'pods', namespace: 'shop', impersonator: CI },
    ])
    assert.deepEqual(told(objects), [
      'ClusterRole//bulkhead-sa-shop-ci: impersonate groups [devs]',
      'ClusterRole//bulkhead-sa-shop-ci: impersonate users [bob]',
      'ClusterRoleBinding//bulkhead-sa-shop-ci -> ServiceAccount ci',
      'Role/shop/bulkhead-sa-shop-ci: create configmaps',
      'Role/shop/bulkhead-sa-shop-ci: patch configmaps [one]',
      'RoleBinding/shop/bulkhead-sa-shop-ci -> ServiceAccount ci',
      'Role/shop/bulkhead-user-bob: list pods',
      'RoleBinding/shop/bulkhead-user-bob -> User bob',
    ])
  })

  test('a watch is begun by a list; general rules never give what was refused, nor more than their share', async () => {
    const watch = { verb: 'watch', resource: 'pods', namespace: 'shop' }
    const names = Array.from({ length: 80 }, (_, at) => ({
      ...CI,
      verb: 'create',
      resource: `things${at}`,
      namespace: 'shop',
    }))
    const one = await made([{ ...CI, ...watch }, ...names])
    assert.deepEqual(
      one.generalised.map(({ rule, what }) => [rule, what]),
      [
        ['relist', 'list pods in shop'],
        ['informer-get', 'get pods in shop'],
      ],
    )
    const refused = await made([
      { ...CI, ...watch },
      { ...CI, ...watch, verb: 'get', decision: 'forbid', code: 403 },
      ...names,
    ])
    assert.deepEqual(
      refused.generalised.map(({ rule }) => rule),
      ['relist'],
    )
    assert.deepEqual((await made([{ ...CI, ...watch }, ...names], undefined, { maxSpare: 0 })).generalised, [])
  })

  test('what is used nearly everywhere is granted everywhere, where namespaces are made', async () => {
    const lists = Array.from({ length: 19 }, (_, at) => ({
      ...CI,
      verb: 'list',
      resource: 'pods',
      namespace: `n-${at}`,
    }))
    const others = Array.from({ length: 40 }, (_, at) => ({
      user: 'bob',
      verb: 'create',
      resource: `things${at}`,
      namespace: 'n-19',
    }))
    const made1 = await made([
      ...lists,
      ...others,
      { user: 'bob', verb: 'create', resource: 'namespaces', name: 'n-19' },
    ])
    assert.ok(told(made1.objects).includes('ClusterRole//bulkhead-sa-shop-ci: list pods'))
    assert.deepEqual(
      made1.generalised.map(({ rule, spare }) => [rule, spare]),
      [['every-namespace', 2]],
    )
    assert.deepEqual((await made([...lists, ...others])).generalised, [])
  })

  test('the same bytes for the same records in another order', async () => {
    const all = [
      { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' },
      { ...CI, verb: 'list', resource: 'pods', namespace: 'shop' },
      { user: 'bob', verb: 'list', resource: 'pods', namespace: 'shop' },
      { user: 'bob', verb: 'get', group: 'apps', resource: 'deployments', namespace: 'web', name: 'x' },
    ].map((each, at) => ({ ...each, time: START + at * DAY }))
    const text = async (list: Recorded['accesses']): Promise<string> =>
      JSON.stringify((await made(list)).objects.map(({ body }) => body))
    assert.equal(await text(all), await text(all.toReversed()))
  })
})

describe('against the rules of today', () => {
  const yaml = grant('ci', 'verbs: [get, list, delete], apiGroups: [""], resources: [secrets, configmaps]')
  const get = {
    ...CI,
    verb: 'get',
    resource: 'secrets',
    namespace: 'shop',
    name: 'db',
    reason: 'RBAC: allowed by RoleBinding "ci/shop" of Role "ci" to ServiceAccount "ci/shop"',
  }

  test('a role that is for one subject is made smaller in its place', async () => {
    const { objects, fixes } = await made(daily(14, get), yaml)
    assert.deepEqual(told(objects), ['Role/shop/ci: get secrets [db]', 'RoleBinding/shop/ci -> ServiceAccount ci'])
    assert.deepEqual(
      fixes.map(({ changes }) => changes.map(({ action }) => action)),
      [['edit']],
    )
  })

  test('what the audit policy keeps out of the log stays', async () => {
    const policy = auditPolicy(
      { level: 'None', resources: [{ group: '', resources: ['configmaps'] }], verbs: ['list'] },
      { level: 'Metadata' },
    )
    const { objects, kept } = await made(daily(14, get), yaml, {}, { auditPolicy: policy })
    assert.ok(told(objects).includes('Role/shop/ci: list configmaps'))
    assert.deepEqual(kept, [
      {
        subject: 'sa:shop/ci',
        what: 'list configmaps in shop',
        why: 'kept out of the log by rule 1 of the audit policy',
      },
    ])
  })

  test('reads stay where the log holds none', async () => {
    const { objects } = await made(daily(14, { ...get, verb: 'delete' }), yaml)
    assert.ok(told(objects).includes('Role/shop/ci: get,list configmaps,secrets'))
  })

  test('a wildcard becomes what was used', async () => {
    const star = grant('ci', 'verbs: ["*"], apiGroups: ["*"], resources: ["*"]')
    const { objects } = await made(daily(14, get), star)
    assert.deepEqual(told(objects).filter((each) => each.startsWith('Role/')).length > 0, true)
    assert.ok(!told(objects).some((each) => /[ ,]\*/.test(each)))
  })

  test('an object is what the edits of the files make of it: an emptied binding keeps who was in it', async () => {
    const wide = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: admins }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ann }]`
    const used = {
      user: 'ann',
      groups: ['system:authenticated'],
      verb: 'get',
      resource: 'secrets',
      namespace: 'shop',
      name: 'db',
    }
    const { objects, fixes } = await made(daily(14, used), wide)
    const after = fixes.reduce(applyFix, objectsOf(wide))
    const [binding] = objects.filter(({ name }) => name === 'admins')
    assert.deepEqual(binding?.body, after.find(({ name }) => name === 'admins')?.body)
    assert.deepEqual(binding?.body.subjects, [])
    assert.deepEqual(binding && revokedSubjects(binding).map(({ name }) => name), ['ann'])
  })

  test('--keep leaves a binding as it is, with what was used by it', async () => {
    const { objects, kept, fixes } = await made(daily(14, get), yaml, { keep: ['shop/ci'] })
    assert.deepEqual([objects, fixes], [[], []])
    assert.deepEqual(
      kept.map(({ what, why }) => [what, why]),
      [['RoleBinding shop/ci', 'kept: --keep']],
    )
  })

  test('a binding of several loses those who get their own', async () => {
    const two = yaml.replace('subjects: [{', 'subjects: [{kind: User, name: idle}, {')
    const { objects, fixes } = await made(daily(14, get), two)
    assert.deepEqual(told(objects), [
      'Role/shop/bulkhead-sa-shop-ci: get secrets [db]',
      'RoleBinding/shop/bulkhead-sa-shop-ci -> ServiceAccount ci',
      'RoleBinding/shop/ci -> User idle',
    ])
    assert.deepEqual(
      fixes.map(({ id }) => id),
      ['minimize-shop-ci', 'minimize'],
    )
  })

  test('what today’s rules do not explain is not granted, and told', async () => {
    const { ungranted, objects } = await made(
      [...daily(14, get), { ...CI, verb: 'update', resource: 'secrets', namespace: 'shop', name: 'db' }],
      yaml,
    )
    assert.deepEqual(
      ungranted.map(({ what }) => what),
      ['update secrets in shop'],
    )
    assert.ok(!told(objects).some((each) => each.includes('update')))
  })
})

describe('what the log cannot show stays', () => {
  const RBAC = 'rbac.authorization.k8s.io'
  const writer = grant('ci', `verbs: [create, get], apiGroups: [${RBAC}, ""], resources: [roles, pods]`)
  const write = { ...CI, verb: 'create', group: RBAC, resource: 'roles', namespace: 'shop', name: 'unknown' }

  test('of whoever wrote a role that is in no file, all that it may have handed on', async () => {
    const { kept, fixes } = await made(daily(14, write), writer)
    assert.deepEqual(fixes, [])
    assert.match(kept[0]?.why ?? '', /^it wrote roles or bindings that are not in your files/)
    const known = `${writer}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: unknown, namespace: shop}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]`
    const read = { user: 'bob', groups: ['system:masters'], verb: 'list', resource: 'pods' }
    const { objects } = await made([...daily(14, write), read], known, {
      subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'ci' }],
    })
    assert.deepEqual(told(objects), [
      'Role/shop/ci: get pods',
      'Role/shop/ci: create roles.rbac.authorization.k8s.io',
      'RoleBinding/shop/ci -> ServiceAccount ci',
    ])
  })

  test('uid and extra of those whom it impersonated', async () => {
    const yaml = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: imp}
rules:
- {verbs: [impersonate], apiGroups: [""], resources: [users, groups]}
- {verbs: [impersonate], apiGroups: [authentication.k8s.io], resources: [uids, userextras/scopes]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: imp}
roleRef: {kind: ClusterRole, name: imp}
subjects: [{kind: ServiceAccount, name: ci, namespace: shop}]`
    const asBob = { user: 'bob', groups: ['devs'], verb: 'list', resource: 'pods', namespace: 'shop', impersonator: CI }
    const { objects, kept } = await made(daily(14, asBob), yaml)
    assert.deepEqual(told(objects).slice(0, 3), [
      'ClusterRole//imp: impersonate groups [devs]',
      'ClusterRole//imp: impersonate users [bob]',
      'ClusterRole//imp: impersonate uids,userextras/scopes.authentication.k8s.io',
    ])
    assert.deepEqual(
      kept.map(({ what }) => what),
      ['impersonate uids.authentication.k8s.io', 'impersonate userextras/scopes.authentication.k8s.io'],
    )
  })

  test('of one that did more than is told apart', async () => {
    const star = grant('ci', 'verbs: ["*"], apiGroups: ["*"], resources: ["*"]')
    const many = Array.from({ length: 20_001 }, (_, at) => ({
      ...CI,
      verb: 'list',
      resource: `r-${at}`,
      namespace: 'shop',
    }))
    const { kept, fixes } = await made(many, star)
    assert.deepEqual([fixes, kept.map(({ why }) => why)], [[], ['more was recorded of it than is told apart']])
  })
})

test('a right to impersonate is not taken on the word of rows that do not tell as whom', async () => {
  const yaml = grant('helper', 'verbs: [impersonate], apiGroups: [""], resources: [serviceaccounts]')
  const accesses = daily(14, { ...CI, verb: 'get', resource: 'pods', namespace: 'shop', name: 'a' })
  const all = yaml + grant('reads', 'verbs: [get, delete], apiGroups: [""], resources: [pods]')
  const kept = async (form: 'aks' | 'aks-table'): Promise<boolean> => {
    const audit = { forms: [{ form, records: 14, hides: HIDES[form] }], hides: HIDES[form] }
    const { objects, fixes } = await made(accesses, all, {}, audit)
    const cluster = buildCluster({ objects: objectsOf(all) })
    const after = [...fixes.reduce(applyFix, cluster.objects), ...objects]
    return JSON.stringify(after.filter(({ kind }) => kind === 'Role')).includes('impersonate')
  }
  assert.equal(await kept('aks-table'), true)
  assert.equal(await kept('aks'), false)
})
