import type { KubeObject } from '../../../cluster/object.ts'
import { atCloud, backendSeconds, namedByField } from './clouds.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { partOf, quote, says } from './fields.ts'
import { byDefault, dialect, inert } from './found.ts'
import { routeTimeouts } from './gateway-timeouts.ts'
import { requestLimit, timeoutLimit } from './shapes.ts'

const ARMOR = 'Cloud Armor policy'

/** GKE: what BackendConfigs and GCPBackendPolicies attach to a load balancer of Google Cloud. */
export const GKE = dialect('gke', 'GKE load balancers', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined)
    yield byDefault(atCloud(timeoutLimit('backend', 30)), settings, 'a backend service waits 30 seconds by default')
  else if (object.group === 'cloud.google.com' && object.kind === 'BackendConfig') {
    yield* namedByField(partOf(object, 'spec', 'securityPolicy', 'name'), ARMOR)
    yield* backendSeconds(partOf(object, 'spec', 'timeoutSec'))
  } else if (object.group === 'networking.gke.io' && object.kind === 'GCPBackendPolicy') {
    yield* namedByField(partOf(object, 'spec', 'default', 'securityPolicy'), ARMOR)
    yield* backendSeconds(partOf(object, 'spec', 'default', 'timeoutSec'))
    yield* balancing(object)
  } else
    for (const each of routeTimeouts(object))
      yield inert(each.limit, 'unused-by-engine', 'GKE takes times from GCPBackendPolicies only', ...each.because)
}

/** The rate at which the load balancer turns to another endpoint: it refuses nobody. */
function* balancing(object: KubeObject): Iterable<FoundLimit> {
  const part = partOf(object, 'spec', 'default', 'maxRatePerEndpoint')
  if (part.value === undefined) return
  const rate = typeof part.value === 'number' ? part.value : undefined
  const limit = requestLimit('unknown', {
    rate,
    period: 1,
    key: { kind: 'expression', text: 'endpoint' },
    scope: 'outside',
  })
  const why = says(part, `maxRatePerEndpoint is ${quote(part.value)}`)
  yield inert(limit, 'unused-by-engine', 'it balances load between endpoints and refuses nobody', why)
}
