import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { GcpDenyRule, GcpExports } from '../../cluster/cloud/gcp-exports.ts'
import { clusterOf } from '../../cluster/testing.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'
import { cloudAuthorizers } from './authorizers.ts'

const from = because('an export')
const GSA = 'app@p.iam.gserviceaccount.com'
const ON_GSA = `//iam.googleapis.com/projects/p/serviceAccounts/${GSA}`
const POD = 'serviceAccount:p.svc.id.goog[shop/api]'
const POOL = 'iam.googleapis.com/projects/9/locations/global/workloadIdentityPools/p.svc.id.goog'

const cluster = (annotation = ''): string => `
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {${annotation}}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {providerID: gce://p/z/n1}
`

const deny = (rule: Partial<GcpDenyRule>): GcpDenyRule => ({
  deniedPrincipals: ['principalSet://goog/public:all'],
  exceptionPrincipals: [],
  deniedPermissions: [],
  exceptionPermissions: [],
  ...rule,
})

const world = (gcp: Partial<GcpExports>): CloudExports => ({ ...NO_CLOUD, gcp: { ...NO_CLOUD.gcp, ...gcp } })

const TREE: Partial<GcpExports> = {
  parents: new Map([
    ['projects/p', ['folders/1']],
    ['folders/1', ['organizations/2']],
  ]),
  projects: new Map([['9', 'p']]),
}

const denied = (resource: string, rules: readonly GcpDenyRule[] | undefined, name = 'guard') => ({
  name,
  resource,
  ...(rules ? { rules } : {}),
  from,
})

function edge(judged: Judged, kind: string, to: string): string {
  return judged.analysis.edges.find((each) => each.kind === kind && each.to === to)?.truth ?? 'none'
}

describe('deny policies and Workload Identity', () => {
  const ALL = ['getAccessToken', 'signBlob', 'signJwt'].map((each) => `iam.googleapis.com/serviceAccounts.${each}`)
  const user = { resource: ON_GSA, role: 'roles/iam.workloadIdentityUser', member: POD, from }
  const link = (gcp: Partial<GcpExports>, annotation = ''): string =>
    edge(
      analyseText(cluster(annotation), { cloud: world({ bindings: [user], ...TREE, ...gcp }) }),
      'cloud-role',
      `CloudIdentity/gcp/${GSA}`,
    )
  const guard = (rule: Partial<GcpDenyRule>, resource = 'projects/9'): string =>
    link({ denies: [denied(resource, [deny({ deniedPermissions: ALL, ...rule })])] })

  test('what a denial takes away is not drawn, wherever above it hangs', () => {
    assert.equal(link({}), 'yes')
    for (const at of ['projects/9', 'projects/p', 'folders/1', 'organizations/2']) assert.equal(guard({}, at), 'none')
    for (const at of ['projects/8', 'projects/q', 'folders/7', 'organizations/8']) assert.equal(guard({}, at), 'yes')
  })
  test('nor by an annotation', () => {
    const annotation = `iam.gke.io/gcp-service-account: ${GSA}`
    const denies = [denied('folders/1', [deny({ deniedPermissions: ALL })])]
    assert.equal(link({ denies }, annotation), 'none')
    assert.equal(link({ denies, bindings: [] }, annotation), 'none')
    assert.equal(link({ bindings: [] }, annotation), 'unknown')
    assert.equal(link({}, annotation), 'yes')
    const alone = analyseText(cluster(annotation).replace(/---.*/s, ''), { cloud: world({ bindings: [user] }) })
    assert.equal(edge(alone, 'cloud-role', `CloudIdentity/gcp/${GSA}`), 'yes')
    const unsaid = analyseText(cluster().replace(/---.*/s, ''), { cloud: world({ bindings: [user] }) })
    assert.equal(edge(unsaid, 'cloud-role', `CloudIdentity/gcp/${GSA}`), 'unknown')
  })
  test('the principal, its exceptions and other permissions', () => {
    const own = `principal://${POOL}/subject/ns/shop/sa/api`
    const other = `principal://${POOL}/subject/ns/shop/sa/web`
    assert.equal(guard({ deniedPrincipals: [own] }), 'none')
    assert.equal(guard({ deniedPrincipals: [other] }), 'yes')
    assert.equal(guard({ exceptionPrincipals: [own] }), 'yes')
    assert.equal(guard({ exceptionPrincipals: [other] }), 'none')
    assert.equal(guard({ exceptionPrincipals: [`principalSet://${POOL}/attribute.x/y`] }), 'unknown')
    assert.equal(guard({ deniedPermissions: ['iam.googleapis.com/serviceAccounts.create'] }), 'yes')
    assert.equal(guard({ deniedPermissions: ['iam.googleapis.com/serviceAccounts.*'] }), 'none')
    assert.equal(guard({ exceptionPermissions: ['iam.googleapis.com/serviceAccounts.getAccessToken'] }), 'yes')
  })
  test('a condition on tags, rules that are not told and a place that is not known are unknown', () => {
    assert.equal(guard({ condition: "resource.matchTag('1/env', 'prod')" }), 'unknown')
    assert.equal(link({ denies: [denied('projects/9', undefined)] }), 'unknown')
    assert.equal(link({ denies: [denied('projects/8', undefined)] }), 'yes')
    const rules = [deny({ deniedPermissions: ALL })]
    assert.equal(link({ parents: new Map(), denies: [denied('folders/1', rules)] }), 'unknown')
    assert.equal(link({ projects: new Map(), denies: [denied('projects/9', rules)] }), 'unknown')
  })
  test('a policy that is listed and described counts as described; one that is only listed is told', () => {
    const rules = [deny({ deniedPermissions: ['iam.googleapis.com/roles.delete'] })]
    for (const denies of [
      [denied('projects/9', undefined), denied('projects/9', rules)],
      [denied('projects/9', rules), denied('projects/9', undefined)],
    ]) {
      assert.equal(link({ denies }), 'yes')
      const judged = analyseText(cluster(), { cloud: world({ bindings: [user], ...TREE, denies }) })
      assert.ok(!judged.analysis.unknowns().some(({ id }) => id === 'cloud-deny-policies'))
    }
    const only = analyseText(cluster(), { cloud: world({ denies: [denied('projects/9', undefined)] }) })
    assert.equal(only.analysis.unknowns().find(({ id }) => id === 'cloud-deny-policies')?.count, 1)
  })
  test('bindings of the project and of what holds it grant too', () => {
    const creator = { role: 'roles/iam.serviceAccountTokenCreator', member: POD, from }
    const some = { resource: ON_GSA, role: 'roles/viewer', member: 'user:al@b', from }
    const at = (resource: string): string => link({ bindings: [some, { ...creator, resource }] })
    assert.equal(at('projects/p'), 'yes')
    assert.equal(at('//cloudresourcemanager.googleapis.com/folders/1'), 'yes')
    assert.equal(at('projects/q'), 'none')
    const custom = { ...creator, role: 'projects/p/roles/minter', resource: 'projects/p' }
    const roles = new Map([['projects/p/roles/minter', ['iam.serviceAccounts.signJwt']]])
    assert.equal(link({ bindings: [some, custom], roles }), 'yes')
    assert.equal(link({ bindings: [some, custom] }), 'unknown')
  })
  test('a principal of its own stays where something of its roles is left', () => {
    const own = (gcp: Partial<GcpExports>): string =>
      edge(
        analyseText(cluster(), {
          cloud: world({
            bindings: [{ resource: 'projects/p', role: 'roles/secretmanager.secretAccessor', member: POD, from }],
            ...TREE,
            ...gcp,
          }),
        }),
        'cloud-role',
        'CloudIdentity/gcp/p.svc.id.goog[shop/api]',
      )
    const rules = (...deniedPermissions: string[]) => ({
      denies: [denied('projects/p', [deny({ deniedPermissions })])],
    })
    assert.equal(own({}), 'yes')
    assert.equal(own(rules('secretmanager.googleapis.com/versions.access')), 'yes')
    assert.equal(
      own(
        rules(
          'secretmanager.googleapis.com/versions.access',
          'cloudresourcemanager.googleapis.com/projects.get',
          'cloudresourcemanager.googleapis.com/projects.list',
        ),
      ),
      'none',
    )
    // Which of a service's permissions a pattern stands for, only Google's list of supported ones tells.
    assert.equal(own(rules('secretmanager.googleapis.com/*', 'cloudresourcemanager.googleapis.com/*.*')), 'unknown')
  })
})

describe('deny policies and GKE IAM', () => {
  const binding = (member: string, role = 'roles/container.developer', resource = 'projects/p') => ({
    resource,
    role,
    member,
    from,
  })
  const EXEC = 'container.googleapis.com/pods.exec'
  const shell = { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'x' }
  const secret = { ...shell, verb: 'get', resource: 'secrets', subresource: '' }
  const may = (gcp: Partial<GcpExports>, request = shell, user = 'al@b', groups: string[] = []): boolean =>
    cloudAuthorizers(clusterOf(cluster()), world({ ...TREE, ...gcp })).some(
      (each) => [...each.grants({ user, groups }, request)].length > 0,
    )
  const guard = (rule: Partial<GcpDenyRule> = {}, resource = 'folders/1'): Partial<GcpExports> => ({
    bindings: [binding('user:al@b')],
    denies: [denied(resource, [deny({ deniedPermissions: [EXEC], ...rule })])],
  })

  test('takes the permission from the answer, and leaves the others', () => {
    assert.ok(may({ bindings: [binding('user:al@b')] }))
    assert.ok(!may(guard()))
    assert.ok(may(guard(), secret))
    assert.ok(may(guard({}, 'folders/7')))
    assert.ok(may(guard({ exceptionPrincipals: ['principal://goog/subject/al@b'] })))
    assert.ok(may(guard({ deniedPrincipals: ['principal://goog/subject/bo@b'] })))
  })
  test('what may be denied grants nothing for certain', () => {
    assert.ok(!may(guard({ condition: "resource.matchTag('1/env', 'prod')" })))
    assert.ok(!may(guard({ deniedPermissions: ['container.googleapis.com/pods.*'] })))
    assert.ok(may(guard({ condition: "resource.matchTag('1/env', 'prod')" }), secret))
  })
  test('a role of a folder holds for the project below it, and for no other', () => {
    const at = (resource: string): boolean =>
      may({ bindings: [binding('user:al@b', 'roles/container.developer', resource)] })
    assert.ok(at('folders/1'))
    assert.ok(at('//cloudresourcemanager.googleapis.com/organizations/2'))
    assert.ok(at('projects/9'))
    assert.ok(!at('folders/7'))
    assert.ok(!may({ bindings: [binding('user:al@b', 'roles/container.developer', 'folders/1')], parents: new Map() }))
  })
  test('members of a group have what the group has, but what is denied to themselves', () => {
    const group = { bindings: [binding('group:devs@b')] }
    assert.ok(may(group, shell, 'al@b', ['devs@b']))
    assert.ok(!may(group, shell, 'al@b'))
    const rule = deny({ deniedPermissions: [EXEC], deniedPrincipals: ['principal://goog/subject/al@b'] })
    const with_ = { ...group, denies: [denied('projects/p', [rule])] }
    assert.ok(!may(with_, shell, 'al@b', ['devs@b']))
    assert.ok(may(with_, shell, 'bo@b', ['devs@b']))
    assert.ok(may(with_, secret, 'al@b', ['devs@b']))
  })
  test('in the graph what is left of a role is another policy than the role', () => {
    const policies = (gcp: Partial<GcpExports>): readonly (readonly string[])[] =>
      analyseText(cluster(), { cloud: world({ ...TREE, ...gcp }) })
        .analysis.edges.filter(({ kind }) => kind === 'holds-policy')
        .map(({ to, truth }) => [to, truth])
    const both = [binding('user:al@b'), binding('user:bo@b')]
    assert.deepEqual(policies({ bindings: both }), [
      ['AccessPolicy//roles/container.developer', 'yes'],
      ['AccessPolicy//roles/container.developer', 'yes'],
    ])
    const rule = deny({ deniedPermissions: [EXEC], deniedPrincipals: ['principal://goog/subject/al@b'] })
    assert.deepEqual(policies({ bindings: both, denies: [denied('projects/p', [rule])] }), [
      ['AccessPolicy//what is left of roles/container.developer to user:al@b', 'yes'],
      ['AccessPolicy//roles/container.developer', 'yes'],
    ])
  })
})

test('hostile exports: circles, names of Object.prototype and many of everything', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => index)
  const gcp = world({
    bindings: [
      { resource: ON_GSA, role: 'roles/iam.workloadIdentityUser', member: POD, from },
      { resource: 'projects/__proto__', role: '__proto__', member: '__proto__', from },
      { resource: 'constructor', role: 'constructor', member: 'user:constructor', from },
      ...many.map((index) => ({
        resource: 'projects/p',
        role: 'roles/container.developer',
        member: `user:u${index}@b`,
        from,
      })),
    ],
    parents: new Map([
      ['projects/p', ['folders/1']],
      ['folders/1', ['folders/2']],
      ['folders/2', ['folders/1', 'projects/p']],
      ['__proto__', ['constructor']],
    ]),
    projects: new Map([['9', '__proto__']]),
    denies: many.map((index) => denied(`folders/${index}`, [deny({ deniedPermissions: ['__proto__', '.', ''] })])),
  })
  const before = process.cpuUsage().user
  const judged = analyseText(cluster(), { cloud: gcp })
  // More deny rules than are asked: what the others deny is not known.
  assert.equal(edge(judged, 'cloud-role', `CloudIdentity/gcp/${GSA}`), 'unknown')
  assert.ok((process.cpuUsage().user - before) / 1e6 < 30)
})
