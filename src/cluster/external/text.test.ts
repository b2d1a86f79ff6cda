import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hosts } from './testing.ts'
import { findHosts, MAX_TEXT } from './text.ts'

test('URLs and DSNs', () => {
  assert.deepEqual(hosts('https://API.example.org./v1?x=1'), ['url https://api.example.org'])
  assert.deepEqual(hosts('see http://db:8080/x and grpc://a.b.svc'), ['url http://db:8080', 'url grpc://a.b.svc'])
  assert.deepEqual(hosts('postgres://app:s3cret@db.prod:5432/x?sslmode=off'), ['url postgres://!db.prod:5432'])
  assert.deepEqual(hosts('postgres://app@db/x'), ['url postgres://db'])
  assert.deepEqual(hosts('https://token@github.com/a/b.git'), ['url https://!github.com'])
  assert.deepEqual(hosts('jdbc:postgresql://db:5432/x'), ['url postgresql://db:5432'])
  assert.deepEqual(hosts('mongodb+srv://u:p@m1:1,m2:2,m3:3/db'), [
    'url mongodb+srv://!m1:1',
    'url mongodb+srv://!m2:2',
    'url mongodb+srv://!m3:3',
  ])
  assert.deepEqual(hosts('root:pw@tcp(mysql:3306)/shop'), ['port !mysql:3306'])
  assert.deepEqual(hosts('git@github.com:team/repo.git'), ['url ssh://github.com'])
  assert.deepEqual(hosts('dns:///orders.shop.svc:50051'), ['url dns://orders.shop.svc:50051'])
  assert.deepEqual(hosts('s3://bucket/key'), ['url s3://s3.amazonaws.com'])
})

test('keys: of the whole text, of settings in it, of flags and of lists', () => {
  assert.deepEqual(hosts('redis', 'CACHE_HOST'), ['key redis'])
  assert.deepEqual(hosts('redis', 'CACHE_MODE'), [])
  assert.deepEqual(hosts('redis:6379', 'CACHE_MODE'), ['port redis:6379'])
  assert.deepEqual(hosts('host=db port=5432 user=x password=y', 'PG'), ['key !db'])
  assert.deepEqual(hosts('Server=tcp:db.corp.com,1433;User ID=x;Password=y', 'C'), ['key !db.corp.com:1433'])
  assert.deepEqual(hosts('listen: x\nserver:\n  host: db\n  name: other\n'), ['key db'])
  assert.deepEqual(hosts('brokers:\n- a.example.net\n- b.example.net\nnames:\n- c.example.net\n'), [
    'key a.example.net',
    'key b.example.net',
  ])
  assert.deepEqual(hosts('{"endpoint": "api.vendor.com", "name": "web"}'), ['key api.vendor.com'])
  assert.deepEqual(hosts('run --remote-addr orders --verbose --log.url=loki'), ['key orders', 'key loki'])
  assert.deepEqual(hosts('export DB_HOST=db; sleep 3'), ['key db'])
  assert.deepEqual(hosts('proxy_pass http://backend:8080;\n'), ['url http://backend:8080'])
})

test('no false friends', () => {
  const nothing = [
    'config.yaml',

    '1.2.3',

    'nginx:1.25',
    'registry.k8s.io/pause:3.9',
    'gcr.io/project/image@sha256:abc',
    'com.example.Foo',
    'java.lang.String',
    'apps/v1',
    'app.kubernetes.io/name',
    'app.kubernetes.io/name=web',
    'application/json',
    'text/html; charset=utf-8',
    '10:30',
    '12:30:45',
    '2024-01-01T00:00:00Z',
    'me@example.com',
    'a:b',
    'file:///etc/x.conf',
    'unix:///var/run/x.sock',
    'spiffe://cluster.local/ns/a/sa/b',
    'urn:ietf:x',
    'PROJECT:us-central1:db',
    '*:8080',
    ':8080',
    '0x10',
    'user:12345x',
  ]
  for (const text of nothing) assert.deepEqual(hosts(text), [], text)
  assert.deepEqual(hosts('# see https://docs.vendor.com\n// https://b.com\nx: 1 # https://c.com\n'), [])
  for (const key of [
    'OAUTH_REDIRECT_URL',
    'EXTERNAL_URL',
    'PUBLIC_URL',
    'CORS_ORIGINS',
    'RUNBOOK_URL',
    'XMLNS',
    'ALLOWED_HOSTS',
    'IMAGE',
  ]) {
    assert.deepEqual(hosts('https://shop.vendor.com', key), [], key)
  }
})

test('placeholders are told by name, and a name behind them may still say where it is', () => {
  assert.deepEqual(hosts(`http://\${HOST}:80/`), ['url http://<HOST>:80'])
  assert.deepEqual(hosts('http://$(HOST)/'), ['url http://<HOST>'])
  assert.deepEqual(hosts('https://{{ .Values.host }}/x'), ['url https://<Values>'])
  assert.deepEqual(hosts('http://<NODE_IP>:30080'), ['url http://<NODE_IP>:30080'])
  assert.deepEqual(hosts('http://FRONTEND_ADDRESS/'), ['url http://<FRONTEND_ADDRESS>'])
  assert.deepEqual(hosts('$(DB_HOST)', 'DB_URL'), ['key <DB_HOST>'])
  assert.deepEqual(hosts('postgres://u:$(PASSWORD)@db/x'), ['url postgres://!PASSWORDdb'])
  assert.deepEqual(hosts(`http://\${HOSTNAME}.mysql.prod.svc:3306`), ['url http://mysql.prod.svc:3306'])
  assert.deepEqual(hosts('$(curl -s http://metadata.google.internal/x)'), ['url http://metadata.google.internal'])
})

test('no part of a password is taken for a host', () => {
  assert.deepEqual(hosts('postgres://u:pa/ss@word@db:5432/x'), ['url postgres://!db:5432'])
  assert.deepEqual(hosts('postgres://u:pa?ss@db/x'), ['url postgres://!db'])
  assert.deepEqual(hosts('postgres://user:pa(ss@db/x'), [])
  assert.deepEqual(hosts('https://user:pa?ss@db/x'), [])
  assert.deepEqual(hosts('admin:12a45', 'LOGIN'), [])
})

test('a hostile text takes no longer than its length', () => {
  const size = MAX_TEXT
  for (const unit of [
    'a',
    '@',
    ':',
    '=',
    '://',
    '${',
    '${x',
    '{{',
    '$(',
    '<a',
    '- ',
    'a.',
    'a:1,',
    'http://',
    'x=',
    '\n',
    '--',
    '"',
    ' ',
    'http://a@',
    'KEY_URL=',
    '%s',
    '/* ',
    'é',
    'm://a,',
    'm://a@',
    'a:b@tcp(',
    '@(',
    'x?password=',
    'm://a?password=a&',
    'u/p@//',
    'jdbc:oracle:thin:@a,',
    'm://a,b,c@d,',
    'Data Source=',
    'AccountName=a;AccountKey=',
    'a.io,1',
  ]) {
    const text = unit.repeat(Math.ceil(size / unit.length))
    const started = process.cpuUsage()
    findHosts(text, 'X_URL')
    findHosts(`${text}\n`, '')
    const { user } = process.cpuUsage(started)
    assert.ok(user < 2e6, `${unit}: ${user / 1e6} s`)
  }
  assert.equal(findHosts('x'.repeat(size + 1), '').cut, true)
  assert.equal(findHosts('h:1 '.repeat(5000), '').found.length, 1000)
})

test('any text is read, and gives host names only', () => {
  const unit = fc.constantFrom(
    'a',
    'Z',
    '1',
    '.',
    ':',
    '/',
    '@',
    '-',
    '_',
    '=',
    ' ',
    '\n',
    '$',
    '{',
    '}',
    '(',
    ')',
    '<',
    '>',
    ',',
    '"',
    '%',
    'http://',
    'host: ',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), fc.constantFrom('', 'DB_URL', 'X'), (text, key) => {
      for (const { host, port } of findHosts(text, key).found) {
        assert.match(host, /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)?$/)
        assert.ok(port === undefined || (port > 0 && port < 65_536))
        assert.ok(text.toLowerCase().includes(host))
      }
    }),
    { numRuns: 2000 },
  )
})
