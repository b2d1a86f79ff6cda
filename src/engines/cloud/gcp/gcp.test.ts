import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionHolds } from './condition.ts'
import { ancestry, type GcpBinding, type GcpDeny, type GcpWorld, gcpDecide } from './decide.ts'
import { type GcpWho, isMember } from './members.ts'
import { grants, permissionsOf } from './roles.ts'

const anna: GcpWho = { kind: 'user', email: 'anna@example.com' }
const robot: GcpWho = { kind: 'serviceAccount', email: 'ci@shop.iam.gserviceaccount.com' }
const pod: GcpWho = {
  kind: 'workload',
  pool: 'shop.svc.id.goog',
  projectNumber: '42',
  namespace: 'web',
  serviceAccount: 'api',
}
const POOL = '//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/shop.svc.id.goog'

describe('roles', () => {
  const count = (role: string) => permissionsOf(role)?.filter((each) => each.startsWith('container.')).length
  test('hold as many permissions of clusters as Google Cloud lists', () => {
    assert.equal(count('roles/container.developer'), 370)
    assert.equal(count('roles/container.clusterAdmin'), 7)
  })
  test('a developer enters pods and reads Secrets, and writes no roles', () => {
    const developer = (permission: string) => grants('roles/container.developer', permission)
    assert.equal(developer('container.pods.exec'), 'yes')
    assert.equal(developer('container.secrets.get'), 'yes')
    assert.equal(developer('container.nodes.proxy'), 'yes')
    assert.equal(developer('container.clusterRoles.escalate'), 'no')
    assert.equal(grants('roles/container.viewer', 'container.secrets.get'), 'no')
    assert.equal(grants('roles/container.clusterAdmin', 'container.pods.exec'), 'no')
  })
  test('what a basic role may hold besides, and a role that is not known, are maybe', () => {
    assert.equal(grants('roles/editor', 'container.pods.exec'), 'yes')
    assert.equal(grants('roles/editor', 'storage.buckets.create'), 'maybe')
    assert.equal(grants('roles/somebody.new', 'container.pods.exec'), 'maybe')
  })
  test('a custom role holds what it lists, whatever its name', () => {
    const custom = new Map([['projects/shop/roles/constructor', ['container.pods.get']]])
    assert.equal(grants('projects/shop/roles/constructor', 'container.pods.get', custom), 'yes')
    assert.equal(grants('projects/shop/roles/constructor', 'container.pods.exec', custom), 'no')
    assert.equal(permissionsOf('constructor'), undefined)
    assert.equal(permissionsOf('__proto__'), undefined)
  })
})

describe('members', () => {
  const table: readonly (readonly [string, GcpWho, 'yes' | 'no' | 'maybe'])[] = [
    ['user:anna@example.com', anna, 'yes'],
    ['user:Anna@Example.com', anna, 'yes'],
    ['user:anna@example.org', anna, 'no'],
    ['serviceAccount:anna@example.com', anna, 'no'],
    ['serviceAccount:ci@shop.iam.gserviceaccount.com', robot, 'yes'],
    ['deleted:serviceAccount:ci@shop.iam.gserviceaccount.com?uid=1', robot, 'no'],
    ['group:devs@example.com', anna, 'maybe'],
    ['group:devs@example.com', { ...anna, groups: [] }, 'no'],
    ['group:devs@example.com', { ...anna, groups: ['devs@example.com'] }, 'yes'],
    ['domain:example.com', anna, 'yes'],
    ['domain:example.org', anna, 'maybe'],
    ['allUsers', { kind: 'anonymous' }, 'yes'],
    ['allAuthenticatedUsers', { kind: 'anonymous' }, 'no'],
    ['allAuthenticatedUsers', pod, 'yes'],
    ['serviceAccount:shop.svc.id.goog[web/api]', pod, 'yes'],
    ['serviceAccount:shop.svc.id.goog[web/other]', pod, 'no'],
    ['serviceAccount:other.svc.id.goog[web/api]', pod, 'no'],
    [`principal:${POOL}/subject/ns/web/sa/api`, pod, 'yes'],
    [`principal:${POOL}/subject/ns/web/sa/api2`, pod, 'no'],
    [`principal:${POOL.replace('/42/', '/43/')}/subject/ns/web/sa/api`, pod, 'no'],
    [`principalSet:${POOL}/namespace/web`, pod, 'yes'],
    [`principalSet:${POOL}/namespace/dev`, pod, 'no'],
    [`principalSet:${POOL}/*`, pod, 'yes'],
    [
      `principalSet:${POOL}/kubernetes.cluster/https://container.googleapis.com/v1/projects/shop/locations/x/clusters/y`,
      pod,
      'maybe',
    ],
    [`principalSet:${POOL}/attribute.team/x`, pod, 'maybe'],
    [`principal:${POOL}/subject/ns/web/sa/api`, anna, 'no'],
    ['projectOwner:shop', anna, 'maybe'],
  ]
  for (const [member, who, expected] of table)
    test(`${member} of ${who.kind}: ${expected}`, () => assert.equal(isMember(member, who), expected))
})

describe('conditions', () => {
  test('what is known is evaluated, what is not is maybe', () => {
    const name = 'projects/_/buckets/logs/objects/a'
    assert.equal(conditionHolds(`resource.name.startsWith('projects/_/buckets/logs/')`, { name }), 'yes')
    assert.equal(conditionHolds(`resource.name.startsWith('projects/_/buckets/other/')`, { name }), 'no')
    assert.equal(conditionHolds(`resource.type == 'storage.googleapis.com/Object'`, { name }), 'maybe')
    const expiry = `request.time < timestamp('2026-12-01T00:00:00Z')`
    assert.equal(conditionHolds(expiry, {}), 'maybe')
    assert.equal(conditionHolds(expiry, { time: Date.parse('2026-11-22T00:00:00Z') }), 'yes')
    assert.equal(conditionHolds(expiry, { time: Date.parse('2026-12-22T00:00:00Z') }), 'no')
    assert.equal(conditionHolds(`${expiry} || resource.name.startsWith('projects/')`, { name }), 'yes')
  })
  test('what is no expression, or costs too much, is maybe', () => {
    assert.equal(conditionHolds('((', {}), 'maybe')
    assert.equal(conditionHolds(`resource.matchTag('a/env', 'prod')`, { name: 'x' }), 'maybe')
    const list = `[${'1,'.repeat(60)}1]`
    const nested = `${list}.all(a, ${list}.all(b, ${list}.all(c, a + b + c == 3)))`
    assert.equal(conditionHolds(nested, {}), 'maybe')
  })
})

describe('decisions', () => {
  const world = (
    bindings: Record<string, readonly GcpBinding[]>,
    denies: Record<string, readonly GcpDeny[]> = {},
  ): GcpWorld => ({
    bindings: new Map(Object.entries(bindings)),
    denies: new Map(Object.entries(denies)),
    parents: new Map([
      ['projects/shop', ['folders/1']],
      ['folders/1', ['organizations/9']],
    ]),
  })
  const developer: GcpBinding = { role: 'roles/container.developer', members: ['user:anna@example.com'] }
  const exec = {
    who: anna,
    permission: 'container.pods.exec',
    resource: '//container.googleapis.com/projects/shop/locations/x/clusters/y',
  }

  test('a binding above is inherited, and told', () => {
    for (const at of ['projects/shop', 'folders/1', 'organizations/9']) {
      const decision = gcpDecide(exec, world({ [at]: [developer] }))
      assert.equal(decision.answer, 'yes')
      assert.deepEqual(decision.because, [{ resource: at, answer: 'yes', rule: developer }])
    }
    assert.equal(gcpDecide(exec, world({ 'projects/other': [developer] })).answer, 'no')
  })
  test('policies that were not given are named', () => {
    assert.deepEqual(gcpDecide(exec, world({ 'projects/shop': [developer] })).unseen, ['folders/1', 'organizations/9'])
  })
  test('a deny rule wins, unless it excepts', () => {
    const all: GcpDeny = {
      deniedPrincipals: ['principalSet://goog/public:all'],
      deniedPermissions: ['container.googleapis.com/pods.exec'],
    }
    const bindings = { 'projects/shop': [developer] }
    assert.equal(gcpDecide(exec, world(bindings, { 'folders/1': [all] })).answer, 'no')
    const excepted = { ...all, exceptionPrincipals: ['principal://goog/subject/anna@example.com'] }
    assert.equal(gcpDecide(exec, world(bindings, { 'folders/1': [excepted] })).answer, 'yes')
    const doubtful = { ...all, exceptionPrincipals: ['principalSet://goog/group/oncall@example.com'] }
    assert.equal(gcpDecide(exec, world(bindings, { 'folders/1': [doubtful] })).answer, 'maybe')
    const tagged = { ...all, condition: `resource.matchTag('a/env', 'prod')` }
    assert.equal(gcpDecide(exec, world(bindings, { 'folders/1': [tagged] })).answer, 'maybe')
    const another = { ...all, deniedPermissions: ['container.googleapis.com/secrets.get'] }
    assert.equal(gcpDecide(exec, world(bindings, { 'folders/1': [another] })).answer, 'yes')
  })
  test('a condition that is not known makes a binding maybe', () => {
    const conditional = { ...developer, condition: 'request.time < timestamp("2027-01-01T00:00:00Z")' }
    assert.equal(gcpDecide(exec, world({ 'projects/shop': [conditional] })).answer, 'maybe')
    assert.equal(gcpDecide({ ...exec, time: 0 }, world({ 'projects/shop': [conditional] })).answer, 'yes')
  })
  test('a hierarchy that leads in circles ends', () => {
    const parents = new Map([
      ['a', ['b']],
      ['b', ['a']],
    ])
    assert.deepEqual(ancestry('a', parents), ['a', 'b'])
  })
})
