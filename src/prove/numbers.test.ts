import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { droppedBy } from '../engines/access/used/audit-policy.ts'
import { wasDue } from './cron.ts'
import { auditPolicy } from './testing.ts'
import { unseenMass } from './unseen.ts'

const seen = (...days: readonly number[]) =>
  days.map((many) => ({ days: Array.from({ length: many }, (_, day) => day) }))
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`)

test('the unseen mass, by hand', () => {
  // Q1 = 2, Q2 = 1, U = 2 + 2 + 10 = 14, T = 10: 2/14 x 18/(18 + 2).
  near(unseenMass(seen(1, 1, 2, 10), 10), (2 / 14) * (18 / 20))
  // Q2 = 0: all of the singletons' share.
  near(unseenMass(seen(1, 10), 10), 1 / 11)
  // Q1 = 1, Q2 = 3, U = 1 + 6 = 7, T = 8: 1/7 x 7/(7 + 6).
  near(unseenMass(seen(1, 2, 2, 2), 8), (1 / 7) * (7 / 13))
  assert.equal(unseenMass(seen(2, 9), 10), 0)
  assert.equal(unseenMass([], 10), 0)
  assert.equal(unseenMass(seen(1), 1), 1)
})

describe('a schedule', () => {
  const from = Date.parse('2026-01-01T00:00:00Z')
  const to = Date.parse('2026-01-14T12:00:00Z')
  const cases: Readonly<Record<string, boolean | undefined>> = {
    '0 3 * * *': true,
    '*/5 * * * *': true,
    '0 3 15 * *': false,
    '0 13 14 * *': false,
    '0 11 14 * *': true,
    '0 0 1 2 *': false,
    '0 0 31 * fri': true,
    '0 0 * feb-dec *': false,
    '0 0 1 1-12/3 *': true,
    '@yearly': true,
    '@monthly': true,
    '@every 24h': true,
    '@every 1000h': false,
    'TZ=Europe/Berlin 0 3 * * 7': true,
    '0 0 30 2 *': false,
    'at noon': undefined,
    '61 * * * *': undefined,
  }
  for (const [schedule, due] of Object.entries(cases))
    test(schedule, () => assert.equal(wasDue(schedule, from, to), due))
})

describe('an audit policy', () => {
  const request = {
    user: 'system:serviceaccount:shop:ci',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    verb: 'get',
    group: '',
    resource: 'secrets',
    namespace: 'shop',
    url: '',
  }
  const none = { level: 'None' }
  const all = { level: 'Metadata' }
  const core = (...resources: readonly string[]) => ({ resources: [{ group: '', resources }] })
  const cases: readonly (readonly [string, ReturnType<typeof auditPolicy>, boolean])[] = [
    ['that logs everything', auditPolicy(all), false],
    ['of which no rule matches', auditPolicy({ ...all, ...core('pods') }), true],
    ['that drops the resource', auditPolicy({ ...none, ...core('secrets') }, all), true],
    ['that drops it after it has logged it', auditPolicy({ ...all, ...core('secrets') }, none), false],
    [
      'that drops it of another group',
      auditPolicy({ ...none, resources: [{ group: 'apps', resources: ['secrets'] }] }, all),
      false,
    ],
    ['that drops a subresource', auditPolicy({ ...none, ...core('secrets/status') }, all), false],
    ['that drops the verb', auditPolicy({ ...none, verbs: ['get', 'list'] }, all), true],
    ['that drops another verb', auditPolicy({ ...none, verbs: ['watch'] }, all), false],
    ['that drops the user', auditPolicy({ ...none, users: [request.user] }, all), true],
    ['that drops a group of it', auditPolicy({ ...none, userGroups: ['system:serviceaccounts'] }, all), true],
    ['that drops the namespace', auditPolicy({ ...none, namespaces: ['shop'] }, all), true],
    ['that drops another namespace', auditPolicy({ ...none, namespaces: ['ops'] }, all), false],
    [
      'that drops one name of it',
      auditPolicy({ ...none, resources: [{ group: '', resources: ['secrets'], resourceNames: ['x'] }] }, all),
      true,
    ],
    ['that drops URLs', auditPolicy({ ...none, nonResourceURLs: ['/healthz*'] }, all), false],
    ['that omits its stages', auditPolicy({ ...all, omitStages: ['ResponseStarted', 'ResponseComplete'] }), true],
    ['that omits when it was received', auditPolicy({ ...all, omitStages: ['RequestReceived'] }), false],
  ]
  for (const [name, policy, dropped] of cases)
    test(name, () => assert.equal(droppedBy(policy, request) !== undefined, dropped))
  test('asked about every resource, drops what it drops of any', () => {
    const any = { ...request, group: '*', resource: '*' }
    assert.equal(droppedBy(auditPolicy({ ...none, ...core('events') }, all), any), 'rule 1 of the audit policy')
  })
})
