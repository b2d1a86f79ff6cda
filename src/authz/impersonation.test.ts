import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attempts, impersonation, isConstrainedByDefault, type Wanted, wantedOf } from './impersonation.ts'
import { isUrlRequest, type Request } from './rules.ts'

const PODS = { verb: 'list', group: '', resource: 'pods', subresource: '', namespace: 'shop', name: '' }
const ANN = { user: 'ann', groups: ['system:authenticated'] }

/** `impersonate:user-info users.authentication.k8s.io bob`. */
function text(request: Request): string {
  if (isUrlRequest(request)) return `${request.verb} ${request.path}`
  const { verb, group, resource, subresource, namespace, name } = request
  const what = `${resource}${subresource && `/${subresource}`}${group && `.${group}`}`
  return [verb, what, namespace && `in ${namespace}`, name].filter((each) => each !== '').join(' ')
}

const modes = (wanted: Wanted, who: object = {}) =>
  attempts({ ...ANN, ...who }, wanted, PODS, true).map(({ mode }) => mode)
const needs = (wanted: Wanted, mode: string, who: object = {}) =>
  attempts({ ...ANN, ...who }, wanted, PODS, true)
    .find((each) => each.mode === mode)
    ?.needs.map(({ request }) => text(request))

describe('impersonation', () => {
  test('of old asks for the user, each group, the uid and each extra value', () => {
    const wanted = { user: 'bob', uid: 'u', groups: ['dev', 'ops'], extra: new Map([['scopes', ['a', 'b']]]) }
    const [only, ...more] = attempts(ANN, wanted, PODS, false)
    assert.deepEqual(
      only?.needs.map(({ request }) => text(request)),
      [
        'impersonate users bob',
        'impersonate uids.authentication.k8s.io u',
        'impersonate groups dev',
        'impersonate groups ops',
        'impersonate userextras/scopes.authentication.k8s.io a',
        'impersonate userextras/scopes.authentication.k8s.io b',
      ],
    )
    assert.deepEqual(more, [])
    assert.equal(only?.constraint, '')
  })

  test('tries the modes of KEP-5284 first, each for its kind of user', () => {
    const ACCOUNT = 'system:serviceaccount:shop:ci'
    assert.deepEqual(modes({ user: 'bob' }), ['user-info', 'legacy'])
    assert.deepEqual(modes({ user: ACCOUNT }), ['serviceaccount', 'legacy'])
    assert.deepEqual(modes({ user: ACCOUNT, groups: ['dev'] }), ['legacy'])
    assert.deepEqual(modes({ user: 'system:node:n1' }), ['arbitrary-node', 'legacy'])
    assert.deepEqual(modes({ user: 'system:node:n1', uid: 'u' }), ['legacy'])
    const agent = { user: ACCOUNT, node: 'n1' }
    assert.deepEqual(modes({ user: 'system:node:n1' }, agent), ['associated-node', 'arbitrary-node', 'legacy'])
    assert.deepEqual(modes({ user: 'system:node:n2' }, agent), ['arbitrary-node', 'legacy'])
    // Names that no node and no account can have are names of users.
    assert.deepEqual(modes({ user: 'system:node:N1' }), ['user-info', 'legacy'])
    assert.deepEqual(modes({ user: 'system:serviceaccount:shop:ci:x' }), ['user-info', 'legacy'])
  })

  test('by a mode needs a right to be them, and one to do this as them', () => {
    assert.deepEqual(needs({ user: 'bob', groups: ['dev'] }, 'user-info'), [
      'impersonate-on:user-info:list pods in shop',
      'impersonate:user-info users.authentication.k8s.io bob',
      'impersonate:user-info groups.authentication.k8s.io dev',
    ])
    assert.deepEqual(needs({ user: 'system:serviceaccount:shop:ci' }, 'serviceaccount'), [
      'impersonate-on:serviceaccount:list pods in shop',
      'impersonate:serviceaccount serviceaccounts.authentication.k8s.io in shop ci',
    ])
    const agent = { user: 'system:serviceaccount:shop:ci', node: 'n1' }
    assert.deepEqual(needs({ user: 'system:node:n1' }, 'associated-node', agent), [
      'impersonate-on:associated-node:list pods in shop',
      'impersonate:associated-node nodes.authentication.k8s.io *',
    ])
    assert.deepEqual(needs({ user: 'system:node:n1' }, 'arbitrary-node'), [
      'impersonate-on:arbitrary-node:list pods in shop',
      'impersonate:arbitrary-node nodes.authentication.k8s.io n1',
    ])
  })

  test('of many groups is allowed for all at once', () => {
    const wanted = { user: 'bob', groups: ['a', 'b', 'c', 'd'] }
    const may = (request: Request) => !isUrlRequest(request) && (request.resource !== 'groups' || request.name === '*')
    const found = impersonation(ANN, wanted, PODS, true, may)
    assert.equal(found.allowed && found.attempt.constraint, 'impersonate:user-info')
    assert.equal(impersonation(ANN, { user: 'bob', groups: ['a', 'b', 'c'] }, PODS, true, may).allowed, false)
  })

  test('by a mode never gives system:masters, an empty group or an odd key; the one of old may', () => {
    const extra = (key: string, ...values: string[]) => ({ user: 'bob', extra: new Map([[key, values]]) })
    const refused: readonly Wanted[] = [
      { user: 'bob', groups: ['system:masters'] },
      { user: 'bob', groups: [''] },
      extra('plain', 'v'),
      extra('a.b/', 'v'),
      extra('a_b/c', 'v'),
      extra('a.b/c'),
      extra('a.b/c', ''),
      extra('a.b/C', 'v'),
      extra('a.b/c d', 'v'),
    ]
    for (const wanted of refused) {
      const found = impersonation(ANN, wanted, PODS, true, () => true)
      assert.equal(found.allowed && found.attempt.mode, 'legacy', JSON.stringify([...(wanted.extra ?? [])]))
    }
    const plain = impersonation(ANN, extra('a.b/c', 'v'), PODS, true, () => true)
    assert.equal(plain.allowed && plain.attempt.mode, 'user-info')
  })

  test('makes someone with the groups that the server adds', () => {
    const as = (wanted: Wanted) => {
      const found = impersonation(ANN, wanted, PODS, true, () => true)
      return found.allowed ? found.attempt.as.groups : undefined
    }
    assert.deepEqual(as({ user: 'bob' }), ['system:authenticated'])
    assert.deepEqual(as({ user: 'bob', groups: ['system:unauthenticated'] }), ['system:unauthenticated'])
    assert.deepEqual(as({ user: 'system:anonymous' }), ['system:unauthenticated'])
    assert.deepEqual(as({ user: 'system:node:n1' }), ['system:nodes', 'system:authenticated'])
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated']
    assert.deepEqual(as({ user: 'system:serviceaccount:shop:ci' }), groups)
  })

  test('without a user is malformed', () => {
    const found = impersonation(ANN, { user: '', groups: ['dev'] }, PODS, true, () => true)
    assert.deepEqual(found, { allowed: false, malformed: true })
  })

  test('is constrained from 1.36 on', () => {
    assert.deepEqual([34, 35, 36, 37].map(isConstrainedByDefault), [false, false, true, true])
  })

  test('in a log is read back to what was asked for', () => {
    assert.deepEqual(wantedOf({ user: 'bob', groups: ['dev', 'system:authenticated'] }), [
      { user: 'bob', groups: ['dev'] },
    ])
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated']
    assert.deepEqual(wantedOf({ user: 'system:serviceaccount:shop:ci', groups }), [
      { user: 'system:serviceaccount:shop:ci', groups: [] },
    ])
    assert.deepEqual(wantedOf({ user: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }), [
      { user: 'system:node:n1' },
      { user: 'system:node:n1', groups: ['system:nodes'] },
    ])
  })
})
