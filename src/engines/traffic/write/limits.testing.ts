import fc from 'fast-check'
import type { Algorithm, Limit, LimitKey } from '../limit.ts'

/** Limits as readers make them of any dialect, and as nobody would write them. */

const key: fc.Arbitrary<LimitKey> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<LimitKey>({ kind: 'client-address' }) },
  fc.constantFrom<LimitKey>(
    { kind: 'client-address', prefix4: 24, prefix6: 64 },
    { kind: 'peer-address' },
    { kind: 'everyone' },
    { kind: 'header', name: 'X-Api-Key' },
    { kind: 'header', name: '$(rm -rf /); "' },
    { kind: 'identity', of: 'consumer' },
    { kind: 'expression', text: '$server_name' },
  ),
)

const exempt = fc.option(
  fc.subarray(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'not; a "network"', '192.168.0.0/16'], { minLength: 1 }),
  { nil: undefined },
)

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const common = {
  key,
  code: fc.constantFrom(undefined, 403, 429, 503, 418, 200),
  scope: fc.constantFrom<Limit['scope']>('replica', 'replica', 'global', 'shared', 'outside'),
  shadow: some(fc.constant<true>(true)),
  exempt,
  only: some(fc.constantFrom('method POST', 'path /login')),
}

const algorithm = fc.constantFrom<Algorithm>(
  'leaky-bucket',
  'token-bucket',
  'delaying-token-bucket',
  'sliding-window',
  'fixed-window',
  'unknown',
)

const requests = fc
  .record({
    kind: fc.constant<'requests'>('requests'),
    algorithm,
    rate: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(0, 0.5, 1.7, Number.NaN, 1e300)),
    period: fc.constantFrom(1, 1, 1, 60, 60, 3600, 86_400, 10, 0.5, 7),
    burst: some(fc.integer({ min: 0, max: 2000 })),
    undelayed: some(fc.integer({ min: 0, max: 50 })),
    ...common,
  })
  .map((limit) => (['sliding-window', 'fixed-window'].includes(limit.algorithm) ? { ...limit, burst: 0 } : limit))

const connections = fc.record({
  kind: fc.constant<'connections'>('connections'),
  algorithm: fc.constant<Algorithm>('concurrent'),
  connections: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(0, 2.5, Number.POSITIVE_INFINITY)),
  ...common,
})

const REQUEST: LimitKey = { kind: 'expression', text: 'request' }

const body = fc.record({
  kind: fc.constant<'body'>('body'),
  algorithm: fc.constant<Algorithm>('threshold'),
  body: fc.oneof(fc.integer({ min: 1, max: 2 ** 31 }), fc.constantFrom(0, 1_048_576, 2 ** 40)),
  key: fc.constant(REQUEST),
  code: fc.constant(413),
  scope: fc.constant<'replica'>('replica'),
})

const timeout = fc.record({
  kind: fc.constant<'timeout'>('timeout'),
  algorithm: fc.constant<Algorithm>('threshold'),
  of: fc.constantFrom('headers', 'body', 'idle', 'request', 'backend', 'nothing'),
  seconds: fc.oneof(fc.integer({ min: 1, max: 4000 }), fc.constantFrom(0.25, 1.5, 0)),
  key: fc.constant(REQUEST),
  scope: fc.constant<'replica'>('replica'),
})

const bandwidth = fc.record({
  kind: fc.constant<'bandwidth'>('bandwidth'),
  algorithm: fc.constant<Algorithm>('threshold'),
  bytesPerSecond: fc.oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.constant(1024)),
  key: fc.constant<LimitKey>({ kind: 'expression', text: 'response' }),
  scope: fc.constant<'replica'>('replica'),
})

/** Without the fields that say nothing, as readers leave them out. */
function compact(limit: object): Limit {
  return Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== undefined)) as unknown as Limit
}

export const anyLimit: fc.Arbitrary<Limit> = fc
  .oneof(
    { weight: 5, arbitrary: requests as fc.Arbitrary<object> },
    { weight: 2, arbitrary: connections },
    { weight: 1, arbitrary: body },
    { weight: 1, arbitrary: timeout },
    { weight: 1, arbitrary: bandwidth },
  )
  .map(compact)
