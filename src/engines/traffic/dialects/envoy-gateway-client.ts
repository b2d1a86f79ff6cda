import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { partOf, quote, says } from './fields.ts'
import { byDefault, found, inert } from './found.ts'
import { duration } from './gateway-timeouts.ts'
import { whole } from './numbers.ts'
import { connectionLimit, timeoutLimit } from './shapes.ts'

const TIMEOUTS: readonly (readonly [field: string, of: string])[] = [
  ['requestReceivedTimeout', 'request'],
  ['requestHeadersReceivedTimeout', 'headers'],
  ['streamIdleTimeout', 'body'],
  ['idleTimeout', 'idle'],
]

/** What a ClientTrafficPolicy sets for the listeners that it targets. */
export function* envoyGatewayClient(object: KubeObject): Iterable<FoundLimit> {
  const part = partOf(object, 'spec', 'connection', 'connectionLimit', 'value')
  if (part.value !== undefined) {
    const value = whole(part.value)
    const limit = connectionLimit(value, { key: { kind: 'everyone' }, scope: 'replica' })
    const why = says(part, `connectionLimit is ${quote(part.value)}, for all clients of a listener`)
    if (value === undefined || value < 1)
      yield inert(limit, 'refused-object', 'the API server refuses this number', why)
    else yield found(limit, why)
  }
  for (const [field, of] of TIMEOUTS) yield* duration(partOf(object, 'spec', 'timeout', 'http', field), of)
}

export function* envoyGatewayClientDefaults(settings: Settings): Iterable<FoundLimit> {
  yield byDefault(timeoutLimit('body', 300), settings, 'a stream may be idle for 5 minutes by default')
  yield byDefault(timeoutLimit('idle', 3600), settings, 'a connection may be idle for an hour by default')
}
