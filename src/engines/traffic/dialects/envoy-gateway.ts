import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { circuitBreaker, defaultCircuitBreaker } from './envoy-circuit-breaker.ts'
import { envoyGatewayClient, envoyGatewayClientDefaults } from './envoy-gateway-client.ts'
import { envoyGatewayRateLimits } from './envoy-gateway-rate-limits.ts'
import { inside, partOf, quote, says } from './fields.ts'
import { dialect, found, inert, unread } from './found.ts'
import { backendTimeout, routeTimeouts } from './gateway-timeouts.ts'
import { quantity } from './numbers.ts'
import { bandwidthLimit, bodyLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

const GROUP = 'gateway.envoyproxy.io'

/** Envoy Gateway 1.9.0: BackendTrafficPolicy, ClientTrafficPolicy, timeouts of routes. */
export const ENVOY_GATEWAY = dialect('envoy-gateway', 'Envoy Gateway', read)

function* read(object: KubeObject | undefined, settings: Settings, cluster: Cluster): Iterable<FoundLimit> {
  if (object === undefined) {
    yield* envoyGatewayClientDefaults(settings)
    yield* defaultCircuitBreaker(settings)
  } else if (object.group === GROUP && object.kind === 'BackendTrafficPolicy') {
    yield* envoyGatewayRateLimits(object, settings, cluster)
    yield* circuitBreaker(partOf(object, 'spec', 'circuitBreaker'), CIRCUIT_BREAKER)
    yield* requestBuffer(object)
    yield* bandwidths(object, settings)
    yield* backendTimeout(partOf(object, 'spec', 'timeout', 'http', 'requestTimeout'))
  } else if (object.group === GROUP && object.kind === 'ClientTrafficPolicy') yield* envoyGatewayClient(object)
  else yield* routeTimeouts(object)
}

const CIRCUIT_BREAKER = ['maxConnections', 'maxParallelRequests'] as const

function* requestBuffer(object: KubeObject): Iterable<FoundLimit> {
  const part = partOf(object, 'spec', 'requestBuffer', 'limit')
  if (part.value === undefined) return
  const bytes = quantity(part.value)
  const why = says(part, `requestBuffer.limit is ${quote(part.value)}`)
  if (bytes === undefined || bytes < 1 || bytes > MOST_BYTES)
    yield inert(bodyLimit(bytes), 'refused-object', 'the API server or Envoy Gateway refuses this size', why)
  else yield found(bodyLimit(Math.ceil(bytes)), why)
}

/** Envoy holds sizes in 32 bits. */
const MOST_BYTES = 2 ** 32 - 1

const SECONDS: ReadonlyMap<unknown, number> = new Map([
  ['Second', 1],
  ['Minute', 60],
  ['Hour', 3600],
])

/** Since 1.8.0. */
function* bandwidths(object: KubeObject, settings: Settings): Iterable<FoundLimit> {
  const since = isAtLeast(settings, 1, 8)
  for (const direction of ['request', 'response'] as const) {
    const part = partOf(object, 'spec', 'bandwidthLimit', direction, 'limit')
    if (part.value === undefined) continue
    const bytes = quantity(inside(part, 'value').value)
    const seconds = SECONDS.get(inside(part, 'unit').value)
    const why = says(
      part,
      `${direction}s are sent at ${quote(inside(part, 'value').value)} a ${quote(inside(part, 'unit').value)}`,
    )
    const rate = bytes === undefined || seconds === undefined ? undefined : bytes / seconds
    const limit = { ...bandwidthLimit(rate), key: { kind: 'everyone' } as const, only: `${direction}s` }
    if (rate === undefined || rate <= 0) yield inert(limit, 'refused-object', 'the API server refuses this value', why)
    else if (since === 'no') yield inert(limit, 'removed-feature', 'Envoy Gateway before 1.8.0 does not know it', why)
    else if (since === 'unknown') yield unread(limit, 'the version of Envoy Gateway (bandwidthLimit since 1.8.0)', why)
    else yield found(limit, why)
  }
}
