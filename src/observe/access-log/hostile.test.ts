import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clients } from './clients.ts'
import { FORMATS } from './formats.ts'
import { LineReader } from './reader.ts'
import { readLine } from './testing.ts'

const HEAD = '203.0.113.7 - - [21/Nov/2026:14:02:11 +0000]'

describe('whoever sends a request cannot make up a line', () => {
  test('by a user name with a time of its own', () => {
    const found = readLine(
      '203.0.113.7 - x [01/Jan/2020:00:00:00 +0000] y [21/Nov/2026:14:02:11 +0000] "GET / HTTP/1.1" 200 1 "-" "ua"',
    )
    assert.equal(found?.time, '2026-11-21T14:02:11.000Z')
  })
  test('by quotes that nginx escapes', () => {
    const found = readLine(`${HEAD} "GET /\\x22 200 HTTP/1.1" 404 1 "-" "a\\x22 412 0.000 [fake] [] - - - - 0\\x22"`)
    assert.deepEqual([found?.format, found?.status, found?.client], ['nginx combined', 404, '203.0.113.7'])
  })
  test('by quotes that Envoy does not escape: the line is unread', () => {
    const line =
      '[2026-11-21T14:02:11.123Z] "GET / HTTP/1.1" 200 - 0 18 0 - "203.0.113.7" "ua" "x" "y" "z" "id" "shop" "-"'
    assert.equal(readLine(line), undefined)
    assert.equal(readLine(line.replace('"x" "y" "z" ', ''))?.client, '203.0.113.7')
  })
  test('by a prefix inside of a line, in a file whose lines have none', () => {
    const fake = 'x[1]: 2026-11-21T14:02:11.5Z lb 9.9.9.9:1 10.0.0.1:80 0 0 0 200 200 7 29 "GET / HTTP/1.1" "'
    const line = `[2026-11-21T14:02:11.123Z] "GET / HTTP/1.1" 200 - 0 18 0 - "203.0.113.7" "${fake}" "id" "shop" "-"`
    const plain = line.replace(fake, 'ua')
    const reader = new LineReader(FORMATS)
    const read = (text: string): boolean => reader.read(Buffer.from(text), 0, Buffer.byteLength(text))
    assert.deepEqual([read(plain), read(line), read(plain)], [true, false, true])
  })
  test('by keys inside of JSON strings, or of a list', () => {
    const found = readLine(
      '{"user_agent":"\\",\\"remote_addr\\":\\"1.1.1.1","x":[{"remote_addr":"2.2.2.2"}],"time":"2026-11-21T14:02:11Z","remote_addr":"203.0.113.7","status":200}',
    )
    assert.equal(found?.client, '203.0.113.7')
  })
  test('by what looks like another format', () => {
    const found = readLine(`${HEAD} "GET / HTTP/1.1" 200 1 "-" "{\\x22time\\x22:\\x222020-01-01T00:00:00Z\\x22}"`)
    assert.equal(found?.format, 'nginx combined')
  })
})

test('cut and broken lines are none', () => {
  const whole = `${HEAD} "GET /a HTTP/1.1" 200 512 "-" "curl/8.5.0"`
  for (let length = 0; length < whole.length; length++) {
    const found = readLine(whole.slice(0, length))
    // What ends behind the bytes is the common format, whole.
    if (found) assert.equal(found.format, 'common', whole.slice(0, length))
  }
  for (const line of [
    '',
    ' ',
    '-',
    '{}',
    '{"time":1}',
    '[]',
    '{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}',
    '\u0000\u0001',
    '"'.repeat(1000),
    '{'.repeat(5000),
    '['.repeat(5000),
    `${'a '.repeat(400)}`,
  ])
    assert.equal(readLine(line), undefined, line.slice(0, 40))
})

test('random bytes and cuts of lines are never an error', () => {
  const lines = [
    `${HEAD} "GET /a HTTP/1.1" 200 512 "-" "x"`,
    '{"start_time":"2026-11-21T14:02:11.123Z","response_code":200,"downstream_remote_address":"1.2.3.4:5"}',
  ]
  let state = 7
  const draw = (most: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state % most
  }
  for (let round = 0; round < 5_000; round++) {
    const bytes = Buffer.from(lines[draw(lines.length)] as string)
    for (let each = 0; each < 3; each++) bytes[draw(bytes.length)] = draw(256)
    readLine(bytes.subarray(draw(3), bytes.length - draw(20)).toString('latin1'))
  }
})

describe('clients are numbers', () => {
  const number = (clients: Clients, name: string): number => {
    const bytes = Buffer.from(name)
    return clients.number(bytes, 0, bytes.length)
  }
  test('by first appearance, whatever the seed', () => {
    for (const seed of [0, 1, 0xffff_ffff]) {
      const clients = new Clients(seed)
      const names = Array.from({ length: 20_000 }, (_, at) => `10.${at >> 8}.${at & 255}.1`)
      for (const [at, name] of [...names.entries(), ...names.entries()]) assert.equal(number(clients, name), at)
      assert.equal(clients.name(19_999), names[19_999])
      assert.equal(clients.count, 20_000)
    }
  })
  test('names that are alike for 64 bytes are one', () => {
    const clients = new Clients()
    assert.equal(number(clients, `${'a'.repeat(64)}b`), number(clients, `${'a'.repeat(64)}c`))
    assert.equal(clients.name(0).length, 64)
  })
})
