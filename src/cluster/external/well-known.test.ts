import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDomain } from './domains.ts'
import { thirdParty, WELL_KNOWN } from './well-known.ts'

test('names of credentials and what they open', () => {
  const hosts = {
    STRIPE_API_KEY: 'api.stripe.com',
    'stripe-secret-key': 'api.stripe.com',
    SLACK_BOT_TOKEN: 'slack.com',
    SLACK_WEBHOOK: 'hooks.slack.com',
    GH_TOKEN: 'api.github.com',
    DD_API_KEY: 'api.datadoghq.com',
    SENTRY_DSN: 'sentry.io',
    AWS_ACCESS_KEY_ID: 'amazonaws.com',
    GOOGLE_APPLICATION_CREDENTIALS: 'googleapis.com',
    NPM_TOKEN: 'registry.npmjs.org',
    TWILIO_AUTH_TOKEN: 'api.twilio.com',
    OPENAI_API_KEY: 'api.openai.com',
  }
  for (const [name, host] of Object.entries(hosts)) assert.equal(thirdParty(name)?.host, host, name)
  for (const name of [
    'STRIPE_PUBLISHABLE',
    'AWS_REGION',
    'DD_ENV',
    'SLACK_CHANNEL',
    'GITHUB_ORG',
    '',
    'API_KEY',
    'STRIPED_KEY_PATH',
    'X'.repeat(1000),
  ]) {
    assert.equal(thirdParty(name), undefined, name)
  }
})

test('every line of the table leads to a host', () => {
  for (const { host, prefix } of WELL_KNOWN) {
    assert.ok(isDomain(host, false), host)
    assert.match(prefix, /^[A-Z][A-Z0-9_]*[A-Z0-9]$/)
  }
})
