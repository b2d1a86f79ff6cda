import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Holding } from './holding.ts'
import { remainingOf } from './remaining.ts'

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`)
const certificate: Holding = {
  kind: 'certificate',
  title: 'a client certificate',
  credential: 'X509SHA256=00',
  from: day('2027-01-01'),
  until: day('2028-01-01'),
  because: [],
  places: [],
  ends: 'remaining',
}
const told = (asOf: string, more: Partial<Holding> = {}): readonly string[] =>
  remainingOf([{ ...certificate, ...more }], day(asOf)).map(({ message }) => message)

test('a certificate that is not valid yet is told with the day before which it is not', () => {
  assert.deepEqual(told('2026-12-31'), [
    'a client certificate (X509SHA256=00) is not valid before 2027-01-01 00:00 UTC and lives until 2028-01-01 00:00 UTC: Kubernetes revokes none',
  ])
  for (const from of [day('2027-01-01'), undefined])
    assert.deepEqual(told('2027-01-01', from === undefined ? { from: day('2020-01-01') } : { from }), [
      'a client certificate (X509SHA256=00) lives until 2028-01-01 00:00 UTC: Kubernetes revokes none',
    ])
  assert.deepEqual(told('2028-01-01'), [])
})
