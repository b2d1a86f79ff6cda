import { addressSet } from '../../../cluster/addresses.ts'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import { backendConnections } from '../dialects/envoy-circuit-breaker.ts'
import { bodyLimit, connectionLimit, requestLimit, timeoutLimit } from '../dialects/shapes.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { envoyYaml } from './envoy-yaml.ts'
import { headerName } from './header-name.ts'
import { atOnce, inPeriods, perSecond } from './rates.ts'
import { Sheet } from './sheet.ts'
import type { WriteTarget, WrittenLimits } from './writer.ts'

const API = 'gateway.envoyproxy.io/v1alpha1'
const ROUTE = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }

const UNITS: ReadonlyMap<number, string> = new Map([
  [1, 'Second'],
  [60, 'Minute'],
  [3600, 'Hour'],
  [86_400, 'Day'],
])
const PERIODS = [...UNITS.keys()]

const WHY = {
  burst: 'a bucket of Envoy Gateway holds the requests of one unit of time, and there is no other burst',
  key: 'Envoy Gateway has no such key',
  code: 'it has no other',
  exempt: 'a rule leaves out one network',
}

/** A BackendTrafficPolicy of the route; a ClientTrafficPolicy of its Gateway for what holds for a listener. Since 1.9.0. */
export function writeEnvoyGateway(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'Envoy Gateway', shadow: true })
  const route: Record<string, Json> = {}
  const listener: Record<string, Json> = {}
  const rules = rateLimits(sheet)
  if (rules.length > 0) route.rateLimit = { local: { rules } }
  connections(sheet, route, listener)
  const body = sheet.one('body', sheet.ofKind('body'), (limit) => limit.body as number)
  if (body) {
    const bytes = Math.min(2 ** 32 - 1, Math.max(1, Math.floor(body.body as number)))
    route.requestBuffer = { limit: String(bytes) }
    sheet.keep(body, bodyLimit(bytes))
    sheet.note(body, 'body', 'requests are buffered whole, which breaks streams of gRPC and WebSockets')
  }
  sheet.loseKind('bandwidth', 'Envoy Gateway limits the bandwidth of all responses together, not of each')
  times(sheet, route, listener)

  const { name, namespace } = target
  const policy = (kind: string, ref: JsonObject, spec: JsonObject): Json => ({
    apiVersion: API,
    kind,
    metadata: { name, namespace },
    spec: { targetRefs: [ref], ...spec },
  })
  const objects: Json[] = []
  const routeRef = { ...ROUTE, name, ...target.route }
  if (Object.keys(route).length > 0) objects.push(policy('BackendTrafficPolicy', routeRef, route))
  const gatewayRef = { group: ROUTE.group, kind: 'Gateway', name: target.gateway ?? name }
  if (Object.keys(listener).length > 0) objects.push(policy('ClientTrafficPolicy', gatewayRef, listener))
  const native = target.native && envoyYaml(sheet.kept, target.native)
  const { kept, losses, origins } = sheet
  return { objects, annotations: {}, settings: {}, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

function rateLimits(sheet: Sheet): readonly Json[] {
  const asked = sheet.ofKind('requests')
  const selected = asked.filter(({ key }) => selectorOf(key) !== undefined)
  const forAll = asked.filter((limit) => !selected.includes(limit))
  const general = sheet.one('rate', forAll, perSecond)
  const most = Math.min(...selected.map((limit) => nearestBurst(limit, PERIODS).period), 86_400)
  return asked.flatMap((limit) => {
    const select = selectorOf(limit.key)
    if (select === undefined && limit !== general) return []
    if (select === undefined && limit.shadow) {
      sheet.lose(limit, 'shadow', 'Envoy Gateway cannot shadow a rule for all clients: it is left out')
      return []
    }
    // The units of all rules are multiples of that of the rule without selectors, or the policy is refused.
    const periods = select === undefined ? PERIODS.filter((each) => each <= most) : PERIODS
    const { rate, period } = nearestBurst(limit, periods)
    if (rate / period > perSecond(limit) * 1.01 && periods.length < PERIODS.length) {
      sheet.lose(limit, 'rate', 'the unit of a rule for all clients may not be longer than that of any other rule')
      return []
    }
    const exempt = select === undefined ? [] : (limit.exempt ?? []).filter(isNetwork).slice(0, 1)
    const common = {
      rate,
      period,
      burst: rate - 1,
      key: select?.key ?? ({ kind: 'everyone' } as const),
      code: 429,
      scope: 'replica' as const,
      ...(limit.shadow ? { shadow: true as const } : {}),
      ...(exempt.length > 0 ? { exempt } : {}),
    }
    const made = requestLimit('token-bucket', common)
    if (sheet.kept.some((each) => JSON.stringify(each) === JSON.stringify(made))) {
      sheet.lose(limit, 'rate', 'its rule would be the same as one that is written')
      return []
    }
    sheet.keep(limit, made, WHY)
    const rule = {
      limit: { requests: rate, unit: UNITS.get(period) as string },
      ...(limit.shadow ? { shadowMode: true } : {}),
    }
    const left = exempt.map((value) => ({ sourceCIDR: { type: 'Exact', value, invert: true } }))
    if (select === undefined) return [rule]
    return select.selectors.map((each) => ({ clientSelectors: [each, ...left], ...rule }))
  })
}

/** Of the units that hold the rate in whole requests, the one whose bucket is nearest to what shall pass at once. */
function nearestBurst(limit: Limit, periods: readonly number[]): { readonly rate: number; readonly period: number } {
  const whole = periods
    .map((period) => ({ rate: perSecond(limit) * period, period }))
    .filter(({ rate }) => rate >= 1 && Math.abs(rate - Math.round(rate)) < 1e-9 * rate && rate < 2 ** 32)
  const distance = ({ rate }: { rate: number }): number => Math.abs(Math.log(rate / atOnce(limit)))
  const [first, ...rest] = whole
  if (first === undefined) return inPeriods(limit, periods)
  const best = rest.reduce((a, b) => (distance(b) < distance(a) ? b : a), first)
  return { rate: Math.round(best.rate), period: best.period }
}

interface Selection {
  readonly key: LimitKey
  /** A rule each: clients of both families of addresses. */
  readonly selectors: readonly JsonObject[]
}

/** How a rule tells clients apart; undefined where it counts all together. */
function selectorOf(key: LimitKey): Selection | undefined {
  if (key.kind === 'everyone') return undefined
  const header = key.kind === 'header' ? headerName(key.name) : undefined
  if (header !== undefined)
    return { key: { kind: 'header', name: header }, selectors: [{ headers: [{ name: header, type: 'Distinct' }] }] }
  const distinct = (value: string): JsonObject => ({ sourceCIDR: { type: 'Distinct', value } })
  return { key: { kind: 'client-address' }, selectors: [distinct('0.0.0.0/0'), distinct('::/0')] }
}

const isNetwork = (text: string): boolean => text.includes('/') && addressSet(text) !== undefined

/** Envoy Gateway counts connections and requests in flight of all clients together only. */
function connections(sheet: Sheet, route: Record<string, Json>, listener: Record<string, Json>): void {
  const mine = sheet.ofKind('connections')
  const all = mine.filter(({ key }) => key.kind === 'everyone')
  for (const limit of mine)
    if (!all.includes(limit))
      sheet.lose(limit, 'connections', 'Envoy Gateway limits connections of all clients together, not of each one')
  const inFlight = sheet.one(
    'connections',
    all.filter(({ code }) => code !== undefined),
    (limit) => limit.connections as number,
  )
  const open = sheet.one(
    'connections',
    all.filter(({ code }) => code === undefined),
    (limit) => limit.connections as number,
  )
  if (inFlight) {
    const most = Math.min(2 ** 32 - 1, Math.floor(inFlight.connections as number))
    route.circuitBreaker = { maxParallelRequests: most }
    sheet.keep(inFlight, backendConnections(most), { code: 'a circuit breaker of Envoy answers 503' })
  }
  if (open) {
    const most = Math.max(1, Math.floor(open.connections as number))
    listener.connection = { connectionLimit: { value: most } }
    sheet.keep(open, connectionLimit(most, { key: { kind: 'everyone' }, scope: 'replica' }))
  }
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['request', 'requestReceivedTimeout'],
  ['headers', 'requestHeadersReceivedTimeout'],
  ['body', 'streamIdleTimeout'],
  ['idle', 'idleTimeout'],
])

function times(sheet: Sheet, route: Record<string, Json>, listener: Record<string, Json>): void {
  const http: Record<string, Json> = {}
  for (const of of sheet.times()) {
    const limit = sheet.one('seconds', sheet.ofKind('timeout', of), (each) => each.seconds as number)
    if (!limit) continue
    const ms = Math.max(1, Math.round((limit.seconds as number) * 1000))
    const field = TIMES.get(of)
    if (of === 'backend') route.timeout = { http: { requestTimeout: duration(ms) } }
    else if (field !== undefined) http[field] = duration(ms)
    else {
      sheet.lose(limit, 'of', `Envoy Gateway has no time limit of ${of === '' ? 'this kind' : of}`)
      continue
    }
    sheet.keep(limit, timeoutLimit(of, ms / 1000))
  }
  if (Object.keys(http).length > 0) listener.timeout = { http }
}

/** GEP-2257: units of at most five digits each. */
function duration(ms: number): string {
  if (ms <= 99_999) return `${ms}ms`
  const [seconds, rest] = [Math.floor(ms / 1000), ms % 1000]
  const [hours, left] = seconds <= 99_999 ? [0, seconds] : [Math.floor(seconds / 3600), seconds % 3600]
  return [hours > 0 ? `${hours}h` : '', left > 0 ? `${left}s` : '', rest > 0 ? `${rest}ms` : ''].join('')
}
