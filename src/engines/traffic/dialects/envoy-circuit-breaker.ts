import type { Limit } from '../limit.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { inside, type Part, quote, says } from './fields.ts'
import { byDefault, found, inert } from './found.ts'
import { whole } from './numbers.ts'
import { connectionLimit } from './shapes.ts'

/** Envoy’s own thresholds of a cluster, for connections and for requests at once. */
const USUAL = 1024

const MOST = 2 ** 32 - 1

/** What a proxy opens to one backend: for all clients together, and answered 503 above. */
export function backendConnections(connections: number | undefined): Limit {
  return connectionLimit(connections, { key: { kind: 'everyone' }, code: 503, scope: 'replica' })
}

/** Fields of a circuit breaker, each a number of connections or requests at once. */
export function* circuitBreaker(part: Part, names: readonly string[]): Iterable<FoundLimit> {
  for (const name of names) {
    const each = inside(part, name)
    if (each.value === undefined || each.value === null) continue
    const value = whole(each.value)
    const why = says(each, `${name} is ${quote(each.value)}`)
    if (value === undefined || value < 0 || value > MOST)
      yield inert(backendConnections(value), 'refused-object', 'the API server refuses this number', why)
    else yield found(backendConnections(value), why)
  }
}

export function* defaultCircuitBreaker(settings: Settings): Iterable<FoundLimit> {
  yield byDefault(backendConnections(USUAL), settings, `Envoy lets ${USUAL} requests at once to a backend by default`)
}
