import type { KubeObject } from '../../../cluster/object.ts'
import { Annotations, setting } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, dialect, found, inert } from './found.ts'
import { kongPlugin } from './kong-plugin.ts'
import { atoi, nginxSize } from './numbers.ts'
import { bodyLimit, timeoutLimit } from './shapes.ts'

/** Kong’s ingress controller 3.5 and Kong 3.9: KongPlugins, annotations of Services, settings of the proxy. */
export const KONG = dialect('kong', 'Kong', read)

const PLUGINS: ReadonlySet<string> = new Set(['KongPlugin', 'KongClusterPlugin'])

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) yield* proxy(settings)
  else if (object.group === 'configuration.konghq.com' && PLUGINS.has(object.kind)) yield* kongPlugin(object, settings)
  else if (object.kind === 'Service' || object.kind === 'Ingress') yield* readTimeout(object)
}

/** `konghq.com/read-timeout` in milliseconds, of a Service; from an Ingress it was taken before 2.0 by another kind. */
function* readTimeout(object: KubeObject): Iterable<FoundLimit> {
  const written = new Annotations(object, ['konghq.com']).get('read-timeout')
  const milliseconds = written && atoi(written.value)
  if (!written) return
  const limit = timeoutLimit('backend', milliseconds === undefined ? undefined : milliseconds / 1000)
  if (object.kind !== 'Service')
    yield inert(limit, 'unused-by-engine', 'Kong reads it of Services only', written.because)
  else if (milliseconds === undefined || milliseconds < 1)
    yield inert(limit, 'ignored-value', 'it is no number of milliseconds', written.because)
  else yield found(limit, written.because)
}

/** nginx’s own limit of bodies is taken away by Kong’s default; times are nginx’s. */
function* proxy(settings: Settings): Iterable<FoundLimit> {
  const body = setting(settings, 'nginx_http_client_max_body_size')
  const bytes = body && nginxSize(body.value)
  if (body && bytes === undefined)
    yield inert(bodyLimit(undefined), 'breaks-configuration', 'nginx refuses this size', body.because)
  else if (body && bytes !== undefined && bytes > 0) yield found(bodyLimit(bytes), body.because)
  for (const [of, seconds] of [
    ['headers', 60],
    ['body', 60],
    ['idle', 75],
    ['backend', 60],
  ] as const)
    yield byDefault(timeoutLimit(of, seconds), settings, `Kong waits ${seconds} seconds by default (${of})`)
}
