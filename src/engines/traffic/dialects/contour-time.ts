import type { FoundLimit } from './dialect.ts'
import { type Part, quote, says } from './fields.ts'
import { found, inert } from './found.ts'
import { goDuration } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

/** internal/timeout: `infinity` is no limit, `0` and nothing leave the default. */
export function* contourTime(part: Part, of: string): Iterable<FoundLimit> {
  const { value } = part
  if (value === undefined || value === null || value === '') return
  const why = says(part, `${String(part.path.at(-1))} is ${quote(value)}`)
  if (value === 'infinity' || value === 'infinite') {
    yield inert(timeoutLimit(of, undefined), 'unlimited', 'infinity takes the limit away', why)
    return
  }
  const seconds = typeof value === 'string' ? goDuration(value) : undefined
  if (seconds === undefined || seconds < 0)
    yield inert(timeoutLimit(of, undefined), 'refused-object', 'this is no duration, and the proxy is not valid', why)
  else if (seconds === 0) yield inert(timeoutLimit(of, 0), 'ignored-value', '0 leaves the default', why)
  else yield found(timeoutLimit(of, seconds), why)
}
