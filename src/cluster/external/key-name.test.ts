import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialStem, hostStem, isPeerKey, sameFamily, wordsOf } from './key-name.ts'

const stem = (words: readonly string[] | undefined): string | undefined => words?.join('_')

test('words of a key, however it is written', () => {
  for (const key of ['API_BASE_URL', 'apiBaseUrl', '--api.base-url', 'api base url'])
    assert.deepEqual(wordsOf(key), ['API', 'BASE', 'URL'], key)
})

test('keys of hosts', () => {
  const stems = {
    DB_HOST: 'DB',
    PGHOST: 'PG',
    MYSQL_SERVICE_HOST: 'MYSQL',
    DATABASE_URL: 'DATABASE',
    HOST: '',
    'spring.datasource.url': 'SPRING_DATASOURCE',
    KAFKA_BROKER_LIST: 'KAFKA',
    REDIS_ADDR: 'REDIS',
    SENTRY_DSN: 'SENTRY',
  }
  for (const [key, expected] of Object.entries(stems)) assert.equal(stem(hostStem(key)), expected, key)
  for (const key of ['LOG_LEVEL', 'SERVER_NAME', 'HOSTS_FROM', '', 'PORT']) assert.equal(hostStem(key), undefined, key)
  assert.ok(!isPeerKey('oauthRedirectUri'))
  assert.ok(isPeerKey('ORDERS_URL'))
})

test('keys of credentials', () => {
  const stems = {
    STRIPE_SECRET_API_KEY: 'STRIPE',
    DB_PASSWORD: 'DB',
    PGPASSWORD: 'PG',
    PASSWORD: '',
    AWS_SECRET_ACCESS_KEY: 'AWS',
    MYSQL_ROOT_PASSWORD: 'MYSQL',
    SLACK_BOT_TOKEN: 'SLACK',
  }
  for (const [key, expected] of Object.entries(stems)) assert.equal(stem(credentialStem(key)), expected, key)
  for (const key of ['TOKEN_EXPIRY_SECONDS', 'PRIVATE_KEY_PATH', 'PUBLIC_KEY', 'MONKEY', 'SECRET_NAME', 'HOST'])
    assert.equal(credentialStem(key), undefined, key)
})

test('a family is a stem and what begins with it', () => {
  assert.ok(sameFamily(['DB'], ['DB']))
  assert.ok(sameFamily(['DB'], ['DB', 'MAIN']))
  assert.ok(!sameFamily(['DB'], ['CACHE']))
  assert.ok(!sameFamily([], ['DB']))
  assert.ok(sameFamily([], []))
})
