import type { Algorithm, Limit, LimitKey } from '../limit.ts'

/** What an engine does where a text does not say: the first word of `nginx rate=10r/s burst=50 nodelay`. */
interface Engine {
  readonly algorithm: Algorithm
  readonly code: number
  /** Requests at once of a limit without a burst of its own. */
  readonly burst: (rate: number) => number
  /** `burst=` is a number of tokens, of which the first request takes one. */
  readonly tokens?: true
  /** What exceeds the rate waits, unless `nodelay` or `delay=` is given. */
  readonly delays?: true
}

const none = (): number => 0
const ENGINES: ReadonlyMap<string, Engine> = new Map<string, Engine>([
  ['nginx', { algorithm: 'leaky-bucket', code: 503, burst: none, delays: true }],
  ['ingress-nginx', { algorithm: 'leaky-bucket', code: 503, burst: (rate) => 5 * rate }],
  ['f5-nginx', { algorithm: 'leaky-bucket', code: 503, burst: none, delays: true }],
  ['envoy', { algorithm: 'token-bucket', code: 429, burst: (rate) => rate - 1, tokens: true }],
  ['envoy-gateway', { algorithm: 'token-bucket', code: 429, burst: (rate) => rate - 1, tokens: true }],
  ['istio', { algorithm: 'token-bucket', code: 429, burst: (rate) => rate - 1, tokens: true }],
  ['contour', { algorithm: 'token-bucket', code: 429, burst: (rate) => rate - 1, tokens: true }],
  ['traefik', { algorithm: 'delaying-token-bucket', code: 429, burst: none, tokens: true }],
  ['haproxy', { algorithm: 'sliding-window', code: 403, burst: none }],
  ['haproxy-ingress', { algorithm: 'sliding-window', code: 429, burst: none }],
  ['kong', { algorithm: 'fixed-window', code: 429, burst: none }],
])

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/**
 * One limit in words (docs/reference/access-logs.md): the engine, then `rate=10r/s`, `rate=100/10s`, `burst=50`, `nodelay`,
 * `delay=8`, `connections=20`, `body=1m`, `key=client|peer|everyone|/24|/24,/64`, `code=429`, `scope=replica|global`,
 * `exempt=10.0.0.0/8,…`. A string says what is wrong with it.
 */
export function parseLimit(text: string): Limit | string {
  const [name = '', ...words] = text.trim().split(/\s+/)
  const engine = ENGINES.get(name.toLowerCase())
  if (!engine)
    return `${name === '' ? 'it is empty' : `${name} is no engine`}: expected one of ${[...ENGINES.keys()].join(', ')}`
  const given = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    const key = at < 0 ? word : word.slice(0, at)
    if (given.has(key)) return `${key} is given twice`
    given.set(key, at < 0 ? '' : word.slice(at + 1))
  }
  const unknown = [...given.keys()].find((key) => !KEYS.has(key))
  if (unknown !== undefined) return `${unknown} is not known: expected ${[...KEYS].join(', ')}`
  const key = keyOf(given.get('key') ?? 'client')
  const code = wholeOf(given.get('code') ?? String(engine.code))
  const scope = given.get('scope') ?? 'replica'
  if (key === undefined)
    return `key=${given.get('key')}: expected client, peer, everyone, or networks as /24 or /24,/64`
  if (code === undefined || code < 100 || code > 599) return `code=${given.get('code')}: expected a status of HTTP`
  if (scope !== 'replica' && scope !== 'global') return `scope=${scope}: expected replica or global`
  const exempt =
    given
      .get('exempt')
      ?.split(',')
      .filter((each) => each !== '') ?? []
  const common = { key, code, scope, ...(exempt.length > 0 ? { exempt } : {}) } as const
  const kinds = ['rate', 'connections', 'body'].filter((each) => given.has(each))
  if (kinds.length !== 1) return 'it needs one of rate=, connections= and body='
  if (given.has('connections')) {
    const connections = wholeOf(given.get('connections') as string)
    if (connections === undefined || connections < 1) return 'connections= needs a whole number from 1'
    return { kind: 'connections', algorithm: 'concurrent', connections, ...common }
  }
  if (given.has('body')) {
    const body = bytesOf(given.get('body') as string)
    return body === undefined
      ? 'body= needs a size, as 1m or 65536'
      : { kind: 'body', algorithm: 'threshold', body, ...common, code: given.has('code') ? code : 413 }
  }
  return requestLimit(engine, given, common)
}

const KEYS = new Set(['rate', 'burst', 'nodelay', 'delay', 'connections', 'body', 'key', 'code', 'scope', 'exempt'])

function requestLimit(
  engine: Engine,
  given: ReadonlyMap<string, string>,
  common: Pick<Limit, 'key' | 'code' | 'scope' | 'exempt'>,
): Limit | string {
  const [, count = '', many = '', unit = ''] = /^(\d+)r?\/(\d*)([smhd])$/.exec(given.get('rate') as string) ?? []
  const rate = wholeOf(count)
  const period = (many === '' ? 1 : Number(many)) * (SECONDS[unit] ?? Number.NaN)
  if (rate === undefined || rate < 1 || !(period >= 1))
    return `rate=${given.get('rate')}: expected 10r/s, 600/m or 100/10s`
  const text = given.get('burst')
  const told = text === undefined ? engine.burst(rate) : wholeOf(text)
  if (told === undefined || told > 10_000_000) return `burst=${text}: expected a whole number`
  const burst = text !== undefined && engine.tokens ? told - 1 : told
  if (burst < 0) return `burst=${text}: this engine needs at least 1`
  if (text !== undefined && (engine.algorithm === 'sliding-window' || engine.algorithm === 'fixed-window'))
    return 'this engine has no burst: it counts a window'
  const delay = given.get('delay')
  const after = delay === undefined ? undefined : wholeOf(delay)
  if (delay !== undefined && (after === undefined || !engine.delays))
    return `delay=${delay}: only nginx has it, with a whole number`
  const undelayed = after ?? (engine.delays && !given.has('nodelay') ? 0 : undefined)
  return {
    kind: 'requests',
    algorithm: engine.algorithm,
    rate,
    period,
    burst,
    ...(undelayed === undefined ? {} : { undelayed }),
    ...common,
  }
}

function keyOf(text: string): LimitKey | undefined {
  if (text === 'client') return { kind: 'client-address' }
  if (text === 'peer') return { kind: 'peer-address' }
  if (text === 'everyone') return { kind: 'everyone' }
  const [, four, six] = /^\/(\d{1,2})(?:,\/(\d{1,3}))?$/.exec(text) ?? []
  if (four === undefined || Number(four) > 32 || Number(six ?? 0) > 128) return undefined
  return { kind: 'client-address', prefix4: Number(four), ...(six === undefined ? {} : { prefix6: Number(six) }) }
}

function wholeOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function bytesOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (BYTES[unit.toLowerCase()] as number)
}
