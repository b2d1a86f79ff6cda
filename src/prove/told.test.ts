import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Proof } from './proof.ts'
import { daily, pod, question, type Recorded } from './testing.ts'

const WEB = 'Deployment/shop/web'
const DB = 'Deployment/shop/db'

const deployment = (name: string): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: x}]}`
const CLUSTER = deployment('web') + deployment('db')
const FIXED = `${CLUSTER}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}], egress: [], policyTypes: [Ingress, Egress]}`
const toDb = { source: pod(WEB, 'web-1'), destination: pod(DB, 'db-1'), port: 5432 }

async function proofOf(...connections: readonly NonNullable<Recorded['connections']>[]): Promise<Proof> {
  return (await question(CLUSTER, FIXED, { connections: connections.flat() }, 'connections')).prove()
}

describe('a record that does not tell client from server', () => {
  const untold = daily(14, { ...toDb, direction: 'untold' as const })
  test('says it where the log shows elsewhere who listens on that port', async () => {
    const proof = await proofOf(daily(14, toDb), untold)
    assert.deepEqual([proof.verdict, proof.replayed], ['holds', 28])
  })
  test('does not where the log shows it of another port', async () => {
    assert.equal((await proofOf(daily(14, { ...toDb, port: 80 }), untold)).verdict, 'unknown')
  })
  test('nor where that was refused, which shows no server', async () => {
    const refused = daily(14, { ...toDb, verdict: 'dropped' as const })
    assert.equal((await proofOf(daily(14, { ...toDb, port: 80 }), refused, untold)).verdict, 'unknown')
  })
  test('nor over UDP, where a server asks from the port that it serves', async () => {
    const udp = { protocol: 'UDP', port: 53 }
    const proof = await proofOf(
      daily(14, { ...toDb, ...udp }),
      untold.map((each) => ({ ...each, ...udp })),
    )
    assert.equal(proof.verdict, 'unknown')
  })
})

test('traffic with the node that the record shows to be its own is always allowed', async () => {
  const node = { kind: 'node', name: 'worker-9' } as const
  const from = (end: typeof node & { own?: true }) => daily(14, { ...toDb, source: end })
  assert.equal((await proofOf(daily(14, toDb), from({ ...node, own: true }))).verdict, 'holds')
  assert.equal((await proofOf(daily(14, toDb), from(node))).verdict, 'unknown')
})

test('days without any record are none that were watched', async () => {
  const proof = await proofOf(daily(3, toDb), daily(3, toDb, 100))
  assert.equal(proof.window.days, 6)
  assert.deepEqual([proof.verdict, proof.reasons[0]], ['unknown', 'the window is 6 of at least 7 days'])
})
