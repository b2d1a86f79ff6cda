/** What the name of a variable, flag or setting says of its value. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** `apiBaseUrl`, `--api.base-url` and `API_BASE_URL` are the same words. */
export function wordsOf(key: string): readonly string[] {
  return key
    .slice(0, MAX_KEY)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '')
}

const MAX_KEY = 200

const HOST_WORDS = words(`
  HOST HOSTS HOSTNAME URL URLS URI URIS ENDPOINT ENDPOINTS ADDR ADDRS ADDRESS ADDRESSES SERVER SERVERS DSN BROKER
  BROKERS BOOTSTRAP UPSTREAM UPSTREAMS TARGET TARGETS BACKEND PEERS SEEDS MASTER REPLICAOF CONNECTION CONNSTR`)

/** Words that may follow a host word without changing what it is: `KAFKA_BROKER_LIST`, `DB_CONNECTION_STRING`. */
const TRAILING = words('LIST STRING PRIMARY RO RW READ WRITE V1 V2 INTERNAL OVERRIDE')

const ENDINGS = ['HOST', 'URL', 'URI', 'DSN', 'ADDR', 'ENDPOINT'] as const

/** Values of such keys are not where a workload connects to: its own address, who may call it, or what people read. */
const NOT_A_PEER = words(`
  APPLICATION REDIRECT REDIRECTS CALLBACK PUBLIC CORS ORIGIN ORIGINS ALLOWED ALLOW TRUSTED LISTEN LISTENER
  LISTENERS BIND ADVERTISE ADVERTISED RUNBOOK DOC DOCS DOCUMENTATION HELP HOMEPAGE LICENSE SCHEMA XMLNS XSI
  DESCRIPTION SUMMARY IMAGE IMAGES LOGO ICON FAVICON AVATAR LINK LINKS REFERENCE COOKIE AUDIENCE NO EXCLUDE
  EXCLUDES IGNORE REGEX PATTERN PROBE HEALTHCHECK TEMPLATE FORMAT REPORT GROUPS APIGROUPS`)

/** Words right before the last one that make it the application's own address: `--web.external-url`, `ROOT_URL`. */
const OWN = words('EXTERNAL ROOT SITE WEBSITE SELF')

/** The words that name the thing whose host this is: `MYSQL_DB` of `MYSQL_DB_HOST`. Undefined when the key is for no host. */
export function hostStem(key: string): readonly string[] | undefined {
  const parts = [...wordsOf(key)]
  while (parts.length > 1 && TRAILING.has(parts.at(-1) as string)) parts.pop()
  const last = parts.pop()
  if (last === undefined) return undefined
  if (HOST_WORDS.has(last)) return withoutService(parts)
  const ending = ENDINGS.find((each) => last.endsWith(each))
  return ending === undefined ? undefined : withoutService([...parts, last.slice(0, -ending.length)])
}

/** Whether a value of this key is what the workload connects to, as far as the name tells. */
export function isPeerKey(key: string): boolean {
  const parts = wordsOf(key)
  const before = parts.at(-2)
  if (before !== undefined && (OWN.has(before) || (parts.length === 2 && (before === 'APP' || before === 'MY'))))
    return false
  return !parts.some((word) => NOT_A_PEER.has(word))
}

const CREDENTIAL_WORDS = words(`
  PASSWORD PASSWD PASS PWD TOKEN SECRET KEY APIKEY CREDENTIAL CREDENTIALS AUTH WEBHOOK ACCESSKEY SECRETKEY`)

/** Words between the thing and the kind of its credential: `STRIPE_SECRET_API_KEY`. */
const QUALIFIERS: ReadonlySet<string> = new Set([
  ...words(`
  API ACCESS CLIENT ROOT ADMIN USER BEARER PRIVATE SIGNING OAUTH OAUTH2 ID BOT APP SERVICE`),
  ...CREDENTIAL_WORDS,
])

/** Words that make a KEY or TOKEN no credential: paths to it, its public half, what it is called or how long it lives. */
const NOT_A_CREDENTIAL = words(`
  PATH FILE DIR NAME PUBLIC EXPIRY EXPIRATION TTL LENGTH SIZE PREFIX HEADER LIMIT TOKENIZERS PARTITION ENABLED
  ALLOW TYPE ROTATION`)

const CREDENTIAL_ENDINGS = ['PASSWORD', 'PASSWD', 'APIKEY', 'TOKEN', 'SECRET'] as const

/** The words that name the thing whose credential this is; undefined when it is none. */
export function credentialStem(key: string): readonly string[] | undefined {
  const parts = [...wordsOf(key)]
  const last = parts.pop()
  if (last === undefined || NOT_A_CREDENTIAL.has(last) || parts.some((word) => NOT_A_CREDENTIAL.has(word)))
    return undefined
  if (!CREDENTIAL_WORDS.has(last)) {
    const ending = CREDENTIAL_ENDINGS.find((each) => last.endsWith(each))
    if (ending === undefined) return undefined
    parts.push(last.slice(0, -ending.length))
  }
  while (parts.length > 1 && QUALIFIERS.has(parts.at(-1) as string)) parts.pop()
  if (parts.length === 1 && CREDENTIAL_WORDS.has(parts[0] as string)) parts.pop()
  return withoutService(parts)
}

const PASSWORDS = words('PASSWORD PASSWD PASS PWD SECRET TOKEN')

/** Whether the value is a secret that is written out: the name leaves no doubt. */
export function isPasswordKey(key: string): boolean {
  const last = wordsOf(key).at(-1)
  return last !== undefined && (PASSWORDS.has(last) || CREDENTIAL_ENDINGS.some((each) => last.endsWith(each)))
}

/** `MYSQL_SERVICE_HOST` is a host of `MYSQL`; a key that is only its last word has no stem. */
function withoutService(parts: readonly string[]): readonly string[] {
  return parts.filter((word) => word !== '' && word !== 'SERVICE' && word !== 'SVC')
}

/** Whether a host and a credential are of one thing: equal stems, or one begins the other. */
export function sameFamily(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.every((word, index) => word === long[index])
}
