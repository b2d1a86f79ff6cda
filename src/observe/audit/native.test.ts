import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, JsonObject } from '../../cluster/json.ts'
import type { Access } from '../record.ts'
import type { AuditEvent } from './event.ts'
import { decodeAuditEvent } from './native.ts'
import { type StageLimits, Stages } from './stages.ts'

const TIME = '2026-05-01T10:00:00.123456Z'

function decode(fields: JsonObject): AuditEvent {
  const value = { auditID: 'a', verb: 'get', requestReceivedTimestamp: TIME, stage: 'ResponseComplete', ...fields }
  const event = decodeAuditEvent(value, { file: 'audit.log', line: 1 })
  assert.ok(event)
  return event
}

const access = (fields: JsonObject): Access => decode(fields).access

describe('an audit event', () => {
  test('is done as the impersonated user', () => {
    const { user, groups, impersonator, pod } = access({
      user: {
        username: 'system:serviceaccount:ci:deployer',
        groups: ['system:serviceaccounts'],
        extra: {
          'authentication.kubernetes.io/pod-name': ['runner-1'],
          'authentication.kubernetes.io/pod-uid': ['u1'],
          'authentication.kubernetes.io/node-name': ['worker-1'],
        },
      },
      impersonatedUser: { username: 'alice', groups: ['dev'] },
    })
    assert.deepEqual([user, groups], ['alice', ['dev']])
    assert.deepEqual(impersonator, { user: 'system:serviceaccount:ci:deployer', groups: ['system:serviceaccounts'] })
    assert.deepEqual(pod, { name: 'runner-1', uid: 'u1', node: 'worker-1' })
  })

  test('of a service account has the groups of every token where the log has none', () => {
    assert.deepEqual(access({ user: { username: 'system:serviceaccount:shop:web' } }).groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ])
    assert.deepEqual(access({ user: { username: 'alice' } }).groups, [])
    assert.deepEqual(access({ user: { username: 'system:serviceaccount:shop:web', groups: [] } }).groups, [])
  })

  test('has the name that the authorizer saw', () => {
    const name = (verb: string, requestURI: string, objectRef: JsonObject): string =>
      access({ verb, requestURI, objectRef: { resource: 'pods', name: 'web', ...objectRef } }).name
    const pods = '/api/v1/namespaces/shop/pods'
    assert.equal(name('get', `${pods}/web`, {}), 'web')
    assert.equal(name('create', pods, {}), '')
    assert.equal(name('create', `${pods}/web/exec?command=sh`, { subresource: 'exec' }), 'web')
    assert.equal(name('deletecollection', pods, {}), '')
    assert.equal(name('list', pods, {}), '')
    assert.equal(name('list', `${pods}?fieldSelector=metadata.name%3Dweb`, {}), 'web')
    assert.equal(
      name('watch', `${pods}?fieldSelector=spec.nodeName%3Dx%2Cmetadata.name%3D%3Dweb&watch=true`, {}),
      'web',
    )
    assert.equal(name('watch', `${pods}?fieldSelector=metadata.name%21%3Dweb`, {}), '')
    assert.equal(name('watch', '/api/v1/watch/namespaces/shop/pods/web', {}), 'web')
    assert.equal(name('watch', '', {}), 'web')
  })

  test('says whether it was a dry run', () => {
    const dryRun = (requestURI: string, requestObject: Json = null, verb = 'delete', subresource = ''): boolean =>
      access({ requestURI, requestObject, verb, objectRef: { resource: 'pods', subresource } }).dryRun
    assert.equal(dryRun('/api/v1/namespaces/shop/pods?dryRun=All'), true)
    assert.equal(dryRun('/api/v1/namespaces/shop/pods/dryRun=All'), false)
    assert.equal(dryRun('/api/v1/namespaces/shop/pods?fieldManager=dryRun'), false)
    assert.equal(dryRun('', { kind: 'DeleteOptions', dryRun: ['All'] }), true)
    assert.equal(dryRun('', { deleteOptions: { dryRun: ['All'] } }, 'create', 'eviction'), true)
    assert.equal(dryRun('', { kind: 'ConfigMap', dryRun: ['All'] }, 'update'), false)
  })

  test('is allowed, forbidden, or does not say', () => {
    const decision = (value: Json): string =>
      access({ annotations: { 'authorization.k8s.io/decision': value } }).decision
    assert.deepEqual([decision('allow'), decision('forbid'), decision('x')], ['allow', 'forbid', 'untold'])
    assert.equal(access({ responseStatus: { code: 200 } }).decision, 'untold')
  })

  test('says until when a token that it made is good, where the answer was recorded', () => {
    const until = (expirationTimestamp: Json, subresource = 'token') =>
      access({
        verb: 'create',
        objectRef: { resource: 'serviceaccounts', subresource },
        responseObject: { status: { expirationTimestamp } },
      }).issuedUntil
    assert.equal(until('2026-05-01T11:00:00Z'), Date.UTC(2026, 4, 1, 11))
    assert.deepEqual([until(7), until('2026-05-01T11:00:00Z', '')], [undefined, undefined])
  })

  test('of an older version has one time', () => {
    const value = { auditID: 'a', verb: 'get', timestamp: '2018-10-26T13:25:18Z', stage: 'ResponseComplete' }
    const event = decodeAuditEvent(value, { file: '', line: 1 })
    assert.equal(event?.access.time, Date.UTC(2018, 9, 26, 13, 25, 18))
  })

  test('for no resource has its path', () => {
    const { resource, path, namespace } = access({ requestURI: '/healthz?verbose' })
    assert.deepEqual([resource, path, namespace], ['', '/healthz', ''])
  })

  test('is not what only looks like one', () => {
    for (const value of [null, 7, 'text', [], {}, { kind: 'Event', apiVersion: 'v1' }, { auditID: 1, verb: 'get' }])
      assert.equal(decodeAuditEvent(value, { file: '', line: 1 }), undefined)
  })

  test('without an auditID must look like one, and joins nothing', () => {
    const event = decodeAuditEvent(
      { kind: 'Event', verb: 'get', objectRef: { resource: 'pods' }, stageTimestamp: TIME },
      { file: '', line: 1 },
    )
    assert.deepEqual([event?.access.resource, event?.high, event?.low], ['pods', 0, 0])
  })
})

describe('a review', () => {
  const review = (resource: string, fields: JsonObject) =>
    access({
      verb: 'create',
      user: { username: 'kubelet', groups: ['system:nodes'] },
      objectRef: { resource, apiGroup: resource === 'tokenreviews' ? 'authentication.k8s.io' : 'authorization.k8s.io' },
      ...fields,
    }).review
  const asked = {
    spec: {
      user: 'alice',
      groups: ['dev'],
      resourceAttributes: { verb: 'get', resource: 'nodes', subresource: 'metrics', group: '', name: 'worker-1' },
    },
  }

  test('says what was asked, about whom, and the answer', () => {
    const told = review('subjectaccessreviews', {
      requestObject: asked,
      responseObject: { status: { allowed: false } },
    })
    assert.deepEqual(told, {
      user: 'alice',
      groups: ['dev'],
      verb: 'get',
      resource: 'nodes',
      group: '',
      subresource: 'metrics',
      namespace: '',
      name: 'worker-1',
      path: '',
      allowed: false,
    })
  })

  test('without an answer may have been allowed', () => {
    const told = review('subjectaccessreviews', { requestObject: asked })
    assert.deepEqual([told?.allowed, told?.unanswered], [true, true])
  })

  test('of oneself is about who asks', () => {
    const spec = { nonResourceAttributes: { verb: 'get', path: '/metrics' } }
    const told = review('selfsubjectaccessreviews', { requestObject: { spec } })
    assert.deepEqual([told?.user, told?.groups, told?.path], ['kubelet', ['system:nodes'], '/metrics'])
  })

  test('of a token never tells the token, and nothing where the answer was not logged', () => {
    const requestObject = { spec: { token: 'hunter2' } }
    const status = { authenticated: true, user: { username: 'system:serviceaccount:shop:web', groups: ['g'] } }
    const told = review('tokenreviews', { requestObject, responseObject: { status } })
    assert.deepEqual([told?.user, told?.groups, told?.allowed], ['system:serviceaccount:shop:web', ['g'], true])
    assert.ok(!JSON.stringify(told).includes('hunter2'))
    assert.equal(review('tokenreviews', { requestObject }), undefined)
    assert.equal(review('subjectaccessreviews', {}), undefined)
  })
})

describe('stages', () => {
  interface Kept {
    readonly stages: Stages
    readonly told: AuditEvent[]
    readonly again: AuditEvent[]
    add(id: string, stage: string, fields?: JsonObject): void
    ids(): readonly string[]
  }
  const keep = (limits?: StageLimits): Kept => {
    const told: AuditEvent[] = []
    const again: AuditEvent[] = []
    const stages = new Stages(
      (event) => told.push(event),
      (event) => again.push(event),
      limits,
    )
    const add = (id: string, stage: string, fields: JsonObject = {}): void =>
      stages.add(decode({ auditID: id, stage, ...fields }))
    return { stages, told, again, add, ids: () => told.map((event) => event.access.id) }
  }

  test('of too many open requests tell the oldest, and those only once', () => {
    const { stages, again, add, ids } = keep({ open: 2, characters: 10_000 })
    for (const id of ['a', 'b', 'c']) add(id, 'ResponseStarted')
    assert.deepEqual(ids(), ['a'])
    for (const id of ['a', 'b', 'c']) add(id, 'ResponseComplete')
    assert.deepEqual(ids(), ['a', 'b', 'c'])
    stages.rest()
    assert.equal(ids().length, 3)
    assert.equal(again.length, 0)
  })

  test('hold no bodies, and few texts', () => {
    const { told, add, ids } = keep({ open: 100, characters: 12_000 })
    for (const id of ['a', 'b', 'c']) add(id, 'RequestReceived', { annotations: { x: 'x'.repeat(9000) } })
    assert.deepEqual(ids(), ['a'])
    add('d', 'RequestReceived', { requestObject: 'hunter2' })
    for (const event of told) assert.ok(event.access.raw().length <= 4096 && !event.access.raw().includes('hunter2'))
  })

  test('that come in one millisecond keep what was decided, in either order', () => {
    const allowed = {
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'because' },
    }
    for (const order of [
      ['RequestReceived', 'ResponseStarted'],
      ['ResponseStarted', 'RequestReceived'],
    ]) {
      const { stages, told, add } = keep()
      for (const stage of order) add('a', stage, stage === 'ResponseStarted' ? allowed : {})
      stages.rest()
      assert.deepEqual(
        told.map(({ access: { decision, reason } }) => [decision, reason]),
        [['allow', 'because']],
        order.join(),
      )
    }
  })

  test('are joined in any order, and copies are told as such', () => {
    const orders = [
      ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
      ['ResponseComplete', 'RequestReceived', 'ResponseStarted'],
      ['ResponseStarted', 'ResponseComplete', 'RequestReceived', 'ResponseComplete', 'RequestReceived'],
      ['Panic'],
    ]
    for (const order of orders) {
      const { stages, again, add, ids } = keep()
      for (const stage of order) add('a', stage)
      stages.rest()
      assert.deepEqual(ids(), ['a'], order.join())
      assert.equal(again.length, order.filter((stage) => stage === 'ResponseComplete').length > 1 ? 1 : 0)
    }
  })

  test('are not joined by an auditID that a client has chosen', () => {
    for (const fields of [
      { requestReceivedTimestamp: '2026-05-01T10:00:09Z' },
      { requestReceivedTimestamp: '2026-05-01T10:00:00.123457Z' },
      { verb: 'delete' },
      { objectRef: { resource: 'secrets' } },
    ]) {
      const { stages, add, ids } = keep()
      add('a', 'ResponseStarted')
      add('a', 'ResponseComplete', fields)
      stages.rest()
      assert.deepEqual(ids(), ['a', 'a'], JSON.stringify(fields))
    }
  })
})
