import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../../cluster/cluster.ts'
import { directoryOf } from '../../../cluster/directory.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import type { Access } from '../../../history/history.ts'
import { policyOf } from '../policy.ts'
import { dormant } from './dormant.ts'
import { access as listing, MINUTE, START } from './signals.testing.ts'
import { SignalFold } from './signals.ts'

const DAY = 1440
const cluster = buildCluster({ objects: [] })

/** That a client of the cluster looks at endpoints. */
function access(user: string, minutes: number, more: Partial<Access> = {}): Access {
  return listing(user, minutes, { resource: 'endpoints', path: '', userAgent: 'client/v1 (linux/amd64)', ...more })
}

function rules(...all: readonly (readonly Access[])[]): readonly string[] {
  const fold = new SignalFold(policyOf(cluster), undefined)
  for (const each of all.flat()) fold.add(each)
  return [...fold.signals(cluster, policyOf(cluster), START)].map(({ rule, subject }) => `${rule} ${subject}`)
}

const range = (count: number): readonly number[] => [...Array(count).keys()]
const account = (name: string): string => `system:serviceaccount:shop:${name}`
const pod = (name: string, node: string, source: string): Partial<Access> => ({
  pod: { name, uid: `uid of ${name}`, node },
  sources: [source],
})
/** Twelve pods inside, on nodes whose kubelets ask. */
const inside = range(12).flatMap((at) => [
  ...range(3).map((hour) => access(account(`app-${at}`), hour * 300, pod(`app-${at}`, `n${at}`, `10.244.${at}.9`))),
  access(`system:node:n${at}`, at, { sources: [`10.20.0.${at}`] }),
])
/** The log goes on for two weeks. */
const later = [access('bob', 14 * DAY)]

describe('addresses of pods', () => {
  test('own and node’s by turns, where packets are masqueraded on the way to other nodes', () => {
    const turns = range(30).map((at) =>
      access(account('agent'), at * 20, pod('agent', 'n1', at % 3 === 0 ? '10.20.0.1' : '10.244.1.40')),
    )
    assert.deepEqual(rules(inside, turns), [])
    const thief = range(3).map((at) => access(account('agent'), 200 + at, pod('agent', 'n1', '10.244.9.9')))
    const atNode = turns.map((each) => ({ ...each, sources: ['10.20.0.1'] }))
    assert.deepEqual(rules(inside, atNode, thief), ['stolen-token ServiceAccount/shop/agent'])
  })

  test('one of each family, and no third', () => {
    const dual = range(20).map((at) =>
      access(account('dual'), at * 20, pod('dual', 'n2', at % 2 === 0 ? '10.244.2.41' : 'fd00:10:244:2::29')),
    )
    assert.deepEqual(rules(inside, dual), [])
    const third = access(account('dual'), 205, pod('dual', 'n2', 'fd00:10:244:9::9'))
    assert.deepEqual(rules(inside, dual, [third]), ['stolen-token ServiceAccount/shop/dual'])
  })

  test('outside alone, where pods are inside: the pod itself never asks', () => {
    const only = range(4).map((at) => access(account('front'), 300 + at, pod('front', 'n3', '203.0.113.8')))
    assert.deepEqual(rules(inside, only), ['stolen-token ServiceAccount/shop/front'])
    assert.deepEqual(rules(only), [])
  })
})

describe('addresses of users', () => {
  test('pools of many addresses in several networks', () => {
    const nets = ['165.225.10', '165.225.72', '147.161.3']
    const through = (user: string, seed: number): Access[] =>
      range(60).map((at) =>
        access(user, at * 4, { sources: [`${nets[(at * 7 + seed) % 3]}.${1 + ((at * 11 + seed) % 60)}`] }),
      )
    assert.deepEqual(rules(...range(6).map((at) => through(`user-${at}`, at * 5))), [])
    assert.deepEqual(rules(through('alice', 1)), ['shared-credential User//alice'])
  })

  test('the control plane’s and nodes’ users outside, where nodes are', () => {
    const proxies = (source: string): Access[] =>
      range(20).map((at) => access('system:kube-proxy', at * 6, { sources: [source] }))
    const both = [...proxies('10.20.0.4'), ...proxies('203.0.113.5')]
    assert.deepEqual(rules(inside, both), ['shared-credential User//system:kube-proxy'])
    assert.deepEqual(rules(inside, both, [access('system:node:edge', 3, { sources: ['203.0.113.5'] })]), [])
  })
})

describe('service accounts that had just begun', () => {
  const secrets = (name: string, at: number, more: Partial<Access>): Access[] =>
    range(20).map((each) =>
      access(account(name), at + each / 10, { verb: 'get', resource: 'secrets', name: `s${each}`, ...more }),
    )
  const refused = (name: string, at: number, more: Partial<Access>): Access[] =>
    range(12).map((each) =>
      access(account(name), at + each / 10, { resource: `kind${each}`, decision: 'forbid', code: 403, ...more }),
    )

  test('are no excuse where nothing follows in a log that goes on', () => {
    const own = pod('cart-7d9f8c6b5-abcde', 'n4', '10.244.4.90')
    assert.deepEqual(rules(inside, secrets('cart', 3000, own), later), ['secret-sweep ServiceAccount/shop/cart'])
    assert.deepEqual(rules(inside, refused('cart', 3000, own), later), ['reconnaissance ServiceAccount/shop/cart'])
    const works = range(50).map((at) => access(account('cart'), 3010 + at * 60, own))
    assert.deepEqual(rules(inside, secrets('cart', 3000, own), works, later), [])
    assert.deepEqual(rules(inside, secrets('cart', 3000, own)), [])
  })

  test('are those that take the place of a pod that was there: what they read at first is their habit', () => {
    const old = pod('sealed-5d4f8c7b9-aaaaa', 'n5', '10.244.5.1')
    const next = pod('sealed-5d4f8c7b9-bbbbb', 'n6', '10.244.6.1')
    const works = range(50).map((at) => access(account('sealed'), at * 60, old))
    const goesOn = range(50).map((at) => access(account('sealed'), 3001 + at * 60, next))
    assert.deepEqual(rules(inside, works, secrets('sealed', 3000, next), goesOn), [])
    assert.deepEqual(rules(inside, works, goesOn, secrets('sealed', 4500, next)), [
      'secret-sweep ServiceAccount/shop/sealed',
    ])
  })
})

describe('who looks around', () => {
  const own = pod('cart-0', 'n7', '10.244.7.7')
  const works = range(50).map((at) => access(account('cart'), at * 60, own))

  test('asks for the rules of each namespace, as programs do not', () => {
    const asks = (user: string, more: Partial<Access>): Access[] =>
      range(20).map((at) =>
        access(user, 2500 + at / 10, {
          verb: 'create',
          resource: 'selfsubjectrulesreviews',
          group: 'authorization.k8s.io',
          namespace: '',
          ...more,
        }),
      )
    assert.deepEqual(rules(inside, works, asks(account('cart'), own)), ['reconnaissance ServiceAccount/shop/cart'])
    assert.deepEqual(rules([access('alice', 0)], asks('alice', {})), [])
  })

  test('tries names of Secrets', () => {
    const tries = (resource: string): Access[] =>
      range(20).map((at) =>
        access('alice', 2500 + at / 10, { verb: 'get', resource, name: `n${at}`, decision: 'forbid', code: 403 }),
      )
    assert.deepEqual(rules([access('alice', 0)], tries('secrets')), ['reconnaissance User//alice'])
    assert.deepEqual(rules([access('alice', 0)], tries('configmaps')), [])
  })

  test('acts as somebody of power, on one day of many, whatever it did before', () => {
    const acting = (groups: readonly string[], user = 'root'): Access[] =>
      range(3).map((at) => access(user, 3000 + at, { groups, impersonator: { user: account('ghost'), groups: [] } }))
    assert.deepEqual(rules(acting(['system:masters']), later), ['impersonation ServiceAccount/shop/ghost'])
    assert.deepEqual(rules(acting([], 'system:serviceaccount:kube-system:node-controller'), later), [
      'impersonation ServiceAccount/shop/ghost',
    ])
    assert.deepEqual(rules(acting(['developers']), later), [])
    const few = range(4).map((at) => access(account('ghost'), 2990 + at))
    assert.deepEqual(rules(few, acting(['developers']), later), ['impersonation ServiceAccount/shop/ghost'])
  })
})

test('dormant is nobody whose binding was made in the last days of the log', () => {
  const bound = (name: string, made?: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ${name}${made === undefined ? '' : `, creationTimestamp: "${made}"`} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ${name} }]
---`
  const of = clusterOf(bound('old', '2026-10-01T00:00:00Z') + bound('new', '2026-11-13T00:00:00Z') + bound('untold'))
  const policy = policyOf(of)
  const fold = new SignalFold(policy, undefined)
  const to = START + 14 * DAY * MINUTE
  const { signals } = dormant({
    cluster: of,
    policy,
    seen: fold.seen,
    from: START,
    to,
    asOf: to,
    couldShow: () => true,
    hidesGroups: false,
    isSilenced: () => false,
  })
  assert.deepEqual(
    signals.map(({ rule, subject }) => `${rule} ${subject}`),
    ['dormant-subject User//old', 'dormant-subject User//untold'],
  )
})

test('who has left is named as it asked', () => {
  const place = { file: 'people.csv', line: 2 }
  const left = { active: undefined, leftAt: START, groups: [], id: 'ann', place }
  const directory = directoryOf([{ name: 'ann', emails: ['ann@example.com'], ...left }])
  const fold = new SignalFold(policyOf(cluster), directory)
  for (const at of range(3)) fold.add(access('Ann@example.com', 100 + at))
  assert.deepEqual(
    [...fold.signals(cluster, policyOf(cluster), START + DAY * MINUTE)].map(
      ({ rule, subject }) => `${rule} ${subject}`,
    ),
    ['departed User//Ann@example.com'],
  )
})
