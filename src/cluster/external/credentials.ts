import { because } from '../because.ts'
import { idParts } from '../object.ts'
import type { CredentialUse } from './external.ts'
import type { Found } from './found.ts'
import { credentialStem, hostStem, sameFamily, wordsOf } from './key-name.ts'
import type { Given, HeldSecret, Value } from './values.ts'
import { thirdParty } from './well-known.ts'

/** What opens the other side of a connection, among what the same container is given. */
export interface Credentials {
  /** For a host that was found in a value; `host` is what it turned out to be. */
  for(found: Found, value: Value, host: string): CredentialUse | undefined
  ofSecret(held: HeldSecret): CredentialUse
}

/** What proves who a workload is, or whom it trusts, and opens nothing by itself. */
const CERTIFICATES = /(^|[-._])(tls|ssl|ca|cert|certs|certificate|certificates|pki|truststore)([-._]|$)/i

/** Words in the names of Secrets and hosts that say nothing of what they are for. */
const GENERIC: ReadonlySet<string> = new Set([
  'SECRET',
  'SECRETS',
  'CREDENTIAL',
  'CREDENTIALS',
  'CREDS',
  'CONFIG',
  'ENV',
  'APP',
  'API',
  'SERVICE',
  'SVC',
  'SERVER',
  'CLIENT',
  'DEFAULT',
  'AUTH',
  'TOKEN',
  'KEY',
  'KEYS',
  'USER',
  'ADMIN',
  'PASSWORD',
  'TLS',
  'CERT',
  'CERTS',
  'CA',
  'DB',
  'DATABASE',
  'WEB',
  'HTTP',
  'HTTPS',
  'PROD',
  'DEV',
  'STAGING',
  'TEST',
  'COM',
  'NET',
  'ORG',
  'IO',
  'WWW',
  'SVC',
  'CLUSTER',
  'LOCAL',
  'INTERNAL',
  'MAIN',
  'MY',
])

/** `own` are the words of the workload's own name, which its Secrets carry whatever they open. */
export function credentialsOf({ values, secrets }: Given, own: ReadonlySet<string>): Credentials {
  const byVariable = new Map(secrets.flatMap((held) => (held.variable === '' ? [] : [[held.variable, held] as const])))
  const literals = values.filter(
    ({ isFile, text, key }) => !isFile && text !== '' && !text.startsWith('/') && credentialStem(key) !== undefined,
  )

  const ofFamily = (stem: readonly string[], key: string): CredentialUse | undefined => {
    // HOST beside PASSWORD are of one thing; `host` and `key` somewhere in the values of a chart are not.
    if (stem.length === 0 && key !== key.toUpperCase()) return undefined
    const held = secrets.find((each) => stemsOf(each).some((one) => one.join(' ') === stem.join(' ')))
    const near = held ?? secrets.find((each) => stemsOf(each).some((one) => sameFamily(one, stem)))
    if (near) return ofSecret(near)
    const literal = literals.find((each) => sameFamily(credentialStem(each.key) as readonly string[], stem))
    return literal && inline(literal)
  }
  /** By the name of the host in that of the Secret, as operators make it: `app.orders-db.credentials`. */
  const ofName = (host: string): CredentialUse | undefined => {
    if (host.includes('.') || host.length < 4) return undefined
    const held = secrets.find(({ secret }) =>
      `.${idParts(secret).name.replaceAll('-', '.')}.`.includes(`.${host.replaceAll('-', '.')}.`),
    )
    return held && ofSecret(held)
  }
  /** By the brand that both names carry: `stripe-credentials` and `api.stripe.com`. */
  const ofBrand = (host: string): CredentialUse | undefined => {
    const brands = new Set(wordsOf(host).filter((word) => word.length > 2 && !GENERIC.has(word) && !own.has(word)))
    if (brands.size === 0) return undefined
    for (const held of secrets) {
      if (held.variable === '' && CERTIFICATES.test(idParts(held.secret).name)) continue
      const stem = held.variable === '' ? wordsOf(idParts(held.secret).name) : credentialStem(held.variable)
      if (stem?.some((word) => !GENERIC.has(word) && brands.has(word))) return ofSecret(held)
    }
    return undefined
  }
  return {
    for: (found, value, host) => {
      const { userInfo } = found
      if (userInfo === 'literal') return inline(value)
      if (typeof userInfo === 'object') {
        const held = byVariable.get(userInfo.variable)
        const literal = values.find(({ key, isFile }) => !isFile && key === userInfo.variable)
        return held ? ofSecret(held) : literal ? inline(literal) : inline(value)
      }
      if (userInfo !== 'public' && found.by === 'url' && thirdParty(value.key) !== undefined) return inline(value)
      const stem = value.isFile ? undefined : hostStem(value.key)
      return (stem && ofFamily(stem, value.key)) ?? ofName(host) ?? ofBrand(host)
    },
    ofSecret,
  }
}

/** The families that a Secret's variable, and its key, say that it opens. */
function stemsOf({ variable, key }: HeldSecret): readonly (readonly string[])[] {
  if (variable === '') return []
  const ofKey = key === undefined ? undefined : credentialStem(key)
  const own = credentialStem(variable) ?? userStem(variable)
  return [own, ofKey].filter((each) => each !== undefined && (each === own || each.length > 0)) as (readonly string[])[]
}

/** `DB_USERNAME` tells that the whole Secret is the login. */
function userStem(variable: string): readonly string[] | undefined {
  const words = wordsOf(variable)
  const last = words.at(-1)
  return last === 'USER' || last === 'USERNAME' ? words.slice(0, -1) : undefined
}

export function ofSecret({ secret, key, variable, object, path }: HeldSecret): CredentialUse {
  const { name } = idParts(secret)
  const text = variable === '' ? `Secret ${name} is given to it` : `${variable} comes from Secret ${name}`
  return { how: 'secret', secret, ...(key === undefined ? {} : { key }), because: because(text, object, path) }
}

export function inline({ key, object, path }: Value): CredentialUse {
  const text = key === '' ? 'a credential is written in its arguments' : `a credential is written in ${key}`
  return { how: 'inline', ...(key === '' ? {} : { key }), because: because(text, object, path) }
}
