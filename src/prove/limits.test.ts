import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Proof } from './proof.ts'
import { account, daily, grant, question, type Recorded, SECRETS, START } from './testing.ts'

const CI = account('shop', 'ci')
const get = { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' }
const YAML = grant('secrets', SECRETS)
const ALL = 200_001
const many = <T>(count: number, of: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => of(index))
const clusterGrant = (name: string, rule: string, subject: string): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: [{${rule}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: {kind: ClusterRole, name: ${name}}
subjects: [{${subject}}]`

function kinds({ blindSpots }: Proof): readonly string[] {
  return blindSpots.map(({ kind }) => kind)
}

async function proofOf(accesses: Recorded['accesses'], yaml = YAML, without = 'RoleBinding/shop/secrets') {
  return (await question(yaml, [without], { accesses: accesses ?? [] })).prove()
}

describe('what a stranger asks for leaves room for others', () => {
  const anonymous = { user: 'system:anonymous', groups: ['system:unauthenticated'], code: 403 }
  test('URLs that are refused', async () => {
    const scan = many(ALL, (index) => ({
      ...anonymous,
      decision: 'forbid' as const,
      resource: '',
      path: `/${index}`,
    }))
    assert.equal((await proofOf([...scan, ...daily(14, get)])).verdict, 'breaks')
  })
  test('resources that are refused are one behaviour', async () => {
    const scan = many(1_000, (index) => ({ ...anonymous, decision: 'forbid' as const, resource: `things-${index}` }))
    const { facts } = await question(YAML, [], { accesses: scan })
    assert.deepEqual(
      facts?.access?.whos.map((who) => who.behaviours.map(({ times }) => times)),
      [[1_000]],
    )
  })
  test('what it may do, beyond its share', async () => {
    const yaml =
      YAML + clusterGrant('reader', 'verbs: [list], apiGroups: [""], resources: [pods]', 'kind: User, name: eve')
    const reads = many(ALL, (index) => ({ user: 'eve', verb: 'list', resource: 'pods', namespace: `n-${index}` }))
    assert.equal((await proofOf([...reads, ...daily(14, get)], yaml)).verdict, 'breaks')
    const own = await proofOf([...reads, ...daily(14, get)], yaml, 'ClusterRoleBinding//reader')
    assert.deepEqual([own.verdict, kinds(own)], ['breaks', ['too-many-behaviours']])
  })
})

describe('URLs that no rule tells apart', () => {
  const star = clusterGrant('star', "verbs: [get], nonResourceURLs: ['/custom/*', /metrics]", 'kind: User, name: eve')
  const asked = many(1_000, (index) => ({
    user: 'eve',
    resource: '',
    path: `/custom/${index}`,
    time: START + (index % 14) * 86_400_000,
  }))
  test('are one behaviour beyond some, and still a use', async () => {
    const { facts } = await question(star, [], { accesses: asked })
    const [who] = facts?.access?.whos ?? []
    assert.equal(who?.behaviours.length, 51)
    assert.equal((await proofOf(asked, star, 'ClusterRoleBinding//star')).verdict, 'breaks')
  })
  test('are not known where a rule is to tell them apart', async () => {
    const narrow = star.replace("'/custom/*'", `${many(50, (index) => `/custom/${index}`).join(', ')}, '/custom/9*'`)
    const proof = (await question(star, narrow, { accesses: asked })).prove()
    assert.deepEqual(
      kinds(proof).filter((kind) => kind === 'names-not-kept'),
      ['names-not-kept'],
    )
    assert.notEqual(proof.verdict, 'holds')
  })
})

test('what was not kept of an account counts as used, and is told: its own, and what it made others do', async () => {
  const yaml =
    grant('lists', 'verbs: [list], apiGroups: [""], resources: ["*"]') +
    clusterGrant(
      'imp',
      'verbs: [impersonate], apiGroups: [""], resources: [users]',
      'kind: ServiceAccount, name: ci, namespace: shop',
    )
  const fills = many(20_001, (index) => ({ ...CI, verb: 'list', resource: `r-${index}`, namespace: 'shop' }))
  const own = await proofOf(fills, yaml, 'RoleBinding/shop/lists')
  assert.ok(kinds(own).includes('too-many-behaviours'))
  // Of bob nothing more is kept either, so that only the mark of who made him do it is left.
  const bobs = many(20_000, (index) => ({ user: 'bob', verb: 'list', resource: `r-${index}`, namespace: 'shop' }))
  const asBob = daily(14, { user: 'bob', verb: 'get', resource: 'nodes', impersonator: CI })
  const lists = daily(14, { ...CI, verb: 'list', resource: 'r-0', namespace: 'shop' })
  const proof = await proofOf([...lists, ...bobs, ...asBob], yaml, 'ClusterRoleBinding//imp')
  assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['too-many-behaviours']])
})

test('a workload of which nothing is kept did ask: its token is not taken for unused', async () => {
  const deployment = (more: string): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {serviceAccountName: ci, ${more}containers: [{name: main, image: x}]}}}`
  const yaml = YAML + grant('lists', 'verbs: [list], apiGroups: [""], resources: ["*"]')
  // By its token from elsewhere, which leaves the pods no room.
  const fills = many(20_001, (index) => ({
    ...CI,
    verb: 'list',
    resource: `r-${index}`,
    namespace: 'shop',
    pod: { name: 'x', uid: '', node: '' },
  }))
  const web = daily(14, { ...get, pod: { name: 'web-5d4f8c7b9-x2x7k', uid: '', node: '' } })
  const other = deployment('').replace('name: web', 'name: api')
  const asked = await question(
    yaml + deployment('') + other,
    yaml + deployment('automountServiceAccountToken: false, ') + other,
    { accesses: [...fills, ...web] },
    'token',
  )
  assert.ok(kinds(asked.prove()).includes('too-many-behaviours'))
  assert.equal(asked.prove().verdict, 'unknown')
})

test('more users than are told apart are one, of all their groups', async () => {
  const yaml =
    YAML + clusterGrant('staff', 'verbs: [get], apiGroups: [""], resources: [pods]', 'kind: Group, name: staff')
  const strangers = many(50_000, (index) => ({ user: `user-${index}`, groups: [], resource: 'services', code: 404 }))
  const late = daily(14, { user: 'late', groups: ['staff', 'system:authenticated'] })
  const accesses = [...strangers, ...late, ...daily(14, get)]
  const { facts } = await question(yaml, [], { accesses })
  assert.equal(facts?.access?.whos.length, 50_002)
  const group = await proofOf(accesses, yaml, 'ClusterRoleBinding//staff')
  assert.deepEqual([group.verdict, kinds(group)], ['unknown', ['too-many-behaviours']])
  // Who is bound by name is told apart however many there are.
  assert.equal((await proofOf(accesses, yaml)).verdict, 'breaks')
})
