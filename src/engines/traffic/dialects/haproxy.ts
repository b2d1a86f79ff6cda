import type { KubeObject } from '../../../cluster/object.ts'
import type { LimitKey } from '../limit.ts'
import { Annotations, setting, short, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, dialect, found, inert, unread } from './found.ts'
import { haproxyTimeout } from './haproxy-timeout.ts'
import { exemptsEveryone, networks } from './networks.ts'
import { atoi, haproxyTime } from './numbers.ts'
import { connectionLimit, requestLimit, timeoutLimit } from './shapes.ts'

const PREFIXES = ['haproxy.org', 'ingress.kubernetes.io', 'haproxy.com']

/** HAProxy Technologies’ kubernetes-ingress 3.2.11: annotations of Ingresses and Services, and its ConfigMap for all of them. */
export const HAPROXY = dialect('haproxy', 'HAProxy Kubernetes Ingress Controller', read)

type Lookup = (name: string) => Written | undefined

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  const general: Lookup = (name) => setting(settings, name)
  if (object === undefined) {
    yield* rateLimit(general, general)
    yield* podConnections(general)
    yield* defaults(settings)
  } else if (object.kind === 'Ingress' || object.kind === 'Service') {
    const annotations = new Annotations(object, PREFIXES)
    const own: Lookup = (name) => annotations.get(name)
    if (object.kind === 'Ingress') yield* rateLimit(own, (name) => own(name) ?? general(name))
    yield* podConnections(own)
    yield* haproxyTimeout(own('timeout-server'), 'backend')
  }
}

/**
 * pkg/annotations/ingress/reqRateLimit.go: `{ sc0_http_req_rate(table) gt N }` by source address; requests that were
 * refused are counted too. An Ingress may say a part of it (`own`), and the ConfigMap the rest (`get`).
 */
function* rateLimit(own: Lookup, get: Lookup): Iterable<FoundLimit> {
  const first = NAMES.map(own).find((each) => each !== undefined)
  const written = first && get('rate-limit-requests')
  if (!written) return
  const said = atoi(written.value)
  // `gt -1` holds for every request: HAProxy takes it, and refuses all.
  const rate = said === undefined ? undefined : Math.max(0, said)
  const [period, code] = [get('rate-limit-period'), get('rate-limit-status-code')]
  const whitelist = get('rate-limit-whitelist')
  const exempt = whitelist && networks(whitelist.value.split(/[\s,]+/).filter((each) => each !== ''))
  const limit = requestLimit('sliding-window', {
    rate,
    period: period ? haproxyTime(period.value) : 1,
    burst: 0,
    key: { kind: 'client-address' },
    code: (code && atoi(code.value)) ?? 403,
    scope: 'replica',
    exempt: exempt && exempt.length > 0 ? exempt : undefined,
  })
  const all = new Set([first, written, period, code, whitelist].filter((each) => each !== undefined))
  const why = [...all].map((each) => each.because)
  if (rate === undefined) yield inert(limit, 'ignored-value', `${short(written.value)} is no number`, ...why)
  else if (said === 0) yield inert(limit, 'unlimited', '0 is no limit', ...why)
  else if (limit.period === undefined || limit.period <= 0)
    yield inert(limit, 'ignored-value', 'the period is no time of HAProxy', ...why)
  else if (whitelist && exempt === undefined)
    yield unread(limit, 'whom the patterns of rate-limit-whitelist exempt', ...why)
  else if (exemptsEveryone(exempt)) yield inert(limit, 'exempts-everyone', 'every IPv4 client is exempt', ...why)
  else yield found(limit, ...why)
}

const NAMES = ['rate-limit-requests', 'rate-limit-period', 'rate-limit-status-code', 'rate-limit-whitelist'] as const

/** pod-maxconn is divided by the number of HAProxy’s pods; what comes on top waits. */
function* podConnections(get: Lookup): Iterable<FoundLimit> {
  const written = get('pod-maxconn')
  const value = written && atoi(written.value)
  const key: LimitKey = { kind: 'expression', text: 'backend pod' }
  const limit = connectionLimit(value, { key, scope: 'shared' })
  if (!written) return
  yield value === undefined || value <= 0
    ? inert(limit, value === 0 ? 'unlimited' : 'ignored-value', 'nothing below 1 is a limit', written.because)
    : found(limit, written.because)
}

const TIMEOUTS = [
  ['timeout-http-request', 'headers', '5s'],
  ['timeout-http-keep-alive', 'idle', '1m'],
  ['timeout-server', 'backend', '50s'],
] as const

function* defaults(settings: Settings): Iterable<FoundLimit> {
  for (const [name, of, usual] of TIMEOUTS) {
    const written = setting(settings, name)
    if (written && haproxyTime(written.value) !== undefined) yield* haproxyTimeout(written, of)
    else yield byDefault(timeoutLimit(of, haproxyTime(usual)), settings, `${name} is ${usual} by default`)
  }
  const written = setting(settings, 'maxconn')
  const value = written && atoi(written.value)
  if (written && value !== undefined && value > 0)
    yield found(connectionLimit(value, { key: { kind: 'everyone' }, scope: 'replica' }), written.because)
}
