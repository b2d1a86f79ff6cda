import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAllowed, hostName } from './allow.ts'

const token = 'a-token-of-enough-characters'

describe('the allow list', () => {
  test('hosts, with a port or without, in lower case', () => {
    assert.deepEqual(
      decodeAllowed({
        hosts: [
          { host: 'Staging.Example.com', token },
          { host: 'b.example.com.:8443', token },
          { host: '[2001:db8::1]:80', token },
        ],
      }),
      [
        { host: 'staging.example.com', port: undefined, token },
        { host: 'b.example.com', port: 8443, token },
        { host: '2001:db8::1', port: 80, token },
      ],
    )
    assert.deepEqual(decodeAllowed({ hosts: [] }), [])
  })

  test('what is wrong is told with its place', () => {
    const wrong: readonly [Parameters<typeof decodeAllowed>[0], RegExp][] = [
      [null, /expected `hosts:`/],
      [['a'], /expected `hosts:`/],
      [{ hosts: 'a' }, /expected `hosts:`/],
      [{ hosts: ['a'] }, /hosts\[0\]: expected/],
      [{ hosts: [{ host: 'a' }] }, /hosts\[0\]: expected/],
      [{ hosts: [{ host: 'a', token, path: '/' }] }, /path is not known/],
      [{ hosts: [{ host: 'a', token: 'short' }] }, /at least 16/],
      [{ hosts: [{ host: 'a', token: 'with spaces in the token' }] }, /at least 16/],
      [{ hosts: [{ host: '*.example.com', token }] }, /no wildcard/],
      [{ hosts: [{ host: 'http://example.com', token }] }, /no wildcard, no URL/],
      [{ hosts: [{ host: 'user@example.com', token }] }, /no wildcard/],
      [{ hosts: Array.from({ length: 1_001 }, () => ({ host: 'a', token })) }, /more than 1000/],
    ]
    for (const [file, text] of wrong) assert.match(String(decodeAllowed(file)), text)
  })

  test('a name is compared without case, brackets and the last dot', () => {
    assert.equal(hostName('EXAMPLE.com.'), 'example.com')
    assert.equal(hostName('[::1]'), '::1')
  })
})
