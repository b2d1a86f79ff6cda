// Each engine's own record of what it did, as times and answers: when a request came, from whom, and what it got.

import type { Writable } from '../../../src/engines/traffic/write/writer.ts'
import { ASKER } from './engine.ts'

export interface Recorded {
  readonly client: number
  readonly address: string
  /** Milliseconds since 1970, with fractions where the engine writes them. */
  readonly at: number
  readonly tookMs: number
  readonly code: number
}

type Line = Omit<Recorded, 'client'>

/**
 * Requests in the order in which they came. A log is written in the order of the ends: of those that came in one
 * millisecond the longer came first, since what is refused is answered at once, and comes after what filled the limit.
 */
export function recorded(product: Writable, log: string): readonly Recorded[] {
  const numbers = new Map<string, number>()
  const parse = PARSERS[product]
  return log
    .split('\n')
    .flatMap((line) => parse(line) ?? [])
    .filter(({ address }) => address !== ASKER)
    .map((line) => {
      if (!numbers.has(line.address)) numbers.set(line.address, numbers.size)
      return { ...line, client: numbers.get(line.address) as number }
    })
    .sort((a, b) => a.at - b.at || b.tookMs - a.tookMs)
}

const PARSERS: Readonly<Record<Writable, (line: string) => Line | undefined>> = {
  'ingress-nginx': nginx,
  'f5-nginx': nginx,
  'envoy-gateway': envoy,
  haproxy,
  'haproxy-ingress': haproxy,
  traefik,
}

/** `$msec` is the end of the request, and `$request_time` how long it took: both to the millisecond. */
function nginx(line: string): Line | undefined {
  const [end, took, code, address] = line.split(' ')
  if (address === undefined) return undefined
  const tookMs = Math.round(Number(took) * 1000)
  return { address, at: Math.round(Number(end) * 1000) - tookMs, tookMs, code: Number(code) }
}

function envoy(line: string): Line | undefined {
  const [start, code, address, took] = line.split(' ')
  if (address === undefined) return undefined
  return { address, at: Number(start) * 1000, tookMs: Number(took), code: Number(code) }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `[22/Nov/2026:02:31:34.123]`, local time: its zone is left out, which moves all by the same. */
function haproxy(line: string): Line | undefined {
  const parts = /^(?:<\d+>)?(\d+)\/(\w+)\/(\d+):(\d+):(\d+):(\d+)\.(\d+) (\d+) (\S+) (-?\d+)/.exec(
    line.replaceAll(/[[\]]/g, ''),
  )
  if (parts === null) return undefined
  const [, day, month = '', year, hour, minute, second, ms, code, address = '', took] = parts
  const at = Date.UTC(Number(year), MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second))
  return { address, at: at + Number(ms), tookMs: Number(took), code: Number(code) }
}

function traefik(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined
  const entry = JSON.parse(line) as { StartUTC: string; DownstreamStatus: number; ClientHost: string; Duration: number }
  const fraction = /\.(\d+)Z$/.exec(entry.StartUTC)?.[1] ?? '0'
  const at = Date.parse(entry.StartUTC.replace(/\.\d+Z$/, 'Z')) + Number(`0.${fraction}`) * 1000
  return { address: entry.ClientHost, at, tookMs: entry.Duration / 1e6, code: entry.DownstreamStatus }
}
