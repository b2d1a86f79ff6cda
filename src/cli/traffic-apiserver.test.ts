import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { objectsOf } from '../cluster/testing.ts'
import type { TrafficApiServer } from '../report/traffic/apiserver.ts'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)
const START = Date.parse('2026-11-02T00:00:00Z')
const DAY_MS = 86_400_000
const WHO = 'sa:a/runaway'

let cluster = ''
let floods = ''
let weeks = ''

let serial = 0

function event(time: number, tookMs: number, more: object = {}): string {
  return JSON.stringify({
    ...{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', stage: 'ResponseComplete' },
    auditID: `id-${serial++}`,
    requestURI: '/api/v1/configmaps',
    verb: 'list',
    user: {
      username: 'system:serviceaccount:a:runaway',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/pod-name': ['reporter-5d4f8c7b9-x2x7k'] },
    },
    sourceIPs: ['10.0.0.9'],
    userAgent: 'reporter/1.0',
    objectRef: { resource: 'configmaps', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: new Date(time).toISOString(),
    stageTimestamp: new Date(time + tookMs).toISOString(),
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...more,
  })
}

const victim = {
  user: { username: 'system:serviceaccount:b:app', groups: ['system:serviceaccounts', 'system:authenticated'] },
  requestURI: '/api/v1/namespaces/b/configmaps/one',
  verb: 'get',
  userAgent: 'app/1.0',
  objectRef: { resource: 'configmaps', namespace: 'b', name: 'one', apiVersion: 'v1' },
}

before(() => {
  const map = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'b' },
    data: { text: 'x'.repeat(1000) },
  })
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{ name: 'reporter', namespace: 'a', labels: { 'app.kubernetes.io/name': 'reports', team: 'data' } },
    },
    spec: {
      selector: { matchLabels: { app: 'r' } },
      template: {
        metadata: { labels: { app: 'r' } },
        spec: { serviceAccountName: 'runaway', containers: [{ name: 'main', image: 'r:1' }] },
      },
    },
  }
  const items = [deployment, ...Array.from({ length: 900 }, (_, at) => map(`c-${at}`))]
  cluster = folder.write('cluster.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const flood = (from: number): readonly string[] => Array.from({ length: 400 }, (_, at) => event(from + at * 25, 1000))
  const other = Array.from({ length: 100 }, (_, at) => event(START + at * 100, 4, victim))
  floods = folder.write('flood.log', `${[...flood(START), ...other].join('\n')}\n`)
  const calm = Array.from({ length: 8 * 480 }, (_, at) => event(START + at * 180_000, 300))
  weeks = folder.write('weeks.log', `${[...calm, ...flood(START + 5 * DAY_MS + 90_000), ...other].join('\n')}\n`)
})

function json(...args: readonly string[]): TrafficApiServer {
  const { stdout, stderr, status } = bulkhead(['traffic', 'apiserver', ...args, '-o', 'json'])
  assert.equal(stderr, '')
  assert.equal(status, 0)
  const document = JSON.parse(stdout) as TrafficApiServer
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

describe('traffic apiserver', () => {
  test('names who loads it, with the application and owner of the pod of the token', () => {
    const { items, subjects, levels, window } = json('-f', cluster, '--history', floods)
    const [first, second] = items
    assert.deepEqual(
      [first?.subject, first?.applications, first?.owners, first?.workloads],
      [WHO, ['Application/a/reports'], ['data'], ['Deployment/a/reporter']],
    )
    assert.deepEqual([first?.requests, first?.seconds, first?.peakPerSecond], [400, 400, 40])
    assert.ok((first?.seats ?? 0) >= 9 && first?.measured)
    assert.deepEqual(
      first?.why.map(({ why }) => why),
      ['no-resource-version', 'no-limit'],
    )
    assert.deepEqual([second?.subject, second?.priorityLevel], ['sa:b/app', 'workload-low'])
    assert.ok((subjects[0]?.share ?? 0) > 0.99)
    assert.equal(
      levels.reduce((sum, { shares }) => sum + shares, 0),
      245,
    )
    assert.equal(window.requests, 500)
  })

  test('the screen says it in a sentence, and what the log does not show', () => {
    const { stdout, status } = bulkhead(['traffic', 'apiserver', '-f', cluster, '--history', floods])
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^sa:a\/runaway of Deployment\/a\/reporter \(application a\/reports, owner data\) took 100 % of the seat-seconds of all 500\s/,
    )
    assert.match(stdout, /each waits until the cache is level with etcd/)
    assert.match(stdout, /the same with --cap sa:a\/runaway/)
    const old = bulkhead(['traffic', 'apiserver', '-f', cluster, '--history', floods, '--kubernetes-version', '1.29'])
    assert.match(old.stdout, /each reads all of it from etcd/)
    const wide = bulkhead(['traffic', 'apiserver', '--history', floods, '-o', 'wide']).stdout
    assert.match(wide, /AGENT.*LEVEL/)
    assert.match(wide, /how much is stored of configmaps is not in the input/)
  })

  test('--cap prints two objects that can be applied, by what it needed while it did not flood', () => {
    const { stdout, status } = bulkhead(['traffic', 'apiserver', '-f', cluster, '--history', weeks, '--cap', WHO])
    assert.equal(status, 0)
    const [level, schemaObject] = objectsOf(stdout).map(({ body }) => body as Record<string, never>)
    assert.deepEqual([level?.kind, schemaObject?.kind], ['PriorityLevelConfiguration', 'FlowSchema'])
    assert.match(stdout, /^# A cap on sa:a\/runaway/)
    assert.match(stdout, /# Undo: kubectl delete/)
    const { cap } = json('-f', cluster, '--history', weeks, '--cap', WHO)
    assert.ok(cap)
    assert.equal(cap.from, 'need')
    assert.equal(cap.verdict, 'holds', cap.because.join())
    assert.ok((cap.needSeats ?? 0) > 1 && cap.peakSeats > 100 && cap.seats < cap.floodSeats)
    assert.equal(cap.replay.calm.refused, 0)
    assert.deepEqual(cap.today, [{ flowSchema: 'service-accounts', priorityLevel: 'workload-low' }])
    assert.ok(cap.levels.every(({ before, after }) => after <= before))
  })

  test('where all that was recorded is the flood, nothing is promised', () => {
    const { cap } = json('-f', cluster, '--history', floods, '--cap', WHO)
    assert.deepEqual([cap?.from, cap?.shares, cap?.seats, cap?.verdict], ['default', 1, 3, 'unknown'])
    assert.match(cap?.because.join() ?? '', /what it needs otherwise is not known/)
    const unmeasured = json('--history', weeks, '--cap', WHO).cap
    assert.equal(unmeasured?.verdict, 'unknown')
    assert.match(unmeasured?.because.join() ?? '', /^\d+ lists count as one seat each: how much is stored/)
    const jail = json('-f', cluster, '--history', weeks, '--cap', WHO, '--shares', '0').cap
    assert.deepEqual([jail?.seats, jail?.verdict], [0, 'breaks'])
    const five = json('--history', floods, '--cap', WHO, '--shares', '5', '--server-seats', '600').cap
    assert.deepEqual([five?.seats, five?.from], [12, 'flag'])
  })

  test('parts of the cluster are capped only with what that breaks', () => {
    for (const who of ['user:system:node:n1', 'sa:kube-system/coredns', 'user:system:kube-scheduler']) {
      const { cap } = json('--history', floods, '--cap', who)
      assert.equal(cap?.verdict, 'unknown')
      assert.match(cap?.warnings[0] ?? '', /^take care: this is/)
    }
  })

  test('is used wrongly', () => {
    const wrong = (...args: readonly string[]): string => {
      const { status, stderr } = bulkhead(['traffic', 'apiserver', ...args])
      assert.equal(status, 2)
      return stderr
    }
    assert.match(wrong(), /--history/)
    assert.match(wrong('--history', floods, '--cap', 'group:dev'), /expected sa:NAMESPACE\/NAME or user:NAME/)
    assert.match(wrong('--history', floods, '--shares', '5'), /--cap/)
    assert.match(wrong('--history', floods, '--cap', WHO, '--shares', '1e3'), /whole number/)
    assert.match(wrong('--history', floods, '--server-seats', '0'), /from 1 to/)
    assert.match(wrong('--history', floods, '-o', 'html'), /not known/)
    assert.equal(bulkhead(['traffic', 'apiserver', '--history', cluster]).status, 3)
  })

  test('hostile names reach no terminal and no spreadsheet', () => {
    const agent = '=cmd|calc\u001b[2J\u202e","x'
    const user = { username: '@evil\u001b]0;x\u0007\n# cap', groups: [] }
    const events = Array.from({ length: 60 }, (_, at) => event(START + at, 900, { user, userAgent: agent }))
    const log = folder.write('hostile.log', `${events.join('\n')}\n{"kind":"Event","verb":7}\n`)
    for (const format of ['table', 'wide', 'csv', 'json', 'yaml']) {
      const { stdout } = bulkhead(['traffic', 'apiserver', '--history', log, '-o', format, '-q'])
      assert.ok(stdout.includes('evil'), format)
      assert.doesNotMatch(stdout, /[\u001b\u0007\u202e]/, format)
      if (format === 'csv') assert.match(stdout, /'=cmd/)
    }
    const capped = bulkhead(['traffic', 'apiserver', '--history', log, '--cap', `user:${user.username}`, '-q']).stdout
    assert.doesNotMatch(capped, /[\u001b\u0007\u202e]/)
    assert.deepEqual(
      objectsOf(capped).map(({ kind }) => kind),
      ['PriorityLevelConfiguration', 'FlowSchema'],
    )
  })

  test('says what a form of log does not tell', () => {
    const entry = {
      protoPayload: {
        ...{ '@type': 'type.googleapis.com/google.cloud.audit.AuditLog', serviceName: 'k8s.io' },
        ...{ methodName: 'io.k8s.core.v1.configmaps.list', resourceName: 'core/v1/configmaps' },
        authenticationInfo: { principalEmail: 'alice@example.org' },
        requestMetadata: { callerIp: '10.0.0.1', callerSuppliedUserAgent: 'kubectl' },
        status: {},
      },
      insertId: 'a',
      resource: { type: 'k8s_cluster' },
      timestamp: '2026-11-02T00:00:00Z',
      logName: 'projects/p/logs/cloudaudit.googleapis.com%2Fdata_access',
    }
    const log = folder.write('gke.log', `${JSON.stringify(entry)}\n`)
    const { hidden, items } = json('--history', log)
    assert.match(hidden.join('\n'), /does not tell how long requests took/)
    assert.match(hidden.join('\n'), /does not tell the query/)
    assert.deepEqual([items[0]?.untimed, items[0]?.share], [1, 1])
  })
})
