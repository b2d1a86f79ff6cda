import { short, type Written } from './annotations.ts'
import type { FoundLimit } from './dialect.ts'
import { found, inert } from './found.ts'
import { haproxyTime } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

/** A time as HAProxy and what is built on it write it; what is none is passed over by them. */
export function* haproxyTimeout(written: Written | undefined, of: string): Iterable<FoundLimit> {
  if (!written) return
  const seconds = haproxyTime(written.value)
  yield seconds === undefined
    ? inert(
        timeoutLimit(of, undefined),
        'ignored-value',
        `${short(written.value)} is no time of HAProxy`,
        written.because,
      )
    : found(timeoutLimit(of, seconds), written.because)
}
