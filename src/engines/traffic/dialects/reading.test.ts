import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { keyText } from '../limit.ts'
import { Annotations } from './annotations.ts'
import { ingress, settingsOf } from './dialects.testing.ts'
import { exemptsEveryone, networks, validNetworks } from './networks.ts'
import { nginxKey } from './nginx-key.ts'
import { nginxRate, undelayed } from './nginx-rate.ts'
import { isAtLeast } from './versions.ts'

describe('what readers of several products share', () => {
  test('keys of nginx', () => {
    const cases = {
      $binary_remote_addr: 'client address',
      '${binary_remote_addr}': 'client address',
      ' $remote_addr ': 'client address',
      $realip_remote_addr: 'peer address',
      $http_x_api_key: 'header X-Api-Key',
      $request_uri: '$request_uri',
      $binary_remote_addr$host: '$binary_remote_addr$host',
      everybody: 'all clients',
      '': 'all clients',
      '${binary_remote_addr': '${binary_remote_addr',
    }
    for (const [text, expected] of Object.entries(cases)) assert.equal(keyText(nginxKey(text)), expected, text)
  })

  test('rates of nginx', () => {
    assert.deepEqual(nginxRate('10r/s'), { rate: 10, period: 1 })
    assert.deepEqual(nginxRate(' 600r/m '), { rate: 600, period: 60 })
    for (const wrong of ['10', '10r/h', '0r/s', '-1r/s', '10 r/s', '1.5r/s', 'r/s', `${'9'.repeat(30)}r/s`])
      assert.equal(nginxRate(wrong), undefined, wrong)
  })

  test('of a burst all waits, but for what delay and nodelay say', () => {
    assert.equal(undelayed(20, undefined, false), 0)
    assert.equal(undelayed(20, 8, false), 8)
    assert.equal(undelayed(20, 80, false), 20)
    assert.equal(undelayed(20, 8, true), undefined)
    assert.equal(undelayed(0, undefined, false), undefined)
  })

  test('networks: one that is none spoils the list, where the product says so', () => {
    assert.deepEqual(networks([' 10.0.0.0/8', '1.2.3.4', '2001:db8::/32']), ['10.0.0.0/8', '1.2.3.4', '2001:db8::/32'])
    for (const wrong of ['', '10.0.0.0/33', 'example.com', '10.0.0'])
      assert.equal(networks(['10.0.0.0/8', wrong]), undefined, wrong)
    assert.deepEqual(validNetworks(['10.0.0.0/8', 'example.com']), ['10.0.0.0/8'])
    assert.equal(networks(Array.from({ length: 1_000_000 }, () => '10.0.0.1'))?.length, 1000)
  })

  test('a list exempts everyone that holds all of IPv4, in parts or at once', () => {
    assert.equal(exemptsEveryone(['0.0.0.0/0']), true)
    assert.equal(exemptsEveryone(['0.0.0.0/1', '128.0.0.0/1']), true)
    assert.equal(exemptsEveryone(['0.0.0.0/1']), false)
    assert.equal(exemptsEveryone(['::/0']), false)
    assert.equal(exemptsEveryone([]), false)
    assert.equal(exemptsEveryone(undefined), false)
  })

  test('versions are compared by numbers', () => {
    const at = (version?: string) => isAtLeast(settingsOf(version === undefined ? {} : { version }), 1, 12)
    for (const version of ['1.12', '1.12.0', 'v1.15.1', '2.0.0', '1.12.0-beta.0'])
      assert.equal(at(version), 'yes', version)
    for (const version of ['1.9.6', '0.99.0', '1.11.8']) assert.equal(at(version), 'no', version)
    for (const version of [undefined, 'latest', '1', '1.x', '']) assert.equal(at(version), 'unknown', version)
  })

  test('annotations: the first name with any text counts, and inherited names are none', () => {
    const [object] = clusterOf(ingress({ 'a.io/one': '', 'a.io/two': 'x', 'b.io/one': 'y' })).objects
    assert.ok(object)
    assert.equal(new Annotations(object, ['a.io']).get('one', 'two')?.value, 'x')
    assert.equal(new Annotations(object, ['a.io', 'b.io']).get('one')?.value, 'y')
    assert.equal(new Annotations(object, ['']).get('constructor'), undefined)
    assert.deepEqual(new Annotations(object, ['a.io']).get('two')?.because.path, [
      'metadata',
      'annotations',
      'a.io/two',
    ])
  })
})
