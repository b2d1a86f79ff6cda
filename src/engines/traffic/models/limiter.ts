/**
 * The decision of a real engine, as a pure machine: request by request, in the order of their times. Clients are dense
 * numbers, so that millions of them cost a few typed arrays.
 */
export interface Limiter {
  /** `atMs`: milliseconds since any epoch, never less than the time before; fractions count where the engine counts them. */
  admit(client: number, atMs: number): Verdict
}

export const ADMITTED = 0
export const REFUSED = 1
/** Admitted, later than it came (nginx without `nodelay`, Traefik). */
export const DELAYED = 2
export type Verdict = typeof ADMITTED | typeof REFUSED | typeof DELAYED
