import type { AccessLogCoverage } from '../../observe/access-log/told.ts'
import { clean, counted, grouped, listed } from '../text.ts'

/** What was replayed, as programs read it. Times are RFC 3339; empty where nothing was recorded. */
export interface ReportLogs {
  readonly from: string
  readonly to: string
  readonly days: number
  readonly requests: number
  readonly clients: number
  readonly unread: number
  /** Lines that the engine says of itself, between its requests. */
  readonly notices: number
  /** Lines of connections, whose requests nobody sees. */
  readonly connections: number
  /** Requests that lead to none of the routes. */
  readonly unrouted: number
  /** Milliseconds that the log tells apart. */
  readonly resolutionMs: number
  /** Logs of the same time: of a replica of the engine each. */
  readonly replicas: number
  readonly formats: readonly { readonly name: string; readonly lines: number }[]
  readonly sources: readonly string[]
}

export function reportLogs(coverage: AccessLogCoverage): ReportLogs {
  const { from, to, days, requests, clients, unread, notices, connections, unrouted } = coverage
  const { coarse, lanes, formats, files } = coverage
  return {
    from: timeText(from),
    to: timeText(to),
    days,
    requests,
    clients,
    unread,
    notices,
    connections,
    unrouted,
    resolutionMs: coarse > 0 ? 1000 : 1,
    replicas: lanes,
    formats,
    sources: files,
  }
}

/** `Replayed 300,000 requests of 15,867 clients, 2026-11-02 00:00 to 01:22 (one day; nginx combined).` */
export function logsSentence({
  requests,
  clients,
  from,
  to,
  days,
  formats,
  replicas,
  unread,
  connections,
  unrouted,
}: ReportLogs): string {
  if (requests === 0) return 'No request was recorded.'
  const short = (time: string): string => time.slice(0, 16).replace('T', ' ')
  const kinds = formats.map(({ name }) => name).map(clean)
  const notes = [
    counted(days, 'day'),
    listed(kinds),
    ...(replicas > 1 ? [`${replicas} logs of the same time, each taken for a replica`] : []),
    ...(unread > 0 ? [`${grouped(unread)} lines unread`] : []),
    ...(connections > 0 ? [`${grouped(connections)} connections, whose requests no line tells`] : []),
    ...(unrouted > 0 ? [`${grouped(unrouted)} requests of no route of the input`] : []),
  ]
  return `Replayed ${grouped(requests)} requests of ${grouped(clients)} clients, ${short(from)} to ${short(to)} UTC (${notes.join('; ')}).`
}

/** RFC 3339; empty for what is no time. */
export function timeText(time: number): string {
  return time > 0 && time < 8.64e15 ? new Date(time).toISOString() : ''
}
