import { because } from '../../../cluster/because.ts'
import { annotationsOf } from '../../../cluster/object.ts'
import { type Annotations, annotated, setting } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { found, inert, unread } from './found.ts'
import { ingressNginxCounted, isValidated } from './ingress-nginx-counted.ts'
import { clientMaxBodySize, defaultBandwidth, snippetLimits } from './ingress-nginx-settings.ts'
import { nginxKey } from './nginx-key.ts'
import { atoi, goDuration } from './numbers.ts'
import { bandwidthLimit, requestLimit, timeoutLimit, unreadLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

/** What the annotations of one Ingress set, as internal/ingress/annotations and the template make nginx.conf of them. */
export function ingressNginxAnnotations(annotations: Annotations, settings: Settings): readonly FoundLimit[] {
  const limits = [
    ...ingressNginxCounted(annotations, settings),
    ...bandwidth(annotations, settings),
    ...body(annotations, settings),
    ...readTimeout(annotations),
    ...globalRateLimit(annotations, settings),
    ...snippets(annotations, settings),
    ...formerPrefix(annotations),
  ]
  // The object that a validation error is found in is not taken over, with nothing of what else it says.
  const refused = limits.find(({ inert: state }) => state?.rule === 'refused-object')?.inert
  return refused ? limits.map((each) => ({ ...each, inert: refused })) : limits
}

/**
 * limit-rate and limit-rate-after, in thousands of bytes (1024). nginx takes a response that it does not buffer out of
 * limit_rate (ngx_http_upstream_send_response), and proxy-buffering is off unless someone turns it on.
 */
function* bandwidth(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const written = annotations.get('limit-rate')
  const value = written && atoi(written.value)
  if (!written) {
    if (annotations.get('proxy-buffering')?.value.trim() === 'on') yield* defaultBandwidth(settings, true)
    return
  }
  const after = annotations.get('limit-rate-after')
  const limit = bandwidthLimit(value === undefined ? undefined : value * 1024)
  const reasons = [written.because, ...(after ? [after.because] : [])]
  const buffering = annotations.get('proxy-buffering') ?? setting(settings, 'proxy-buffering')
  if (value === undefined) yield inert(limit, 'ignored-value', 'the ConfigMap’s limit-rate counts', ...reasons)
  else if (value <= 0)
    yield inert(limit, value === 0 ? 'unlimited' : 'ignored-value', 'nothing below 1 is a limit', ...reasons)
  else if (buffering === undefined && !settings.seen)
    yield unread(limit, 'proxy-buffering of the controller’s ConfigMap', ...reasons)
  else if (buffering?.value.trim() !== 'on')
    yield inert(
      limit,
      'unused-by-engine',
      'nginx limits only buffered responses, and proxy-buffering is off',
      ...reasons,
    )
  else yield found(limit, ...reasons, buffering.because)
}

function* body(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const written = annotations.get('proxy-body-size')
  if (written) yield* clientMaxBodySize(written, isValidated(settings))
}

function* readTimeout(annotations: Annotations): Iterable<FoundLimit> {
  const written = annotations.get('proxy-read-timeout')
  const seconds = written && atoi(written.value)
  if (!written) return
  const limit = timeoutLimit('backend', seconds)
  if (seconds === undefined)
    yield inert(limit, 'ignored-value', 'the ConfigMap’s proxy-read-timeout counts', written.because)
  else if (seconds < 0)
    yield inert(
      limit,
      'breaks-configuration',
      'nginx refuses a negative time, and with it every route',
      written.because,
    )
  else yield found(limit, written.because)
}

/** Counted in memcached by all replicas together, until 1.12.0 took it out (kubernetes/ingress-nginx#11851). */
function* globalRateLimit(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const written = annotations.get('global-rate-limit')
  if (!written) return
  const window = annotations.get('global-rate-limit-window')
  const key = annotations.get('global-rate-limit-key')
  const rate = atoi(written.value)
  const seconds = window && goDuration(window.value)
  const limit = requestLimit('sliding-window', {
    rate,
    period: seconds,
    burst: 0,
    key: key ? nginxKey(key.value) : { kind: 'client-address' },
    code: 429,
    scope: 'global',
  })
  const reasons = [written, window, key].filter((each) => each !== undefined).map((each) => each.because)
  const removed = isAtLeast(settings, 1, 12)
  if (removed === 'yes')
    yield inert(limit, 'removed-feature', 'ingress-nginx 1.12.0 took global rate limits out', ...reasons)
  else if (removed === 'unknown')
    yield unread(limit, 'the version of ingress-nginx (1.12.0 took global rate limits out)', ...reasons)
  else if (rate === undefined || rate <= 0 || seconds === undefined || seconds <= 0)
    yield inert(limit, 'ignored-value', 'both a number and a window are needed', ...reasons)
  else if (setting(settings, 'global-rate-limit-memcached-host') === undefined)
    yield settings.seen
      ? inert(limit, 'ignored-value', 'no memcached is configured (global-rate-limit-memcached-host)', ...reasons)
      : unread(limit, 'global-rate-limit-memcached-host of the controller’s ConfigMap', ...reasons)
  else yield found(limit, ...reasons)
}

function* snippets(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  for (const name of ['configuration-snippet', 'server-snippet']) {
    const written = annotations.get(name)
    if (!written) continue
    const allowed = setting(settings, 'allow-snippet-annotations')
    for (const limit of snippetLimits(written.value)) {
      const at = because(`${name} sets ${limit.kind}`, written.because.object, written.because.path)
      if (allowed?.value === 'true') yield unread(limit, 'the meaning of a snippet', at, allowed.because)
      else if (allowed || (settings.seen && isAtLeast(settings, 1, 9) === 'yes'))
        yield inert(limit, 'ignored-value', 'allow-snippet-annotations is off, its default since 1.9.0', at)
      else yield unread(limit, 'whether allow-snippet-annotations is on, and the meaning of a snippet', at)
    }
  }
}

/** Before 0.9 the prefix was ingress.kubernetes.io; objects of that age are still applied. */
function* formerPrefix(annotations: Annotations): Iterable<FoundLimit> {
  for (const name of ['limit-rps', 'limit-rpm', 'limit-connections'] as const) {
    const key = `ingress.kubernetes.io/${name}`
    const value = annotationsOf(annotations.object.body).get(key)
    if (value === undefined) continue
    const kind = name === 'limit-connections' ? 'connections' : 'requests'
    const why = 'ingress-nginx reads annotations of nginx.ingress.kubernetes.io only, since 0.9.0'
    yield inert(unreadLimit(kind, key), 'removed-feature', why, annotated(annotations.object, key, value))
  }
}
