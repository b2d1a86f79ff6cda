import type { Algorithm } from '../limit.ts'
import type { Writable } from '../write/writer.ts'

/** What a limit of one engine can say, as far as it decides what is suggested for it. */
export interface Shape {
  readonly algorithm: Algorithm
  /**
   * `free`: any number of requests at once; `multiple`: a whole multiple of the rate; `period`: those of a period (Envoy
   * Gateway’s bucket), or of a window.
   */
  readonly burst: 'free' | 'multiple' | 'period'
  /** Seconds of a period, of engines whose burst is one. */
  readonly period: number
  /** The longest period in which the rate may be said. */
  readonly longest: number
  readonly code: number
  /** It can bound how many requests of one client are answered at once. */
  readonly connections: boolean
  /** It can bound bodies without holding them whole. */
  readonly body: boolean
  /** It can count without refusing, by the same object. */
  readonly shadow: boolean
}

export const SHAPES: Readonly<Record<Writable, Shape>> = {
  'ingress-nginx': {
    algorithm: 'leaky-bucket',
    burst: 'multiple',
    period: 1,
    longest: 60,
    code: 503,
    connections: true,
    body: true,
    shadow: false,
  },
  'f5-nginx': {
    algorithm: 'leaky-bucket',
    burst: 'free',
    period: 1,
    longest: 60,
    code: 429,
    connections: false,
    body: true,
    shadow: true,
  },
  'envoy-gateway': {
    algorithm: 'token-bucket',
    burst: 'period',
    period: 60,
    longest: 60,
    code: 429,
    connections: false,
    body: false,
    shadow: true,
  },
  haproxy: {
    algorithm: 'sliding-window',
    burst: 'period',
    period: 10,
    longest: 10,
    code: 429,
    connections: false,
    body: false,
    shadow: false,
  },
  'haproxy-ingress': {
    algorithm: 'sliding-window',
    burst: 'period',
    period: 1,
    longest: 1,
    code: 429,
    connections: true,
    body: true,
    shadow: false,
  },
  traefik: {
    algorithm: 'delaying-token-bucket',
    burst: 'free',
    period: 1,
    longest: 60,
    code: 429,
    connections: true,
    body: false,
    shadow: false,
  },
}
