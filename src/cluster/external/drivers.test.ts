import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../testing.ts'
import { dependenciesOf } from './external.ts'
import { hosts } from './testing.ts'

const pod = (spec: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' }, spec })
const read = (...documents: readonly string[]) =>
  dependenciesOf(clusterOf(documents.join('\n---\n'))).external.flatMap(({ host, uses }) =>
    uses.map(({ port, credential }) => `${host}${port === undefined ? '' : `:${port}`} ${credential?.how ?? '-'}`),
  )
const env = (name: string, value: string) =>
  read(pod({ containers: [{ name: 'c', image: 'a', env: [{ name, value }] }] }))

test('hosts of examples count where a workload is told of them, and not inside of files', () => {
  const values = {
    API_HOST: 'api.example.com',
    KAFKA_BROKERS: 'k1.example.net:9092',
    REDIS_ADDR: 'redis.example.com:6379',
    PG: 'host=pg.example.com user=u dbname=x',
    DSN: 'user@tcp(mysql.example.org:3306)/db',
    API_URL: 'https://api.example.com/v1',
  }
  for (const [name, value] of Object.entries(values)) {
    const acme = env(name, value.replace(/example\.(com|net|org)/, 'acme.io'))
    assert.equal(acme.length, 1, name)
    const written = /example\.(com|net|org)/.exec(value)?.[0] as string
    assert.deepEqual(env(name, value), [acme[0]?.replace('acme.io', written)], name)
  }
  assert.deepEqual(read(pod({ containers: [{ name: 'c', image: 'a', args: ['--api-host', 'api.example.com'] }] })), [
    'api.example.com -',
  ])
  for (const value of ['me@example.com', 'com.example.Foo', 'ops@example.com, me@example.org'])
    assert.deepEqual(env('CONTACT_URL', value), [], value)
  const file = (text: string) =>
    read(
      pod({
        containers: [{ name: 'c', image: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', configMap: { name: 'f' } }],
      }),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'f', namespace: 'shop' },
        data: { 'app.yaml': text },
      }),
    )
  assert.deepEqual(file('host: api.example.com\nurl: https://b.example.org\nbroker: k.example.net:9092\n'), [])
  assert.deepEqual(file('host: api.acme.io\n'), ['api.acme.io -'])
})

test('SQL Server: a key of two words, and a comma before the port', () => {
  assert.deepEqual(hosts('Data Source=sql.acme.io,1433;User ID=u;Password=p'), ['key !sql.acme.io:1433'])
  assert.deepEqual(hosts('data source = sql.acme.io,1433; pwd=p'), ['key !sql.acme.io:1433'])
  assert.deepEqual(hosts('Initial Catalog=x;Data Source=tcp:sql.acme.io;Integrated Security=true'), ['key sql.acme.io'])
  assert.deepEqual(hosts('Server=tcp:sql.acme.io,1433;Database=x'), ['key sql.acme.io:1433'])
  assert.deepEqual(hosts('{"Default": "Data Source=sql.acme.io,1433;Password=p"}'), ['key !sql.acme.io:1433'])
  assert.deepEqual(hosts('jdbc:sqlserver://sql.acme.io:1433;user=u;password=p'), ['url sqlserver://!sql.acme.io:1433'])
  assert.deepEqual(env('C', 'Data Source=app.db;Version=3'), [])
  assert.deepEqual(env('C', 'Data Source=/data/app.sqlite'), [])
  assert.deepEqual(env('C', 'Data Source=:memory:'), [])
  assert.deepEqual(hosts('sizes: 10,1433'), [])
})

test('Oracle: slashes for the password, and for the host or not', () => {
  assert.deepEqual(hosts('jdbc:oracle:thin:@ora.acme.io:1521:orcl'), ['url oracle://ora.acme.io:1521'])
  assert.deepEqual(hosts('jdbc:oracle:thin:u/p@//ora.acme.io:1521/x'), ['url oracle://!ora.acme.io:1521'])
  assert.deepEqual(hosts('jdbc:oracle:thin:u/p/q@w@ora.acme.io:1521:x'), ['url oracle://!ora.acme.io:1521'])
  assert.deepEqual(hosts('jdbc:oracle:oci8:@tcps://ora.acme.io:2484/x?ssl=1'), ['url oracle://ora.acme.io:2484'])
  assert.deepEqual(hosts('jdbc:oracle:thin:u/$(PW)@//ora.acme.io/x'), ['url oracle://!PWora.acme.io'])
  assert.deepEqual(hosts('jdbc:oracle:thin:u/p@//o1.acme.io:1521,o2.acme.io:1521/x'), [
    'url oracle://!o1.acme.io:1521',
    'url oracle://!o2.acme.io:1521',
  ])
  assert.deepEqual(hosts('u/p@//ora.acme.io:1521/x', 'DSN'), ['url oracle://!ora.acme.io:1521'])
  assert.deepEqual(hosts('spring.datasource.url=jdbc:oracle:thin:@ora:1521:x'), ['url oracle://ora:1521'])
  // An alias of tnsnames.ora, and a label of Bazel.
  assert.deepEqual(hosts('jdbc:oracle:thin:@orcl'), [])
  assert.deepEqual(hosts('@//server:8080'), [])
  assert.deepEqual(env('C', 'jdbc:oracle:thin:@ora.acme.io/x'), ['ora.acme.io:1521 -'])
})

test('what stands before brackets opens the host in them', () => {
  assert.deepEqual(hosts('user:S3cret@tcp(mysql.acme.io:3306)/db'), ['port !mysql.acme.io:3306'])
  assert.deepEqual(hosts('user@tcp(mysql.acme.io:3306)/db'), ['port mysql.acme.io:3306'])
  assert.deepEqual(hosts('user:$(PW)@tcp($(H):3306)/db', 'DSN'), ['key !PW<H>:3306'])
  assert.deepEqual(hosts('user:a;b,c(d@tcp(mysql.acme.io:3306)/db'), ['port !mysql.acme.io:3306'])
  assert.deepEqual(hosts('$(A) user:p@(mysql.acme.io:3306)/db and x.acme.io:1'), [
    'port !mysql.acme.io:3306',
    'port x.acme.io:1',
  ])
  assert.deepEqual(hosts('mysql://u:p@tcp(mysql.acme.io:3306)/db'), ['port !mysql.acme.io:3306'])
  assert.deepEqual(hosts('u:p@unix(/run/mysql.sock)/db'), [])
})

test('a password in the query opens the host', () => {
  assert.deepEqual(hosts('jdbc:postgresql://pg.acme.io/db?user=u&password=p'), ['url postgresql://!pg.acme.io'])
  assert.deepEqual(hosts('jdbc:postgresql://pg.acme.io/db?password=p@ss'), ['url postgresql://!pg.acme.io'])
  assert.deepEqual(hosts('jdbc:postgresql://a,b:1/db?password=$(PW)'), [
    'url postgresql://!PWa',
    'url postgresql://!PWb:1',
  ])
  assert.deepEqual(hosts('https://api.acme.io/x?v=1&access_token=t'), ['url https://!api.acme.io'])
  assert.deepEqual(hosts('https://api.acme.io/x?passwordless=1&password='), ['url https://api.acme.io'])
})

test('a user alone is a token on the web and for NATS, and not over SSH', () => {
  assert.deepEqual(hosts('https://sk_live_xxx:@api.stripe.com'), ['url https://!api.stripe.com'])
  assert.deepEqual(hosts('https://$(KEY):@api.stripe.com'), ['url https://!KEYapi.stripe.com'])
  assert.deepEqual(hosts('nats://token@nats.acme.io'), ['url nats://!nats.acme.io'])
  assert.deepEqual(hosts('https://:@api.acme.io'), ['url https://api.acme.io'])
  for (const url of ['git+ssh://git@git.acme.io/x', 'postgres://u@git.acme.io/x', 'postgres://u:@git.acme.io/x'])
    assert.ok(!hosts(url)[0]?.includes('!'), url)
})

test('the public key of a Sentry DSN is no credential', () => {
  const key = '0123456789abcdef0123456789abcdef'
  assert.deepEqual(hosts(`https://${key}@sentry.acme.io/1`), ['url https://+sentry.acme.io'])
  assert.deepEqual(hosts(`https://${key}01234567@sentry.acme.io/errors/1`), ['url https://+sentry.acme.io'])
  assert.deepEqual(env('SENTRY_DSN', `https://${key}@o1.ingest.sentry.io/1`), ['o1.ingest.sentry.io:443 -'])
  assert.deepEqual(hosts(`https://${key}:${key}@sentry.acme.io/1`), ['url https://!sentry.acme.io'])
  assert.deepEqual(hosts(`https://${key}@github.com/team/repo`), ['url https://!github.com'])
})

test('all hosts of one URL get its credential', () => {
  assert.deepEqual(hosts('mongodb://u:p@m1.acme.io,m2.acme.io/db'), [
    'url mongodb://!m1.acme.io',
    'url mongodb://!m2.acme.io',
  ])
  assert.deepEqual(hosts('DB=mongodb://u:p=/q@m1.acme.io,m2.acme.io:1/db?x=1'), [
    'url mongodb://!m1.acme.io',
    'url mongodb://!m2.acme.io:1',
  ])
  assert.deepEqual(hosts('mongodb://u:$(PW)@$(A):1,m2.acme.io/db'), [
    'url mongodb://!PW<A>:1',
    'url mongodb://!PWm2.acme.io',
  ])
  assert.deepEqual(hosts('mongodb://u:12,w@m1.acme.io/db'), ['url mongodb://!m1.acme.io'])
  assert.deepEqual(hosts('nats://a:1,nats://t@b:2'), ['url nats://a:1', 'url nats://!b:2'])
  assert.deepEqual(hosts('redis://a:1,password=p,ssl=true'), ['url redis://!a:1'])
  assert.deepEqual(hosts('["redis://a/1","b.acme.io:2"]'), ['url redis://a', 'port b.acme.io:2'])
  assert.deepEqual(hosts('https://u:p@a.io,b.io:2'), ['url https://!a.io', 'port b.io:2'])
})

test('Azure: an account and its key, and a key beside its endpoint', () => {
  const storage = 'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=ab+/c=='
  for (const name of ['AZURE_STORAGE_CONNECTION_STRING', 'X']) {
    assert.deepEqual(env(name, `${storage};EndpointSuffix=core.windows.net`), ['acct.blob.core.windows.net:443 inline'])
    assert.deepEqual(env(name, `${storage};EndpointSuffix=core.chinacloudapi.cn`), [
      'acct.blob.core.chinacloudapi.cn:443 inline',
    ])
  }
  assert.deepEqual(hosts(`${storage};BlobEndpoint=http://azurite:10000/acct`), ['url http://!azurite:10000'])
  assert.deepEqual(hosts('AccountName=$(A);AccountKey=$(K)'), ['url https://!Kblob.core.windows.net'])
  assert.deepEqual(hosts('AccountName=acct;Plan=free'), [])
  assert.deepEqual(env('AZURE_STORAGE_KEY', 'c2VjcmV0'), ['blob.core.windows.net inline'])
  assert.deepEqual(env('AZURE_CLIENT_SECRET', 'c2VjcmV0'), ['login.microsoftonline.com inline'])
  const bus = 'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=ab='
  assert.deepEqual(hosts(bus), ['url sb://!ns.servicebus.windows.net'])
  assert.deepEqual(hosts('BlobEndpoint=https://a.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=x'), [
    'url https://!a.blob.core.windows.net',
  ])
})

test('the value of a password is no host, whatever it looks like', () => {
  assert.deepEqual(hosts('pw.acme.io:443', 'DB_PASSWORD'), [])
  assert.deepEqual(hosts('host=db.acme.io password=pw.acme.io:443'), ['key !db.acme.io'])
  assert.deepEqual(hosts('--token=pw.acme.io:443'), [])
  const secret = 'hUnTeR2'
  for (const text of [
    `Data Source=sql.acme.io,1433;Password=${secret}.io:80`,
    `jdbc:oracle:thin:u/${secret}@//ora.acme.io:1521/x`,
    `jdbc:oracle:thin:u/${secret}.io:80/@x@ora.acme.io:1521:x`,
    `u:${secret}@tcp(mysql.acme.io:3306)/db`,
    `jdbc:postgresql://pg.acme.io/db?user=u&password=x@${secret}`,
    `https://${secret}:@api.acme.io`,
    `nats://${secret}@nats.acme.io`,
    `mongodb://u:${secret},x@m1.acme.io,m2.acme.io/db`,
    `AccountName=acct;AccountKey=${secret}`,
    `Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKey=${secret}`,
  ]) {
    const found = hosts(text).join()
    assert.ok(found.includes('!') && !found.toLowerCase().includes(secret.toLowerCase()), `${text}: ${found}`)
  }
})
