import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { GcpBinding, GcpExports } from '../../cluster/cloud/gcp-exports.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { GCP_RULES } from './gcp/escalate.ts'
import { GCP_ASSETS } from './gcp/reach.ts'

const from = because('an export')
const APP = 'app@p.iam.gserviceaccount.com'
const BIG = 'big@p.iam.gserviceaccount.com'
const FAR = 'far@p.iam.gserviceaccount.com'
const on = (email: string): string => `//iam.googleapis.com/projects/p/serviceAccounts/${email}`
const id = (name: string): string => `CloudIdentity/gcp/${name}`
const ADMIN = id('administrator of projects/p')

const CLUSTER = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {providerID: gce://p/z/n1}
`
const bind = (role: string, resource: string, member = `serviceAccount:${APP}`): GcpBinding => ({
  role,
  resource,
  member,
  from,
})
/** The account of the cluster is APP in Google Cloud, and the project has BIG and FAR besides. */
const BASE: readonly GcpBinding[] = [
  bind('roles/iam.workloadIdentityUser', on(APP), 'serviceAccount:p.svc.id.goog[shop/api]'),
  bind('roles/none', on(BIG), 'user:nobody@b'),
  bind('roles/none', on(FAR), 'user:nobody@b'),
]
const NONE: readonly [string, readonly string[]] = ['roles/none', []]

function judge(
  more: readonly GcpBinding[],
  gcp: Partial<GcpExports> = {},
  roles: Record<string, readonly string[]> = {},
): Judged {
  const cloud: CloudExports = {
    ...NO_CLOUD,
    gcp: { ...NO_CLOUD.gcp, bindings: [...BASE, ...more], roles: new Map([NONE, ...Object.entries(roles)]), ...gcp },
  }
  return analyseText(CLUSTER, { cloud })
}

function truth(judged: Judged, to: string, kind = 'gcp-becomes', source = id(APP)): string {
  const edge = judged.analysis.edges.find((each) => each.kind === kind && each.from === source && each.to === to)
  return edge?.truth ?? 'none'
}

describe('becoming a service account', () => {
  for (const { id: rule, permission, runs = [], besides } of GCP_RULES) {
    const sure = besides === undefined ? 'yes' : 'unknown'
    test(`${rule}: on the account, on its project, and nowhere else`, () => {
      for (const run of runs.length === 0 ? [undefined] : runs) {
        const roles = { 'projects/p/roles/r': [permission], 'projects/p/roles/run': run === undefined ? [] : [run] }
        const also = run === undefined ? [] : [bind('projects/p/roles/run', 'projects/p')]
        const at = (resource: string): Judged => judge([bind('projects/p/roles/r', resource), ...also], {}, roles)
        assert.deepEqual([truth(at(on(BIG)), id(BIG)), truth(at(on(BIG)), id(FAR))], [sure, 'none'])
        assert.deepEqual([truth(at('projects/p'), id(BIG)), truth(at('projects/p'), id(FAR))], [sure, sure])
        assert.equal(truth(at('projects/q'), id(BIG)), 'none')
        if (run !== undefined)
          assert.equal(truth(judge([bind('projects/p/roles/r', on(BIG))], {}, roles), id(BIG)), 'none')
      }
    })
  }
  test('delegation goes on to whom the delegate gets tokens of', () => {
    const roles = { 'projects/p/roles/d': ['iam.serviceAccounts.implicitDelegation'] }
    const delegate = bind('projects/p/roles/d', on(BIG))
    const next = bind('roles/iam.serviceAccountTokenCreator', on(FAR), `serviceAccount:${BIG}`)
    assert.equal(truth(judge([delegate, next], {}, roles), id(FAR)), 'yes')
    assert.equal(truth(judge([delegate], {}, roles), id(FAR)), 'none')
    assert.equal(truth(judge([next], {}, roles), id(FAR)), 'none')
  })
  test('what a deny policy takes away is not drawn', () => {
    const token = bind('projects/p/roles/r', 'projects/p')
    const roles = { 'projects/p/roles/r': ['iam.serviceAccounts.getAccessToken'] }
    const denies = (deniedPrincipals: string[]): Partial<GcpExports> => ({
      denies: [
        {
          name: 'guard',
          resource: 'projects/p',
          rules: [
            {
              deniedPrincipals,
              exceptionPrincipals: [],
              deniedPermissions: ['iam.googleapis.com/serviceAccounts.getAccessToken'],
              exceptionPermissions: [],
            },
          ],
          from,
        },
      ],
    })
    const own = `principal://iam.googleapis.com/projects/-/serviceAccounts/${APP}`
    assert.equal(truth(judge([token], denies([own]), roles), id(BIG)), 'none')
    assert.equal(truth(judge([token], denies(['principal://goog/subject/al@b']), roles), id(BIG)), 'yes')
  })
  test('conditions and roles that are not known are unknown; names of other services say no', () => {
    const token = bind('roles/iam.serviceAccountTokenCreator', on(BIG))
    const expression = "resource.type == 'x'"
    assert.equal(truth(judge([{ ...token, condition: { expression } }]), id(BIG)), 'unknown')
    assert.equal(truth(judge([bind('projects/p/roles/unseen', on(BIG))]), id(BIG)), 'unknown')
    assert.equal(truth(judge([bind('roles/iam.newRole', on(BIG))]), id(BIG)), 'unknown')
    assert.equal(truth(judge([bind('roles/logging.logWriter', 'projects/p')]), id(BIG)), 'none')
    assert.equal(truth(judge([bind('roles/viewer', 'projects/p')]), id(BIG)), 'none')
  })
})

describe('administering a part of the hierarchy', () => {
  const tree: Partial<GcpExports> = {
    parents: new Map([
      ['projects/p', ['folders/1']],
      ['folders/1', ['organizations/2']],
    ]),
  }
  test('who grants roles becomes every service account below, and enters the cluster', () => {
    for (const [place, role] of [
      ['projects/p', 'resourcemanager.projects.setIamPolicy'],
      ['folders/1', 'resourcemanager.folders.setIamPolicy'],
      ['organizations/2', 'resourcemanager.organizations.setIamPolicy'],
    ] as const) {
      const judged = judge([bind('projects/p/roles/r', place)], tree, { 'projects/p/roles/r': [role] })
      assert.equal(truth(judged, id(`administrator of ${place}`)), 'yes')
      assert.ok(judged.controls('ServiceAccount/shop/api', id(FAR)))
      assert.equal(truth(judged, CONTROL_PLANE, 'gcp-cluster-access'), 'yes')
    }
    const other = judge([bind('projects/p/roles/r', 'projects/q')], tree, {
      'projects/p/roles/r': ['resourcemanager.projects.setIamPolicy'],
    })
    assert.ok(!other.controls('ServiceAccount/shop/api', CONTROL_PLANE))
    assert.ok(!other.controls('ServiceAccount/shop/api', id(FAR)))
  })
  test('an owner, and who rewrites the role that it holds', () => {
    assert.equal(truth(judge([bind('roles/owner', 'projects/p')]), ADMIN), 'yes')
    const roles = { 'projects/p/roles/r': ['iam.roles.update'], 'projects/p/roles/plain': ['iam.roles.get'] }
    assert.equal(truth(judge([bind('projects/p/roles/r', 'projects/p')], {}, roles), ADMIN), 'yes')
    assert.equal(truth(judge([bind('projects/p/roles/plain', 'projects/p')], {}, roles), ADMIN), 'none')
  })
  test('a hierarchy in circles ends', () => {
    const parents = new Map([
      ['projects/p', ['folders/1']],
      ['folders/1', ['projects/p', 'folders/1']],
    ])
    assert.equal(truth(judge([bind('roles/owner', 'projects/p')], { parents }), ADMIN), 'yes')
  })
})

describe('what a principal reaches', () => {
  for (const [kind, accesses] of Object.entries(GCP_ASSETS))
    test(`${kind}: by each of its permissions`, () => {
      for (const [access, permissions] of Object.entries(accesses))
        for (const permission of permissions) {
          const roles = { 'projects/p/roles/r': [permission] }
          const judged = judge([bind('projects/p/roles/r', 'projects/p')], {}, roles)
          const edges = judged.analysis.edges.filter((each) => each.kind === 'gcp-reaches')
          assert.deepEqual(
            edges.map(({ to, truth: is, rule }) => [to, is, rule]),
            [[`CloudAsset/gcp/${kind} projects/p`, 'yes', access]],
          )
        }
    })
  test('a bucket by its own policy; it is an asset', () => {
    const judged = judge([bind('roles/storage.objectViewer', '//storage.googleapis.com/logs')])
    assert.ok(judged.controls('ServiceAccount/shop/api', 'CloudAsset/gcp/storage projects/_/buckets/logs'))
    assert.ok(judged.analysis.assets.some(({ id: asset }) => asset === 'external/gcp/storage projects/_/buckets/logs'))
  })
  test('nobody else’s', () => {
    const judged = judge([bind('roles/storage.objectViewer', 'projects/p', 'user:al@b')])
    assert.equal(judged.analysis.edges.filter(({ kind }) => kind === 'gcp-reaches').length, 0)
  })
})

test('members of the cluster’s IAM are asked as well, groups as groups', () => {
  const judged = judge([
    bind('roles/container.viewer', 'projects/p', 'group:devs@b'),
    bind('roles/iam.serviceAccountTokenCreator', on(BIG), 'group:devs@b'),
  ])
  assert.equal(truth(judged, id(BIG), 'gcp-becomes', id('devs@b')), 'yes')
})

test('hostile: long chains, many accounts, and names of Object.prototype', () => {
  const email = (index: number): string => `a${index}@p.iam.gserviceaccount.com`
  const chain = Array.from({ length: 700 }, (_, index) =>
    bind(
      'roles/iam.serviceAccountTokenCreator',
      on(email(index + 1)),
      `serviceAccount:${index === 0 ? APP : email(index)}`,
    ),
  )
  const before = process.cpuUsage().user
  const judged = judge([
    ...chain,
    bind('__proto__', 'projects/p'),
    bind('projects/__proto__/roles/constructor', '__proto__'),
  ])
  assert.ok((process.cpuUsage().user - before) / 1e6 < 30)
  const ids = judged.analysis.unknowns().map((each) => each.id)
  assert.ok(ids.includes('cloud-service-accounts'))
})
