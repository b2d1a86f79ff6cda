import { keyText, type Limit } from '../../engines/traffic/limit.ts'
import { grouped } from '../text.ts'

/** A limit in words: `10 requests a second, 50 more at once, by client address`. */
export function limitWords(limit: Limit): string {
  return `${amountWords(limit)}, by ${keyText(limit.key)}${limit.shadow ? ', in shadow mode' : ''}`
}

/** The same without what it counts by, for tables. */
export function amountWords(limit: Limit): string {
  const { kind, rate, period = 1, burst = 0, connections, body, seconds, of, bytesPerSecond } = limit
  switch (kind) {
    case 'requests': {
      const often =
        rate === undefined ? 'requests at an unknown rate' : `${grouped(rate)} requests ${periodWords(period)}`
      return burst > 0 ? `${often}, ${grouped(burst)} more at once` : often
    }
    case 'connections':
      return `${connections === undefined ? 'an unknown number of' : grouped(connections)} at once`
    case 'body':
      return body === undefined ? 'bodies of an unknown size' : `bodies of ${bytesWords(body)}`
    case 'timeout':
      return `${seconds ?? 'unknown'} s for ${of ?? 'a request'}`
    case 'bandwidth':
      return `${bytesWords(bytesPerSecond ?? 0)} a second`
    default:
      return kind satisfies never
  }
}

const PERIODS: Readonly<Record<number, string>> = { 1: 'a second', 60: 'a minute', 3600: 'an hour', 86400: 'a day' }

function periodWords(seconds: number): string {
  return PERIODS[seconds] ?? `in ${seconds} s`
}

/** `1 MiB`, `64 KiB`, `1,500 bytes`. */
export function bytesWords(bytes: number): string {
  if (bytes >= 1024 ** 2 && bytes % 1024 ** 2 === 0) return `${grouped(bytes / 1024 ** 2)} MiB`
  if (bytes >= 1024 && bytes % 1024 === 0) return `${grouped(bytes / 1024)} KiB`
  return `${grouped(bytes)} bytes`
}
