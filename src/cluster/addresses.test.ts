import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AddressSet,
  ALL_ADDRESSES,
  addressesOf,
  addressSet,
  holdsAll,
  isAnywhere,
  NO_ADDRESSES,
  overlap,
  PRIVATE,
  PUBLIC,
  parseCidr,
  subtractAddresses,
} from './addresses.ts'

const holdsAddress = (set: AddressSet, text: string): boolean => overlap(set, addressSet(text) ?? NO_ADDRESSES)

test('CIDRs as the API server reads them', () => {
  assert.deepEqual(addressSet('10.0.0.0/8'), { v4: [0x0a000000n, 0x0b000000n], v6: [] })
  assert.deepEqual(addressSet('10.1.2.3/8'), addressSet('10.0.0.0/8'))
  assert.deepEqual(addressSet('192.0.2.7'), addressSet('192.0.2.7/32'))
  assert.deepEqual(addressSet('::/0'), { v4: [], v6: [0n, 1n << 128n] })
  assert.deepEqual(addressSet('2001:db8::/32')?.v6, [0x20010db8n << 96n, 0x20010db9n << 96n])
  assert.deepEqual(addressSet('::ffff:10.0.0.0/104'), addressSet('10.0.0.0/8'))
  assert.equal(parseCidr('64:ff9b::192.0.2.33/128')?.first, (0x64ff9bn << 96n) + 0xc0000221n)
  for (const wrong of [
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.256/8',
    '',
    '/8',
    'x/8',
    ':::/8',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    '::1::/64',
    '::/129',
    'fe80::%eth0/64',
    '12345::/16',
  ]) {
    assert.equal(parseCidr(wrong), undefined, wrong)
  }
})

test('what 1.36 refuses of CIDRs that can be read', () => {
  for (const sloppy of ['10.0.0.1/8', '010.0.0.0/8', '10.0.0.0/08', '::ffff:10.0.0.0/104', '2001:db8::1/32'])
    assert.notEqual(parseCidr(sloppy)?.sloppy, undefined, sloppy)
  for (const strict of ['10.0.0.0/8', '10.0.0.1/32', '2001:db8::/32', '::/0'])
    assert.equal(parseCidr(strict)?.sloppy, undefined, strict)
})

test('an address is in a CIDR when its leading bits are', () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), (a, b, bits) => {
      const number = (parts: readonly number[]): number => parts.reduce((sum, part) => sum * 256 + part, 0)
      const lead = (value: number): number => Math.floor(value / 2 ** (32 - bits))
      const cidr = addressSet(`${a.join('.')}/${bits}`) ?? NO_ADDRESSES
      assert.equal(holdsAddress(cidr, b.join('.')), lead(number(a)) === lead(number(b)))
      assert.equal(
        holdsAddress(subtractAddresses(ALL_ADDRESSES, cidr), b.join('.')),
        lead(number(a)) !== lead(number(b)),
      )
    }),
  )
})

test('public and private addresses', () => {
  assert.equal(overlap(PUBLIC, PRIVATE), false)
  for (const text of ['8.8.8.8', '203.0.113.5', '2600::1']) assert.ok(holdsAddress(PUBLIC, text), text)
  for (const text of ['10.1.1.1', '169.254.169.254', '127.0.0.1', 'fd00::1', 'fe80::1', '::1'])
    assert.ok(!holdsAddress(PUBLIC, text), text)
  assert.ok(isAnywhere(addressesOf(['0.0.0.0/0'])))
  assert.ok(isAnywhere(subtractAddresses(ALL_ADDRESSES, addressesOf(['169.254.169.254']))))
  assert.ok(!isAnywhere(subtractAddresses(ALL_ADDRESSES, addressesOf(['10.0.0.0/8']))))
  assert.ok(!isAnywhere(NO_ADDRESSES) && !isAnywhere(addressesOf(['::/0'])))
  assert.ok(holdsAll(ALL_ADDRESSES, PUBLIC))
})
