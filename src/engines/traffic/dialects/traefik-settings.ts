import type { Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, found, inert } from './found.ts'
import { atoi, goDuration } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

const TIMEOUTS = [
  ['readtimeout', 'request', 60],
  ['idletimeout', 'idle', 180],
] as const

/** `entryPoints.NAME.transport.respondingTimeouts` of flags, file and environment; each entry point may say its own. */
export function* traefikSettings(settings: Settings): Iterable<FoundLimit> {
  const said = [...settings.values, ...settings.flags].map(([name, written]) => [name.toLowerCase(), written] as const)
  for (const [field, of, usual] of TIMEOUTS) {
    const ending = `.transport.respondingtimeouts.${field}`
    const written = said.filter(
      ([name]) => name.startsWith('entrypoints.') && name.replaceAll('_', '.').endsWith(ending),
    )
    for (const [, each] of written) yield timeout(of, each)
    if (written.length > 0) continue
    // Before 2.11.2 and 3.0.0 nothing ended a request that is slow to come.
    const since = of === 'request' ? isAtLeast(settings, 2, 11) : 'yes'
    if (since !== 'no')
      yield byDefault(timeoutLimit(of, usual, undefined), settings, `${field} is ${usual} seconds by default`)
  }
}

function timeout(of: string, { value, because }: Written): FoundLimit {
  const seconds = atoi(value) ?? goDuration(value)
  if (seconds === undefined || seconds < 0)
    return inert(timeoutLimit(of, undefined), 'breaks-configuration', 'Traefik does not start with this time', because)
  return seconds === 0
    ? inert(timeoutLimit(of, 0), 'unlimited', 'a time of 0 takes the limit away', because)
    : found(timeoutLimit(of, seconds, undefined), because)
}
