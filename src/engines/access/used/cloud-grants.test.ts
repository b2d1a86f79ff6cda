import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CloudGrant } from '../../../authz/cloud/granted-authorizer.ts'
import type { ResourceRequest } from '../../../authz/rules.ts'
import { CloudAccess, type CloudMapping } from './cloud-grants.ts'

const rule = (verbs: readonly string[], resources: readonly string[]) => ({
  verbs,
  apiGroups: [''],
  resources,
  resourceNames: [],
  nonResourceURLs: [],
})
const grant = (principal: string, more: Partial<CloudGrant> = {}): CloudGrant => ({
  username: principal,
  principal,
  role: 'reader',
  rules: [rule(['get', 'list'], ['pods'])],
  because: [],
  ...more,
})
const request = (verb: string, namespace: string): ResourceRequest => ({
  verb,
  group: '',
  resource: 'pods',
  subresource: '',
  namespace,
  name: 'x',
})
const access = (
  authorizer: 'EKS access policies' | 'Azure RBAC' | 'GKE IAM',
  grants: readonly CloudGrant[],
  mappings: readonly CloudMapping[] = [],
): CloudAccess => new CloudAccess([{ authorizer, grants }], mappings)
const al = { user: 'al@example.com', groups: [] }

describe('grants of clouds, against what was recorded', () => {
  test('Google Cloud: the member is the user, in the whole cluster; the reason names the authorizer alone', () => {
    const cloud = access('GKE IAM', [grant('al@example.com', { role: 'roles/container.viewer' })])
    assert.equal(cloud.givenBy(al, request('get', 'shop'))?.grant.role, 'roles/container.viewer')
    assert.equal(cloud.namedBy('access granted by IAM permissions.', al, request('get', 'shop'))?.rule, 0)
    assert.equal(cloud.namedBy('Access allowed by Azure RBAC', al, request('get', 'shop')), undefined)
    assert.equal(cloud.namedBy('', al, request('get', 'shop')), undefined)
    assert.equal(cloud.givenBy(al, request('delete', 'shop')), undefined)
    assert.equal(cloud.givenBy({ ...al, user: 'bo@example.com' }, request('get', 'shop')), undefined)
  })

  test('Azure: a group by its id, in the namespaces of its assignment; a user by name and by id', () => {
    const cloud = access('Azure RBAC', [
      grant('g-1', { group: 'g-1', namespaces: ['shop'] }),
      grant('p-2', { username: 'bo@example.com' }),
    ])
    const member = { user: 'al@example.com', groups: ['g-1'] }
    assert.equal(cloud.givenBy(member, request('get', 'shop'))?.grant.group, 'g-1')
    assert.equal(cloud.givenBy(member, request('get', 'bank')), undefined)
    assert.equal(cloud.givenBy(al, request('get', 'shop')), undefined)
    const named = (name: string) => cloud.grantsTo({ kind: 'Group', namespace: '', name }).length
    assert.deepEqual([named('g-1'), named('g-2')], [1, 0])
    assert.ok(cloud.isPrincipal('p-2', 'bo@example.com'))
    assert.ok(!cloud.isPrincipal('p-2', 'al@example.com'))
    assert.ok(!cloud.isPrincipal('g-1', 'al@example.com'))
  })

  test('EKS: a group of one entry stands for its sessions; one of two entries, and system:masters, for none', () => {
    const dev = 'arn:aws:iam::1:role/dev'
    const username = 'arn:aws:sts::1:assumed-role/dev/{{SessionName}}'
    const mapping = (principal: string, groups: readonly string[]) => ({ principal, username, groups })
    const own = grant(dev, { username })
    const of = (...groups: readonly (readonly string[])[]) =>
      access(
        'EKS access policies',
        [own],
        [mapping(dev, groups[0] ?? []), mapping('arn:aws:iam::1:role/other', groups[1] ?? [])],
      )
    assert.equal(of(['devs']).ownGroupOf(own), 'devs')
    assert.equal(of(['all', 'devs'], ['all']).ownGroupOf(own), 'devs')
    assert.equal(of(['all'], ['all']).ownGroupOf(own), undefined)
    assert.equal(of(['system:masters']).ownGroupOf(own), undefined)
    assert.ok(of().isOfSessions(own))
    assert.ok(
      of().covers(
        { kind: 'User', namespace: '', name: 'arn:aws:sts::1:assumed-role/dev/al' },
        '',
        own.rules[0] as never,
      ),
    )
    assert.ok(of(['devs']).covers({ kind: 'Group', namespace: '', name: 'devs' }, 'shop', rule(['get'], ['pods'])))
    assert.ok(!of(['devs']).covers({ kind: 'Group', namespace: '', name: 'devs' }, 'shop', rule(['get'], ['secrets'])))
    assert.ok(
      !of(['all'], ['all']).covers({ kind: 'Group', namespace: '', name: 'all' }, 'shop', rule(['get'], ['pods'])),
    )
  })

  test('EKS: a group that others were seen in stands for nobody', () => {
    const dev = 'arn:aws:iam::1:role/dev'
    const username = 'arn:aws:sts::1:assumed-role/dev/{{SessionName}}'
    const own = grant(dev, { username })
    const cloud = access('EKS access policies', [own], [{ principal: dev, username, groups: ['devs'] }])
    const seen = (user: string, ...groups: readonly string[]) => cloud.withSeen([{ user, groups }]).ownGroupOf(own)
    assert.equal(seen('arn:aws:sts::1:assumed-role/dev/al', 'devs'), 'devs')
    assert.equal(seen('oidc:bob', 'others'), 'devs')
    assert.equal(seen('oidc:bob', 'devs'), undefined)
    assert.equal(
      cloud.withSeen([{ user: 'oidc:bob', groups: ['devs'] }]).givenBy({ ...al, user: dev }, request('get', 'x'))?.rule,
      0,
    )
  })

  test('Google Cloud: of a group, what is denied to one of its members is not given to that member', () => {
    const [pods, all, more] = [rule(['get'], ['pods']), rule(['get'], ['*']), rule(['get'], ['pods', 'secrets'])]
    const cloud = access('GKE IAM', [
      grant('g@example.com', {
        group: 'g@example.com',
        rules: [pods, all, more],
        rulesTo: ({ user }) =>
          user === 'al@example.com' ? [more] : user === 'bo@example.com' ? [] : [pods, all, more],
      }),
    ])
    const by = (user: string) => cloud.givenBy({ user, groups: ['g@example.com'] }, request('get', 'shop'))?.rule
    assert.deepEqual([by('al@example.com'), by('bo@example.com'), by('cy@example.com')], [2, undefined, 0])
  })

  test('what holds in namespaces covers nothing of all of them', () => {
    const cloud = access('GKE IAM', [grant('al@example.com', { namespaces: ['dev-*'] })])
    const user = { kind: 'User', namespace: '', name: 'al@example.com' } as const
    assert.ok(cloud.covers(user, 'dev-a', rule(['get'], ['pods'])))
    assert.ok(!cloud.covers(user, 'prod', rule(['get'], ['pods'])))
    assert.ok(!cloud.covers(user, '', rule(['get'], ['pods'])))
  })
})
