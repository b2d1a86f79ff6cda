import type { Interval } from './interval.ts'
import type { Measured } from './measured.ts'

/** A limit as its answers show it: `burst` requests pass beyond the rate after a pause. */
export interface ObservedLimit {
  /** Requests a second. */
  readonly rate: Interval
  /** Undefined where the limit was met on the way and nothing tells how much it had let through before. */
  readonly burst: number | undefined
  /** Refused requests count too (a sliding window): above the rate it lets fewer through than at it. */
  readonly punishes: boolean
  readonly codes: readonly string[]
}

/** Why there is no capacity, or only a bound of it; each is a sentence in `reasons` as well. */
export type Cause =
  | 'no-answer'
  | 'errors'
  | 'refused'
  | 'sender'
  | 'noise'
  | 'rising'
  | 'budget'
  | 'no-end'
  | 'limit'
  | 'stopped'

/**
 * `measured`: the capacity lies in the interval; `at-least`: it is `low` or more; `limited`: a limit stands before it, and
 * what is behind holds at least what it lets through; `unknown`: none of these can be said.
 */
export interface Found {
  readonly verdict: 'measured' | 'at-least' | 'limited' | 'unknown'
  /** `good`: no end is more than 15 % off the best guess; `fair`: wider; `poor`: the high end is more than 1.7 times the low one. */
  readonly confidence: 'good' | 'fair' | 'poor' | 'none'
  /** Requests a second. `at-least` and `limited` have `low` alone; of `unknown` it is what was seen. */
  readonly low: number | undefined
  readonly best: number | undefined
  readonly high: number | undefined
  readonly limit?: ObservedLimit
  readonly cause?: Cause
  /** Why the verdict is this one, and what else was noticed, in sentences. */
  readonly reasons: readonly string[]
  readonly steps: readonly Measured[]
  /** Median seconds of an answer while nothing else was asked. */
  readonly unloaded: number | undefined
}
