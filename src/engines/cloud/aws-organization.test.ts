import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import type { AwsExports, ControlPolicy } from '../../cluster/cloud/exports.ts'
import { NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Json } from '../../cluster/json.ts'
import { decide } from './aws/decide.ts'
import { untoldLevels } from './aws-organization.ts'
import { awsWorld } from './aws-world.ts'

const from = because('an export')
const ACCOUNT = '111122223333'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const [ROOT, UPPER, LOWER] = ['r-ab12', 'ou-ab12-11111111', 'ou-ab12-22222222'] as const
const LEVELS = [ACCOUNT, LOWER, UPPER, ROOT] as const

const document = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement })
const allow = (Action: string, more: Record<string, Json> = {}): Json => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const deny = (Action: string, more: Record<string, Json> = {}): Json => ({
  ...(allow(Action, more) as object),
  Effect: 'Deny',
})

const control = (id: string, statement: Json, more: Partial<ControlPolicy> = {}): ControlPolicy => ({
  type: 'SCP',
  id,
  name: id,
  document: document(statement),
  targets: [],
  from,
  ...more,
})

/** All that AWS tells of one account below two units: FullAWSAccess at every level, and what `hung` hangs besides. */
function organization(hung: Readonly<Record<string, readonly string[]>>, more: Partial<AwsExports> = {}): AwsExports {
  return {
    ...NO_CLOUD.aws,
    roles: [
      {
        arn: ROLE,
        name: 'app',
        policies: [{ name: 'p', document: document(allow('s3:*'), allow('sqs:*')) }],
        toldPolicies: true,
        instanceProfiles: [],
        tags: new Map(),
        from,
      },
    ],
    parents: new Map([
      [ACCOUNT, LOWER],
      [LOWER, UPPER],
      [UPPER, ROOT],
    ]),
    attached: new Map(LEVELS.map((id) => [`SCP ${id}`, hung[id] ?? ['p-FullAWSAccess']])),
    roots: [{ id: ROOT, enabled: ['SERVICE_CONTROL_POLICY'] }],
    ...more,
  }
}

function may(aws: AwsExports, action = 's3:GetObject'): string {
  const world = awsWorld({ ...NO_CLOUD, aws })
  return decide({ principal: { kind: 'role', arn: ROLE }, action, resource: 'arn:aws:s3:::b/k' }, world).answer
}

const without = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> =>
  new Map([...map].filter(([each]) => each !== key))

describe('service control policies at every level', () => {
  const noS3 = [control('p-no', deny('s3:*'))]
  const onlyS3 = [control('p-only', allow('s3:*'))]
  for (const level of LEVELS) {
    test(`a denial at ${level} denies`, () => {
      const aws = organization({ [level]: ['p-FullAWSAccess', 'p-no'] }, { controls: noS3 })
      assert.equal(may(aws), 'no')
      assert.equal(may(aws, 'sqs:SendMessage'), 'yes')
    })
    test(`what ${level} does not allow, no other level gives back`, () => {
      const aws = organization({ [level]: ['p-only'] }, { controls: onlyS3 })
      assert.equal(may(aws), 'yes')
      assert.equal(may(aws, 'sqs:SendMessage'), 'no')
    })
    test(`policies of ${level} that are not listed may do anything`, () => {
      const aws = organization({})
      const open = { ...aws, attached: without(aws.attached, `SCP ${level}`) }
      assert.equal(may(aws), 'yes')
      assert.equal(may(open), 'maybe')
      assert.equal(may({ ...open, controls: [control('p-no', deny('s3:*'), { targets: [level] })] }), 'no')
      assert.deepEqual(untoldLevels(awsWorld({ ...NO_CLOUD, aws: open }).accounts), [
        `other control policies of ${level}`,
      ])
      assert.equal(may(organization({ [level]: [] })), 'maybe')
      assert.equal(may(organization({ [level]: ['p-FullAWSAccess', 'p-unseen'] })), 'maybe')
    })
  }
  test('of several policies of one level one that allows suffices', () => {
    const aws = organization(
      { [LOWER]: ['p-only', 'p-sqs'] },
      { controls: [...onlyS3, control('p-sqs', allow('sqs:*'))] },
    )
    assert.equal(may(aws), 'yes')
    assert.equal(may(aws, 'sqs:SendMessage'), 'yes')
  })
  test('policies of another unit, of another account and of another type say nothing', () => {
    const aws = organization(
      {},
      { controls: [control('p-no', deny('*'), { targets: ['ou-ab12-99999999', '444455556666'] })] },
    )
    assert.equal(may(aws), 'yes')
    assert.equal(may({ ...aws, attached: new Map([...aws.attached, ['SCP ou-ab12-99999999', ['p-no']]]) }), 'yes')
  })
})

describe('the place of an account', () => {
  test('that is not told may be below anything', () => {
    const aws = organization({})
    for (const child of [ACCOUNT, LOWER, UPPER])
      assert.equal(may({ ...aws, parents: without(aws.parents, child) }), 'maybe')
    const cut = { ...aws, parents: without(aws.parents, LOWER), roots: [] }
    assert.deepEqual(untoldLevels(awsWorld({ ...NO_CLOUD, aws: cut }).accounts), [`control policies above ${LOWER}`])
  })
  test('in circles, or without an end, is not told', () => {
    const aws = organization({})
    const circle = new Map([...aws.parents, [UPPER, LOWER] as const])
    const long = new Map(Array.from({ length: 5_000 }, (_, index) => [`ou-${index}`, `ou-${index + 1}`] as const))
    assert.equal(may({ ...aws, parents: circle }), 'maybe')
    assert.equal(may({ ...aws, parents: new Map([...long, [ACCOUNT, 'ou-0']]) }), 'maybe')
    assert.equal(
      may({
        ...aws,
        parents: new Map([
          [ACCOUNT, '__proto__'],
          ['__proto__', 'constructor'],
        ]),
      }),
      'maybe',
    )
  })
  test('nothing of an organisation in the exports: control policies are not asked, which the answer says', () => {
    const aws = organization({}, { parents: new Map(), attached: new Map(), roots: [] })
    const world = awsWorld({ ...NO_CLOUD, aws })
    const asked = {
      principal: { kind: 'role', arn: ROLE } as const,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/k',
    }
    assert.equal(decide(asked, world).answer, 'yes')
    assert.ok(decide(asked, world).unseen.includes(`the service control policies of ${ACCOUNT}`))
    assert.deepEqual(untoldLevels(world.accounts), [])
  })
  test('the management account is free; a type that is switched off says nothing', () => {
    const aws = organization({ [ACCOUNT]: ['p-no'] }, { controls: [control('p-no', deny('*'))] })
    assert.equal(may(aws), 'no')
    assert.equal(may({ ...aws, organizations: new Map([[ACCOUNT, 'o-1']]) }), 'yes')
    assert.equal(may({ ...aws, organizations: new Map([['444455556666', 'o-1']]) }), 'no')
    assert.equal(may({ ...aws, roots: [{ id: ROOT, enabled: [] }] }), 'yes')
  })
  test('resource control policies go by their own lists', () => {
    const rcps = (id: string): AwsExports =>
      organization(
        {},
        {
          controls: [control('p-rcp', deny('s3:*', { Principal: '*' }), { type: 'RCP' })],
          attached: new Map([
            ...organization({}).attached,
            ...LEVELS.map(
              (each) => [`RCP ${each}`, each === UPPER ? ['p-RCPFullAWSAccess', id] : ['p-RCPFullAWSAccess']] as const,
            ),
          ]),
          roots: [{ id: ROOT, enabled: ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'] }],
        },
      )
    const onQueue = (aws: AwsExports): string =>
      decide(
        {
          principal: { kind: 'role', arn: ROLE },
          action: 's3:GetObject',
          resource: `arn:aws:s3:eu-west-1:${ACCOUNT}:x/k`,
        },
        awsWorld({ ...NO_CLOUD, aws }),
      ).answer
    assert.equal(onQueue(rcps('p-rcp')), 'no')
    assert.equal(onQueue(rcps('p-RCPFullAWSAccess')), 'yes')
    assert.equal(onQueue(rcps('p-unseen')), 'maybe')
  })
  test('id and path of the organisation settle conditions on them', () => {
    const only = (key: string, value: string): AwsExports =>
      organization(
        { [ROOT]: ['p-org'] },
        {
          controls: [control('p-org', allow('*', { Condition: { StringEquals: { [key]: value } } }))],
          organizations: new Map([['444455556666', 'o-1']]),
        },
      )
    assert.equal(may(only('aws:PrincipalOrgID', 'o-1')), 'yes')
    assert.equal(may(only('aws:PrincipalOrgID', 'o-2')), 'no')
    assert.equal(may(only('aws:PrincipalOrgPaths', `o-1/${ROOT}/${UPPER}/${LOWER}/`)), 'yes')
    assert.equal(may(only('aws:PrincipalOrgPaths', `o-1/${ROOT}/${UPPER}/`)), 'no')
    assert.equal(may({ ...only('aws:PrincipalOrgID', 'o-1'), organizations: new Map() }), 'maybe')
  })
})
