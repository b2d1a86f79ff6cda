import type { KubeObject } from '../../../cluster/object.ts'
import { setting } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { defaultCircuitBreaker } from './envoy-circuit-breaker.ts'
import { envoyFilters } from './envoy-filters.ts'
import { partOf } from './fields.ts'
import { byDefault, dialect } from './found.ts'
import { routeTimeouts } from './gateway-timeouts.ts'
import { goDuration } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

/** Cilium: Envoy’s own configuration in CiliumEnvoyConfigs, and timeouts of routes; it has no kind of its own for limits. */
export const CILIUM = dialect('cilium', 'Cilium', read)

const KINDS: ReadonlySet<string> = new Set(['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'])

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) {
    const seconds = goDuration(`${setting(settings, 'proxy-idle-timeout-seconds')?.value ?? '60'}s`)
    yield byDefault(timeoutLimit('idle', seconds ?? 60), settings, 'proxy-idle-timeout-seconds is 60 by default')
    yield* defaultCircuitBreaker(settings)
  } else if (object.group === 'cilium.io' && KINDS.has(object.kind))
    // Which Envoy an agent runs is not told by its own version.
    yield* envoyFilters(partOf(object, 'spec', 'resources'), 'unknown')
  else yield* routeTimeouts(object)
}
