import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Caller } from './caller.ts'
import { readPolicy } from './document.ts'
import { mayAssume } from './trust.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app'
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF'
const PROVIDER = `arn:aws:iam::111122223333:oidc-provider/${ISSUER}`

const policy = (...Statement: object[]) => readPolicy({ Version: '2012-10-17', Statement }, { name: 'trust' })
const irsa = (Condition?: object, Federated = PROVIDER) =>
  policy({
    Effect: 'Allow',
    Principal: { Federated },
    Action: 'sts:AssumeRoleWithWebIdentity',
    ...(Condition && { Condition }),
  })
const pod = (namespace: string, name: string, audience?: string): Caller => ({
  kind: 'web-identity',
  issuer: `https://${ISSUER}`,
  subject: `system:serviceaccount:${namespace}:${name}`,
  ...(audience !== undefined && { audience }),
})
const answer = (...args: Parameters<typeof mayAssume>) => mayAssume(...args).answer

describe('service accounts (IRSA)', () => {
  const exact = irsa({
    StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:api', [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
  })
  test('the subject and the audience of the trust policy', () => {
    assert.equal(answer(exact, pod('shop', 'api', 'sts.amazonaws.com')), 'yes')
    assert.equal(answer(exact, pod('shop', 'web', 'sts.amazonaws.com')), 'no')
    assert.equal(answer(exact, pod('shop', 'api', 'vault')), 'no')
  })
  test('an audience that is not known is maybe, and named', () => {
    const decision = mayAssume(exact, pod('shop', 'api'))
    assert.equal(decision.answer, 'maybe')
    assert.deepEqual(
      decision.because.map(({ unknown }) => unknown),
      [[`${ISSUER}:aud`]],
    )
  })
  test('StringLike admits a whole namespace, no subject at all any service account', () => {
    const like = irsa({ StringLike: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:*' } })
    assert.equal(answer(like, pod('shop', 'anything')), 'yes')
    assert.equal(answer(like, pod('shop-2', 'anything')), 'no')
    assert.equal(answer(irsa(), pod('any', 'any')), 'yes')
  })
  test('a wildcard is none in StringEquals', () => {
    assert.equal(
      answer(irsa({ StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:*' } }), pod('shop', 'api')),
      'no',
    )
  })
  test('the issuer of another cluster, or a provider of another account, is not trusted', () => {
    assert.equal(answer(irsa(undefined, `${PROVIDER}2`), pod('shop', 'api')), 'no')
    const other = irsa(undefined, PROVIDER.replace('111122223333', '999988887777'))
    assert.equal(answer(other, pod('shop', 'api'), { role: ROLE }), 'no')
  })
  test('claims that EKS does not tell are maybe', () => {
    assert.equal(answer(irsa({ StringEquals: { [`${ISSUER}:amr`]: 'x' } }), pod('shop', 'api')), 'maybe')
  })
  test('keys and operators are equal in any case of letters', () => {
    const trust = irsa({ stringequals: { [`${ISSUER.toUpperCase()}:SUB`]: 'system:serviceaccount:shop:api' } })
    assert.equal(answer(trust, pod('shop', 'api')), 'yes')
  })
  test('sts:AssumeRole alone does not admit a token', () => {
    const trust = policy({ Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: 'sts:AssumeRole' })
    assert.equal(answer(trust, pod('shop', 'api')), 'no')
  })
  test('a denial wins', () => {
    const trust = policy(
      { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: 'sts:AssumeRoleWithWebIdentity' },
      {
        Effect: 'Deny',
        Principal: { Federated: PROVIDER },
        Action: 'sts:*',
        Condition: { StringNotLike: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:*' } },
      },
    )
    assert.equal(answer(trust, pod('shop', 'api')), 'yes')
    const refused = mayAssume(trust, pod('dev', 'api'))
    assert.equal(refused.answer, 'no')
    assert.deepEqual(
      refused.because.map(({ statement }) => statement.path),
      [['Statement', 1]],
    )
  })
  test('a trust policy that is not known, or not readable, is maybe', () => {
    assert.equal(answer(undefined, pod('shop', 'api')), 'maybe')
    assert.equal(answer(readPolicy('{', { name: 'trust' }), pod('shop', 'api')), 'maybe')
  })
  test('the percent-encoded text of the API is read', () => {
    const text = encodeURIComponent(
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: 'sts:AssumeRoleWithWebIdentity' },
      }),
    )
    const trust = readPolicy(text, { name: 'trust' })
    assert.deepEqual(trust.problems, [])
    assert.equal(answer(trust, pod('a', 'b')), 'yes')
  })
})

describe('Pod Identity', () => {
  const trust = (Condition?: object, Action: unknown = ['sts:AssumeRole', 'sts:TagSession']) =>
    policy({
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action,
      ...(Condition && { Condition }),
    })
  const of = (namespace?: string): Caller => ({
    kind: 'pod-identity',
    account: '111122223333',
    ...(namespace && { namespace }),
  })
  test('the service and its tags', () => {
    assert.equal(answer(trust(), of('shop'), { role: ROLE }), 'yes')
    const tagged = trust({ StringEquals: { 'aws:RequestTag/kubernetes-namespace': ['shop', 'pay'] } })
    assert.equal(answer(tagged, of('shop'), { role: ROLE }), 'yes')
    assert.equal(answer(tagged, of('dev'), { role: ROLE }), 'no')
    assert.equal(answer(tagged, of(), { role: ROLE }), 'maybe')
  })
  test('is of one account, and of that service', () => {
    assert.equal(answer(trust(), { kind: 'pod-identity', account: '999988887777' }, { role: ROLE }), 'no')
    assert.equal(answer(trust(), { kind: 'service', name: 'ec2.amazonaws.com' }), 'no')
    assert.equal(answer(irsa(), of('shop')), 'no')
  })
  test('without sts:TagSession it is maybe, and says why', () => {
    const decision = mayAssume(trust(undefined, 'sts:AssumeRole'), of('shop'), { role: ROLE })
    assert.equal(decision.answer, 'maybe')
    assert.ok(decision.unseen.includes('whether the association tags its sessions'))
  })
})

describe('roles, users and services', () => {
  const CALLER = 'arn:aws:iam::111122223333:role/path/ci'
  const named = (AWS: string) => policy({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' })
  const world = (arn: string, ...statements: object[]): AwsWorld => {
    const caller: AwsPrincipal = { arn, tags: new Map(), policies: [policy(...statements)] }
    return { principals: new Map([[arn, caller]]), resources: new Map(), accounts: new Map() }
  }
  const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }
  test('by its own ARN, without a policy of its own', () => {
    assert.equal(answer(named(CALLER), { kind: 'role', arn: CALLER }, { role: ROLE }), 'yes')
    assert.equal(answer(named(CALLER), { kind: 'role', arn: CALLER }, { role: ROLE, world: world(CALLER) }), 'yes')
    assert.equal(answer(named(`${CALLER}2`), { kind: 'role', arn: CALLER }, { role: ROLE }), 'no')
  })
  test('by its account, if its own policies allow it', () => {
    for (const root of ['111122223333', 'arn:aws:iam::111122223333:root']) {
      assert.equal(answer(named(root), { kind: 'role', arn: CALLER }, { role: ROLE }), 'maybe')
      assert.equal(answer(named(root), { kind: 'role', arn: CALLER }, { role: ROLE, world: world(CALLER) }), 'no')
      assert.equal(answer(named(root), { kind: 'role', arn: CALLER }, { role: ROLE, world: world(CALLER, may) }), 'yes')
    }
  })
  test('a policy of its own without the trust is nothing', () => {
    const decision = mayAssume(
      named('999988887777'),
      { kind: 'role', arn: CALLER },
      { role: ROLE, world: world(CALLER, may) },
    )
    assert.equal(decision.answer, 'no')
  })
  test('of another account both are needed', () => {
    const other = 'arn:aws:iam::999988887777:user/eve'
    const eve: Caller = { kind: 'user', arn: other }
    assert.equal(answer(named(other), eve, { role: ROLE, world: world(other) }), 'no')
    assert.equal(answer(named(other), eve, { role: ROLE, world: world(other, may) }), 'yes')
    assert.equal(answer(named(other), eve, { role: ROLE }), 'maybe')
  })
  test('a session by its ARN, which has no path', () => {
    const session = 'arn:aws:sts::111122223333:assumed-role/ci/run-1'
    assert.equal(answer(named(session), { kind: 'role', arn: CALLER, session: 'run-1' }, { role: ROLE }), 'yes')
    assert.equal(answer(named(session), { kind: 'role', arn: CALLER, session: 'run-2' }, { role: ROLE }), 'no')
    assert.equal(answer(named(session), { kind: 'role', arn: CALLER }, { role: ROLE }), 'maybe')
  })
  test('a principal that was made again is not the one whose id is left', () => {
    const ci: AwsPrincipal = { arn: CALLER, id: 'AROAEXAMPLEEXAMPLE11', tags: new Map(), policies: [] }
    const known: AwsWorld = { principals: new Map([[CALLER, ci]]), resources: new Map(), accounts: new Map() }
    assert.equal(
      answer(named('AROAEXAMPLEEXAMPLE11'), { kind: 'role', arn: CALLER }, { role: ROLE, world: known }),
      'yes',
    )
    assert.equal(
      answer(named('AROAEXAMPLEEXAMPLE22'), { kind: 'role', arn: CALLER }, { role: ROLE, world: known }),
      'no',
    )
    assert.equal(answer(named('AROAEXAMPLEEXAMPLE22'), { kind: 'role', arn: CALLER }, { role: ROLE }), 'maybe')
  })
  test('an external id that is not known is maybe', () => {
    const trust = policy({
      Effect: 'Allow',
      Principal: { AWS: CALLER },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'x' } },
    })
    const who: Caller = { kind: 'role', arn: CALLER }
    assert.equal(answer(trust, who, { role: ROLE }), 'maybe')
    assert.equal(answer(trust, who, { role: ROLE, context: new Map([['sts:ExternalId', ['x']]]) }), 'yes')
    assert.equal(answer(trust, who, { role: ROLE, context: new Map([['sts:externalid', null]]) }), 'no')
  })
  test('a service by its name', () => {
    const trust = policy({
      Effect: 'Allow',
      Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] },
      Action: 'sts:AssumeRole',
    })
    assert.equal(answer(trust, { kind: 'service', name: 'lambda.amazonaws.com' }), 'yes')
    assert.equal(answer(trust, { kind: 'service', name: 'glue.amazonaws.com' }), 'no')
    assert.equal(answer(trust, { kind: 'role', arn: CALLER }, { role: ROLE }), 'no')
  })
})
