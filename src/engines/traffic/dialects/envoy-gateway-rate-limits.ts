import type { Cluster } from '../../../cluster/cluster.ts'
import { field, list } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit } from '../limit.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { clientsOf, IPV4, IPV6 } from './envoy-gateway-selectors.ts'
import { rateLimitService } from './envoy-gateway-service.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { found, inert, MOST_LIMITS, take, unread } from './found.ts'
import { whole } from './numbers.ts'
import { requestLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

type Kind = 'local' | 'global'

/** Two rules that differ in the family of addresses alone are one limit by the client’s address. */
export function* envoyGatewayRateLimits(
  object: KubeObject,
  settings: Settings,
  cluster: Cluster,
): Iterable<FoundLimit> {
  const rules = [...take(rulesOf(object, settings), MOST_LIMITS + 1)]
  const twins = Map.groupBy(rules.filter(isOfOneFamily), ({ limit }) => JSON.stringify({ ...limit, only: '' }))
  for (const rule of rules) {
    const pair = isOfOneFamily(rule) ? twins.get(JSON.stringify({ ...rule.limit, only: '' })) : undefined
    const four = pair?.find(({ limit }) => limit.only === IPV4)
    const six = pair?.find(({ limit }) => limit.only === IPV6)
    if (!four || !six || (rule !== four && rule !== six)) yield served(rule, cluster)
    else if (rule === pair?.find((each) => each === four || each === six)) {
      const { only: _, ...limit } = rule.limit
      const because = [...rule.because, ...(rule === four ? six : four).because]
      yield served({ ...rule, limit, because }, cluster)
    }
  }
}

/** Global rules need a rate limit service; whether there is one stands in Envoy Gateway’s own configuration. */
function served(rule: FoundLimit, cluster: Cluster): FoundLimit {
  if (rule.limit.scope !== 'global' || rule.inert || rule.unknown) return rule
  const service = rateLimitService(cluster)
  if (service.truth === 'yes') return { ...rule, because: [...rule.because, ...service.because] }
  return service.truth === 'no'
    ? { ...rule, inert: { rule: 'refused-object', because: service.because } }
    : unread(
        rule.limit,
        'whether Envoy Gateway has a rate limit service (ConfigMap envoy-gateway-config)',
        ...rule.because,
      )
}

/** What is inert or unread stays told by itself. */
function isOfOneFamily({ limit, inert, unknown }: FoundLimit): boolean {
  return !inert && !unknown && (limit.only === IPV4 || limit.only === IPV6)
}

/**
 * `spec.rateLimit`: what is local is a token bucket of `requests` in each proxy, what is global a counter of the rate limit
 * service. `type`, deprecated since both may stand side by side, picks one of them and leaves the other out.
 */
function* rulesOf(object: KubeObject, settings: Settings): Iterable<FoundLimit> {
  const part = partOf(object, 'spec', 'rateLimit')
  const type = inside(part, 'type')
  for (const kind of ['local', 'global'] as const) {
    const rules = inside(part, kind, 'rules')
    const isPicked = type.value === undefined || type.value === (kind === 'local' ? 'Local' : 'Global')
    const wrong = refusal(kind, rules)
    for (const rule of itemsOf(rules)) {
      const read = limitOf(kind, rule, settings)
      if (!isPicked)
        yield {
          ...read,
          inert: { rule: 'ignored-value', because: [says(type, `type ${quote(type.value)} leaves it out`)] },
        }
      else if (wrong && !read.inert) yield { ...read, inert: { rule: 'refused-object', because: [says(rules, wrong)] } }
      else yield read
    }
  }
}

/** internal/gatewayapi/backendtrafficpolicy.go: `buildLocalRateLimit`. Routes of a policy with an error answer 500. */
function refusal(kind: Kind, { value }: Part): string | undefined {
  if (kind === 'global') return undefined
  const general = list(value).filter((rule) => list(field(rule, 'clientSelectors')).length === 0)
  if (general.length > 1) return 'only one local rule may be without clientSelectors: the policy is refused'
  const unit = general.length === 0 ? 1 : SECONDS.get(field(field(general[0], 'limit'), 'unit'))
  const all = list(value).map((rule) => SECONDS.get(field(field(rule, 'limit'), 'unit')))
  return unit !== undefined && all.some((each) => each !== undefined && each % unit !== 0)
    ? 'units of local rules must be multiples of that of the rule without clientSelectors: the policy is refused'
    : undefined
}

/** internal/utils/ratelimit: a month has 30 days, a year 365. */
const SECONDS: ReadonlyMap<unknown, number> = new Map([
  ['Second', 1],
  ['Minute', 60],
  ['Hour', 3600],
  ['Day', 86_400],
  ['Week', 604_800],
  ['Month', 2_592_000],
  ['Year', 31_536_000],
])

function limitOf(kind: Kind, rule: Part, settings: Settings): FoundLimit {
  const stated = inside(rule, 'limit')
  const requests = whole(inside(stated, 'requests').value)
  const unit = inside(stated, 'unit').value
  const period = SECONDS.get(unit)
  const selectors = inside(rule, 'clientSelectors')
  const clients = clientsOf(selectors)
  const shadow = inside(rule, 'shadowMode').value === true && isShadow(kind, selectors, settings)
  const cost = costOf(kind, rule)
  const limit: Limit = requestLimit(kind === 'local' ? 'token-bucket' : 'fixed-window', {
    rate: requests === undefined || cost.each === undefined ? requests : requests / cost.each,
    period,
    burst: kind === 'global' || requests === undefined ? 0 : Math.max(0, requests - 1),
    key: clients.key,
    code: 429,
    scope: kind === 'local' ? 'replica' : 'global',
    shadow: shadow === true ? true : undefined,
    exempt: clients.exempt,
    only: clients.only,
  })
  const why = [says(rule, `${kind}: ${quote(inside(stated, 'requests').value)} requests a ${quote(unit)}`)]
  if (clients.wrong !== undefined)
    return inert(limit, 'refused-object', `${clients.wrong}: the policy is refused`, ...why)
  if (inside(stated, 'fromMetadata').value !== undefined)
    return unread(limit, 'what filters write into metadata', ...why)
  if (requests === undefined || requests < 0 || period === undefined)
    return inert(limit, 'refused-object', 'the API server refuses this limit', ...why)
  if (requests === 0 && kind === 'local')
    return inert(limit, 'breaks-configuration', 'Envoy refuses a bucket without tokens', ...why)
  if (cost.unread !== undefined) return unread(limit, cost.unread, ...why)
  if (cost.each === 0) return inert(limit, 'unlimited', 'requests cost nothing', ...why)
  if (shadow === 'unknown') return unread(limit, 'whether this version of Envoy Gateway shadows local rules', ...why)
  return kind === 'local' && clients.distinct
    ? sinceDistinct(limit, clients.distinct, settings, why)
    : found(limit, ...why)
}

/**
 * The field came with 1.7.0, for global rules. Local rules are shadowed since 1.8.0 where they have clientSelectors; the
 * rule for all the others never is.
 */
function isShadow(kind: Kind, selectors: Part, settings: Settings): boolean | 'unknown' {
  if (kind === 'global') return isAtLeast(settings, 1, 7) !== 'no'
  if (list(selectors.value).length === 0) return false
  const since = isAtLeast(settings, 1, 8)
  return since === 'unknown' ? since : since === 'yes'
}

/** Local rules count distinct clients since 1.4.0; before, a policy that asks for it was refused. */
function sinceDistinct(limit: Limit, what: string, settings: Settings, why: FoundLimit['because']): FoundLimit {
  const since = isAtLeast(settings, 1, 4)
  if (since === 'yes') return found(limit, ...why)
  return since === 'no'
    ? inert(limit, 'refused-object', `local rules take no distinct ${what} before 1.4.0: the policy is refused`, ...why)
    : unread(limit, `the version of Envoy Gateway (distinct ${what} in local rules since 1.4.0)`, ...why)
}

/** What one request takes from the counter: a number, or what only the running proxy knows. */
function costOf(kind: Kind, rule: Part): { readonly each?: number; readonly unread?: string } {
  const cost = inside(rule, 'cost')
  const request = inside(cost, 'request')
  if (inside(cost, 'response').value !== undefined && kind === 'global') return { unread: 'what each response costs' }
  if (request.value === undefined) return {}
  if (inside(request, 'from').value !== 'Number') return { unread: 'what each request costs' }
  const each = whole(inside(request, 'number').value)
  return each === undefined || each < 0 ? { unread: 'what each request costs' } : { each }
}
