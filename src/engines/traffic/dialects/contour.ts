import type { KubeObject } from '../../../cluster/object.ts'
import { annotationsOf } from '../../../cluster/object.ts'
import { annotated } from './annotations.ts'
import { contourGlobal, contourLocal } from './contour-rate-limits.ts'
import { contourSettings } from './contour-settings.ts'
import { contourTime } from './contour-time.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { backendConnections, defaultCircuitBreaker } from './envoy-circuit-breaker.ts'
import { inside, itemsOf, partOf } from './fields.ts'
import { dialect, found, inert } from './found.ts'
import { routeTimeouts } from './gateway-timeouts.ts'
import { atoi } from './numbers.ts'

/** Contour 1.33.6: HTTPProxy, annotations of Services, ContourConfiguration or contour.yaml. */
export const CONTOUR = dialect('contour', 'Contour', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) {
    yield* contourSettings(settings)
    yield* defaultCircuitBreaker(settings)
  } else if (object.kind === 'HTTPProxy' && object.group === 'projectcontour.io') yield* httpProxy(object, settings)
  else if (object.kind === 'Service') yield* service(object)
  else yield* routeTimeouts(object)
}

function* httpProxy(object: KubeObject, settings: Settings): Iterable<FoundLimit> {
  const host = partOf(object, 'spec', 'virtualhost', 'rateLimitPolicy')
  yield* contourLocal(inside(host, 'local'))
  yield* contourGlobal(inside(host, 'global'), settings)
  for (const route of itemsOf(partOf(object, 'spec', 'routes'))) {
    yield* contourLocal(inside(route, 'rateLimitPolicy', 'local'))
    yield* contourGlobal(inside(route, 'rateLimitPolicy', 'global'), settings)
    yield* contourTime(inside(route, 'timeoutPolicy', 'response'), 'backend')
    yield* contourTime(inside(route, 'timeoutPolicy', 'idle'), 'body')
  }
}

const BREAKERS = ['max-connections', 'max-requests']

/** `projectcontour.io/max-connections` and its kin on the Service; 0 and what is no number leave Envoy’s own 1024. */
function* service(object: KubeObject): Iterable<FoundLimit> {
  const annotations = annotationsOf(object.body)
  for (const name of BREAKERS) {
    const key = `projectcontour.io/${name}`
    const text = annotations.get(key)
    if (text === undefined) continue
    const value = atoi(text)
    yield value === undefined || value <= 0 || value > 2 ** 32 - 1
      ? inert(backendConnections(value), 'ignored-value', 'Envoy’s own 1024 counts', annotated(object, key, text))
      : found(backendConnections(value), annotated(object, key, text))
  }
}
