import type { KubeObject } from '../../../cluster/object.ts'
import type { LimitKey } from '../limit.ts'
import type { FoundLimit } from './dialect.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { dialect, found, inert } from './found.ts'
import { whole } from './numbers.ts'
import { requestLimit } from './shapes.ts'

/** Linkerd (2026-08): HTTPLocalRateLimitPolicy, in each proxy of the Server’s pods. */
export const LINKERD = dialect('linkerd', 'Linkerd', read)

const IDENTITY: LimitKey = { kind: 'identity', of: 'mTLS identity' }

function* read(object: KubeObject | undefined): Iterable<FoundLimit> {
  if (object?.group !== 'policy.linkerd.io' || object.kind !== 'HTTPLocalRateLimitPolicy') return
  yield* limit(partOf(object, 'spec', 'total'), { kind: 'everyone' })
  yield* limit(partOf(object, 'spec', 'identity'), IDENTITY)
  for (const override of itemsOf(partOf(object, 'spec', 'overrides')))
    yield* limit(override, IDENTITY, 'the clients that it names')
}

function* limit(part: Part, key: LimitKey, only?: string): Iterable<FoundLimit> {
  const value = inside(part, 'requestsPerSecond').value
  if (value === undefined) return
  const rate = whole(value)
  const each = requestLimit('token-bucket', {
    rate,
    period: 1,
    burst: rate === undefined ? undefined : Math.max(0, rate - 1),
    key,
    code: 429,
    scope: 'replica',
    only,
  })
  const why = says(part, `${quote(value)} requests a second`)
  if (rate === undefined || rate < 0) yield inert(each, 'refused-object', 'the API server refuses this number', why)
  else if (rate === 0) yield inert(each, 'unlimited', '0 is no limit', why)
  else yield found(each, why)
}
