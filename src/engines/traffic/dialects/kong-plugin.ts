import { list } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit, LimitKey } from '../limit.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { found, inert, unread } from './found.ts'
import { whole } from './numbers.ts'
import { bodyLimit, requestLimit, unreadLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

/** A KongPlugin keeps `plugin`, `config` and `disabled` beside metadata, not in a spec. */
export function* kongPlugin(object: KubeObject, settings: Settings): Iterable<FoundLimit> {
  const plugin = partOf(object, 'plugin')
  const reader = READERS.get(plugin.value)
  if (!reader) return
  const isDisabled = partOf(object, 'disabled').value === true
  for (const each of reader(partOf(object, 'config'), settings)) {
    if (isDisabled)
      yield {
        ...each,
        inert: { rule: 'ignored-value', because: [says(partOf(object, 'disabled'), 'the plugin is disabled')] },
      }
    else if (partOf(object, 'configFrom').value !== undefined || list(partOf(object, 'configPatches').value).length > 0)
      yield unread(each.limit, 'what a Secret says of the plugin’s config', ...each.because)
    else yield each
  }
}

type Reader = (config: Part, settings: Settings) => Iterable<FoundLimit>

const READERS: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ['rate-limiting', rateLimiting],
  ['rate-limiting-advanced', rateLimitingAdvanced],
  ['request-size-limiting', requestSize],
  ['response-ratelimiting', responseRateLimiting],
])

const PERIODS = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['month', 2_592_000],
  ['year', 31_536_000],
] as const

/** kong/plugins/rate-limiting: a counter for each period, which starts anew with the clock’s second, minute, hour. */
function* rateLimiting(config: Part, settings: Settings): Iterable<FoundLimit> {
  const limits = [...PERIODS]
    .map(([name, period]) => ({ part: inside(config, name), period }))
    .filter(({ part }) => part.value !== undefined && part.value !== null)
  const policy = inside(config, 'policy')
  const code = whole(inside(config, 'error_code').value) ?? 429
  const wrong =
    disorder(limits.map(({ part }) => part.value)) ?? (limits.length === 0 ? 'no period has a limit' : undefined)
  const shared = { key: keyOf(config), code, scope: scopeOf(policy.value, settings) }
  if (limits.length === 0)
    yield inert(
      requestLimit('fixed-window', shared),
      'refused-object',
      `${wrong}: Kong refuses the plugin`,
      says(config, 'sets no limit'),
    )
  for (const { part, period } of limits) {
    const rate = typeof part.value === 'number' ? part.value : undefined
    const limit = requestLimit('fixed-window', { rate, period, burst: 0, ...shared })
    const why = says(part, `${quote(part.value)} requests a ${String(part.path.at(-1))}`)
    if (wrong !== undefined) yield inert(limit, 'refused-object', `${wrong}: Kong refuses the plugin`, why)
    else if (policy.value === undefined && isAtLeast(settings, 3, 0) === 'unknown')
      yield unread(limit, 'the version of Kong (policy is local by default since 3.0)', why)
    else yield found(limit, why)
  }
}

/** kong/plugins/rate-limiting/schema.lua: each above 0, and none lower than that of a shorter period. */
function disorder(values: readonly unknown[]): string | undefined {
  let least = 0
  for (const value of values) {
    if (typeof value !== 'number' || value <= 0) return 'a limit is no number above 0'
    if (value < least) return 'a longer period has the lower limit'
    least = value
  }
  return undefined
}

function scopeOf(policy: unknown, settings: Settings): Limit['scope'] {
  if (policy === undefined || policy === null) return isAtLeast(settings, 3, 0) === 'no' ? 'global' : 'replica'
  return policy === 'cluster' || policy === 'redis' ? 'global' : 'replica'
}

/** Who is not authenticated is counted by address, whatever limit_by says of consumers and credentials. */
function keyOf(config: Part): LimitKey {
  const header = inside(config, 'header_name').value
  switch (inside(config, 'limit_by').value ?? 'consumer') {
    case 'ip':
      return { kind: 'client-address' }
    case 'service':
      return { kind: 'everyone' }
    case 'header':
      return { kind: 'header', name: typeof header === 'string' ? header.slice(0, 100) : '' }
    case 'path':
      return { kind: 'expression', text: 'client address on a path' }
    case 'credential':
      return { kind: 'identity', of: 'credential, else client address' }
    default:
      return { kind: 'identity', of: 'consumer, else client address' }
  }
}

const KEYS: ReadonlyMap<unknown, string> = new Map([
  ['ip', 'ip'],
  ['header', 'header'],
])

/** Kong Enterprise: pairs of `limit` and `window_size`, in sliding windows unless it says fixed. */
function* rateLimitingAdvanced(config: Part): Iterable<FoundLimit> {
  const windows = list(inside(config, 'window_size').value)
  const isFixed = inside(config, 'window_type').value === 'fixed'
  const isLocal = inside(config, 'strategy').value === 'local'
  const identifier = inside(config, 'identifier').value
  const key: LimitKey =
    KEYS.get(identifier) === 'ip'
      ? { kind: 'client-address' }
      : KEYS.get(identifier) === 'header'
        ? { kind: 'header', name: String(inside(config, 'header_name').value ?? '').slice(0, 100) }
        : { kind: 'identity', of: 'consumer, else client address' }
  for (const [index, part] of [...itemsOf(inside(config, 'limit'))].entries()) {
    const [rate, period] = [whole(part.value), whole(windows[index])]
    const limit = requestLimit(isFixed ? 'fixed-window' : 'sliding-window', {
      rate,
      period,
      burst: 0,
      key,
      code: whole(inside(config, 'error_code').value) ?? 429,
      scope: isLocal ? 'replica' : 'global',
    })
    const why = says(part, `${quote(part.value)} requests in ${quote(windows[index])} seconds`)
    if (rate === undefined || rate < 0 || period === undefined || period <= 0)
      yield inert(limit, 'refused-object', 'Kong refuses the plugin', why)
    else if (inside(config, 'strategy').value === undefined)
      yield unread(limit, 'the strategy, whose default changed with Kong’s version', why)
    else yield found(limit, why)
  }
}

/** kong/plugins/request-size-limiting/handler.lua: megabytes are of 1024 x 1024 bytes, though its page says otherwise. */
const UNITS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [undefined, 1024 ** 2],
  [null, 1024 ** 2],
  ['megabytes', 1024 ** 2],
  ['kilobytes', 1024],
  ['bytes', 1],
])

function* requestSize(config: Part): Iterable<FoundLimit> {
  const part = inside(config, 'allowed_payload_size')
  const size = part.value === undefined || part.value === null ? 128 : whole(part.value)
  const unit = UNITS.get(inside(config, 'size_unit').value)
  const bytes = size === undefined || unit === undefined ? undefined : size * unit
  const why = says(
    part.value === undefined ? config : part,
    `allowed_payload_size is ${quote(size)} ${quote(inside(config, 'size_unit').value ?? 'megabytes')}`,
  )
  yield bytes === undefined || bytes < 0
    ? inert(bodyLimit(bytes), 'refused-object', 'Kong refuses the plugin', why)
    : found(bodyLimit(bytes), why)
}

function* responseRateLimiting(config: Part): Iterable<FoundLimit> {
  yield unread(
    unreadLimit('requests', 'a header of the response'),
    'what backends say in their responses',
    says(config, 'counts what responses say'),
  )
}
