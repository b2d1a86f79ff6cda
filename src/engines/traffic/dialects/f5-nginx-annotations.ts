import type { Because } from '../../../cluster/because.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { Annotations, parseBool, type Written } from './annotations.ts'
import type { FoundLimit } from './dialect.ts'
import { found, inert, unread } from './found.ts'
import { snippetLimits } from './ingress-nginx-settings.ts'
import { nginxKey } from './nginx-key.ts'
import { nginxRate, undelayed } from './nginx-rate.ts'
import { atoi, nginxSize, nginxTime } from './numbers.ts'
import { bodyLimit, connectionLimit, requestLimit, timeoutLimit } from './shapes.ts'

/** An annotation that does not pass validation makes the controller refuse the whole Ingress. */
const REFUSED = 'the controller refuses the Ingress'

export function* f5Annotations(object: KubeObject): Iterable<FoundLimit> {
  const annotations = new Annotations(object, ['nginx.org'])
  const limits = [
    ...rate(annotations),
    ...body(annotations.get('client-max-body-size')),
    ...timeout(annotations.get('proxy-read-timeout')),
    ...maxConnections(annotations.get('max-conns')),
    ...snippets(annotations),
  ]
  const refused = limits.find(({ inert: state }) => state?.rule === 'refused-object')?.inert
  for (const each of limits) yield refused ? { ...each, inert: refused } : each
}

/** Without a rate the other annotations of it say nothing (internal/configs/config_params.go has the defaults). */
function* rate(annotations: Annotations): Iterable<FoundLimit> {
  const written = annotations.get('limit-req-rate')
  if (!written) return
  const parsed = nginxRate(written.value)
  const burst = numberOf(annotations, 'limit-req-burst')
  const delay = numberOf(annotations, 'limit-req-delay')
  const code = numberOf(annotations, 'limit-req-reject-code')
  const noDelay = flagOf(annotations, 'limit-req-no-delay')
  const isScaled = flagOf(annotations, 'limit-req-scale')
  const isDry = flagOf(annotations, 'limit-req-dry-run')
  const all = [burst, delay, code, noDelay, isScaled, isDry]
  const limit = requestLimit('leaky-bucket', {
    ...parsed,
    burst: burst.value ?? 0,
    undelayed: undelayed(burst.value ?? 0, delay.value, noDelay.value === true),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of nginx
    key: nginxKey(annotations.get('limit-req-key')?.value ?? '${binary_remote_addr}'),
    code: code.value ?? 429,
    scope: isScaled.value === true ? 'shared' : 'replica',
    shadow: isDry.value === true ? true : undefined,
  })
  const why = [written.because, ...all.flatMap((each) => each.because)]
  const isRefused =
    parsed === undefined ||
    all.some(
      ({ because, value }) => because.length > 0 && (value === undefined || (typeof value === 'number' && value < 0)),
    ) ||
    (code.value !== undefined && (code.value < 400 || code.value > 599))
  yield isRefused ? inert(limit, 'refused-object', REFUSED, ...why) : found(limit, ...why)
}

interface Read<T> {
  readonly value: T | undefined
  readonly because: readonly Because[]
}

function numberOf(annotations: Annotations, name: string): Read<number> {
  const written = annotations.get(name)
  return written ? { value: atoi(written.value), because: [written.because] } : { value: undefined, because: [] }
}

function flagOf(annotations: Annotations, name: string): Read<boolean> {
  const written = annotations.get(name)
  return written ? { value: parseBool(written.value), because: [written.because] } : { value: undefined, because: [] }
}

export function* body(written: Written | undefined): Iterable<FoundLimit> {
  if (!written) return
  const bytes = nginxSize(written.value.trim())
  if (bytes === undefined) yield inert(bodyLimit(undefined), 'refused-object', REFUSED, written.because)
  else if (bytes === 0) yield inert(bodyLimit(0), 'unlimited', 'a size of 0 takes the limit away', written.because)
  else yield found(bodyLimit(bytes), written.because)
}

function* timeout(written: Written | undefined): Iterable<FoundLimit> {
  const seconds = written && nginxTime(written.value)
  if (!written) return
  yield seconds === undefined
    ? inert(timeoutLimit('backend', undefined), 'refused-object', REFUSED, written.because)
    : found(timeoutLimit('backend', seconds), written.because)
}

/** Connections to each pod of the backend. */
function* maxConnections(written: Written | undefined): Iterable<FoundLimit> {
  const value = written && atoi(written.value)
  if (!written) return
  const limit = connectionLimit(value, {
    key: { kind: 'expression', text: 'backend pod' },
    code: 502,
    scope: 'replica',
  })
  if (value === undefined || value < 0) yield inert(limit, 'refused-object', REFUSED, written.because)
  else if (value === 0) yield inert(limit, 'unlimited', '0 is no limit', written.because)
  else yield found(limit, written.because)
}

function* snippets(annotations: Annotations): Iterable<FoundLimit> {
  for (const name of ['server-snippets', 'location-snippets']) {
    const written = annotations.get(name)
    for (const limit of written ? snippetLimits(written.value) : [])
      yield unread(limit, 'the meaning of a snippet', ...(written ? [written.because] : []))
  }
}
