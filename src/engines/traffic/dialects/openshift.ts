import { string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { Annotations, parseBool, setting, short, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { partOf } from './fields.ts'
import { byDefault, dialect, found, inert } from './found.ts'
import { haproxyTimeout } from './haproxy-timeout.ts'
import { atoi, goDuration, haproxyTime } from './numbers.ts'
import { connectionLimit, requestLimit, timeoutLimit } from './shapes.ts'

/** OpenShift’s router (HAProxy): annotations of a Route, tuning of its IngressController. */
export const OPENSHIFT = dialect('openshift', 'OpenShift router', read)

const SWITCH = 'rate-limit-connections'

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) yield* router(settings)
  else if (object.kind === 'Route' && object.group === 'route.openshift.io') {
    const annotations = new Annotations(object, ['haproxy.router.openshift.io'])
    yield* counted(annotations, object)
    yield* haproxyTimeout(annotations.get('timeout'), 'backend')
    yield* podConnections(annotations.get('pod-concurrent-connections'))
  }
}

/**
 * haproxy-config.template: a stick table of source addresses with `conn_cur,conn_rate(3s),http_req_rate(10s)`, and
 * `tcp-request content reject if { … ge N }`: the N-th is refused, by closing the connection.
 */
function* counted(annotations: Annotations, object: KubeObject): Iterable<FoundLimit> {
  const isOn = annotations.get(SWITCH)
  const isPassthrough = string(partOf(object, 'spec', 'tls', 'termination').value) === 'passthrough'
  for (const [name, shape] of COUNTED) {
    const written = annotations.get(`${SWITCH}.${name}`)
    if (!written) continue
    const value = atoi(written.value)
    const limit = shape(value === undefined ? undefined : Math.max(0, value - 1))
    const why = [written.because, ...(isOn ? [isOn.because] : [])]
    if (parseBool(isOn?.value ?? '') !== true)
      yield inert(limit, 'ignored-value', `${SWITCH} is not "true", and nothing of it counts`, ...why)
    else if (value === undefined || value < 1)
      yield inert(limit, 'ignored-value', `${short(written.value)} is no limit`, ...why)
    else if (isPassthrough && name === 'rate-http')
      yield inert(limit, 'unused-by-engine', 'the router sees no requests where TLS passes through', ...why)
    else yield found(limit, ...why)
  }
}

const CLIENT: LimitKey = { kind: 'client-address' }

const COUNTED: readonly (readonly [name: string, shape: (value: number | undefined) => Limit])[] = [
  ['concurrent-tcp', (value) => connectionLimit(value, { key: CLIENT, scope: 'replica' })],
  [
    'rate-http',
    (rate) => requestLimit('sliding-window', { rate, period: 10, burst: 0, key: CLIENT, scope: 'replica' }),
  ],
  [
    'rate-tcp',
    (rate) =>
      requestLimit('sliding-window', {
        rate,
        period: 3,
        burst: 0,
        key: CLIENT,
        scope: 'replica',
        only: 'new connections',
      }),
  ],
]

function* podConnections(written: Written | undefined): Iterable<FoundLimit> {
  const value = written && atoi(written.value)
  if (!written) return
  const limit = connectionLimit(value, { key: { kind: 'expression', text: 'backend pod' }, scope: 'replica' })
  yield value === undefined || value < 1
    ? inert(limit, 'ignored-value', `${short(written.value)} is no limit`, written.because)
    : found(limit, written.because)
}

/** Environment of the router, else `tuningOptions` of the IngressController that makes it. */
const TIMEOUTS = [
  ['slowloris_timeout', undefined, 'headers', 10],
  ['default_client_timeout', 'tuningOptions.clientTimeout', 'body', 30],
  ['slowloris_http_keepalive', 'tuningOptions.httpKeepAliveTimeout', 'idle', 300],
  ['default_server_timeout', 'tuningOptions.serverTimeout', 'backend', 30],
] as const

function* router(settings: Settings): Iterable<FoundLimit> {
  for (const [environment, tuning, of, usual] of TIMEOUTS) {
    const written = setting(settings, environment) ?? (tuning === undefined ? undefined : setting(settings, tuning))
    const seconds = written && (haproxyTime(written.value) ?? goDuration(written.value))
    if (written && seconds !== undefined) yield found(timeoutLimit(of, seconds), written.because)
    else yield byDefault(timeoutLimit(of, usual), settings, `the router waits ${usual} seconds by default (${of})`)
  }
  const written = setting(settings, 'max_connections') ?? setting(settings, 'tuningOptions.maxConnections')
  const value = written && atoi(written.value)
  // -1 asks HAProxy to take what the container's limits allow; 0 leaves the default.
  const isSet = value !== undefined && value > 0
  const limit = connectionLimit(isSet ? value : value === -1 ? undefined : 50_000, {
    key: { kind: 'everyone' },
    scope: 'replica',
  })
  if (written && isSet) yield found(limit, written.because)
  else if (written && value === -1)
    yield inert(limit, 'unlimited', 'HAProxy takes what the container’s limits allow', written.because)
  else yield byDefault(limit, settings, 'the router takes 50000 connections by default')
}
