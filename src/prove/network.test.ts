import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DAY_MS } from '../engines/seen.ts'
import type { Proof } from './proof.ts'
import { daily, pod, question, type Recorded, START, unresolved } from './testing.ts'

const WEB = 'Deployment/shop/web'
const DB = 'Deployment/shop/db'
const LONE = 'Deployment/ops/lone'

const deployment = (namespace: string, name: string, more = ''): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:${more}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: x, ports: [{containerPort: 5432}], livenessProbe: {httpGet: {port: 8080}}}]}`
const policy = (spec: string, name = 'only'): string => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: ${spec}`

const CLUSTER =
  deployment('shop', 'web') +
  deployment('shop', 'db') +
  deployment('ops', 'lone') +
  '\n---\napiVersion: v1\nkind: Node\nmetadata: {name: worker-1}\nstatus: {addresses: [{type: InternalIP, address: 10.1.0.1}]}'
const DB_FROM_WEB = policy(
  '{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}',
)
const toDb = { source: pod(WEB, 'web-1'), destination: pod(DB, 'db-1'), port: 5432 }

async function proofOf(
  more: Recorded['connections'],
  {
    flows,
    fixed = DB_FROM_WEB,
    cluster = CLUSTER,
  }: { flows?: Recorded['flows']; fixed?: string; cluster?: string } = {},
): Promise<Proof> {
  const connections = [...daily(14, toDb), ...(more ?? [])]
  const history = flows ? { connections, flows } : { connections }
  return (await question(cluster, cluster + fixed, history, 'connections')).prove()
}

function kinds({ blindSpots }: Proof): readonly string[] {
  return blindSpots.map(({ kind }) => kind)
}

test('a policy that admits all that was seen holds', async () => {
  const proof = await proofOf([])
  assert.deepEqual([proof.verdict, proof.reasons, proof.blindSpots], ['holds', [], []])
  assert.deepEqual([proof.replayed, proof.unseenMass, proof.control], [14, 0, { explained: 14, unexplained: 0 }])
})

test('one connection that it cuts breaks', async () => {
  const proof = await proofOf([{ ...toDb, source: pod(LONE, 'lone-1'), time: START + DAY_MS }])
  assert.equal(proof.verdict, 'breaks')
  const [example] = proof.counterexamples
  assert.equal(example?.what, 'Deployment/ops/lone to Deployment/shop/db TCP 5432')
  assert.equal(
    example?.why,
    'the ingress of Deployment shop/db is isolated by NetworkPolicy shop/only, and no rule admits it',
  )
  assert.deepEqual(example?.place, { file: 'flows.log', line: 15 })
})

test('another port is another connection', async () => {
  assert.equal((await proofOf([{ ...toDb, port: 9187 }])).verdict, 'breaks')
})

test('what policies of today do not admit was not made under them', async () => {
  const cluster = CLUSTER + policy('{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}', 'old')
  const proof = await proofOf([{ ...toDb, port: 9187 }], { cluster })
  assert.deepEqual([proof.verdict, kinds(proof), proof.control.unexplained], ['unknown', ['unexplained'], 1])
})

test('a connection that was denied is no use', async () => {
  const proof = await proofOf([{ ...toDb, source: pod(LONE), verdict: 'dropped' }])
  assert.deepEqual([proof.counterexamples, proof.replayed], [[], 14])
  assert.notEqual(proof.verdict, 'breaks')
})

test('events that the flow log lost make it unknown', async () => {
  const lost = [{ time: START, count: 128, place: { file: 'flows.log', line: 3 } }]
  const proof = await proofOf([], { flows: { lost } })
  assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['lost-records']])
  assert.equal(proof.reasons[0], 'the flow log says that 128 records were lost')
  assert.equal(proof.blindSpots[0]?.instance, 'flows.log:3')
})

describe('an end that resolves to nothing', () => {
  test('a reused address is not guessed', async () => {
    const proof = await proofOf([{ ...toDb, source: unresolved() }])
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['unresolved-peer']])
    assert.deepEqual(proof.blindSpots[0]?.touches, [DB])
    assert.deepEqual(proof.counterexamples, [])
  })
  test('touches only the policies of its other end', async () => {
    assert.equal((await proofOf([{ ...toDb, source: unresolved(), destination: pod(LONE) }])).verdict, 'holds')
    assert.equal((await proofOf([{ ...toDb, source: unresolved(), destination: pod(WEB) }])).verdict, 'holds')
  })
  test('touches what is affected in the namespace that it is known to be of', async () => {
    const there = { ...toDb, source: pod(LONE), destination: unresolved('shop') }
    assert.deepEqual(kinds(await proofOf([there])), ['unresolved-peer'])
    assert.equal((await proofOf([{ ...there, destination: unresolved('ops') }])).verdict, 'holds')
  })
  test('does not matter where everyone is admitted', async () => {
    const fixed = policy('{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}')
    const proof = await proofOf(daily(14, { ...toDb, source: unresolved() }), { fixed })
    assert.deepEqual([proof.verdict, proof.reasons], ['holds', []])
  })
})

describe('an end that may be anywhere', () => {
  const nothing = unresolved('', 'masked')
  const address = { kind: 'address', address: '203.0.113.9' } as const
  const both = { ...toDb, source: nothing, destination: nothing }
  test('touches what serves that port, where both ends are such', async () => {
    const proof = await proofOf(daily(10, both))
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['unresolved-end']])
    assert.deepEqual(proof.blindSpots[0]?.touches, [DB])
    assert.equal(
      proof.reasons[0],
      '10 recorded connections have an end that resolves to nothing (masked) and may be Deployment shop/db',
    )
    assert.equal((await proofOf(daily(10, { ...both, port: 9999 }))).verdict, 'holds')
    assert.equal((await proofOf(daily(10, { ...both, verdict: 'dropped' }))).verdict, 'holds')
    const far = unresolved('', 'other cluster')
    assert.equal((await proofOf(daily(10, { ...both, source: far, destination: far }))).verdict, 'holds')
  })
  test('touches what a client may not have reached, and not what it still may', async () => {
    assert.deepEqual(kinds(await proofOf([{ ...both, source: address }])), ['unresolved-end'])
    assert.equal((await proofOf(daily(14, { ...both, source: pod(WEB) }))).verdict, 'holds')
    assert.deepEqual(kinds(await proofOf([{ ...both, source: pod(LONE) }])), ['unresolved-end'])
  })
  test('touches whose egress does not let everything out', async () => {
    const egress = (to: string): string =>
      policy(`{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{${to}}]}`)
    const toPods = 'to: [{podSelector: {matchLabels: {app: db}}}]'
    const out = { ...both, destination: address, port: 443 }
    assert.deepEqual(kinds(await proofOf([out], { fixed: egress(toPods) })), ['unresolved-end'])
    assert.deepEqual(kinds(await proofOf([both], { fixed: egress(toPods) })), ['unresolved-end'])
    assert.equal((await proofOf([{ ...both, destination: pod(DB) }], { fixed: egress(toPods) })).verdict, 'holds')
    assert.equal((await proofOf([out, both], { fixed: egress('') })).verdict, 'holds')
  })
})

test('only what changed is asked: an egress of a workload whose ingress is cut', async () => {
  const out = { source: pod(DB), destination: { kind: 'address', address: '203.0.113.9' } as const, port: 443 }
  assert.equal((await proofOf([out])).verdict, 'holds')
})

test('nothing recorded for a workload is unknown', async () => {
  const fixed = DB_FROM_WEB + policy('{podSelector: {matchLabels: {app: web}}}', 'closed')
  const proof = await proofOf([], { fixed })
  assert.deepEqual([proof.verdict, proof.reasons], ['unknown', ['nothing was recorded for Deployment shop/web']])
})

describe('pods of one workload', () => {
  const fixed = DB_FROM_WEB
  test('reach themselves, whatever the policies say', async () => {
    assert.equal((await proofOf(daily(14, { ...toDb, source: pod(DB, 'db-1') }), { fixed })).verdict, 'holds')
  })
  test('reach each other as policies say', async () => {
    assert.equal((await proofOf([{ ...toDb, source: pod(DB, 'db-2') }], { fixed })).verdict, 'breaks')
  })
})

describe('nodes', () => {
  const node = { kind: 'node', name: 'worker-1' } as const
  test('probe their own pods', async () => {
    assert.equal((await proofOf(daily(14, { ...toDb, source: node, port: 8080 }))).verdict, 'holds')
  })
  test('other traffic of a node whose pods are not known is not decided', async () => {
    assert.deepEqual(kinds(await proofOf(daily(14, { ...toDb, source: node, port: 5432 }))), ['undecided'])
  })
})

describe('addresses outside', () => {
  const client = (address: string) => ({ ...toDb, source: { kind: 'address', address } as const })
  const block = (cidr: string): string =>
    policy(
      `{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: ${cidr}}}]}]}`,
    )
  test('inside the block of the policy', async () => {
    assert.equal((await proofOf(daily(14, client('203.0.113.9')), { fixed: block('203.0.113.0/24') })).verdict, 'holds')
  })
  test('outside of it', async () => {
    assert.equal((await proofOf([client('198.51.100.1')], { fixed: block('203.0.113.0/24') })).verdict, 'breaks')
  })
  test('that no policy tells apart are one behaviour', async () => {
    const clients = Array.from({ length: 14 }, (_, day) => ({
      ...client(`203.0.113.${day}`),
      time: START + day * DAY_MS,
    }))
    const proof = await proofOf(clients, { fixed: block('203.0.113.0/24') })
    assert.deepEqual([proof.verdict, proof.unseenMass], ['holds', 0])
  })
})

test('a workload that is scaled to zero, or was made within the window', async () => {
  const zero = CLUSTER + deployment('shop', 'db', '\n  replicas: 0')
  assert.deepEqual(kinds(await proofOf([], { cluster: zero })), ['scaled-to-zero'])
  const young = CLUSTER.replace('{name: db, ', '{name: db, creationTimestamp: "2026-01-03T00:00:00Z", ')
  assert.deepEqual(kinds(await proofOf([], { cluster: young })), ['younger-than-window'])
})

test('a record that does not tell client from server cannot break, nor be passed over', async () => {
  const proof = await proofOf([{ ...toDb, source: pod(LONE), port: 40_000, direction: 'untold' }])
  assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['untold-direction']])
})

test('a namespace that changes its labels touches every connection of its pods', async () => {
  const space = '\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {team: a}}'
  const byTeam = policy(
    '{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {team: a}}}]}]}',
  )
  const before = CLUSTER + space + byTeam
  const connections = [...daily(14, toDb), ...daily(14, { ...toDb, source: pod(LONE) })]
  const proof = (
    await question(before, before.replace('team: a}}\n', 'team: b}}\n'), { connections }, 'connections')
  ).prove()
  assert.equal(proof.verdict, 'breaks')
})
