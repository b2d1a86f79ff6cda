import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MARK } from './request.ts'
import { commonTime, type ReadLine, readLine } from './testing.ts'

const HEAD = '203.0.113.7 - - [21/Nov/2026:14:02:11 +0000]'
const TIME = '2026-11-21T14:02:11.000Z'

const CASES: Readonly<Record<string, readonly [line: string, expected: Partial<ReadLine>]>> = {
  common: [
    `${HEAD} "GET /a?token=1 HTTP/1.1" 200 512`,
    {
      format: 'common',
      client: '203.0.113.7',
      time: TIME,
      resolution: 1000,
      isStart: false,
      status: 200,
      path: '/a',
      method: 'GET',
      duration: Number.NaN,
    },
  ],
  combined: [
    `${HEAD} "POST /cart HTTP/2.0" 503 190 "https://x/?a=b" "curl/8.5.0"`,
    { format: 'nginx combined', status: 503, path: '/cart', method: 'POST', mark: MARK.untold },
  ],
  'combined with the chain of addresses': [
    `${HEAD} "GET / HTTP/1.1" 200 1 "-" "x" "198.51.100.4, 10.0.0.1"`,
    { format: 'nginx main', forwarded: '198.51.100.4, 10.0.0.1', client: '203.0.113.7' },
  ],
  'of a named user': [
    '2001:db8::7 - ann [21/Nov/2026:15:02:11 +0100] "GET / HTTP/1.1" 200 1 "-" "x"',
    { client: '2001:db8::7', time: TIME },
  ],
  'ingress-nginx': [
    `${HEAD} "GET /p HTTP/1.1" 200 5 "-" "ua" 412 0.026 [shop-web-80] [] 10.2.3.4:8080 5 0.025 200 0a1b`,
    { format: 'nginx upstreaminfo', received: 412, duration: 26, backend: 'shop-web-80', mark: MARK.backend },
  ],
  'ingress-nginx, refused by itself': [
    `${HEAD} "GET /p HTTP/1.1" 503 190 "-" "ua" 412 0.000 [shop-web-80] [] - - - - 0a1b`,
    { format: 'nginx upstreaminfo', status: 503, mark: MARK.own, duration: 0 },
  ],
  'ingress-nginx, tried twice': [
    `${HEAD} "GET /p HTTP/1.1" 200 5 "-" "ua" 412 3.026 [shop-web-80] [] 10.2.3.4:8080, 10.2.3.5:8080 0, 5 3.000, 0.025 504, 200 0a1b`,
    { format: 'nginx upstreaminfo', duration: 3026, mark: MARK.backend },
  ],
  Envoy: [
    '[2026-11-21T14:02:11.123Z] "GET /p?q=1 HTTP/2" 429 RL 0 18 0 - "198.51.100.4,203.0.113.7" "ua" "id" "shop.example.com:443" "-"',
    {
      format: 'Envoy',
      time: '2026-11-21T14:02:11.123Z',
      isStart: true,
      resolution: 1,
      client: '203.0.113.7',
      host: 'shop.example.com',
      path: '/p',
      mark: MARK.refused,
      received: 0,
    },
  ],
  Istio: [
    '[2026-11-21T14:02:11.123Z] "GET /p HTTP/1.1" 200 - via_upstream - "-" 7 18 12 11 "203.0.113.9" "ua" "id" "shop" "10.1.2.3:9080" outbound|9080||web.shop.svc.cluster.local 10.1.1.1:5 10.1.1.1:8080 203.0.113.7:50000 - default',
    { format: 'Istio', client: '203.0.113.7', duration: 12, received: 7, backend: 'default', mark: MARK.backend },
  ],
  'Istio in JSON': [
    '{"authority":"shop","bytes_received":3,"downstream_remote_address":"[2001:db8::7]:50000","duration":12,"method":"GET","path":"/p?q","response_code":429,"response_flags":"UF,RL","start_time":"2026-11-21T14:02:11.123Z","upstream_host":null}',
    { format: 'Envoy (JSON)', client: '2001:db8::7', status: 429, mark: MARK.refused, path: '/p', received: 3 },
  ],
  'Envoy Gateway in JSON': [
    '{":authority":"shop","bytes_received":3,"downstream_remote_address":"203.0.113.7:50000","duration":12,"method":"GET","x-envoy-origin-path":"/p","response_code":200,"response_flags":"-","start_time":"2026-11-21T14:02:11.123Z","x-forwarded-for":"203.0.113.7"}',
    { format: 'Envoy (JSON)', client: '203.0.113.7', path: '/p', host: 'shop', mark: MARK.untold },
  ],
  HAProxy: [
    'Nov 21 14:02:11 lb haproxy[14389]: 203.0.113.7:33317 [21/Nov/2026:14:02:11.655] http-in shop/web1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html?x HTTP/1.1"',
    {
      format: 'HAProxy',
      client: '203.0.113.7',
      time: '2026-11-21T14:02:11.655Z',
      isStart: true,
      duration: 109,
      path: '/index.html',
      backend: 'shop/web1',
      mark: MARK.backend,
    },
  ],
  'HAProxy, refused': [
    '203.0.113.7:33317 [21/Nov/2026:14:02:11.655] http-in http-in/<NOSRV> 0/-1/-1/-1/0 429 212 - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
    { status: 429, mark: MARK.refused, duration: 0 },
  ],
  'HAProxy over TCP': [
    '203.0.113.7:33317 [21/Nov/2026:14:02:11.655] tcp-in tcp/web1 0/0/5007 212 -- 0/0/0/0/3 0/0',
    { format: 'HAProxy (TCP)', client: '203.0.113.7', duration: 5007 },
  ],
  Traefik: [
    `${HEAD} "GET /p HTTP/1.1" 200 5 "-" "say \\"hi\\"" 7 "shop@kubernetes" "http://10.2.3.4:80" 12ms`,
    { format: 'Traefik', isStart: true, duration: 12, backend: 'shop@kubernetes', mark: MARK.backend },
  ],
  'Traefik in JSON': [
    '{"ClientAddr":"203.0.113.7:5","ClientHost":"203.0.113.7","DownstreamStatus":429,"Duration":1500000,"OriginStatus":0,"RequestHost":"shop","RequestMethod":"GET","RequestPath":"/p?q=1","RouterName":"r","StartLocal":"2026-11-21T15:02:11.123456789+01:00","StartUTC":"2026-11-21T14:02:11.123456789Z","RequestContentSize":4}',
    { format: 'Traefik (JSON)', duration: 1.5, status: 429, mark: MARK.own, received: 4, path: '/p' },
  ],
  ALB: [
    'h2 2026-11-21T14:02:11.500000Z app/lb/50dc 203.0.113.7:2817 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 "GET https://shop.example.com:443/p?q HTTP/2.0" "a \\x22b\\x22" ECDHE TLSv1.2 arn:x "Root=1" "shop.example.com" "arn:y" 1 2026-11-21T14:02:11.498000Z "forward" "-" "-" "10.0.0.66:9000" "200" "-" "-" TID_1',
    {
      format: 'ALB',
      isStart: true,
      time: '2026-11-21T14:02:11.498Z',
      duration: 2,
      host: 'shop.example.com',
      path: '/p',
      received: 5,
    },
  ],
  'a classic ELB': [
    '2026-11-21T14:02:11.500000Z my-lb 203.0.113.7:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 7 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    { format: 'ELB', client: '203.0.113.7', host: 'www.example.com', path: '/', received: 7 },
  ],
  'JSON with usual names': [
    '{"time":"2026-11-21T14:02:11+00:00","remote_addr":"203.0.113.7","request":"GET /p HTTP/1.1","status":"200","request_time":"0.5","host":"shop","limit_req_status":"REJECTED_DRY_RUN"}',
    { format: 'JSON', time: TIME, duration: 500, mark: MARK.wouldRefuse, resolution: 1000 },
  ],
  'behind a prefix of the container runtime': [
    `2026-11-21T14:02:12.000000000Z stdout F ${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"`,
    { format: 'nginx combined', time: TIME },
  ],
  'behind a prefix of kubectl': [
    `2026-11-21T14:02:12.000000000Z ${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"`,
    { format: 'nginx combined' },
  ],
  'HAProxy over TLS (httpslog)': [
    '203.0.113.7:51520 [21/Nov/2026:14:02:11.655] web~ b/s 0/0/0/4/5 429 103 - - PR-- 1/1/0/0/0 0/0 "GET /a?token=1 HTTP/2.0" 0/-/-/-/0 -/-/-',
    { format: 'HAProxy', client: '203.0.113.7', duration: 5, path: '/a', mark: MARK.refused },
  ],
  'HAProxy, cut at its longest': [
    `<134>Nov 21 14:02:11 haproxy[19538]: 203.0.113.7:1 [21/Nov/2026:14:02:11.655] web b/s 0/0/0/4/5 200 103 - - ---- 1/1/0/0/0 0/0 {x} "GET /${'a'.repeat(900)}`,
    { format: 'HAProxy (cut)', duration: 5, path: `/${'a'.repeat(900)}`, mark: MARK.backend },
  ],
  'HAProxy of what is no HTTP': [
    '203.0.113.7:1 [21/Nov/2026:14:02:11.655] web web/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
    { format: 'HAProxy', status: 400, mark: MARK.own },
  ],
  'nginx through syslog, which names no process': [
    `<190>Nov  1 14:02:11 lb nginx: ${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"`,
    { format: 'nginx combined', client: '203.0.113.7', time: TIME },
  ],
  'nginx through syslog, without its host': [
    `<190>Nov 21 14:02:11 nginx: ${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"`,
    { format: 'nginx combined', client: '203.0.113.7' },
  ],
  'behind syslog of RFC 5424': [
    '<134>1 2026-11-21T14:02:11.7+01:00 lb haproxy 7 - - 203.0.113.7:1 [21/Nov/2026:14:02:11.655] web b/s 0/0/0/4/5 200 103 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
    { format: 'HAProxy', client: '203.0.113.7', time: '2026-11-21T14:02:11.655Z' },
  ],
  'JSON with milliseconds since 1970': [
    '{"time":1795269731123,"client":"203.0.113.7","path":"/p","status":200}',
    { time: '2026-11-21T14:02:11.123Z', resolution: 1 },
  ],
  'JSON with nanoseconds since 1970': [
    '{"ts":1795269731123000000,"client":"203.0.113.7","status":200}',
    { time: '2026-11-21T14:02:11.123Z', resolution: 1 },
  ],
  'JSON with seconds since 1970': [
    '{"ts":1795269731,"client":"203.0.113.7","status":200}',
    { time: TIME, resolution: 1000 },
  ],
  'JSON whose client has a port': [
    '{"time":"2026-11-21T14:02:11Z","client":"203.0.113.7:4711","status":200}',
    { client: '203.0.113.7' },
  ],
  'JSON whose client of IPv6 has a port': [
    '{"time":"2026-11-21T14:02:11Z","client":"[2001:db8::1]:4711","status":200}',
    { client: '2001:db8::1' },
  ],
  'JSON whose client of IPv6 has none': [
    '{"time":"2026-11-21T14:02:11Z","client":"2001:db8::4711","status":200}',
    { client: '2001:db8::4711' },
  ],
  'behind a prefix of a pod': [
    `[pod/web-1/nginx] ${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"`,
    { format: 'nginx combined' },
  ],
  'in an envelope of Docker': [
    JSON.stringify({ log: `${HEAD} "GET / HTTP/1.1" 200 1 "-" "x"\n`, stream: 'stdout', time: '' }),
    { client: '203.0.113.7', time: TIME },
  ],
}

describe('a line of', () => {
  for (const [name, [line, expected]] of Object.entries(CASES))
    test(name, () => {
      const found = readLine(line)
      assert.ok(found, line)
      assert.deepEqual({ ...found, ...expected }, found)
    })
})

describe('a given format', () => {
  const line = '1763733731.123|203.0.113.7|GET /p?q HTTP/1.1|429|REJECTED|0.010'
  test('of nginx, as text and as a directive', () => {
    const text = '$msec|$remote_addr|$request|$status|$limit_req_status|$request_time'
    for (const given of [
      text,
      `log_format main escape=default '$msec|$remote_addr|'\n  '$request|$status|$limit_req_status|$request_time';`,
    ]) {
      const found = readLine(line, given)
      assert.equal(found?.time, '2025-11-21T14:02:11.123Z')
      assert.equal(found?.resolution, 1)
      assert.equal(found?.mark, MARK.refused)
      assert.equal(found?.path, '/p')
      assert.equal(found?.duration, 10)
    }
  })
  test('of nginx, as JSON', () => {
    const given = '{"t":"$time_iso8601","c":{"ip":"$remote_addr"},"s":$status,"d":$request_time,"u":"$uri"}'
    const found = readLine(
      '{"t":"2026-11-21T14:02:11+00:00","c":{"ip":"203.0.113.7"},"s":200,"d":0.25,"u":"/p"}',
      given,
    )
    assert.deepEqual([found?.client, found?.status, found?.duration, found?.path], ['203.0.113.7', 200, 250, '/p'])
  })
  test('of Envoy, as text and as JSON', () => {
    const text =
      '%START_TIME(%s.%3f)% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION%'
    assert.equal(readLine('1763733731.123 203.0.113.7 200 - 5', text)?.time, '2025-11-21T14:02:11.123Z')
    const json = '{"at":"%START_TIME%","ip":"%DOWNSTREAM_REMOTE_ADDRESS%","code":"%RESPONSE_CODE%"}'
    assert.equal(
      readLine('{"at":"2026-11-21T14:02:11.123Z","ip":"203.0.113.7:9","code":200}', json)?.client,
      '203.0.113.7',
    )
  })
  test('that cannot be read says why', () => {
    for (const given of ['hello', '$remote_addr$status', '{"a": $status', '%START_TIME(%c)% %DURATION%'])
      assert.throws(() => readLine('x', given), given)
  })
})

test('times that are none are refused', () => {
  for (const text of [
    '31/Feb/2026',
    '21/Nov/2026:24:00:00 +0000',
    '21/Nox/2026:14:02:11 +0000',
    '21/Nov/2026:14:02:1 +0000',
    '21/Nov/2026:14:02:11',
    '21/Nov/2026:14:02:11 0000',
    '21/Nov/2026:14:02:11 +9900',
    '21/Nov/2026:14:02:11. +0000',
  ])
    assert.ok(text === '21/Nov/2026:14:02:11' || Number.isNaN(commonTime(text)), text)
  assert.equal(commonTime('21/Nov/2026:14:02:11.5'), Date.parse('2026-11-21T14:02:11.500Z'))
})

/** A slow reading of the combined form, piece by piece, as one would do by hand. */
function byHand(line: string): readonly string[] | undefined {
  const [address = '', ...rest] = line.split(' - ')
  const behind = rest.join(' - ')
  const quoted: string[] = []
  let bare = ''
  let isInside = false
  for (const char of behind.slice(behind.indexOf('] ') + 2)) {
    if (char === '"') {
      if (!isInside) quoted.push('')
      isInside = !isInside
    } else if (isInside) quoted[quoted.length - 1] += char
    else bare += char
  }
  const [status = '', size = ''] = bare
    .trim()
    .split(' ')
    .filter((each) => each !== '')
  const [method = '', target = ''] = (quoted[0] ?? '').split(' ')
  if (quoted.length !== 3 || isInside || !/^\d{3}$/.test(status) || size === '') return undefined
  return [address, method, target.split('?')[0] as string, status]
}

test('random lines read as by hand', () => {
  let state = 11
  const draw = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * most)
  }
  const text = (letters: string, most: number): string =>
    Array.from({ length: 1 + draw(most) }, () => letters[draw(letters.length)]).join('')
  for (let round = 0; round < 3_000; round++) {
    const address = draw(2) === 0 ? `${draw(256)}.${draw(256)}.0.1` : `2001:db8::${text('0123456789abcdef', 4)}`
    const target = `/${text('abc/%-._~', 20)}${draw(3) === 0 ? `?${text('a=&b?/', 9)}` : ''}`
    const line = `${address} - ${text('uvw ', 6)} [21/Nov/2026:14:02:${10 + draw(50)} +0000] "${text('GETPOS', 6)} ${target} HTTP/1.1" ${100 + draw(500)} ${draw(99_999)} "${text('rs:/?& []-', 20)}" "${text('Mozila/5.0 ();[]-x', 60)}"`
    const found = readLine(line)
    const expected = byHand(line)
    assert.deepEqual(found && [found.client, found.method, found.path, String(found.status)], expected, line)
  }
})
