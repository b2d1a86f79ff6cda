import { field, isObject, type Json, string } from '../../cluster/json.ts'
import type { RecordPlace } from '../record.ts'
import { instant } from '../time.ts'
import { AKS } from './aks.ts'
import { EKS, readMessage } from './eks.ts'
import { foreignLog } from './foreign.ts'
import { GKE } from './gke.ts'
import { decodeAuditEvent, type Envelope, isAuditEvent, NATIVE } from './native.ts'
import type { AuditSink } from './sink.ts'
import type { AuditSource, Reading } from './source.ts'

/** The forms of an audit log beside the API server’s own; each value is read in its own form. */
const SOURCES: readonly AuditSource[] = [EKS, GKE, AKS]

/** Envelopes carry events, lists and arrays; none of these carries itself for long. */
const MOST_DEPTH = 4

/** Reads one value of a log: an event, a list, an array of either, or an envelope of any form. */
export function readAudit(value: Json, place: RecordPlace, sink: AuditSink): void {
  readWithin(value, NATIVE, place, sink, 0)
}

function readWithin(value: Json, envelope: Envelope, place: RecordPlace, sink: AuditSink, depth: number): void {
  const event = decodeAuditEvent(value, place, envelope)
  if (event) {
    sink.event(event)
    return
  }
  if (isAuditEvent(value)) {
    sink.unread('an event without a time', place)
    return
  }
  const items = depth < MOST_DEPTH ? itemsOf(value) : undefined
  if (items) {
    for (const item of items) readWithin(item, envelope, place, sink, depth + 1)
    return
  }
  if (isObject(value) && depth < MOST_DEPTH) {
    const source = SOURCES.find((each) => each.recognises(value))
    const inner: Reading['inner'] = (carried, told) => readWithin(carried, told, place, sink, depth + 1)
    source?.read(value, { place, sink, inner })
    if (source) return
  }
  const foreign = foreignLog(value)
  if (foreign !== undefined && field(value, 'kind') !== 'AdmissionReview') sink.leftOut(foreign, 0)
  else sink.unread(foreign ?? 'not an audit event', place)
}

/** Of an EventList (one POST of the webhook backend), which may leave out what it says of its members, or of an array. */
function itemsOf(value: Json): readonly Json[] | undefined {
  if (Array.isArray(value)) return value as readonly Json[]
  const items = field(value, 'items')
  return Array.isArray(items) && string(field(value, 'kind')) !== 'Event' ? (items as readonly Json[]) : undefined
}

/** `2026-05-01T10:00:00.123Z {"kind":"Event"…`, as log groups are exported to S3; `aws logs tail` adds the stream. */
const PREFIXED = /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:?\d\d)) (?:([\w.:/-]{1,512}) )?(?=\S)/

/** Reads a line that is no JSON; false when it is nothing known either. */
export function readPrefixed(text: string, place: RecordPlace, sink: AuditSink): boolean {
  const [prefix, time, stream = ''] = PREFIXED.exec(text) ?? []
  if (prefix === undefined) return false
  readLogged(text.slice(prefix.length), stream, instant(time), place, sink)
  return true
}

/** Reads the message of a log event of CloudWatch, by the stream and the time of that. */
export function readLogged(
  message: string,
  stream: string,
  time: number | undefined,
  place: RecordPlace,
  sink: AuditSink,
): void {
  const inner: Reading['inner'] = (carried, told) => readWithin(carried, told, place, sink, 1)
  readMessage(message, stream, time, { place, sink, inner })
}

/** Of a line that `readPrefixed` reads and that carries an event. */
export function prefixedTime(text: string): number | undefined {
  const [prefix, time] = PREFIXED.exec(text) ?? []
  return prefix !== undefined && /^\{.{0,200}"auditID"/.test(text.slice(prefix.length, prefix.length + 256))
    ? (instant(time) ?? 0)
    : undefined
}

/** The first record's time, 0 where it has none; undefined for what holds no audit log. */
export function auditTime(value: Json | undefined, depth = 0): number | undefined {
  if (value === undefined || depth > MOST_DEPTH) return undefined
  if (isAuditEvent(value))
    return instant(value.requestReceivedTimestamp ?? value.timestamp ?? value.stageTimestamp) ?? 0
  for (const item of itemsOf(value) ?? []) {
    const time = auditTime(item, depth + 1)
    if (time !== undefined) return time
  }
  if (!isObject(value)) return undefined
  return SOURCES.find((each) => each.recognises(value))?.time(value)
}
