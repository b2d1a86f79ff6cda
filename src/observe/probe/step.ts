/** What a search for the capacity asks of whoever sends. Nothing of the step before is in flight when one begins. */
export type Step =
  /** So many workers, each sending its next request when the one before is answered; ends by requests or by seconds. */
  | { readonly kind: 'closed'; readonly concurrency: number; readonly requests: number; readonly seconds: number }
  /** Requests at even distances, whether those before are answered or not; `rate` is in requests a second. */
  | { readonly kind: 'open'; readonly rate: number; readonly requests: number }
  | { readonly kind: 'rest'; readonly seconds: number }

/**
 * What became of a request. `failed`: an error of the service (5xx), a connection that broke, no answer in time;
 * `limited`: refused by a limit (429, 503 with Retry-After, a code that was named); `refused`: any other 4xx;
 * `cut`: given up by the sender itself when it had to stop.
 */
export type Fate = 'served' | 'failed' | 'limited' | 'refused' | 'cut'

/** What the sender itself was busy with; where it is the bottleneck, the figures are its own and not the service's. */
export interface SenderLoad {
  /** CPU seconds of this process for each second. */
  readonly cpu: number
  /** The share of the time in which its event loop was busy, waiting for a CPU included. */
  readonly busy: number
  /** Seconds by which 99 of 100 requests were late at most, against the plan of an open step. */
  readonly lateness: number
}

/** Columns by request, in the order of sending; times are seconds since the step began. */
export interface Outcome {
  readonly sentAt: ArrayLike<number>
  /** NaN where no answer came. */
  readonly doneAt: ArrayLike<number>
  readonly fates: readonly Fate[]
  /** How often each answer came: `200`, `503`, `ECONNREFUSED`, `timeout`. */
  readonly answers: ReadonlyMap<string, number>
  /** Until the last request was sent, or the time was up. */
  readonly sendSeconds: number
  /** Until the last answer. */
  readonly seconds: number
  /** `in-flight`: as many requests wait for an answer as may; `stopped`: a cap of the whole run, or the user. */
  readonly ended: 'done' | 'in-flight' | 'stopped'
  readonly load: SenderLoad
}

/** Hard bounds of a run, which the sender keeps whatever it is asked. */
export interface Caps {
  readonly requests: number
  readonly seconds: number
  readonly inFlight: number
  /** Bytes of answers that are read in all. */
  readonly bytes: number
  /** Seconds after which a request is given up. */
  readonly timeout: number
}
