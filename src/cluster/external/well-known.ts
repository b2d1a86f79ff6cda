/**
 * Credentials that tell by their name what they open, where no URL does. One line each: the words a variable or key
 * begins with, what it must hold besides, and the host that is called. Sources: the vendors' own SDK documentation.
 */
interface WellKnown {
  readonly prefix: string
  /** The rest of the name, after the prefix. */
  readonly rest: RegExp
  readonly host: string
}

const KEY =
  /^_(SECRET_|API_|ACCESS_|AUTH_|RESTRICTED_|PRIVATE_|BOT_|APP_|USER_|PERSONAL_)*(KEY|TOKEN|SECRET|PAT)(_ID)?$/
const ANY = /(KEY|TOKEN|SECRET|PASSWORD|DSN|WEBHOOK|WEBHOOK_URL|CREDENTIALS)$/

export const WELL_KNOWN: readonly WellKnown[] = [
  { prefix: 'STRIPE', rest: KEY, host: 'api.stripe.com' },
  { prefix: 'PAYPAL', rest: ANY, host: 'api.paypal.com' },
  { prefix: 'BRAINTREE', rest: ANY, host: 'api.braintreegateway.com' },
  { prefix: 'ADYEN', rest: KEY, host: 'checkout-live.adyen.com' },
  { prefix: 'SENDGRID', rest: KEY, host: 'api.sendgrid.com' },
  { prefix: 'MAILGUN', rest: KEY, host: 'api.mailgun.net' },
  { prefix: 'MAILCHIMP', rest: KEY, host: 'api.mailchimp.com' },
  { prefix: 'POSTMARK', rest: ANY, host: 'api.postmarkapp.com' },
  { prefix: 'TWILIO', rest: ANY, host: 'api.twilio.com' },
  { prefix: 'SLACK', rest: /^(_[A-Z]+)*_(TOKEN|SIGNING_SECRET|CLIENT_SECRET)$/, host: 'slack.com' },
  { prefix: 'SLACK', rest: /WEBHOOK(_URL)?$/, host: 'hooks.slack.com' },
  { prefix: 'DISCORD', rest: ANY, host: 'discord.com' },
  { prefix: 'TELEGRAM', rest: ANY, host: 'api.telegram.org' },
  { prefix: 'PAGERDUTY', rest: ANY, host: 'events.pagerduty.com' },
  { prefix: 'OPSGENIE', rest: KEY, host: 'api.opsgenie.com' },
  { prefix: 'GITHUB', rest: ANY, host: 'api.github.com' },
  { prefix: 'GH', rest: /^_(TOKEN|PAT)$/, host: 'api.github.com' },
  { prefix: 'GITLAB', rest: ANY, host: 'gitlab.com' },
  { prefix: 'BITBUCKET', rest: ANY, host: 'api.bitbucket.org' },
  { prefix: 'NPM', rest: /^(_AUTH)?_TOKEN$/, host: 'registry.npmjs.org' },
  { prefix: 'PYPI', rest: ANY, host: 'upload.pypi.org' },
  { prefix: 'DOCKERHUB', rest: ANY, host: 'registry-1.docker.io' },
  { prefix: 'OPENAI', rest: KEY, host: 'api.openai.com' },
  { prefix: 'ANTHROPIC', rest: KEY, host: 'api.anthropic.com' },
  { prefix: 'MISTRAL', rest: KEY, host: 'api.mistral.ai' },
  { prefix: 'COHERE', rest: KEY, host: 'api.cohere.com' },
  { prefix: 'GEMINI', rest: KEY, host: 'generativelanguage.googleapis.com' },
  { prefix: 'HF', rest: /^_TOKEN$/, host: 'huggingface.co' },
  { prefix: 'HUGGING_FACE', rest: /^_HUB_TOKEN$/, host: 'huggingface.co' },
  { prefix: 'HUGGINGFACE', rest: ANY, host: 'huggingface.co' },
  { prefix: 'PINECONE', rest: KEY, host: 'api.pinecone.io' },
  { prefix: 'ALGOLIA', rest: KEY, host: 'algolia.net' },
  { prefix: 'DD', rest: /^_(API|APP)_KEY$/, host: 'api.datadoghq.com' },
  { prefix: 'DATADOG', rest: KEY, host: 'api.datadoghq.com' },
  { prefix: 'NEW_RELIC', rest: /^_(LICENSE_KEY|API_KEY|INSERT_KEY)$/, host: 'collector.newrelic.com' },
  { prefix: 'NEWRELIC', rest: /^_(LICENSE_KEY|API_KEY|LICENSE)$/, host: 'collector.newrelic.com' },
  { prefix: 'SENTRY', rest: /^_(DSN|AUTH_TOKEN)$/, host: 'sentry.io' },
  { prefix: 'HONEYCOMB', rest: KEY, host: 'api.honeycomb.io' },
  { prefix: 'SPLUNK', rest: /^_(HEC_)?(ACCESS_)?TOKEN$/, host: 'splunkcloud.com' },
  { prefix: 'LAUNCHDARKLY', rest: ANY, host: 'app.launchdarkly.com' },
  { prefix: 'SEGMENT', rest: /^_WRITE_KEY$/, host: 'api.segment.io' },
  {
    prefix: 'AWS',
    rest: /^_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|ACCESS_KEY|SECRET_KEY|SESSION_TOKEN)$/,
    host: 'amazonaws.com',
  },
  {
    prefix: 'AZURE',
    rest: /^_CLIENT_SECRET$/,
    host: 'login.microsoftonline.com',
  },
  {
    prefix: 'AZURE_STORAGE',
    rest: /^_(KEY|ACCOUNT_KEY|ACCESS_KEY|SAS_TOKEN|CONNECTION_STRING)$/,
    host: 'blob.core.windows.net',
  },
  { prefix: 'ARM', rest: /^_CLIENT_SECRET$/, host: 'login.microsoftonline.com' },
  { prefix: 'GOOGLE', rest: /^_(APPLICATION_CREDENTIALS|API_KEY|CLIENT_SECRET)$/, host: 'googleapis.com' },
  { prefix: 'GCP', rest: ANY, host: 'googleapis.com' },
  { prefix: 'FIREBASE', rest: ANY, host: 'firebase.googleapis.com' },
  { prefix: 'CLOUDFLARE', rest: KEY, host: 'api.cloudflare.com' },
  { prefix: 'CF', rest: /^_API_(KEY|TOKEN)$/, host: 'api.cloudflare.com' },
  { prefix: 'DIGITALOCEAN', rest: ANY, host: 'api.digitalocean.com' },
  { prefix: 'HCLOUD', rest: /^_TOKEN$/, host: 'api.hetzner.cloud' },
  { prefix: 'OKTA', rest: ANY, host: 'okta.com' },
  { prefix: 'AUTH0', rest: /SECRET$/, host: 'auth0.com' },
  { prefix: 'SNOWFLAKE', rest: ANY, host: 'snowflakecomputing.com' },
  { prefix: 'SALESFORCE', rest: ANY, host: 'login.salesforce.com' },
  { prefix: 'SHOPIFY', rest: ANY, host: 'myshopify.com' },
  { prefix: 'HUBSPOT', rest: ANY, host: 'api.hubapi.com' },
  { prefix: 'TAILSCALE', rest: ANY, host: 'controlplane.tailscale.com' },
  { prefix: 'TS', rest: /^_AUTHKEY$/, host: 'controlplane.tailscale.com' },
  { prefix: 'GRAFANA_CLOUD', rest: ANY, host: 'grafana.net' },
]

const BY_FIRST = new Map<string, WellKnown[]>()
for (const each of WELL_KNOWN) {
  const first = each.prefix.split('_')[0] as string
  BY_FIRST.set(first, [...(BY_FIRST.get(first) ?? []), each])
}

const MAX_NAME = 120

/** The third party that a credential of this name opens. */
export function thirdParty(name: string): { readonly host: string; readonly stem: readonly string[] } | undefined {
  if (name.length > MAX_NAME) return undefined
  const upper = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
  const known = (BY_FIRST.get(upper.split('_')[0] as string) ?? []).find(
    ({ prefix, rest }) => upper.startsWith(prefix) && rest.test(upper.slice(prefix.length)),
  )
  return known && { host: known.host, stem: known.prefix.split('_') }
}

/** Buckets have no host of their own in such URLs. */
export const BUCKETS: ReadonlyMap<string, string> = new Map([
  ['s3', 's3.amazonaws.com'],
  ['s3a', 's3.amazonaws.com'],
  ['s3n', 's3.amazonaws.com'],
  ['gs', 'storage.googleapis.com'],
  ['gcs', 'storage.googleapis.com'],
])
