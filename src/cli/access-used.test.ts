import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import type { AccessMinimized } from '../report/access/minimize.ts'
import type { AccessUsed, DeedItem, UsedItem } from '../report/access/used.ts'
import { bulkhead, root, shop, testFolder } from './cli.testing.ts'

const folder = testFolder()
const LOG = join(shop, 'history/audit.jsonl.gz')
const SHOP = ['-R', '-f', shop]
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)

function json<T>(...args: readonly string[]): T {
  const { stdout, stderr } = bulkhead(['access', ...args, '-o', 'json'])
  assert.equal(stderr, '')
  const document = JSON.parse(stdout) as T
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

let serial = 0

function event(more: object): string {
  const at = new Date(Date.parse('2026-11-02T10:00:00Z') + serial++ * 60_000).toISOString()
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `id-${serial}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/secrets/db',
    verb: 'get',
    user: { username: 'alice', groups: ['devs', 'system:authenticated'] },
    sourceIPs: ['10.9.9.9', '198.51.100.7'],
    userAgent: 'kubectl/v1.36.1 (darwin/arm64)',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    ...more,
  })
}

describe('access used', () => {
  test('each rule of a binding, what was used of it by namespace and name, and when', () => {
    const { subject, window, items } = json<AccessUsed>(
      'used',
      'sa:platform/backup-operator',
      '--history',
      LOG,
      ...SHOP,
    )
    assert.deepEqual([subject, window.days], ['sa:platform/backup-operator', 14])
    const rules = items as readonly UsedItem[]
    const own = rules.filter(({ binding }) => binding.name === 'backup-operator')
    const secrets = own.find(({ granted }) => granted.includes('get secrets'))
    assert.deepEqual(
      secrets?.used.map(({ right, namespace, names, times }) => [right, namespace, names, times]),
      [
        ['get persistentvolumeclaims', 'orders', ['data-orders-db-0'], 14],
        ['get secrets', 'platform', ['backup-bucket'], 28],
      ],
    )
    assert.ok(secrets?.unused.includes('list secrets'))
    assert.ok(secrets?.first !== undefined && secrets.first < (secrets.last ?? ''))
    assert.match(secrets?.rule.location?.file ?? '', /\.yaml$/)
    assert.equal(secrets?.observable, true)
  })

  test('what no binding of today explains is told, with what the log says', () => {
    const { unexplained = [], items } = json<AccessUsed>('used', 'sa:platform/ci-runner', '--history', LOG)
    assert.deepEqual(items, [])
    assert.ok(unexplained.length > 0)
    for (const { why, reason } of unexplained) {
      assert.equal(why, 'no RBAC was given')
      assert.match(reason ?? '', /^RBAC: allowed by ClusterRoleBinding|^RBAC: allowed by RoleBinding/)
    }
  })

  test('--on: who touched one object, from where, as whom; what was refused too, and what reads all at once', () => {
    const log = folder.write(
      'on.jsonl',
      [
        event({}),
        event({ user: { username: 'root' }, impersonatedUser: { username: 'bob', groups: [] } }),
        event({
          verb: 'list',
          requestURI: '/api/v1/namespaces/shop/secrets',
          objectRef: { resource: 'secrets', namespace: 'shop', apiVersion: 'v1' },
        }),
        event({
          user: { username: 'eve' },
          annotations: { 'authorization.k8s.io/decision': 'forbid' },
          responseStatus: { code: 403 },
        }),
        event({ objectRef: { resource: 'secrets', namespace: 'shop', name: 'other' } }),
        event({ objectRef: { resource: 'secrets', namespace: 'web', name: 'db' } }),
      ].join('\n'),
    )
    const { items } = json<AccessUsed>('used', '--on', 'secrets/db', '-n', 'shop', '--history', log)
    assert.deepEqual(
      (items as readonly DeedItem[]).map(({ subject, impersonator, verb, allowed, source, name }) => [
        subject,
        impersonator,
        verb,
        allowed,
        source,
        name,
      ]),
      [
        ['user:alice', undefined, 'get', true, '198.51.100.7', 'db'],
        ['user:bob', 'user:root', 'get', true, '198.51.100.7', 'db'],
        ['user:alice', undefined, 'list', true, '198.51.100.7', undefined],
        ['user:eve', undefined, 'get', false, '198.51.100.7', 'db'],
      ],
    )
  })

  test('--on of the example: the pod’s workload and application', () => {
    const { items } = json<AccessUsed>(
      'used',
      '--on',
      'secrets/backup-bucket',
      '-n',
      'platform',
      '--history',
      LOG,
      ...SHOP,
    )
    const deed = (items as readonly DeedItem[]).find(({ subject }) => subject === 'sa:platform/backup-operator')
    assert.deepEqual(
      [deed?.times, deed?.workload, deed?.application],
      [28, 'Deployment/platform/backup-operator', 'Application/platform/backup'],
    )
  })

  test('--since and --until: what one did between two times, in order', () => {
    const { activity = [], window } = json<AccessUsed>(
      'used',
      'sa:platform/ci-runner',
      '--since',
      '2026-11-10',
      '--until',
      '2026-11-11',
      '--history',
      LOG,
    )
    assert.ok(activity.length > 3)
    assert.ok(activity.every(({ first, last }) => first >= '2026-11-10' && last < '2026-11-11'))
    assert.deepEqual(
      activity.map(({ first }) => first),
      activity.map(({ first }) => first).toSorted(),
    )
    assert.equal(window.from.slice(0, 10), '2026-11-10')
  })

  test('a table, CSV; usage errors', () => {
    const table = bulkhead(['access', 'used', 'group:shop:on-call', '--history', LOG, ...SHOP])
    assert.match(table.stdout, /^What group:shop:on-call was granted and used, by 1,656 requests/)
    assert.match(table.stdout, /create pods\/exec +orders +orders-db-0 +1 /)
    const csv = bulkhead(['access', 'used', '--on', 'pods/exec', '--history', LOG, '-o', 'csv'])
    assert.match(csv.stdout, /^subject,verb,what,/)
    for (const args of [[], ['nobody', '--history', LOG], ['--history', LOG, '--since', 'yesterday']])
      assert.equal(bulkhead(['access', 'used', ...args]).status, 2)
    assert.equal(bulkhead(['access', 'used', '--history', 'missing.log']).status, 3)
  })
})

describe('access minimize', () => {
  test('the example: proved, and what was granted is near what was used', () => {
    const { subjects, ratio, removed, proof, kept } = json<AccessMinimized>(
      'minimize',
      '--all',
      '--history',
      LOG,
      ...SHOP,
    )
    assert.ok(ratio <= 1.05)
    assert.ok((removed ?? 0) > 1_000)
    assert.deepEqual(proof.counterexamples, [])
    const runner = subjects.find(({ subject }) => subject === 'sa:platform/ci-runner')
    assert.equal(runner?.proof?.verdict, 'holds')
    assert.ok(
      runner?.rules.some(
        ({ resources, resourceNames, verbs }) =>
          JSON.stringify([resources, resourceNames, verbs]) === '[["secrets"],["registry"],["update"]]',
      ),
    )
    assert.ok(kept.some(({ why }) => why.includes('Node authorizer')))
  })

  test('its patches applied, the proof of the files is that of the command', () => {
    const place = folder.copyOf(join(shop, 'platform'), 'platform')
    const out = join(folder.path, 'out')
    const made = bulkhead([
      'access',
      'minimize',
      'sa:platform/ci-runner',
      '--history',
      LOG,
      '-f',
      join(place, 'platform'),
      '-R',
      '-w',
      out,
    ])
    assert.equal(made.status, 0, made.stderr)
    assert.deepEqual(readdirSync(out).sort(), ['bulkhead-minimize.patch', 'bulkhead-minimize.yaml'])
    const proved = bulkhead([
      'prove',
      '-f',
      join(place, 'platform'),
      '-R',
      '--history',
      LOG,
      '--fix',
      join(out, 'bulkhead-minimize.yaml'),
    ])
    assert.match(proved.stdout, /^holds over 14 days/)
  })

  test('of the log alone, in the order of names, twice the same', () => {
    const args = ['access', 'minimize', '--all', '--history', LOG, '-o', 'yaml']
    const { stdout, status } = bulkhead(args)
    assert.equal(status, 0)
    assert.equal(stdout, bulkhead(args).stdout)
    assert.match(stdout, /^apiVersion: rbac\.authorization\.k8s\.io\/v1\nkind: ClusterRole\n/)
    const diff = bulkhead([...args.slice(0, -1), 'diff'])
    assert.match(diff.stdout, /^--- \/dev\/null\n\+\+\+ b\/bulkhead-minimize\.yaml\n/)
  })

  test('names of a hostile log are written so that they stay names', () => {
    const user = 'a: b\n---\nkind: "x" \u001b[31m'
    const log = folder.write('hostile.jsonl', [event({ user: { username: user, groups: ['g'] } })].join('\n'))
    const { stdout } = bulkhead(['access', 'minimize', '--all', '--history', log, '-o', 'yaml'])
    assert.ok(!stdout.includes('\u001b'))
    const { objects } = json<AccessMinimized>('minimize', '--all', '--history', log)
    assert.deepEqual((objects[1]?.subjects as readonly { name: string }[] | undefined)?.[0]?.name, user)
  })

  test('usage errors', () => {
    for (const args of [
      ['--history', LOG],
      ['--all'],
      ['user:a', '--all', '--history', LOG],
      ['who', '--history', LOG],
    ])
      assert.equal(bulkhead(['access', 'minimize', ...args]).status, 2)
    const slip = bulkhead(['access', 'minimize', '--all', '--history', LOG, '--keep', 'user:nobody', '-q'])
    assert.equal(slip.status, 2)
    assert.match(slip.stderr, /--keep user:nobody: names no binding, subject or grant of a cloud/)
  })
})
