import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { levelOf } from './actions.ts'
import { readPolicy } from './document.ts'
import { ESCALATIONS, escalations } from './escalate.ts'
import { ASSETS, assetsOf } from './reach.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

const ACCOUNT = '111122223333'
const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:${name}`
const policy = (statements: readonly object[], name = 'policy', own?: string) =>
  readPolicy({ Version: '2012-10-17', Statement: statements }, { name, ...(own !== undefined && { arn: own }) })
const trusts = (Principal: object, Action = 'sts:AssumeRole') => policy([{ Effect: 'Allow', Principal, Action }])
const may = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})

const target: AwsPrincipal = {
  arn: arn('role/admin'),
  tags: new Map(),
  policies: [policy([may('*')])],
  trust: trusts({ Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'pods.eks.amazonaws.com'] }),
}
const closed: AwsPrincipal = {
  arn: arn('role/closed'),
  tags: new Map(),
  policies: [],
  trust: trusts({ AWS: arn('user/nobody') }),
}
const maria: AwsPrincipal = { arn: arn('user/maria'), tags: new Map(), policies: [] }

const make = (statements: readonly object[], more: Partial<AwsPrincipal> = {}): AwsPrincipal => ({
  arn: arn('role/app'),
  tags: new Map(),
  policies: [policy(statements)],
  ...more,
})
const worldWith = (principal: AwsPrincipal, ...more: AwsPrincipal[]): AwsWorld => ({
  principals: new Map([principal, target, closed, maria, ...more].map((each) => [each.arn, each])),
  resources: new Map(),
  accounts: new Map(),
})
const found = (principal: AwsPrincipal, ...more: AwsPrincipal[]): readonly string[] =>
  escalations(principal, worldWith(principal, ...more)).map(
    ({ rule, to, answer }) => `${rule} ${to.kind === 'account' ? 'account' : to.arn.slice(arn('').length)} ${answer}`,
  )

describe('escalations', () => {
  test('an administrator needs none', () => {
    assert.deepEqual(found(make([may('*')])), ['administrator account yes'])
  })
  test('reading gives none', () => {
    assert.deepEqual(found(make([may(['s3:*', 'iam:Get*', 'iam:List*', 'ec2:Describe*'])])), [])
  })
  test('changing its own policies is administration', () => {
    assert.deepEqual(found(make([may('iam:AttachRolePolicy', arn('role/app'))])), ['attach-own-policy account yes'])
    assert.deepEqual(found(make([may('iam:AttachRolePolicy', arn('role/other'))])), [])
    const only = { Condition: { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' } } }
    assert.deepEqual(found(make([may('iam:AttachRolePolicy', '*', only)])), [])
    const own = arn('policy/app')
    const attached = { policies: [policy([may('iam:CreatePolicyVersion', own)], 'app', own)] }
    assert.deepEqual(found(make([], attached)), ['create-policy-version account yes'])
  })
  test('a boundary makes it doubtful', () => {
    const boundary = policy([may('iam:*')])
    assert.deepEqual(found(make([may('iam:PutRolePolicy', arn('role/app'))], { boundary })), [
      'put-own-policy account maybe',
    ])
    const tight = policy([may('s3:*')])
    assert.deepEqual(found(make([may('iam:PutRolePolicy')], { boundary: tight })), [])
  })
  test('a role that trusts it', () => {
    const open: AwsPrincipal = { ...closed, arn: arn('role/open'), trust: trusts({ AWS: arn('role/app') }) }
    const byAccount: AwsPrincipal = { ...closed, arn: arn('role/shared'), trust: trusts({ AWS: ACCOUNT }) }
    assert.deepEqual(found(make([]), open, byAccount), ['assume-role role/open yes'])
    assert.deepEqual(found(make([may('sts:AssumeRole')]), open, byAccount), [
      'assume-role role/open yes',
      'assume-role role/shared yes',
    ])
  })
  test('a role passed to a service that it trusts, with all that this needs', () => {
    const pass = may('iam:PassRole', arn('role/*'))
    assert.deepEqual(found(make([pass])), [])
    assert.deepEqual(found(make([pass, may('ec2:RunInstances')])), ['pass-role-ec2 role/admin yes'])
    assert.deepEqual(found(make([pass, may('lambda:CreateFunction')])), [])
    assert.deepEqual(found(make([pass, may(['lambda:CreateFunction', 'lambda:InvokeFunction'])])), [
      'pass-role-lambda role/admin yes',
    ])
    assert.deepEqual(found(make([pass, may('cloudformation:CreateStack')])), [])
    assert.deepEqual(found(make([pass, may('eks:CreatePodIdentityAssociation')])), [
      'pass-role-pod-identity role/admin maybe',
    ])
    const toLambda = may('iam:PassRole', '*', {
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    })
    assert.deepEqual(found(make([toLambda, may('ec2:RunInstances')])), [])
  })
  test('what already runs with a role is never sure', () => {
    assert.deepEqual(found(make([may('ssm:SendCommand')])), ['command-instance role/admin maybe'])
  })
  test('the keys of a user, and who may assume a role', () => {
    assert.deepEqual(found(make([may('iam:CreateAccessKey', arn('user/*'))])), ['create-access-key user/maria yes'])
    assert.deepEqual(found(make([may('iam:UpdateAssumeRolePolicy', arn('role/closed'))])), [
      'update-assume-role-policy role/closed yes',
    ])
  })
  test('each rule has its own id, a title and a precondition', () => {
    assert.equal(new Set(ESCALATIONS.map(({ id }) => id)).size, ESCALATIONS.length)
    for (const { id, title, precondition } of ESCALATIONS)
      assert.ok(/^[a-z0-9-]+$/.test(id) && title !== '' && precondition !== '')
  })
  test('the actions that rules and assets name exist', () => {
    for (const { precondition } of ESCALATIONS)
      for (const [action] of precondition.matchAll(/\b[a-z0-9-]+:[A-Z]\w+/g)) assert.ok(levelOf(action), action)
    const named = Object.values(ASSETS).flatMap((kind) => Object.values(kind).flat())
    assert.deepEqual(
      named.filter((action) => levelOf(action) === undefined),
      [],
    )
  })
})

describe('assets', () => {
  const reached = (principal: AwsPrincipal, more: Partial<AwsWorld> = {}): readonly string[] =>
    assetsOf(principal, { ...worldWith(principal), ...more }).map(
      ({ kind, resource, access, answer }) => `${kind} ${resource} ${access.join('+')} ${answer}`,
    )
  test('are what policies name, by service', () => {
    const statements = [
      may(['s3:GetObject', 's3:PutObject'], ['arn:aws:s3:::logs/*', 'arn:aws:sqs:*:*:q']),
      may('secretsmanager:GetSecretValue'),
    ]
    assert.deepEqual(reached(make(statements)), ['s3 arn:aws:s3:::logs/* read+write yes', 'secretsmanager * read yes'])
  })
  test('a denial takes away what it covers whole', () => {
    const all = may('s3:GetObject', ['arn:aws:s3:::logs/*', 'arn:aws:s3:::data/*'])
    const denied = { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::data*' }
    assert.deepEqual(reached(make([all, denied])), ['s3 arn:aws:s3:::logs/* read yes'])
  })
  test('a bucket alone holds no objects; a variable is put in', () => {
    assert.deepEqual(reached(make([may('s3:GetObject', 'arn:aws:s3:::logs')])), [])
    const tagged = make([may('s3:GetObject', `arn:aws:s3:::logs/\${aws:PrincipalTag/team}/*`)], {
      tags: new Map([['team', 'blue']]),
    })
    assert.deepEqual(reached(tagged), ['s3 arn:aws:s3:::logs/blue/* read yes'])
  })
  test('what the policy of a resource gives counts too', () => {
    const secret = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:db`
    const grant = policy([{ ...may('secretsmanager:GetSecretValue'), Principal: { AWS: arn('role/app') } }])
    assert.deepEqual(reached(make([]), { resources: new Map([[secret, { policy: grant }]]) }), [
      `secretsmanager ${secret} read yes`,
    ])
  })
  test('an administrator, and one whose key policies are not known', () => {
    const all = reached(make([may('*')]))
    assert.equal(all[0], `admin ${ACCOUNT} read+write+control yes`)
    assert.ok(all.includes('kms * read+write+control maybe'), all.join('\n'))
  })
  test('a policy that was not given is maybe', () => {
    assert.ok(
      reached(make([], { policies: [], unread: [arn('policy/lost')] })).includes('s3 * read+write+control maybe'),
    )
  })
})

describe('hostile documents', () => {
  test('100,000 statements, patterns of stars and 10 MB are read and judged in time', () => {
    const started = process.cpuUsage()
    const many = Array.from({ length: 100_000 }, (_, index) => may(`s3:Get${index}`, `arn:aws:s3:::${index}/*`))
    const bombs = Array.from({ length: 1000 }, () => may('s3:*', `${'a*'.repeat(5000)}b`))
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [...many, ...bombs] })
    assert.ok(text.length > 10_000_000)
    const principal = make([], { policies: [readPolicy(text, { name: 'hostile' })] })
    assetsOf(principal, worldWith(principal))
    escalations(principal, worldWith(principal))
    const { user } = process.cpuUsage(started)
    assert.ok(user < 60_000_000, `${user / 1e6} s`)
  })
  test('texts that make patterns of ours slow are none', () => {
    const started = process.cpuUsage()
    const statements = [
      may('s3:GetObject', `arn:aws:s3:::${'${a,'.repeat(200_000)}/*`),
      may('s3:GetObject', '*', { Condition: { BinaryEquals: { 'aws:PrincipalArn': `${'='.repeat(200_000)}x` } } }),
      may('s3:GetObject', '*', { Condition: { IpAddress: { 'aws:PrincipalArn': ':'.repeat(200_000) } } }),
      may('s3:GetObject', '*', { Condition: { DateEquals: { 'aws:PrincipalArn': '2'.repeat(200_000) } } }),
    ]
    const principal = make(statements)
    assetsOf(principal, worldWith(principal))
    assert.ok(process.cpuUsage(started).user < 10_000_000)
  })
  test('what is nested deeply is a problem', () => {
    const deep = `${'{"Statement":['.repeat(200_000)}${']}'.repeat(200_000)}`
    assert.notEqual(readPolicy(deep, { name: 'deep' }).problems.length, 0)
  })
})

describe('the page of the docs', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../../docs/reference/cloud-iam.md', import.meta.url)), 'utf8')
  test('lists each rule as the code has it', () => {
    for (const { id, title, precondition } of ESCALATIONS)
      assert.ok(page.includes(`| \`${id}\` | ${title} | ${precondition} |`), id)
  })
})
