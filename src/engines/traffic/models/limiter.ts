/**
 * The decision of a real engine, as a pure machine: request by request, in the order of their times. Clients are dense
 * numbers, so that millions of them cost a few typed arrays.
 */
export interface Limiter {
  /**
   * `atMs`: milliseconds since 1970 (fixed windows and Traefik's expiry stand on the clock), never less than the time
   * before; fractions count where the engine counts them.
   */
  admit(client: number, atMs: number): Verdict
}

/** A limiter that can be asked without being told: engines that count a request only if none of several limits refuses it. */
export interface PeekingLimiter extends Limiter {
  refuses(client: number, atMs: number): boolean
}

/** A limit of what is answered at once; `endMs` is when the answer was complete. In the order of `startMs`. */
export interface ConcurrencyLimiter {
  admit(client: number, startMs: number, endMs: number): Verdict
}

export const ADMITTED = 0
export const REFUSED = 1
/** Admitted, later than it came (nginx without `nodelay`, Traefik). */
export const DELAYED = 2
export type Verdict = typeof ADMITTED | typeof REFUSED | typeof DELAYED
