/** Where a move may go. */
export type MoveTarget = 'envoy-gateway' | 'traefik' | 'f5-nginx' | 'haproxy'

/** What the migration that a product offers does with the annotations of ingress-nginx that hold back floods. */
export interface Tool {
  readonly title: string
  readonly version: string
  /** The day on which its source was read. */
  readonly read: string
  /** Annotations without their prefix that it carries over. */
  readonly keeps: readonly string[]
  /** Of those that it carries over, what it does otherwise. */
  readonly changes: Readonly<Record<string, string>>
}

/** The annotations of ingress-nginx that hold anything back, without their prefix. */
export const GUARDS: readonly string[] = [
  'limit-rps',
  'limit-rpm',
  'limit-burst-multiplier',
  'limit-connections',
  'limit-rate',
  'limit-rate-after',
  'limit-allowlist',
  'limit-whitelist',
  'global-rate-limit',
  'global-rate-limit-window',
  'global-rate-limit-key',
  'global-rate-limit-ignored-cidrs',
  'proxy-body-size',
  'client-body-buffer-size',
  'proxy-read-timeout',
  'allowlist-source-range',
  'whitelist-source-range',
  'denylist-source-range',
]

const TRAEFIK_KEEPS = [
  'limit-rps',
  'limit-rpm',
  'limit-burst-multiplier',
  'limit-connections',
  'proxy-body-size',
  'client-body-buffer-size',
  'allowlist-source-range',
  'whitelist-source-range',
]

/** Read in the source of each at that version; a later one may do more. */
export const TOOLS: Readonly<Record<MoveTarget, Tool>> = {
  'envoy-gateway': {
    title: 'ingress2gateway',
    version: '1.1.0',
    read: '2026-11-21',
    keeps: [
      'proxy-body-size',
      'client-body-buffer-size',
      'allowlist-source-range',
      'whitelist-source-range',
      'denylist-source-range',
    ],
    changes: {},
  },
  traefik: {
    title: 'Traefik’s provider for ingress-nginx',
    version: '3.7.9',
    read: '2026-11-21',
    keeps: TRAEFIK_KEEPS,
    changes: {
      'limit-rps': 'answers 429 instead of 503, and delays what comes a little early',
      'limit-rpm': 'answers 429 instead of 503, and delays what comes a little early',
      'limit-connections': 'answers 429 instead of 503',
    },
  },
  'f5-nginx': {
    title: 'F5’s NGINX Ingress Controller',
    version: '5.5.4',
    read: '2026-11-21',
    keeps: [],
    changes: {},
  },
  haproxy: {
    title: 'HAProxy Technologies’ controller',
    version: '3.2.11',
    read: '2026-11-21',
    keeps: [],
    changes: {},
  },
}
