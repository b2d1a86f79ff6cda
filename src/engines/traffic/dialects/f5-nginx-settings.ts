import { setting, short } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, found, inert, unread } from './found.ts'
import { snippetLimits } from './ingress-nginx-settings.ts'
import { nginxSize, nginxTime } from './numbers.ts'
import { bodyLimit, timeoutLimit } from './shapes.ts'

const MIB = 1024 * 1024

/** internal/configs/config_params.go; a ConfigMap value that is not valid leaves the default. */
export function* f5Settings(settings: Settings): Iterable<FoundLimit> {
  const body = setting(settings, 'client-max-body-size')
  const bytes = body && nginxSize(body.value.trim())
  if (body && bytes === 0) yield inert(bodyLimit(0), 'unlimited', 'a size of 0 takes the limit away', body.because)
  else if (body && bytes !== undefined) yield found(bodyLimit(bytes), body.because)
  else
    yield byDefault(
      bodyLimit(MIB),
      settings,
      `client-max-body-size is 1m by default${body ? `, since ${short(body.value)} is no size` : ''}`,
    )
  for (const [name, of, usual] of TIMEOUTS) {
    const written = setting(settings, name)
    const seconds = written && nginxTime(written.value)
    if (written && seconds !== undefined) yield found(timeoutLimit(of, seconds), written.because)
    else yield byDefault(timeoutLimit(of, usual), settings, `${name} is ${usual} seconds by default`)
  }
  for (const name of ['http-snippets', 'server-snippets', 'location-snippets']) {
    const written = setting(settings, name)
    for (const limit of written ? snippetLimits(written.value) : [])
      yield unread(limit, 'the meaning of a snippet', ...(written ? [written.because] : []))
  }
}

/** Those of headers and bodies are nginx’s own: the ConfigMap has no key for them. */
const TIMEOUTS = [
  ['client-header-timeout', 'headers', 60],
  ['client-body-timeout', 'body', 60],
  ['keepalive-timeout', 'idle', 75],
  ['proxy-read-timeout', 'backend', 60],
] as const
