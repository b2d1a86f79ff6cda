import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../../cluster/json.ts'
import type { AuditEvent } from '../event.ts'
import { nativeEvent } from '../testing.ts'
import { Scanner } from './scanner.ts'

const scan = (scanner: Scanner, fields: Readonly<Record<string, Json>>): AuditEvent => {
  const bytes = Buffer.from(`${JSON.stringify(nativeEvent(fields))}\n${' '.repeat(8)}`)
  const event = scanner.read(bytes, 0, bytes.indexOf('\n'), 'audit.log', 1)
  assert.ok(event)
  return event
}

const USER = { username: 'system:serviceaccount:shop:ci', groups: ['a', 'b'], extra: {} }
const pod = (name: string) => ({
  ...USER,
  extra: {
    'authentication.kubernetes.io/credential-id': ['JTI=1'],
    'authentication.kubernetes.io/pod-name': [name],
    'authentication.kubernetes.io/pod-uid': ['u'],
  },
})
const told = (decision: string, reason: string) => ({
  annotations: { 'authorization.k8s.io/decision': decision, 'authorization.k8s.io/reason': reason },
})
const of = (fields: Readonly<Record<string, Json>>) => ({
  objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', ...fields },
})

/** Each differs from the first in one thing that `Alike` stands for. */
const DIFFERENT: readonly Readonly<Record<string, Json>>[] = [
  {},
  { verb: 'delete' },
  { user: { ...USER, username: 'system:serviceaccount:shop:cd' } },
  { user: { ...USER, groups: ['a'] } },
  { user: pod('ci-0') },
  { user: pod('ci-1') },
  { impersonatedUser: { username: 'ann', groups: ['x'] } },
  { impersonatedUser: { username: 'ann', groups: ['y'] } },
  { impersonatedUser: { username: 'bob', groups: ['x'] } },
  of({ resource: 'configmaps' }),
  of({ namespace: 'mail' }),
  of({ name: 'mail' }),
  of({ apiGroup: 'example.com' }),
  of({ subresource: 'status' }),
  { requestURI: '/api/v1/namespaces/shop/secrets/db?dryRun=All' },
  told('forbid', 'RBAC: one'),
  told('allow', 'RBAC: two'),
  { responseStatus: { metadata: {}, code: 404 } },
]

const BASE = { user: USER, ...of({}), ...told('allow', 'RBAC: one') }

describe('events that say the same', () => {
  test('are alike from the second on, whatever they have of their own', () => {
    const scanner = new Scanner()
    const own = [
      { auditID: '1', requestReceivedTimestamp: '2026-05-01T10:00:00.000001Z' },
      { auditID: '2', userAgent: 'other' },
      { auditID: '3', sourceIPs: ['10.9.9.9'] },
      { auditID: '4', requestURI: '/api/v1/namespaces/shop/secrets/db?timeout=1s' },
    ]
    const [first, second, ...rest] = own.map((each) => scan(scanner, { ...BASE, ...each }).access.alike)
    assert.equal(first, undefined)
    assert.ok(second && second.slot >= 0 && second.slot < 1 << 15)
    for (const each of rest) assert.equal(each, second)
  })

  test('are not alike where they differ in anything', () => {
    const scanner = new Scanner()
    const seen = new Map<object, number>()
    for (let round = 0; round < 4; round++)
      for (const [at, each] of DIFFERENT.entries()) {
        // Twice, so that it is remembered before the next of the same slot comes.
        for (let time = 0; time < 2; time++) {
          const { alike } = scan(scanner, { ...BASE, ...each }).access
          if (alike) assert.equal(seen.get(alike) ?? at, at)
          if (alike) seen.set(alike, at)
        }
      }
    assert.equal(new Set(seen.values()).size, DIFFERENT.length)
  })

  test('are forgotten before they fill the memory, and never mistaken for others', () => {
    const scanner = new Scanner()
    const slots = new Map<number, object>()
    let forgotten = 0
    for (let at = 0; at < 60_000; at++) {
      const name = `${at % 20_000}-${'x'.repeat(700)}`
      const { alike, name: told } = scan(scanner, { ...BASE, ...of({ name }) }).access
      assert.equal(told, name)
      if (!alike) continue
      if (slots.has(alike.slot) && slots.get(alike.slot) !== alike) forgotten++
      slots.set(alike.slot, alike)
    }
    assert.ok(slots.size > 1000)
    assert.ok(forgotten > 1000)
  })

  test('that are too long are alike to none', () => {
    const scanner = new Scanner()
    const long = { ...BASE, ...of({ name: 'x'.repeat(5000) }) }
    for (let at = 0; at < 4; at++) assert.equal(scan(scanner, long).access.alike, undefined)
  })
})

describe('events in passing', () => {
  test('are filled anew for the next batch, but for those that are held', () => {
    const scanner = new Scanner(true)
    const first = scan(scanner, { ...BASE, auditID: '1' })
    const held = scan(scanner, { ...BASE, auditID: '2' })
    held.access.detach()
    scanner.begin()
    const again = scan(scanner, { ...BASE, auditID: '3' })
    const made = scan(scanner, { ...BASE, auditID: '4' })
    assert.equal(again, first)
    assert.notEqual(made, held)
    assert.deepEqual(
      [held, again, made].map(({ access }) => access.id),
      ['2', '3', '4'],
    )
  })
})
