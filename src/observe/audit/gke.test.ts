import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import type { Access } from '../record.ts'
import type { AuditEvent } from './event.ts'
import { targetOf } from './method.ts'
import { Stages } from './stages.ts'
import { readAll } from './testing.ts'

type Fields = Readonly<Record<string, Json>>

function entry(payload: Fields = {}, fields: Fields = {}): Fields {
  return {
    insertId: 'i1',
    logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
    labels: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': 'access granted by IAM permissions.',
    },
    operation: { id: 'o1', producer: 'k8s.io', first: true, last: true },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: { principalEmail: 'alice@example.com' },
      authorizationInfo: [{ granted: true, permission: 'x', resource: 'x' }],
      methodName: 'io.k8s.core.v1.pods.exec.create',
      requestMetadata: { callerIp: '203.0.113.7', callerSuppliedUserAgent: 'kubectl' },
      resourceName: 'core/v1/namespaces/shop/pods/web-0/exec',
      serviceName: 'k8s.io',
      ...payload,
    },
    resource: { type: 'k8s_cluster', labels: {} },
    timestamp: '2026-05-01T10:00:00.123456Z',
    receiveTimestamp: '2026-05-01T10:00:09Z',
    ...fields,
  }
}

const one = (payload: Fields = {}, fields: Fields = {}): Access => {
  const { accesses, unread } = readAll(entry(payload, fields))
  assert.deepEqual([accesses.length, unread], [1, []])
  return accesses[0] as Access
}

describe('an entry of GKE', () => {
  test('tells who asked for what, from where, by which right', () => {
    const access = one()
    assert.deepEqual(
      [access.id, access.user, access.groups, access.verb, access.group, access.resource, access.subresource],
      ['o1', 'alice@example.com', [], 'create', '', 'pods', 'exec'],
    )
    assert.deepEqual(
      [access.namespace, access.name, access.sources, access.userAgent, access.decision, access.reason],
      ['shop', 'web-0', ['203.0.113.7'], 'kubectl', 'allow', 'access granted by IAM permissions.'],
    )
    assert.equal(access.time, Date.parse('2026-05-01T10:00:00.123Z'))
  })

  test('of a service account has the groups of every token', () => {
    const account = { authenticationInfo: { principalEmail: 'system:serviceaccount:shop:web' } }
    assert.deepEqual(one(account).groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ])
  })

  test('of a denial is a denial, wherever it shows', () => {
    const decision = (payload: Fields, labels: Fields = {}): readonly [string, number] => {
      const { decision, code } = one(payload, { labels })
      return [decision, code]
    }
    const granted = (...values: readonly Json[]): Json => values.map((value) => ({ granted: value, permission: 'x' }))
    assert.deepEqual(decision({ status: { code: 7 }, authorizationInfo: granted(true) }), ['forbid', 403])
    assert.deepEqual(decision({ authorizationInfo: granted(false), status: {} }), ['forbid', 200])
    assert.deepEqual(decision({ authorizationInfo: granted(true, false) }), ['forbid', 0])
    assert.deepEqual(decision({}, { 'authorization.k8s.io/decision': 'forbid' })[0], 'forbid')
    assert.deepEqual(decision({ authorizationInfo: [{ permission: 'x' }], status: { code: 7 } }), ['forbid', 403])
    assert.deepEqual(decision({ authorizationInfo: [{ permission: 'x' }] }), ['untold', 0])
    assert.deepEqual(decision({ authorizationInfo: granted(true), status: { code: 5 } }), ['allow', 404])
    assert.deepEqual(decision({ authorizationInfo: granted(true), status: {} }), ['allow', 200])
    assert.equal(decision({ status: { code: 16 } })[1], 401)
    assert.equal(decision({ status: { code: 6 } })[1], 409)
    assert.equal(decision({ status: { code: 99 } })[1], 500)
  })

  test('that impersonates tells both', () => {
    const both = one({ authenticationInfo: { principalEmail: 'ops@example.com', authoritySelector: 'alice' } })
    assert.deepEqual([both.user, both.impersonator], ['alice', { user: 'ops@example.com', groups: [] }])
    const alone = one({ authenticationInfo: { authoritySelector: 'system:anonymous' } })
    assert.deepEqual([alone.user, alone.impersonator], ['system:anonymous', undefined])
  })

  test('keeps no body, and takes a review and a dry run from it', () => {
    const request = { kind: 'DeleteOptions', dryRun: ['All'], note: 'hunter2' }
    const dry = one({
      methodName: 'io.k8s.core.v1.pods.delete',
      resourceName: 'core/v1/namespaces/shop/pods/web-0',
      request,
    })
    assert.equal(dry.dryRun, true)
    assert.ok(!dry.raw().includes('hunter2') && dry.raw().includes('"o1"'))
    const review = one({
      methodName: 'io.k8s.authorization.v1.subjectaccessreviews.create',
      resourceName: 'authorization.k8s.io/v1/subjectaccessreviews',
      request: { spec: { user: 'bob', resourceAttributes: { verb: 'get', resource: 'pods' } } },
      response: { status: { allowed: true } },
    }).review
    assert.deepEqual([review?.user, review?.verb, review?.resource, review?.allowed], ['bob', 'get', 'pods', true])
  })

  test('that lasts is one request, from its first entry to its last, in any order', () => {
    const first = entry({}, { insertId: 'x', operation: { id: 'o1', first: true } })
    const last = entry(
      { status: {} },
      { insertId: 'y', operation: { id: 'o1', last: true }, timestamp: '2026-05-01T10:07:00Z' },
    )
    for (const [order, ends] of [
      [[first, last], true],
      [[last, first], false],
      [[first, last, last, first], true],
      [[first], false],
    ] as const) {
      const told: AuditEvent[] = []
      const stages = new Stages(
        (event) => told.push(event),
        () => {},
      )
      for (const event of readAll(...order).events) stages.add(event)
      stages.rest()
      assert.equal(told.length, 1)
      const [{ access }] = told as [AuditEvent]
      const { time, end } = access
      if (ends)
        assert.deepEqual([time, end], [Date.parse('2026-05-01T10:00:00.123Z'), Date.parse('2026-05-01T10:07:00Z')])
    }
  })

  test('is told from entries of other services, and from one without a time', () => {
    const { events, unread, leftOut } = readAll(
      entry({ serviceName: 'compute.googleapis.com', methodName: 'v1.compute.instances.insert' }),
      { jsonPayload: {}, logName: 'x', resource: { type: 'k8s_node' } },
      entry({}, { timestamp: null, receiveTimestamp: null }),
      entry({ methodName: '', authorizationInfo: null, resourceName: '' }),
    )
    assert.equal(events.length, 0)
    assert.deepEqual(unread, ['an event without a time', 'a log entry of no method of Kubernetes'])
    assert.deepEqual(leftOut, [
      'the audit log of compute.googleapis.com, not of Kubernetes',
      'the log of a node, not an audit log',
    ])
  })

  test('says in which log it stood', () => {
    const form = (logName: string, methodName: string) => readAll(entry({ methodName }, { logName })).events[0]?.form
    const pods = 'io.k8s.core.v1.pods'
    assert.equal(form('projects/p/logs/cloudaudit.googleapis.com%2Fdata_access', `${pods}.create`), 'gke-data-access')
    assert.equal(form('projects/p/logs/cloudaudit.googleapis.com%2Factivity', `${pods}.get`), 'gke-activity')
    assert.equal(form('', `${pods}.list`), 'gke-data-access')
  })
})

describe('a method of GKE', () => {
  const cases: readonly (readonly [method: string, resource: string, expected: string])[] = [
    ['io.k8s.core.v1.pods.list', 'core/v1/namespaces/shop/pods', 'list /pods  shop '],
    ['io.k8s.core.v1.pods.list', 'core/v1/pods', 'list /pods   '],
    ['io.k8s.core.v1.pods.deletecollection', 'core/v1/namespaces/shop/pods', 'deletecollection /pods  shop '],
    ['io.k8s.core.v1.nodes.patch', 'core/v1/nodes/n1', 'patch /nodes   n1'],
    ['io.k8s.core.v1.nodes.status.patch', 'core/v1/nodes/n1/status', 'patch /nodes status  n1'],
    ['io.k8s.core.v1.namespaces.get', 'core/v1/namespaces/shop', 'get /namespaces  shop shop'],
    [
      'io.k8s.core.v1.namespaces.finalize.update',
      'core/v1/namespaces/shop/finalize',
      'update /namespaces finalize shop shop',
    ],
    ['io.k8s.core.v1.namespaces.list', 'core/v1/namespaces', 'list /namespaces   '],
    [
      'io.k8s.apps.v1.deployments.scale.update',
      'apps/v1/namespaces/shop/deployments/web/scale',
      'update apps/deployments scale shop web',
    ],
    [
      'io.k8s.authorization.rbac.v1.clusterroles.update',
      'rbac.authorization.k8s.io/v1/clusterroles/system:x',
      'update rbac.authorization.k8s.io/clusterroles   system:x',
    ],
    [
      'io.k8s.rbac.v1.clusterroles.create',
      'rbac.authorization.k8s.io/v1/clusterroles/x',
      'create rbac.authorization.k8s.io/clusterroles   x',
    ],
    ['io.k8s.authorization.rbac.v1.roles.delete', '', 'delete rbac.authorization.k8s.io/roles   '],
    ['io.k8s.networking.v1.ingresses.create', '', 'create networking.k8s.io/ingresses   '],
    ['io.k8s.batch.v1.jobs.create', '', 'create batch/jobs   '],
    ['com.coreos.monitoring.v1.prometheuses.get', '', 'get monitoring.coreos.com/prometheuses   '],
    [
      'io.cert-manager.v1.certificates.watch',
      'cert-manager.io/v1/certificates',
      'watch cert-manager.io/certificates   ',
    ],
    [
      'io.k8s.core.v1.services.proxy.get',
      'core/v1/namespaces/shop/services/web:80/proxy/a/b',
      'get /services proxy shop web:80',
    ],
  ]
  for (const [method, resource, expected] of cases) {
    test(`${method} ${resource}`, () => {
      const { verb, group, resource: plural, subresource, namespace, name, path } = targetOf(method, resource) ?? {}
      assert.equal(`${verb} ${group}/${plural} ${subresource} ${namespace} ${name}`, expected)
      assert.equal(path, '')
    })
  }

  test('of no resource is that of a path', () => {
    for (const [method, resource, path] of [
      ['io.k8s.get', 'readyz?verbose', '/readyz'],
      ['io.k8s.readyz', '', '/readyz'],
      ['io.k8s.readyz', '/readyz', '/readyz'],
      ['io.k8s.core.v1.healthz.get', 'core/v1/healthz', '/healthz'],
    ] as const) {
      const target = targetOf(method, resource)
      assert.deepEqual([target?.verb, target?.resource, target?.path], ['get', '', path])
    }
  })

  test('of another service is none', () => {
    for (const method of ['', 'google.container.v1.ClusterManager.CreateCluster', 'io.k8s', 'v1.compute', 'a.v1.b'])
      assert.equal(targetOf(method, ''), undefined, method)
  })
})
