import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { Access } from '../../../history/history.ts'
import { policyOf } from '../policy.ts'
import { networkOf } from './origin.ts'
import { access, MINUTE, START } from './signals.testing.ts'
import { SignalFold } from './signals.ts'

const cluster = buildCluster({ objects: [] })

function signals(all: readonly Access[]) {
  const fold = new SignalFold(policyOf(cluster), undefined)
  for (const each of all) fold.add(each)
  return [...fold.signals(cluster, policyOf(cluster), START)]
}

function rules(all: readonly Access[]): readonly string[] {
  return signals(all).map(({ rule, subject }) => `${rule} ${subject}`)
}

const HOME = { sources: ['198.51.100.7'] }
const AWAY = { sources: ['203.0.113.9'] }
const shuttle = (count: number, apart: number, away: Partial<Access> = AWAY): Access[] =>
  Array.from({ length: count }, (_, at) => access('alice', at * apart, at % 2 === 0 ? HOME : away))

describe('a shared credential', () => {
  test('is one that goes to and fro, however slowly within two hours, and in whatever order of files', () => {
    for (const all of [shuttle(8, 1), shuttle(8, 6), shuttle(8, 15)]) {
      assert.deepEqual(rules(all), ['shared-credential User//alice'])
      const [home, away] = [all.filter((_, at) => at % 2 === 0), all.filter((_, at) => at % 2 === 1)]
      // One file for each of two API servers.
      if (all[1] && all[1].time - START > 5 * MINUTE)
        assert.deepEqual(rules([...home, ...away]), ['shared-credential User//alice'])
    }
  })

  test('is found whatever the thief says of its machine, and of its way', () => {
    const forged = { sources: ['198.51.100.7', '10.0.0.1', '203.0.113.9'], userAgent: 'kubectl/v1.36.0 (darwin/arm64)' }
    assert.deepEqual(rules(shuttle(8, 6, forged)), ['shared-credential User//alice'])
  })

  test('is none that claims other addresses: only the last is believed', () => {
    assert.deepEqual(rules(shuttle(20, 3, { sources: ['203.0.113.9', '198.51.100.7'] })), [])
  })

  test('is none that moves, or uses several clients at one place', () => {
    const day = [...Array(30).keys()].flatMap((at) => [
      access('bob', at),
      access('bob', 40 + at, AWAY),
      access('bob', 600 + at),
    ])
    assert.deepEqual(rules(day), [])
    const clients = ['k9s/1 (darwin/arm64)', 'Helm/3', 'kubectl/v1 (linux/arm64)']
    assert.deepEqual(
      rules([...Array(60).keys()].map((at) => access('bob', at, { userAgent: clients[at % 3] as string }))),
      [],
    )
  })

  test('one certificate on two kinds of machines needs less', () => {
    const own = { credential: 'X509SHA256=aa' }
    const all = [
      access('alice', 0, own),
      access('alice', 2, own),
      ...[10, 20, 30].map((at) =>
        access('alice', at, at === 20 ? own : { ...own, ...AWAY, userAgent: 'curl/8 (linux/amd64)' }),
      ),
    ]
    assert.deepEqual(rules(all), ['shared-credential User//alice'])
  })

  test('sessions of people behind one name of a cloud, and not those that programs make up', () => {
    const of = (session: string, at: number) => [0, 1, 2, 3].map((more) => access('admin', at + more, { session }))
    assert.deepEqual(rules([...of('ann@example.com', 0), ...of('ben@example.com', 5000)]), [
      'shared-credential User//admin',
    ])
    assert.deepEqual(
      rules([...of('botocore-session-1730000000', 0), ...of('1730000001', 5000), ...of('i-0abcdef0123456789', 6000)]),
      [],
    )
  })
})

const SA = 'system:serviceaccount:shop:web'
const pod = (uid: string, name = 'web-0') => ({
  pod: { name, uid, node: 'n1' },
  userAgent: 'web/v1 (linux/amd64)',
  sources: ['10.1.0.5'],
})

describe('a stolen token', () => {
  test('is one that is used elsewhere while its pod goes on', () => {
    const own = [...Array(30).keys()].map((at) => access(SA, at * 10, pod('u1')))
    const theft = [access(SA, 55, { ...pod('u1'), sources: ['10.9.9.9'] })]
    assert.deepEqual(rules([...own, ...theft]), ['stolen-token ServiceAccount/shop/web'])
    const [found] = signals([...own, ...theft])
    assert.match(found?.message ?? '', /web-0 was used from 10\.9\.9\.9 .*while the pod is at 10\.1\.0\.5/)
  })

  test('is none of a pod that has another address after its node was started again, nor of the next pod of its name', () => {
    const before = [...Array(20).keys()].map((at) => access(SA, at, pod('u1')))
    const after = [...Array(20).keys()].map((at) => access(SA, 60 + at, { ...pod('u1'), sources: ['10.1.4.7'] }))
    const next = [...Array(20).keys()].map((at) => access(SA, 30 + at, { ...pod('u2'), sources: ['10.1.8.8'] }))
    assert.deepEqual(rules([...before, ...after, ...next]), [])
  })

  test('is one whose pod was deleted long before', () => {
    const own = [0, 5, 10].map((at) => access(SA, at, pod('u1')))
    const gone = access('system:node:n1', 12, { verb: 'delete', name: 'web-0', sources: ['10.0.0.2'] })
    assert.deepEqual(rules([...own, gone, access(SA, 13, pod('u1'))]), [])
    assert.deepEqual(rules([...own, gone, access(SA, 90, pod('u1'))]), ['stolen-token ServiceAccount/shop/web'])
  })

  test('of an account whose tokens name no pod, is one from where people are', () => {
    const own = [...Array(40).keys()].map((at) => access(SA, at * 5, { sources: ['10.1.0.5'], userAgent: 'web/v1' }))
    const theft = access(SA, 150, { sources: ['203.0.113.9'], userAgent: 'web/v1' })
    assert.deepEqual(rules([...own, theft]), ['stolen-token ServiceAccount/shop/web'])
    const outside = own.map((each, at) => access(SA, at * 5, { sources: ['203.0.113.9'], userAgent: each.userAgent }))
    assert.deepEqual(rules(outside), [])
  })
})

describe('what is unusual for somebody', () => {
  const secret = (user: string, minutes: number, at: number): Access =>
    access(user, minutes, { verb: 'get', resource: 'secrets', name: `s${at}` })

  test('many Secrets at once, but not every night', () => {
    const sweep = [...Array(20).keys()].map((at) => secret('alice', 300 + at / 4, at))
    assert.deepEqual(rules([access('alice', 0), ...sweep]), ['secret-sweep User//alice'])
    const nights = [0, 1, 2].flatMap((night) =>
      [...Array(20).keys()].map((at) => secret('ci', night * 1440 + at / 4, at)),
    )
    assert.deepEqual(rules(nights), [])
    assert.deepEqual(
      rules(sweep.map((each) => access('bob', 0, { ...each, user: 'bob', decision: 'forbid', code: 403 }))).filter(
        (each) => each.startsWith('secret'),
      ),
      [],
    )
  })

  test('refusals of many kinds, but not the same few for ever', () => {
    const kinds = ['secrets', 'nodes', 'pods', 'events', 'leases', 'services', 'endpoints', 'configmaps', 'namespaces']
    const refused = (minutes: number): Access[] =>
      kinds.map((resource, at) => access('alice', minutes + at / 2, { resource, decision: 'forbid', code: 403 }))
    assert.deepEqual(rules([access('alice', 0), ...refused(200)]), ['reconnaissance User//alice'])
    assert.deepEqual(rules([0, 1, 2, 3].flatMap((at) => refused(at * 200))), [])
  })

  test('the first time as somebody else, but not a proxy that always does', () => {
    const acting = { impersonator: { user: 'alice', groups: [] }, user: 'root', groups: ['system:masters'] }
    const past = [...Array(40).keys()].map((at) => access('alice', at * 100))
    const [found] = signals([...past, access('root', 4100, acting), access('root', 4101, acting)])
    assert.equal(found?.rule, 'impersonation')
    assert.equal(found?.severity, 'high')
    const proxy = [...Array(40).keys()].map((at) =>
      access('x', at * 100, { impersonator: { user: 'proxy', groups: [] }, user: `u${at}` }),
    )
    assert.deepEqual(rules(proxy), [])
  })
})

describe('bounds', () => {
  test('many distinct users are counted, not kept', () => {
    const fold = new SignalFold(policyOf(cluster), undefined)
    for (let at = 0; at < 40_000; at++)
      fold.add(access(`user-${at}`, at / 100, { sources: [`10.${at >> 8}.${at & 255}.1`] }))
    assert.ok(fold.dropped.users >= 20_000)
    for (let at = 0; at < 16; at++) fold.add(access('alice', 400 + at * 3, at % 2 === 0 ? HOME : AWAY))
    assert.deepEqual(
      [...fold.signals(cluster, policyOf(cluster), START)].map(({ subject }) => subject),
      ['User//alice'],
    )
  })

  test('networks of addresses, and of what is none', () => {
    assert.equal(networkOf('10.1.2.3'), '10.1.2.0/24')
    assert.equal(networkOf('::ffff:10.1.2.3'), '10.1.2.0/24')
    assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64')
    assert.equal(networkOf('2001:db8:0:0:5:6:7:8'), '2001:db8:0:0::/64')
    assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
    assert.equal(networkOf('private'), 'private')
    assert.equal(networkOf('x'.repeat(100_000)).length, 64)
  })
})
