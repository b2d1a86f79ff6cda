import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AwsRequest, decide } from './decide.ts'
import { type PolicyDocument, readPolicy } from './document.ts'
import { managedPolicy } from './managed.ts'
import type { AwsAccount, AwsPrincipal, AwsResource, AwsWorld } from './world.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app'
const USER = 'arn:aws:iam::111122223333:user/carlos'
const BUCKET = 'arn:aws:s3:::logs'
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1'

const policy = (...Statement: object[]): PolicyDocument =>
  readPolicy({ Version: '2012-10-17', Statement }, { name: 'policy' })
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const deny = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
})

interface Given {
  readonly arn?: string
  readonly identity?: readonly object[]
  readonly tags?: ReadonlyMap<string, string>
  readonly more?: Partial<AwsPrincipal>
  readonly resources?: Readonly<Record<string, AwsResource>>
  readonly accounts?: Readonly<Record<string, AwsAccount>>
}
function world({
  arn = ROLE,
  identity = [],
  tags = new Map(),
  more = {},
  resources = {},
  accounts = {},
}: Given): AwsWorld {
  const principal: AwsPrincipal = { arn, tags, policies: [policy(...identity)], ...more }
  return {
    principals: new Map([[arn, principal]]),
    resources: new Map(Object.entries(resources)),
    accounts: new Map(Object.entries(accounts)),
  }
}
const role = (action: string, resource: string, more: Partial<AwsRequest> = {}): AwsRequest => ({
  principal: { kind: 'role', arn: ROLE },
  action,
  resource,
  ...more,
})
const user = (action: string, resource: string): AwsRequest => ({
  principal: { kind: 'user', arn: USER },
  action,
  resource,
})
const answer = (request: AwsRequest, of: Given) => decide(request, world(of)).answer

describe('one account', () => {
  const object = `${BUCKET}/2026/a`
  test('identity or resource allows, a denial in either wins', () => {
    const grant = { [object]: { policy: policy(allow('s3:GetObject', object, { Principal: { AWS: ROLE } })) } }
    assert.equal(answer(role('s3:GetObject', object), {}), 'no')
    assert.equal(answer(role('s3:GetObject', object), { identity: [allow('s3:Get*', `${BUCKET}/*`)] }), 'yes')
    assert.equal(answer(role('s3:GetObject', object), { resources: grant }), 'yes')
    assert.equal(answer(role('s3:GetObject', object), { identity: [deny('s3:*')], resources: grant }), 'no')
  })
  test('a boundary narrows the role, also where the resource names it; not the user whom the resource names', () => {
    const boundary = policy(allow('sqs:*'))
    const grant = (arn: string) => ({
      [object]: { policy: policy(allow('s3:GetObject', object, { Principal: { AWS: arn } })) },
    })
    assert.equal(answer(role('s3:GetObject', object), { identity: [allow('*')], more: { boundary } }), 'no')
    assert.equal(answer(role('s3:GetObject', object), { resources: grant(ROLE), more: { boundary } }), 'no')
    assert.equal(answer(user('s3:GetObject', object), { arn: USER, resources: grant(USER), more: { boundary } }), 'yes')
    const session = { principal: { kind: 'role', arn: ROLE, session: 's' } as const }
    const named = grant('arn:aws:sts::111122223333:assumed-role/app/s')
    assert.equal(answer(role('s3:GetObject', object, session), { resources: named, more: { boundary } }), 'yes')
  })
  test('session policies narrow what the role may do', () => {
    const session = { principal: { kind: 'role', arn: ROLE, policies: [policy(allow('s3:GetObject'))] } as const }
    assert.equal(answer(role('s3:GetObject', object, session), { identity: [allow('s3:*')] }), 'yes')
    assert.equal(answer(role('s3:PutObject', object, session), { identity: [allow('s3:*')] }), 'no')
  })
  test('NotAction and NotResource', () => {
    const power = [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*'], Resource: '*' }]
    assert.equal(answer(role('s3:GetObject', object), { identity: power }), 'yes')
    assert.equal(answer(role('IAM:CreateUser', '*'), { identity: power }), 'no')
    const fence = [allow('s3:*'), { Effect: 'Deny', Action: 's3:*', NotResource: [BUCKET, `${BUCKET}/*`] }]
    assert.equal(answer(role('s3:GetObject', object), { identity: fence }), 'yes')
    assert.equal(answer(role('s3:GetObject', 'arn:aws:s3:::other/a'), { identity: fence }), 'no')
  })
  test('variables: a user and its own folder, a role and its tag', () => {
    const home = [allow('s3:*', `${BUCKET}/\${aws:username}/*`)]
    assert.equal(answer(user('s3:GetObject', `${BUCKET}/carlos/a`), { arn: USER, identity: home }), 'yes')
    assert.equal(answer(user('s3:GetObject', `${BUCKET}/maria/a`), { arn: USER, identity: home }), 'no')
    assert.equal(answer(role('s3:GetObject', `${BUCKET}/app/a`), { identity: home }), 'no')
    const team = [allow('s3:*', `${BUCKET}/\${aws:PrincipalTag/team}/*`)]
    const tags = new Map([['team', 'blue']])
    assert.equal(answer(role('s3:GetObject', `${BUCKET}/blue/a`), { identity: team, tags }), 'yes')
    assert.equal(answer(role('s3:GetObject', `${BUCKET}/red/a`), { identity: team, tags }), 'no')
    assert.equal(answer(role('s3:GetObject', `${BUCKET}/red/a`), { identity: team }), 'maybe')
  })
  test('tags of the resource', () => {
    const own = [
      allow('sqs:*', '*', { Condition: { StringEquals: { 'aws:ResourceTag/team': `\${aws:PrincipalTag/team}` } } }),
    ]
    const queue = 'arn:aws:sqs:eu-west-1:111122223333:q'
    const tagged = (team?: string) => ({ [queue]: { tags: new Map(team === undefined ? [] : [['team', team]]) } })
    const tags = new Map([['team', 'blue']])
    assert.equal(answer(role('sqs:SendMessage', queue), { identity: own, tags, resources: tagged('blue') }), 'yes')
    assert.equal(answer(role('sqs:SendMessage', queue), { identity: own, tags, resources: tagged('red') }), 'no')
    assert.equal(answer(role('sqs:SendMessage', queue), { identity: own, tags, resources: tagged() }), 'no')
    assert.equal(answer(role('sqs:SendMessage', queue), { identity: own, tags }), 'maybe')
  })
  test('a condition on what is not known is maybe, and the key is named', () => {
    const mfa = [allow('s3:*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })]
    const decision = decide(role('s3:GetObject', object), world({ identity: mfa }))
    assert.equal(decision.answer, 'maybe')
    assert.deepEqual(decision.because[0]?.unknown, ['aws:MultiFactorAuthPresent'])
    assert.deepEqual(decision.because[0]?.statement.path, ['Statement', 0])
    const denied = [
      allow('s3:*'),
      deny('s3:*', '*', { Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } }),
    ]
    assert.equal(answer(role('s3:GetObject', object), { identity: denied }), 'maybe')
  })
  test('a * in the middle of a part of an ARN that goes on over a colon is maybe', () => {
    const spans = [allow('sqs:*', 'arn:aws:sqs:eu*3:q')]
    assert.equal(answer(role('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:q'), { identity: spans }), 'maybe')
    const ends = [allow('sqs:*', 'arn:aws:sqs:*')]
    assert.equal(answer(role('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:q'), { identity: ends }), 'yes')
  })
  test('the root user may do anything in its account', () => {
    const root = { principal: { kind: 'account', id: '111122223333' } as const }
    assert.equal(answer(role('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:q', root), {}), 'yes')
    const scps = [[policy(allow('*'), deny('sqs:*'))]]
    assert.equal(
      answer(role('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:q', root), {
        accounts: { '111122223333': { scps } },
      }),
      'no',
    )
  })
})

describe('keys', () => {
  const grant = (AWS: string) => ({ [KEY]: { policy: policy(allow('kms:*', '*', { Principal: { AWS } })) } })
  test('the key policy must allow it, itself or by its account', () => {
    const identity = [allow('kms:Decrypt')]
    assert.equal(
      answer(role('kms:Decrypt', KEY), { identity, resources: { [KEY]: { policy: policy(deny('kms:x')) } } }),
      'no',
    )
    assert.equal(answer(role('kms:Decrypt', KEY), { resources: grant(ROLE) }), 'yes')
    const root = grant('arn:aws:iam::111122223333:root')
    assert.equal(answer(role('kms:Decrypt', KEY), { resources: root }), 'no')
    assert.equal(answer(role('kms:Decrypt', KEY), { identity, resources: root }), 'yes')
  })
  test('a key policy that was not given is maybe', () => {
    assert.equal(answer(role('kms:Decrypt', KEY), { identity: [allow('kms:*')] }), 'maybe')
  })
})

describe('between accounts', () => {
  const queue = 'arn:aws:sqs:eu-west-1:999988887777:q'
  const grant = (Principal: unknown) => ({ [queue]: { policy: policy(allow('sqs:*', queue, { Principal })) } })
  const identity = [allow('sqs:*')]
  test('both must allow', () => {
    assert.equal(answer(role('sqs:SendMessage', queue), { identity, resources: { [queue]: { policy: null } } }), 'no')
    for (const principal of [{ AWS: ROLE }, { AWS: '111122223333' }, '*']) {
      assert.equal(answer(role('sqs:SendMessage', queue), { identity, resources: grant(principal) }), 'yes')
      assert.equal(answer(role('sqs:SendMessage', queue), { resources: grant(principal) }), 'no')
    }
  })
  test('what the other account says is maybe where it was not given', () => {
    const decision = decide(role('sqs:SendMessage', queue), world({ identity }))
    assert.equal(decision.answer, 'maybe')
    assert.ok(decision.unseen.includes(`the policy of ${queue}`))
  })
})

describe('organisations', () => {
  const full = policy(allow('*'))
  const object = `${BUCKET}/a`
  const identity = [allow('*')]
  const of = (account: AwsAccount): Given => ({ identity, accounts: { '111122223333': account } })
  test('each level must allow, any may deny; the management account is free', () => {
    assert.equal(answer(role('s3:GetObject', object), of({ scps: [[full], [full]] })), 'yes')
    assert.equal(answer(role('s3:GetObject', object), of({ scps: [[full], [policy(allow('sqs:*'))]] })), 'no')
    assert.equal(answer(role('s3:GetObject', object), of({ scps: [[full], [policy(allow('sqs:*')), full]] })), 'yes')
    const denies = [[full, policy(deny('s3:*'))], [full]]
    assert.equal(answer(role('s3:GetObject', object), of({ scps: denies })), 'no')
    assert.equal(answer(role('s3:GetObject', object), of({ scps: denies, management: true })), 'yes')
  })
  test('they do not grant, and not narrow service-linked roles', () => {
    assert.equal(answer(role('s3:GetObject', object), { accounts: { '111122223333': { scps: [[full]] } } }), 'no')
    const linked = 'arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X'
    const request = role('s3:GetObject', object, { principal: { kind: 'role', arn: linked } })
    assert.equal(answer(request, { ...of({ scps: [[policy(deny('*'))]] }), arn: linked }), 'yes')
  })
  test('resource control policies bind whoever asks', () => {
    const queue = 'arn:aws:sqs:eu-west-1:111122223333:q'
    const rcps = [
      [
        full,
        policy(
          deny('sqs:*', '*', {
            Principal: '*',
            Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } },
          }),
        ),
      ],
    ]
    const own = { rcps, organization: 'o-1' }
    const fullFor = policy(allow('*', '*', { Principal: '*' }))
    const withFull = { ...own, rcps: [[fullFor, ...rcps[0]!.slice(1)]] }
    assert.equal(answer(role('sqs:SendMessage', queue), of(withFull)), 'yes')
    assert.equal(answer(role('sqs:SendMessage', queue), of({ ...withFull, organization: 'o-2' })), 'no')
    assert.equal(answer(role('sqs:SendMessage', queue), of({ rcps: withFull.rcps })), 'maybe')
  })
  test('those that were not given are told', () => {
    assert.deepEqual(decide(role('s3:ListAllMyBuckets', '*'), world({ identity })).unseen, [
      'the service control policies of 111122223333',
      'the resource control policies of 111122223333',
    ])
  })
})

describe('NotPrincipal', () => {
  const object = `${BUCKET}/a`
  const fence = (...AWS: string[]): Given => ({
    arn: USER,
    identity: [allow('s3:*')],
    resources: { [object]: { policy: policy({ ...deny('s3:*', object), NotPrincipal: { AWS } }) } },
  })
  test('denies all but those whom it names, with their account', () => {
    assert.equal(answer(user('s3:GetObject', object), fence('arn:aws:iam::111122223333:user/maria')), 'no')
    assert.equal(answer(user('s3:GetObject', object), fence(USER, 'arn:aws:iam::111122223333:root')), 'yes')
    assert.equal(answer(user('s3:GetObject', object), fence(USER)), 'maybe')
  })
})

describe('what cannot be read', () => {
  const broken: readonly unknown[] = [
    undefined,
    null,
    7,
    '{"Version": "2012-10-17", "Statement": [',
    { Version: '2015-01-01', Statement: [] },
    { Statement: [7] },
    { Statement: { Effect: 'allow', Action: '*', Resource: '*' } },
    { Statement: { Effect: 'Allow', Action: { a: 1 }, Resource: '*' } },
    { Statement: { Effect: 'Allow', Action: '*', NotAction: '*', Resource: '*' } },
    { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: { Who: 'x' } } },
    { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: 'x' } } },
    { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Surprise: 1 } },
  ]
  for (const each of broken)
    test(`${JSON.stringify(each)?.slice(0, 70)} is a problem, and maybe`, () => {
      const document = readPolicy(each, { name: 'broken' })
      assert.notEqual(document.problems.length, 0)
      const decision = decide(role('s3:GetObject', BUCKET), world({ more: { policies: [document] } }))
      assert.equal(decision.answer, 'maybe')
    })
  test('keys that objects have by nature are keys like any other', () => {
    const text =
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"__proto__":{"constructor":"x"}}}}'
    const document = readPolicy(text, { name: 'p' })
    assert.deepEqual(document.statements[0]?.conditions, [{ operator: '__proto__', key: 'constructor', values: ['x'] }])
  })
})

describe('policies that AWS manages', () => {
  const attached = (...names: string[]) => ({
    more: { unread: names.map((name) => `arn:aws:iam::aws:policy/${name}`) },
  })
  test('are looked up by ARN', () => {
    assert.equal(answer(role('iam:CreateUser', '*'), attached('AdministratorAccess')), 'yes')
    assert.equal(answer(role('iam:CreateUser', '*'), attached('PowerUserAccess')), 'no')
    assert.equal(answer(role('ec2:RunInstances', '*'), attached('PowerUserAccess')), 'yes')
    assert.equal(answer(role('s3:GetObject', BUCKET), attached('ReadOnlyAccess')), 'yes')
    assert.equal(answer(role('s3:PutObject', BUCKET), attached('ReadOnlyAccess')), 'no')
    assert.equal(answer(role('s3:GetObject', BUCKET), attached('AWSDenyAll', 'AdministratorAccess')), 'no')
    assert.ok(managedPolicy('arn:aws:iam::aws:policy/job-function/NetworkAdministrator'))
    assert.ok(managedPolicy('arn:aws-cn:iam::aws:policy/AmazonEKSWorkerNodePolicy'))
    assert.equal(managedPolicy('arn:aws:iam::111122223333:policy/AdministratorAccess'), undefined)
    assert.equal(managedPolicy('arn:aws:iam::aws:policy/constructor'), undefined)
  })
  test('each can be read', () => {
    for (const name of [
      'SecurityAudit',
      'AmazonEKS_CNI_Policy',
      'AmazonEKSClusterPolicy',
      'AWSCompromisedKeyQuarantineV2',
    ])
      assert.deepEqual(managedPolicy(`arn:aws:iam::aws:policy/${name}`)?.problems, [], name)
  })
  test('one that is not in the table is maybe, and named', () => {
    const decision = decide(role('s3:GetObject', BUCKET), world(attached('SomethingNew')))
    assert.equal(decision.answer, 'maybe')
    assert.ok(decision.unseen.includes('the policy arn:aws:iam::aws:policy/SomethingNew'))
  })
})
