/** How an engine counts. Two engines with the same rate and different algorithms admit different requests (docs/reference/traffic-limits.md). */
export type Algorithm =
  /** nginx `limit_req`: excess drains at the rate; refused requests cost nothing. */
  | 'leaky-bucket'
  /** Envoy `local_ratelimit`: tokens come back with time, not in steps; refused requests cost nothing. */
  | 'token-bucket'
  /** Traefik: a token bucket that delays what it can still serve. */
  | 'delaying-token-bucket'
  /** HAProxy stick tables: the rate of the last period, estimated from two counters; refused requests count. */
  | 'sliding-window'
  /** Kong, Envoy's rate limit service: a counter that starts anew at each full period. */
  | 'fixed-window'
  /** Requests or connections at once: nginx `limit_conn`, `conn_cur`, `inFlightReq`, circuit breakers. */
  | 'concurrent'
  /** A size, a time or a bandwidth: nothing is counted. */
  | 'threshold'
  /** A service outside the cluster decides (a WAF, Cloud Armor), or nobody has said how. */
  | 'unknown'

/** What shares one count. */
export type LimitKey =
  /** The address that the engine takes for the client's, which real-IP settings decide; `prefix` where it counts networks. */
  | { readonly kind: 'client-address'; readonly prefix4?: number; readonly prefix6?: number }
  /** The address of whoever holds the TCP connection, whatever headers say. */
  | { readonly kind: 'peer-address' }
  /** All clients together. */
  | { readonly kind: 'everyone' }
  | { readonly kind: 'header'; readonly name: string }
  /** Who the engine has authenticated: a consumer, an mTLS identity. */
  | { readonly kind: 'identity'; readonly of: string }
  /** Anything else, as the engine writes it. */
  | { readonly kind: 'expression'; readonly text: string }

/**
 * One limit, whatever engine enforces it. Only what its `kind` bounds is set:
 * `requests`: `rate` in each `period` seconds, `burst`; `connections`: `connections`; `body`: `body` in bytes;
 * `timeout`: `seconds`; `bandwidth`: `bytesPerSecond`.
 */
export interface Limit {
  readonly kind: 'requests' | 'connections' | 'body' | 'timeout' | 'bandwidth'
  readonly algorithm: Algorithm
  /** Requests that are admitted in each period, in the long run. */
  readonly rate?: number
  /** Seconds. */
  readonly period?: number
  /**
   * Requests that pass at once after a pause, beyond the first: nginx's `burst`, a bucket of `burst + 1` tokens. 0 where
   * the engine has none.
   */
  readonly burst?: number
  /** Requests of the burst that pass without delay (nginx `delay=`); all of it with `nodelay`. Absent: all. */
  readonly undelayed?: number
  readonly connections?: number
  readonly body?: number
  readonly seconds?: number
  /** Which time: `headers`, `body`, `idle`, `request`, `backend`. */
  readonly of?: string
  readonly bytesPerSecond?: number
  readonly key: LimitKey
  /** The answer to what is refused: 429, 503, 403, 413. Absent where connections are closed or wait. */
  readonly code?: number
  /**
   * `replica`: each replica of the engine counts alone; `global`: all count together; `shared`: one limit divided by the
   * replicas; `outside`: whoever is in front of the cluster counts.
   */
  readonly scope: 'replica' | 'global' | 'shared' | 'outside'
  /** It counts and refuses nothing (dry run, shadow mode). */
  readonly shadow?: true
  /** Networks (CIDR) that it does not count. */
  readonly exempt?: readonly string[]
  /** What only some requests have to match, in the engine's words: a method, a header, a path. */
  readonly only?: string
}

/** `client address`, `client network (/24, /64)`, `all clients`, `header X-Api-Key`. */
export function keyText(key: LimitKey): string {
  switch (key.kind) {
    case 'client-address': {
      const parts = [key.prefix4, key.prefix6].filter((each) => each !== undefined).map((each) => `/${each}`)
      return parts.length === 0 ? 'client address' : `client network (${parts.join(', ')})`
    }
    case 'peer-address':
      return 'peer address'
    case 'everyone':
      return 'all clients'
    case 'header':
      return `header ${key.name}`
    case 'identity':
      return key.of
    case 'expression':
      return key.text
    default:
      return key satisfies never
  }
}
