import type { Cluster } from '../../cluster/cluster.ts'
import type { Location } from '../../cluster/origin.ts'
import type { Finding } from '../../engines/engine.ts'
import type { Controller } from '../../engines/traffic/controllers/controller.ts'
import { keyText } from '../../engines/traffic/limit.ts'
import type { JudgedLimit, LimitState, Route } from '../../engines/traffic/routes/route.ts'
import type { Routing } from '../../engines/traffic/routes/routes.ts'
import { requestLimits, stateOf, unseenLimits } from '../../engines/traffic/routes/state.ts'
import { csvLines } from '../access/csv.ts'
import { type Evidence, type ResourceRef, resourceRef, type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import { limitWords } from './limit-words.ts'

/** All that `traffic routes` tells. */
export interface ToldRoutes {
  readonly cluster: Cluster
  readonly routing: Routing
  readonly findings: readonly Finding[]
}

export interface RouteLimit {
  readonly kind: string
  /** In words. */
  readonly limit?: string
  readonly algorithm?: string
  readonly rate?: number
  /** Seconds. */
  readonly period?: number
  readonly burst?: number
  readonly key?: string
  readonly connections?: number
  /** Bytes. */
  readonly body?: number
  readonly seconds?: number
  readonly of?: string
  readonly bytesPerSecond?: number
  readonly code?: number
  readonly scope?: string
  readonly exempt?: readonly string[]
  readonly only?: string
  /** A default of the engine, which nobody wrote. */
  readonly byDefault?: true
  readonly total?: { readonly least: number; readonly most?: number }
  readonly state: LimitState
  readonly rule?: string
  /** Of an unknown state: the input that would settle it. */
  readonly missing?: string
  readonly because: readonly Evidence[]
}

export interface RouteItem {
  readonly route: string
  readonly object: ResourceRef
  readonly location?: Location
  readonly host: string
  readonly path: string
  readonly match?: string
  readonly protocol: string
  readonly target: string
  readonly workloads: readonly string[]
  readonly exposed: 'yes' | 'unknown'
  /** What would tell whether it is exposed, or who serves it. */
  readonly missing?: string
  /** The product and, where it is in the input, the workload that carries it. */
  readonly controller?: { readonly product: string; readonly workload?: string }
  /** Whether something holds back how often requests come. */
  readonly state: LimitState
  readonly without: readonly string[]
  readonly limits: readonly RouteLimit[]
  readonly because: readonly Evidence[]
}

/** The document TrafficRoutes (docs/reference/v1alpha1.schema.json). */
export function routesDocument({ cluster, routing, findings }: ToldRoutes): object {
  const seen = witness(cluster.locate)
  const { routes, left, doors, controllers, unused, unread } = routing
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficRoutes',
    summary: { routes: routes.length, states: countsOf(routes), unread },
    controllers: controllers.map((each) => controllerEntry(each, doors)),
    items: routes.map((route) => routeItem(route, seen)),
    unused: unused.map(({ object, limits }) => ({
      object: resourceRef(object),
      limits: limits.map((each) => limitEntry(each, seen)),
    })),
    leftOut: left.map(({ object, id, why, because }) => ({
      route: id,
      object: resourceRef(object),
      why,
      because: seen.evidence(because),
    })),
    findings: findings.map(({ check, severity, object, message, because }) => ({
      check,
      severity,
      object: resourceRef(object),
      message,
      evidence: seen.evidence(because),
    })),
  }
}

export function countsOf(routes: readonly Route[]): Readonly<Record<LimitState, number>> {
  const counts = { none: 0, inert: 0, bypassable: 0, effective: 0, unknown: 0 }
  for (const route of routes) counts[stateOf(route)]++
  return counts
}

function controllerEntry(controller: Controller, doors: Routing['doors']): object {
  const { product, workload, settings, settingsObject, classes, replicas, services } = controller
  return {
    product,
    ...(workload ? { workload: workload.id } : {}),
    ...(settings.version === undefined ? {} : { version: settings.version }),
    ...(settingsObject ? { settings: settingsObject.id } : {}),
    settingsSeen: settings.seen,
    classes,
    services: services.map(({ id }) => id),
    replicas: { now: replicas.now, most: replicas.most === Number.POSITIVE_INFINITY ? 'unbounded' : replicas.most },
    doors: doors.filter((door) => door.controller === controller).map(({ id, exposed }) => ({ door: id, exposed })),
  }
}

function routeItem(route: Route, seen: Witness): RouteItem {
  const { id, object, host, path, match, protocol, target, exposed, missing, controller, without, because } = route
  const location = seen.locate(object)
  return {
    route: id,
    object: resourceRef(object),
    ...(location ? { location } : {}),
    host,
    path,
    ...(match === undefined ? {} : { match }),
    protocol,
    target: target.service,
    workloads: target.workloads,
    exposed,
    ...(missing === undefined ? {} : { missing }),
    ...(controller
      ? {
          controller: {
            product: controller.product,
            ...(controller.workload ? { workload: controller.workload.id } : {}),
          },
        }
      : {}),
    state: stateOf(route),
    without,
    limits: [...withoutAny(route), ...route.limits.map((each) => limitEntry(each, seen))],
    because: seen.evidence(because),
  }
}

/** A route on which nothing counts requests has one entry that says so. */
export function withoutAny(route: Route): readonly RouteLimit[] {
  if (requestLimits(route).length > 0) return []
  const missing = unseenLimits(route)
  if (missing !== undefined)
    return [
      {
        kind: 'requests',
        state: 'unknown',
        rule: 'unread',
        missing,
        because: [{ text: 'nothing of the input limits requests here' }],
      },
    ]
  const by = route.controller ? `${route.controller.product} sets none by itself` : 'no proxy stands before it'
  return [{ kind: 'requests', state: 'none', because: [{ text: `nothing limits requests here, and ${by}` }] }]
}

function limitEntry(judged: JudgedLimit, seen: Witness): RouteLimit {
  const { limit, state, rule, unknown, byDefault, total, because } = judged
  const { kind, algorithm, rate, period, burst, key, connections, body, seconds, of, bytesPerSecond, code, scope } =
    limit
  return defined({
    kind,
    limit: limitWords(limit),
    algorithm,
    rate,
    period,
    burst,
    key: keyText(key),
    connections,
    body,
    seconds,
    of,
    bytesPerSecond,
    code,
    scope,
    exempt: limit.exempt,
    only: limit.only,
    byDefault,
    total: total && finite(total),
    state,
    rule,
    missing: state === 'unknown' ? unknown?.missing : undefined,
    because: seen.evidence(because),
  })
}

/** JSON has no infinity: where nothing caps the replicas, there is no most. */
function finite({ least, most }: NonNullable<JudgedLimit['total']>): RouteLimit['total'] {
  return most === undefined || most === Number.POSITIVE_INFINITY ? { least } : { least, most }
}

function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}

/** One limit a row. */
export function* routesCsv({ cluster, routing }: ToldRoutes): Generator<string> {
  const seen = witness(cluster.locate)
  yield* csvLines(
    routing.routes.flatMap((route) => {
      const item = routeItem(route, seen)
      return item.limits.map((limit) => ({
        route: item.route,
        target: item.target,
        exposed: item.exposed,
        controller: item.controller?.product ?? '',
        kind: limit.kind,
        limit: limit.limit ?? '',
        state: limit.state,
        rule: limit.rule ?? '',
        missing: limit.missing ?? '',
        why: limit.because.map(({ text }) => text).join('; '),
        file: item.location?.file ?? '',
        line: item.location?.line ?? '',
      }))
    }),
  )
}
