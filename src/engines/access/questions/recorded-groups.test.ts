import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Access } from '../../../observe/record.ts'
import { RecordedGroups } from './recorded-groups.ts'

const HOUR_MS = 3_600_000

function access(user: string, groups: readonly string[], hour: number, impersonator?: Access['impersonator']): Access {
  return {
    user,
    groups,
    time: hour * HOUR_MS,
    place: { file: 'audit.log', line: hour + 1 },
    ...(impersonator ? { impersonator } : {}),
  } as Access
}

function folded(...accesses: readonly Access[]): RecordedGroups {
  const groups = new RecordedGroups()
  for (const each of accesses) groups.add(each)
  return groups
}

const names = (memberships: readonly { readonly group: string }[]): string[] =>
  memberships.map(({ group }) => group).sort()

describe('groups of an audit log', () => {
  test('are those of the last day in which a user was seen, whatever the order of the records', () => {
    const records = [access('ann', ['a'], 0), access('ann', ['b'], 100), access('ann', ['c'], 110)]
    for (const each of [records, records.toReversed()]) {
      const groups = folded(...each)
      assert.deepEqual(names(groups.groupsOf('ann')), ['b', 'c'])
      assert.deepEqual(names(groups.leftBy('ann')), ['a'])
      assert.equal(groups.leftBy('ann')[0]?.seen, 0)
    }
  })

  test('say when they were last seen, and where', () => {
    const [only] = folded(access('ann', ['a'], 3), access('ann', ['a'], 9), access('ann', ['a'], 5)).groupsOf('ann')
    assert.deepEqual(only, { group: 'a', from: 'audit', seen: 9 * HOUR_MS, place: { file: 'audit.log', line: 4 } })
  })

  test('are those of who authenticated, and not those that an impersonator chose', () => {
    const groups = folded(access('victim', ['system:masters'], 0, { user: 'eve', groups: ['support'] }))
    assert.deepEqual(groups.groupsOf('victim'), [])
    assert.deepEqual(names(groups.groupsOf('eve')), ['support'])
  })

  test('that a record does not tell are none that a user left', () => {
    const groups = folded(access('ann', ['a'], 0), access('ann', [], 100))
    assert.deepEqual(names(groups.groupsOf('ann')), ['a'])
    assert.deepEqual(groups.leftBy('ann'), [])
  })

  test('are kept of so many users, and it is known that there were more', () => {
    const groups = new RecordedGroups()
    for (let at = 0; at < 100_001; at++) groups.add(access(`user-${at}`, ['a'], 0))
    assert.equal([...groups.users()].length, 100_000)
    assert.ok(groups.isPartial)
    for (let at = 0; at < 1_000; at++) groups.add(access('user-1', [`group-${at}`], 1))
    assert.ok(groups.groupsOf('user-1').length <= 64)
  })

  test('of names like those of an object’s own members are groups like any other', () => {
    const groups = folded(access('__proto__', ['constructor'], 0))
    assert.deepEqual(names(groups.groupsOf('__proto__')), ['constructor'])
    assert.deepEqual(groups.groupsOf('toString'), [])
  })
})
