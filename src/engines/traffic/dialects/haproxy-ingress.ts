import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { Annotations, flag, setting, short, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, dialect, found, inert } from './found.ts'
import { haproxyTimeout } from './haproxy-timeout.ts'
import { exemptsEveryone, validNetworks } from './networks.ts'
import { atoi, haproxyTime } from './numbers.ts'
import { bodyLimit, connectionLimit, requestLimit, timeoutLimit } from './shapes.ts'

/** pkg/controller/config/options.go; `--annotations-prefix` replaces them. */
const PREFIXES = 'haproxy-ingress.github.io,ingress.kubernetes.io'

/** jcmoraisjr/haproxy-ingress 0.16.1: annotations of Ingresses and Services; a ConfigMap key of the same name is for all. */
export const HAPROXY_INGRESS = dialect('haproxy-ingress', 'HAProxy Ingress (jcmoraisjr)', read)

type Lookup = (name: string) => Written | undefined

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) {
    yield* limits((name) => setting(settings, name))
    yield* defaults(settings)
  } else if (object.kind === 'Ingress' || object.kind === 'Service') {
    const prefixes = (flag(settings, 'annotations-prefix')?.value ?? PREFIXES).split(',', 20)
    const annotations = new Annotations(
      object,
      prefixes.map((each) => each.trim()),
    )
    yield* limits((name) => annotations.get(name))
    for (const [name, of] of TIMEOUTS) yield* haproxyTimeout(annotations.get(name), of)
  }
}

/** All clients of a backend share one stick table by source address; what it counts are requests, refused ones too. */
function* limits(get: Lookup): Iterable<FoundLimit> {
  const whitelist = get('limit-whitelist')
  const exempt = whitelist && validNetworks(whitelist.value.split(','))
  const common = {
    key: { kind: 'client-address' } as const,
    code: 429,
    scope: 'replica' as const,
    exempt: exempt && exempt.length > 0 ? exempt : undefined,
  }
  const more = whitelist ? [whitelist.because] : []
  for (const name of ['limit-rps', 'limit-connections'] as const) {
    const written = get(name)
    if (!written) continue
    const said = atoi(written.value)
    // `gt -1` holds for every request: HAProxy takes it, and refuses all.
    const value = said === undefined ? undefined : Math.max(0, said)
    const limit =
      name === 'limit-rps'
        ? requestLimit('sliding-window', { rate: value, period: 1, burst: 0, ...common })
        : connectionLimit(value, common)
    if (value === undefined)
      yield inert(limit, 'ignored-value', `${short(written.value)} is no number`, written.because)
    else if (said === 0) yield inert(limit, 'unlimited', '0 is no limit', written.because)
    else if (exemptsEveryone(exempt))
      yield inert(limit, 'exempts-everyone', 'every IPv4 client is exempt', written.because, ...more)
    else yield found(limit, written.because, ...more)
  }
  yield* body(get('proxy-body-size'))
  yield* serverConnections(get('maxconn-server'))
}

const SIZE = /^([0-9]{1,18})([kKmMgG]?)$/
const UNITS: ReadonlyMap<string, number> = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
])

function* body(written: Written | undefined): Iterable<FoundLimit> {
  if (!written) return
  const parts = SIZE.exec(written.value)
  const bytes = parts ? Number(parts[1]) * (UNITS.get((parts[2] as string).toLowerCase()) ?? 1) : undefined
  // A request without Content-Length has no size before its end, and passes.
  if (bytes !== undefined && bytes > 0)
    yield found({ ...bodyLimit(bytes), only: 'requests with Content-Length' }, written.because)
  else if (written.value === 'unlimited' || bytes === 0)
    yield inert(bodyLimit(0), 'unlimited', 'there is no limit', written.because)
  else yield inert(bodyLimit(undefined), 'ignored-value', `${short(written.value)} is no size`, written.because)
}

/** Each pod of the backend gets no more at once; further requests wait in HAProxy’s queue. */
function* serverConnections(written: Written | undefined): Iterable<FoundLimit> {
  const value = written && atoi(written.value)
  const key: LimitKey = { kind: 'expression', text: 'backend pod' }
  const limit: Limit = connectionLimit(value, { key, scope: 'replica' })
  if (!written) return
  yield value === undefined || value <= 0
    ? inert(limit, value === 0 ? 'unlimited' : 'ignored-value', 'nothing below 1 is a limit', written.because)
    : found(limit, written.because)
}

const TIMEOUTS = [
  ['timeout-http-request', 'headers', '5s'],
  ['timeout-keep-alive', 'idle', '1m'],
  ['timeout-server', 'backend', '50s'],
] as const

function* defaults(settings: Settings): Iterable<FoundLimit> {
  for (const [name, of, usual] of TIMEOUTS) {
    const written = setting(settings, name)
    if (written && haproxyTime(written.value) !== undefined) yield* haproxyTimeout(written, of)
    else yield byDefault(timeoutLimit(of, haproxyTime(usual)), settings, `${name} is ${usual} by default`)
  }
  const written = setting(settings, 'max-connections')
  const value = (written && atoi(written.value)) ?? 2000
  const limit = connectionLimit(value, { key: { kind: 'everyone' }, scope: 'replica' })
  yield written ? found(limit, written.because) : byDefault(limit, settings, 'max-connections is 2000 by default')
}
