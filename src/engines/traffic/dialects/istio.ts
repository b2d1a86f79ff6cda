import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { circuitBreaker } from './envoy-circuit-breaker.ts'
import { envoyFilters } from './envoy-filters.ts'
import { inside, itemsOf, type Part, partOf } from './fields.ts'
import { byDefault, dialect } from './found.ts'
import { backendTimeout, duration, routeTimeouts } from './gateway-timeouts.ts'
import { timeoutLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

/** Istio (APIs of 2026-07): EnvoyFilter, DestinationRule, VirtualService, timeouts of routes; it has no rate limits of its own. */
export const ISTIO = dialect('istio', 'Istio', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) {
    // Istio turns Envoy’s time for idle streams and its thresholds of clusters off.
    yield byDefault(timeoutLimit('idle', 3600), settings, 'Envoy keeps an idle connection for an hour by default')
  } else if (object.group !== 'networking.istio.io') yield* routeTimeouts(object)
  else if (object.kind === 'EnvoyFilter') {
    // Istio 1.26 runs Envoy 1.34.
    yield* envoyFilters(partOf(object, 'spec', 'configPatches'), isAtLeast(settings, 1, 26))
  } else if (object.kind === 'DestinationRule') yield* destinationRule(object)
  else if (object.kind === 'VirtualService')
    for (const route of itemsOf(partOf(object, 'spec', 'http'))) yield* backendTimeout(inside(route, 'timeout'))
}

function* destinationRule(object: KubeObject): Iterable<FoundLimit> {
  yield* trafficPolicy(partOf(object, 'spec', 'trafficPolicy'))
  for (const subset of itemsOf(partOf(object, 'spec', 'subsets'))) yield* trafficPolicy(inside(subset, 'trafficPolicy'))
}

function* trafficPolicy(part: Part): Iterable<FoundLimit> {
  yield* connectionPool(inside(part, 'connectionPool'))
  for (const port of itemsOf(inside(part, 'portLevelSettings'))) yield* connectionPool(inside(port, 'connectionPool'))
}

/** maxRequestsPerConnection says when a connection is made anew: it refuses nothing. */
function* connectionPool(part: Part): Iterable<FoundLimit> {
  yield* circuitBreaker(inside(part, 'tcp'), ['maxConnections'])
  yield* circuitBreaker(inside(part, 'http'), ['http1MaxPendingRequests', 'http2MaxRequests'])
  yield* duration(inside(part, 'http', 'idleTimeout'), 'idle')
}
