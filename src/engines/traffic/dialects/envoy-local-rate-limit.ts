import { field, list, string } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { Limit, LimitKey } from '../limit.ts'
import type { FoundLimit } from './dialect.ts'
import { proto } from './envoy-proto.ts'
import { inside, itemsOf, type Part, quote, says } from './fields.ts'
import { found, type InertRule, inert, unread } from './found.ts'
import { atoi, goDuration, whole } from './numbers.ts'
import { requestLimit } from './shapes.ts'

export interface Actions {
  /** Whether this Envoy counts a descriptor without a value by each value. */
  readonly distinct: Truth
  /** Whether the object says what requests get which descriptors. */
  readonly hasActions: boolean
}

/** envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit: one bucket for all, and one for each descriptor. */
export function* localRateLimit(part: Part, actions: Actions): Iterable<FoundLimit> {
  const stage = stageOf(part)
  const code = whole(inside(proto(part, 'status'), 'code').value) ?? 429
  const isPerConnection = proto(part, 'local_rate_limit_per_downstream_connection').value === true
  const key: LimitKey = isPerConnection ? { kind: 'expression', text: 'connection' } : { kind: 'everyone' }
  // Envoy takes a status below 400 for its default.
  const common = {
    code: code < 400 || code > 599 ? 429 : code,
    scope: 'replica' as const,
    shadow: stage.shadow,
    only: stage.only,
  }
  const bucket = proto(part, 'token_bucket')
  if (bucket.value !== undefined) yield judged(bucketLimit(bucket, { ...common, key }), bucket, stage)
  for (const descriptor of itemsOf(inside(part, 'descriptors'))) {
    const { only, distinct, ...rest } = descriptorOf(inside(descriptor, 'entries'))
    const own = proto(descriptor, 'token_bucket')
    const conditions = [common.only, only].filter((each) => each !== undefined).join(', ')
    const limit = bucketLimit(own, { ...common, ...rest, only: conditions === '' ? undefined : conditions })
    const read = judged(limit, own, stage)
    if (read.inert) yield read
    else if (!actions.hasActions)
      yield unread(limit, 'the rate_limits that give requests their descriptors', ...read.because)
    else if (distinct && actions.distinct === 'no')
      yield inert(limit, 'removed-feature', 'Envoy before 1.34 counts no descriptor without a value', ...read.because)
    else if (distinct && actions.distinct === 'unknown')
      yield unread(limit, 'the version (Envoy counts by values of descriptors since 1.34)', ...read.because)
    else yield read
  }
}

function bucketLimit(bucket: Part, rest: Omit<Parameters<typeof requestLimit>[1], 'rate'>): Limit {
  const most = whole(proto(bucket, 'max_tokens').value)
  const fill = proto(bucket, 'tokens_per_fill').value
  return requestLimit('token-bucket', {
    rate:
      whole(
        typeof fill === 'object' && fill !== null ? inside(proto(bucket, 'tokens_per_fill'), 'value').value : fill,
      ) ?? 1,
    period: intervalOf(proto(bucket, 'fill_interval')),
    burst: most === undefined ? undefined : Math.max(0, most - 1),
    ...rest,
  })
}

/** `60s`, or seconds and nanos. */
function intervalOf(part: Part): number | undefined {
  if (typeof part.value === 'string') return /^[0-9.]{1,20}s$/.test(part.value) ? goDuration(part.value) : undefined
  const said = inside(part, 'seconds').value
  const seconds = typeof said === 'string' ? atoi(said) : whole(said)
  const nanos = whole(inside(part, 'nanos').value)
  return seconds === undefined && nanos === undefined ? undefined : (seconds ?? 0) + (nanos ?? 0) / 1e9
}

interface Stage {
  readonly rule?: { readonly rule: InertRule; readonly why: string }
  readonly shadow: true | undefined
  readonly only: string | undefined
}

/** Both are 0 % where they are not set: a limit that says neither looks at nobody. */
function stageOf(part: Part): Stage {
  const enabled = percent(proto(part, 'filter_enabled'))
  const enforced = percent(proto(part, 'filter_enforced'))
  const nothing = { shadow: undefined, only: undefined }
  if (enabled === 0)
    return { ...nothing, rule: { rule: 'ignored-value', why: 'filter_enabled is 0 %, as it is where it is not set' } }
  const only =
    enabled < 100
      ? `${enabled} % of requests`
      : enforced > 0 && enforced < 100
        ? `${enforced} % of refusals`
        : undefined
  return { shadow: enforced === 0 ? true : undefined, only }
}

const DENOMINATORS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['HUNDRED', 100],
  ['TEN_THOUSAND', 10_000],
  ['MILLION', 1_000_000],
  [0, 100],
  [1, 10_000],
  [2, 1_000_000],
])

function percent(part: Part): number {
  const value = proto(part, 'default_value')
  const numerator = whole(inside(value, 'numerator').value) ?? 0
  const denominator = DENOMINATORS.get(inside(value, 'denominator').value ?? 'HUNDRED') ?? 100
  return Math.min(100, (numerator / denominator) * 100)
}

function judged(limit: Limit, bucket: Part, stage: Stage): FoundLimit {
  const why = says(
    bucket,
    `${quote(proto(bucket, 'tokens_per_fill').value ?? 1)} tokens each ${quote(proto(bucket, 'fill_interval').value)}, at most ${quote(proto(bucket, 'max_tokens').value)}`,
  )
  const { rate = 0, period = 0, burst } = limit
  if (burst === undefined || rate < 1 || !(period >= 0.05))
    return inert(limit, 'breaks-configuration', 'Envoy refuses this bucket', why)
  return stage.rule ? inert(limit, stage.rule.rule, stage.rule.why, why) : found(limit, why)
}

/** Entries with a value are a condition, those without are what is counted by. */
function descriptorOf(entries: Part): {
  readonly key: LimitKey
  readonly only: string | undefined
  readonly distinct: boolean
} {
  const keys: string[] = []
  const conditions: string[] = []
  for (const value of list(entries.value).slice(0, 20)) {
    const [key, wanted] = [string(field(value, 'key')) ?? '', string(field(value, 'value')) ?? '']
    if (wanted === '') keys.push(key.slice(0, 100))
    else conditions.push(`${key.slice(0, 100)} is ${wanted.slice(0, 100)}`)
  }
  const only = conditions.length === 0 ? undefined : conditions.join(', ')
  if (keys.length === 0) return { key: { kind: 'everyone' }, only, distinct: false }
  const key: LimitKey =
    keys.length === 1 && (keys[0] === 'remote_address' || keys[0] === 'masked_remote_address')
      ? { kind: 'client-address' }
      : { kind: 'expression', text: `descriptor ${keys.join(', ')}` }
  return { key, only, distinct: true }
}
