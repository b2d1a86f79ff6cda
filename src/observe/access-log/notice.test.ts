import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORMATS } from './formats.ts'
import { LineReader } from './reader.ts'

const REQUEST = '203.0.113.7 - - [21/Nov/2026:14:02:11 +0000] "GET / HTTP/1.1" 200 1 "-" "x"'

function told(line: string): 'request' | 'connection' | 'notice' | 'unread' {
  const reader = new LineReader(FORMATS)
  const bytes = Buffer.from(line)
  if (reader.read(bytes, 0, bytes.length)) return reader.isConnection ? 'connection' : 'request'
  return reader.isNotice(bytes, 0, bytes.length) ? 'notice' : 'unread'
}

test('what an engine says of itself is no request, and no line that was not understood', () => {
  for (const line of [
    'I1122 03:00:00.123456       7 controller.go:190] "Configuration changes detected, backend reload required"',
    '2026-11-22T03:00:00.123456789Z stderr F 2026/11/22 03:00:00 [warn] 27#27: *1 limiting requests, excess: 5.020 by zone "a"',
    '[pod/ingress-nginx-controller-0/controller] 2026/11/22 03:00:00 [error] 27#27: *9 upstream timed out',
    '[2026-11-22 03:00:00.123][1][warning][main] [source/server/server.cc:935] exiting',
    '2026-11-22T03:00:00.123456Z\tinfo\tcache\tgenerated new workload certificate',
    '[NOTICE]   (1) : New worker (7) forked',
    '[WARNING] 325/030000 (7) : Server b/s is DOWN',
    '2026-11-22T03:00:00Z INF Traefik version 3.7.9',
    'time="2026-11-22T03:00:00Z" level=info msg="Configuration loaded"',
  ])
    assert.equal(told(line), 'notice', line)
})

test('a line of another kind stays one that was not understood', () => {
  for (const line of [
    `x ${REQUEST}`,
    REQUEST.slice(0, 40),
    'I1122 03:00 controller.go',
    '2026/11/22 03:00:00 GET /',
    '[2026-11-22T03:00:00.123Z] "GET',
    '203.0.113.7 I1122 03:00:00.123456       7 controller.go:190] x',
  ])
    assert.equal(told(line), 'unread', line)
})

test('connections of Envoy are no requests', () => {
  const tcp =
    '[2026-11-21T14:02:11.123Z] "- - -" 0 - - - "-" 320 22 4 - "-" "-" "-" "-" "127.0.0.1:9000" outbound|9000||tcp 10.4.1.5:4444 10.4.1.6:9000 203.0.113.7:50000 - -'
  assert.equal(told(tcp), 'connection')
  const json =
    '{"start_time":"2026-11-21T14:02:11.123Z","method":null,"path":null,"protocol":null,"response_code":0,"response_flags":"-","duration":5,"downstream_remote_address":"203.0.113.7:5"}'
  assert.equal(told(json), 'connection')
  // A client that went away: there was a request.
  assert.equal(told(tcp.replace('"- - -" 0 -', '"GET /p HTTP/1.1" 0 DC')), 'request')
  assert.equal(told(json.replace('"method":null', '"method":"GET"')), 'request')
  assert.equal(told(tcp.replace('"- - -" 0 -', '"- - HTTP/1.1" 400 DPE')), 'request')
  assert.equal(told(REQUEST), 'request')
})
