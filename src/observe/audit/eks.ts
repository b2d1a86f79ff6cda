import { field, isObject, type Json, type JsonObject, list, object, string } from '../../cluster/json.ts'
import { instant } from '../time.ts'
import { isAuditEvent } from './native.ts'
import { type AuditSource, each, type Reading } from './source.ts'

/**
 * CloudWatch Logs, which carry the event as a string in `message`: what `filter-log-events` and `get-log-events` print,
 * what a subscription sends (also by Firehose into S3), results of a query of Logs Insights, and one log event alone.
 */
export const EKS: AuditSource = {
  recognises: (value) =>
    logEventsOf(value) !== undefined || isMessage(value) || isControl(value) || isInsights(field(value, 'results')),

  time: (value) => {
    const [head] = logEventsOf(value) ?? [value]
    const time = at(object(head))
    return time ?? 0
  },

  read(value, reading) {
    if (isControl(value)) {
      reading.sink.leftOut('control message of a subscription', 0)
      return
    }
    const stream = string(field(value, 'logStream')) ?? ''
    const results = field(value, 'results')
    const events = logEventsOf(value) ?? (isInsights(results) ? results.map(rowOf) : [value])
    for (const [event, its] of each(events, reading)) readLogEvent(object(event), stream, its)
  },
}

/** One log event; `stream` is that of what carries it, where it does not name its own. */
function readLogEvent(event: JsonObject, stream: string, reading: Reading): void {
  const message = event.message ?? event['@message']
  const own = string(event.logStreamName) ?? string(event['@logStream']) ?? stream
  readMessage(message, own, at(event), reading)
}

export function readMessage(
  message: Json | undefined,
  stream: string,
  time: number | undefined,
  { sink, place, inner }: Reading,
): void {
  const other = otherLog(stream)
  if (other !== undefined) {
    sink.leftOut(other, time ?? 0)
    return
  }
  if (typeof message !== 'string') {
    if (isObject(message)) inner(message, { form: 'eks', time })
    else sink.unread('a log event without a message', place)
    return
  }
  const text = message.trim()
  if (!text.startsWith('{')) {
    sink.leftOut(AUTHENTICATOR.test(text) ? 'log of aws-iam-authenticator' : 'text that is no event', time ?? 0)
    return
  }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    sink.unread('an event that was cut before its end (CloudWatch keeps 256 KB of one)', place)
    return
  }
  inner(value, { form: 'eks', time })
}

/** Streams of a cluster’s log group beside those of the audit log. */
const STREAMS: readonly (readonly [prefix: string, what: string | undefined])[] = [
  ['kube-apiserver-audit-', undefined],
  ['kube-apiserver-', 'log of kube-apiserver'],
  ['authenticator-', 'log of aws-iam-authenticator'],
  ['kube-controller-manager-', 'log of kube-controller-manager'],
  ['cloud-controller-manager-', 'log of cloud-controller-manager'],
  ['kube-scheduler-', 'log of kube-scheduler'],
]
const AUTHENTICATOR = /^time="[^"]{10,40}" level=\w+ msg=/

/** What a stream holds that is not the audit log. */
export function otherLog(stream: string): string | undefined {
  return STREAMS.find(([prefix]) => stream.startsWith(prefix))?.[1]
}

function logEventsOf(value: JsonObject): readonly Json[] | undefined {
  const events = value.logEvents ?? value.events
  if (!Array.isArray(events)) return undefined
  const isKnown = value.logEvents !== undefined || value.searchedLogStreams !== undefined
  return isKnown || (events.length > 0 && events.every(isMessage)) ? events : undefined
}

/** Anything may have a message; one of CloudWatch has what only it writes beside it, or nothing but a time, or is an event. */
function isMessage(value: Json): boolean {
  const message = field(value, 'message') ?? field(value, '@message')
  if (isObject(message)) return isAuditEvent(message)
  if (typeof message !== 'string') return false
  if (['@message', 'ingestionTime', 'logStreamName'].some((key) => field(value, key) !== undefined)) return true
  return field(value, 'timestamp') !== undefined && Object.keys(object(value)).every((key) => OF_EVENT.has(key))
}

const OF_EVENT: ReadonlySet<string> = new Set(['message', 'timestamp', 'id', 'eventId'])

function isControl(value: JsonObject): boolean {
  return value.messageType === 'CONTROL_MESSAGE'
}

/** `[[{"field": "@message", "value": "…"}, …], …]` */
function isInsights(results: Json | undefined): results is readonly Json[] {
  const [row] = list(results)
  return list(row).some((cell) => field(cell, 'field') === '@message')
}

function rowOf(row: Json): JsonObject {
  return Object.fromEntries(list(row).map((cell) => [string(field(cell, 'field')) ?? '', field(cell, 'value') ?? '']))
}

function at(event: JsonObject): number | undefined {
  const time = event.timestamp ?? event['@timestamp']
  return loggedAt(time)
}

/** Milliseconds since 1970, or as text. */
export function loggedAt(time: Json | undefined): number | undefined {
  if (typeof time === 'string' && /^\d{13}$/.test(time)) return Number(time)
  return typeof time === 'number' && time > 0 ? time : instant(time)
}
