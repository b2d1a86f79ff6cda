import { isObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from './dialect.ts'
import { inside, partOf, quote, says } from './fields.ts'
import { found, inert } from './found.ts'
import { nginxKey } from './nginx-key.ts'
import { nginxRate, undelayed } from './nginx-rate.ts'
import { whole } from './numbers.ts'
import { requestLimit } from './shapes.ts'

const ZONE_SIZE = /^[0-9]{1,15}[kKmM]?$/

/** pkg/apis/configuration/validation/policy.go: rate, key and zoneSize are asked for; a policy that is not valid answers 500. */
export function* f5Policy(object: KubeObject): Iterable<FoundLimit> {
  const part = partOf(object, 'spec', 'rateLimit')
  if (!isObject(part.value)) return
  const text = inside(part, 'rate').value
  const rate = typeof text === 'string' ? nginxRate(text) : undefined
  const key = inside(part, 'key').value
  const size = inside(part, 'zoneSize').value
  const burst = whole(inside(part, 'burst').value)
  const delay = whole(inside(part, 'delay').value)
  const code = whole(inside(part, 'rejectCode').value)
  const condition = inside(part, 'condition')
  const limit = requestLimit('leaky-bucket', {
    rate: rate?.rate,
    period: rate?.period,
    burst: burst ?? 0,
    undelayed: undelayed(burst ?? 0, delay, inside(part, 'noDelay').value === true),
    key: nginxKey(typeof key === 'string' ? key : ''),
    code: code ?? 503,
    scope: inside(part, 'scale').value === true ? 'shared' : 'replica',
    shadow: inside(part, 'dryRun').value === true ? true : undefined,
    only: condition.value === undefined ? undefined : 'requests of its condition',
  })
  const why = says(part, `rateLimit: ${quote(text)} by ${quote(key)}`)
  const wrong =
    rate === undefined
      ? 'the rate is none'
      : typeof key !== 'string' || key === ''
        ? 'there is no key'
        : typeof size !== 'string' || !ZONE_SIZE.test(size)
          ? 'there is no zoneSize'
          : (burst !== undefined && burst <= 0) || (delay !== undefined && delay <= 0)
            ? 'burst and delay must be positive'
            : code !== undefined && (code < 400 || code > 599)
              ? 'rejectCode must be an error'
              : undefined
  yield wrong === undefined ? found(limit, why) : inert(limit, 'refused-object', `${wrong}: the policy is refused`, why)
}
