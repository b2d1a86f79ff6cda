import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readPolicy } from './aws/document.ts'
import { assetsOf } from './aws/reach.ts'
import type { AwsPrincipal, AwsWorld } from './aws/world.ts'

const ARN = 'arn:aws:iam::111122223333:role/app'
const ANY = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' }
const policy = (...Statement: readonly object[]) => readPolicy({ Version: '2012-10-17', Statement }, { name: 'p' })

function reached(own: readonly object[], more: Partial<AwsPrincipal> = {}, world: Partial<AwsWorld> = {}) {
  const principal: AwsPrincipal = { arn: ARN, tags: new Map(), policies: [policy(...own)], unread: [], ...more }
  const found = assetsOf(principal, {
    principals: new Map([[ARN, principal]]),
    resources: new Map(),
    accounts: new Map(),
    ...world,
  })
  return found.filter(({ kind }) => kind === 's3').map(({ resource, answer }) => `${resource} ${answer}`)
}

describe('what limits leave of a wide policy is reached', () => {
  test('a denial of all but some', () => {
    const deny = { Effect: 'Deny', Action: 's3:*', NotResource: ['arn:aws:s3:::mine/*'] }
    assert.deepEqual(reached([ANY, deny]), ['arn:aws:s3:::mine/* yes'])
    assert.deepEqual(reached([ANY, { ...deny, Action: 's3:Get*' }]), ['* yes', 'arn:aws:s3:::mine/* yes'])
    assert.deepEqual(reached([{ ...ANY, Resource: 'arn:aws:s3:::other/*' }, deny]), [])
  })
  test('a permissions boundary that names resources', () => {
    const boundary = policy({ ...ANY, Resource: 'arn:aws:s3:::app-*' })
    assert.deepEqual(reached([ALL], { boundary }), ['arn:aws:s3:::app-* yes'])
    assert.deepEqual(reached([{ ...ANY, Resource: 'arn:aws:s3:::db/*' }], { boundary }), [])
    assert.deepEqual(reached([ALL], { boundary: policy({ ...ANY, Action: 'ec2:*' }) }), [])
  })
  test('control policies: a list of what is allowed, a denial of all but some, each at a level of its own', () => {
    const account = (...levels: readonly (readonly object[])[]): Partial<AwsWorld> => ({
      accounts: new Map([['111122223333', { scps: levels.map((each) => [policy(...each)]) }]]),
    })
    assert.deepEqual(reached([ANY], {}, account([{ ...ANY, Resource: 'arn:aws:s3:::team-*' }], [ALL])), [
      'arn:aws:s3:::team-* yes',
    ])
    const deny = { Effect: 'Deny', NotAction: 'iam:*', NotResource: 'arn:aws:s3:::team-*' }
    assert.deepEqual(reached([ANY], {}, account([ALL, deny], [ALL])), ['arn:aws:s3:::team-* yes'])
    assert.deepEqual(reached([ANY], {}, account([{ ...ANY, Action: 'ec2:*' }])), [])
  })
  test('a hostile number of patterns is bounded', () => {
    const patterns = Array.from({ length: 50_000 }, (_, index) => `arn:aws:s3:::b${index}/*`)
    const before = process.cpuUsage()
    const found = reached([ANY, { Effect: 'Deny', Action: 's3:*', NotResource: patterns }])
    const { user } = process.cpuUsage(before)
    assert.ok(found.length > 0)
    assert.ok(user < 20_000_000, String(user))
  })
})
