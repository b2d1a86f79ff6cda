import type { Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { backendConnections } from './envoy-circuit-breaker.ts'
import { byDefault, found, inert } from './found.ts'
import { atoi, goDuration } from './numbers.ts'
import { connectionLimit, timeoutLimit } from './shapes.ts'

/** contour.yaml writes `request-timeout`, ContourConfiguration `envoy.timeouts.requestTimeout`: the last word decides. */
function said({ values }: Settings, name: string): Written | undefined {
  const plain = name.toLowerCase()
  for (const [key, written] of values) {
    const last = key
      .slice(key.lastIndexOf('.') + 1)
      .replaceAll('-', '')
      .toLowerCase()
    if (last === plain) return written
  }
  return undefined
}

const TIMEOUTS = [
  ['requestTimeout', 'request', undefined],
  ['streamIdleTimeout', 'body', 300],
  ['connectionIdleTimeout', 'idle', 60],
] as const

/** internal/contourconfig and Envoy’s defaults: nothing limits connections or the time of a whole request. */
export function* contourSettings(settings: Settings): Iterable<FoundLimit> {
  const listener = said(settings, 'maxConnectionsPerListener')
  const most = listener && atoi(listener.value)
  if (listener) {
    const limit = connectionLimit(most, { key: { kind: 'everyone' }, scope: 'replica' })
    yield most === undefined || most < 1
      ? inert(limit, 'refused-object', 'the API server refuses this number', listener.because)
      : found(limit, listener.because)
  }
  for (const [name, of, usual] of TIMEOUTS) yield* timeout(settings, name, of, usual)
  for (const name of ['maxConnections', 'maxRequests']) {
    const written = said(settings, name)
    const value = written && atoi(written.value)
    if (written && value !== undefined && value > 0) yield found(backendConnections(value), written.because)
  }
}

function* timeout(settings: Settings, name: string, of: string, usual: number | undefined): Iterable<FoundLimit> {
  const written = said(settings, name)
  const seconds = written && goDuration(written.value)
  if (!written || seconds === 0) {
    if (usual !== undefined)
      yield byDefault(timeoutLimit(of, usual), settings, `${name} is ${usual} seconds by default`)
  } else if (written.value === 'infinity' || written.value === 'infinite')
    yield inert(timeoutLimit(of, undefined), 'unlimited', 'infinity takes the limit away', written.because)
  else if (seconds === undefined || seconds < 0)
    yield inert(
      timeoutLimit(of, undefined),
      'breaks-configuration',
      'Contour does not start with this time',
      written.because,
    )
  else yield found(timeoutLimit(of, seconds), written.because)
}
