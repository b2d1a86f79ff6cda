import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback } from './loopback.ts'

test('what is on this machine, in all ways of writing it', () => {
  for (const address of [
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::FFFF:127.1.2.3',
    '::ffff:7f00:1',
  ])
    assert.equal(isLoopback(address), true, address)
})

test('and what is not', () => {
  for (const address of [
    ...[
      '0.0.0.0',
      '10.0.0.1',
      '128.0.0.1',
      '169.254.169.254',
      '192.168.0.1',
      '1.127.0.0',
      '127.0.0.1.example.com',
      '127',
      '',
    ],
    ...[
      '::',
      '::2',
      '::1:1',
      'fe80::1',
      '::ffff:10.0.0.1',
      '::ffff:a00:1',
      '64:ff9b::7f00:1',
      '1::',
      '::7f00:1',
      'localhost',
    ],
  ])
    assert.equal(isLoopback(address), false, address)
})
