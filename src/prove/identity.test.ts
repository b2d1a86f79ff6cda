import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Proof } from './proof.ts'
import { account, daily, grant, question, type Recorded, SECRETS } from './testing.ts'

const deployment = (name: string, spec: string): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec: {template: {spec: {${spec}containers: [{name: main, image: x}]}}}`
const CI = account('shop', 'ci')
const as = (pod: string) => ({
  ...CI,
  verb: 'get',
  resource: 'secrets',
  namespace: 'shop',
  pod: { name: pod, uid: '', node: '' },
})
const WEB = as('web-5d4f8c7b9-x2x7k')
const API = as('api-5d4f8c7b9-x2x7k')

function kinds({ blindSpots }: Proof): readonly string[] {
  return blindSpots.map(({ kind }) => kind)
}

describe('a token that is no longer mounted', () => {
  const both = (spec: string): string =>
    deployment('web', `serviceAccountName: ci, ${spec}`) + deployment('api', 'serviceAccountName: ci, ')
  const YAML = grant('secrets', SECRETS)
  const proofWith = async (accesses: Recorded['accesses'], more = '') => {
    const before = YAML + both('') + more
    const after = YAML + both('automountServiceAccountToken: false, ') + more
    return (await question(before, after, { accesses: accesses ?? [] }, 'token')).prove()
  }
  test('holds where the log shows no request of its pods', async () => {
    const proof = await proofWith(daily(14, API))
    assert.deepEqual([proof.verdict, proof.reasons, proof.replayed], ['holds', [], 14])
  })
  test('breaks where one of its pods asked', async () => {
    const proof = await proofWith([...daily(14, API), WEB])
    assert.equal(proof.verdict, 'breaks')
    assert.equal(proof.counterexamples[0]?.why, 'its pods no longer hold a token')
  })
  test('is unknown where requests do not tell the pod', async () => {
    const { pod: _, ...untold } = WEB
    assert.deepEqual(kinds(await proofWith(daily(14, untold))), ['unattributed'])
  })
  test('is unknown where a TokenReview has no body', async () => {
    const review = {
      user: 'vault',
      verb: 'create',
      group: 'authentication.k8s.io',
      resource: 'tokenreviews',
      code: 201,
    }
    const proof = await proofWith([...daily(14, API), review])
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['delegated-check']])
  })
  test('is unknown without any record', async () => {
    assert.equal((await proofWith([])).verdict, 'unknown')
  })
  test('is unknown where the window is short', async () => {
    assert.deepEqual((await proofWith(daily(3, API))).reasons, ['the window is 3 of at least 7 days'])
  })
})

describe('a workload that gets an account of its own', () => {
  const yaml = (name: string): string =>
    grant('secrets', SECRETS) +
    grant('own', SECRETS, 'kind: ServiceAccount, name: able, namespace: shop') +
    deployment('web', `serviceAccountName: ${name}, `) +
    deployment('api', 'serviceAccountName: ci, ')
  const proofWith = async (name: string, accesses: NonNullable<Recorded['accesses']>) =>
    (await question(yaml('ci'), yaml(name), { accesses })).prove()
  test('breaks where it asked for what the new one may not', async () => {
    const proof = await proofWith('web', [...daily(14, WEB), ...daily(14, API)])
    assert.equal(proof.verdict, 'breaks')
    assert.equal(proof.counterexamples[0]?.times, 14)
    assert.equal(
      proof.counterexamples[0]?.why,
      'system:serviceaccount:shop:web takes the place of system:serviceaccount:shop:ci, to which RoleBinding shop/secrets gave it',
    )
  })
  test('holds where the new one may do as much', async () => {
    assert.equal((await proofWith('able', daily(14, WEB))).verdict, 'holds')
  })
  test('is unknown where nothing was recorded of it', async () => {
    assert.equal((await proofWith('web', daily(14, API))).reasons[0], 'nothing was recorded for Deployment shop/web')
  })
})

describe('a namespace that becomes stricter', () => {
  const space = (level: string): string =>
    `\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: ${level}}}`
  const proofWith = async (spec: string, history: Recorded | undefined = undefined) => {
    const web = deployment('web', spec)
    return (await question(space('privileged') + web, space('baseline') + web, history, 'admission')).prove()
  }
  test('holds as to admission only', async () => {
    const proof = await proofWith('')
    assert.equal(proof.verdict, 'holds')
    assert.match(proof.reasons[0] ?? '', /^as to admission only/)
  })
  test('breaks where a workload needs more', async () => {
    const proof = await proofWith('hostNetwork: true, ')
    assert.equal(proof.verdict, 'breaks')
    assert.deepEqual(
      proof.counterexamples.map(({ raw, what }) => [raw, what]),
      [['Deployment/shop/web', 'Deployment shop/web needs privileged']],
    )
  })
  test('is unknown where pods were made of which the input has none', async () => {
    const made = {
      user: 'bob',
      groups: ['devs'],
      verb: 'create',
      resource: 'pods',
      namespace: 'shop',
      name: 'x',
      code: 201,
    }
    assert.deepEqual(kinds(await proofWith('', { accesses: [made] })), ['pods-made-by-hand'])
  })
})

test('what a process does no source records', async () => {
  const yaml = grant('secrets', SECRETS)
  const { prove } = await question(yaml, yaml, { accesses: daily(14, WEB) }, 'none')
  assert.equal(prove().verdict, 'unknown')
  assert.ok(prove().reasons.includes('no source records what the process does'))
})

test('what was used is told by subject, with the checks that left no line', async () => {
  const yaml =
    grant('secrets', SECRETS) + grant('write', 'verbs: [patch, create], apiGroups: [""], resources: [configmaps]')
  const patched = { ...CI, verb: 'patch', resource: 'configmaps', namespace: 'shop', name: 'x', code: 201 }
  const dry = { ...CI, verb: 'delete', resource: 'secrets', namespace: 'shop', dryRun: true }
  const { facts } = await question(yaml, yaml, { accesses: [...daily(2, WEB), API, patched, dry] })
  const words = facts
    ?.rights('ServiceAccount/shop/ci')
    ?.map(({ verb, resource, times }) => `${verb} ${resource} ${times}`)
  assert.deepEqual(words, ['get secrets 3', 'patch configmaps 1', 'create configmaps 1'])
  assert.equal(facts?.peers('Deployment/shop/web', 'egress'), undefined)
})
