import { field, isObject, type Json, list, string } from '../../cluster/json.ts'
import { itemOf, type RecordPlace } from '../record.ts'
import { instant } from '../time.ts'
import { AKS } from './aks.ts'
import { BIGQUERY } from './bigquery.ts'
import { EKS, readMessage } from './eks.ts'
import { FLATTENED } from './flattened.ts'
import { foreignLog, isUnreadable } from './foreign.ts'
import { GKE } from './gke.ts'
import { KINESIS } from './kinesis.ts'
import { decodeAuditEvent, type Envelope, isAuditEvent, NATIVE } from './native.ts'
import { partsOf, type Unpacked, unpacked } from './packed.ts'
import { prefixOf } from './prefix.ts'
import { PUBSUB } from './pubsub.ts'
import { SHIPPED } from './shipped.ts'
import type { AuditSink } from './sink.ts'
import { type AuditSource, each, type Reading } from './source.ts'
import { TABLE } from './table.ts'

/** The forms of an audit log beside the API server’s own; each value is read in its own form. */
const SOURCES: readonly AuditSource[] = [EKS, GKE, AKS, BIGQUERY, PUBSUB, KINESIS, TABLE, FLATTENED, SHIPPED]

/** Envelopes carry events, lists and arrays; none of these carries itself for long. */
const MOST_DEPTH = 4

/** Of records that were put into one, when files are told apart. */
const MOST_TRIES = 16

/** Reads what stands at the beginning of some bytes without parsing it (scan/forms.ts); false where that takes a parser. */
export type Scan = (bytes: Buffer, to: number, place: RecordPlace) => boolean

const NO_SCAN: Scan = () => false

/** Reads one value of a log: an event, a list, an array of either, or an envelope of any form. */
export function readAudit(value: Json, place: RecordPlace, sink: AuditSink, scan = NO_SCAN): void {
  readWithin(value, NATIVE, readingAt(place, sink, 0, scan))
}

interface Place extends Reading {
  readonly depth: number
  item(index: number): Place
}

/** `scan`: of what is Base64; undefined inside of that, where nothing is Base64 again, so that nothing grows twice. */
function readingAt(place: RecordPlace, sink: AuditSink, depth: number, scan: Scan | undefined): Place {
  const reading: Place = {
    place,
    sink,
    depth,
    item: (index) => readingAt(itemOf(place, index), sink, depth, scan),
    inner: (value, envelope) => readWithin(value, envelope, readingAt(place, sink, depth + 1, scan)),
    packed(data) {
      const parts = scan ? partsOf(data) : 'packed data within packed data'
      if (typeof parts === 'string') sink.unread(parts, place)
      else for (const [part, its] of each(parts, reading)) readPart(part, its.place, sink, depth, scan)
    },
  }
  return reading
}

function readPart(part: Buffer, place: RecordPlace, sink: AuditSink, depth: number, scan: Scan | undefined): void {
  const found = unpacked(part)
  if (typeof found === 'string') sink.unread(found, place)
  else if (scan?.(found.bytes, found.to, place) === false)
    readText(textOf(found), readingAt(place, sink, depth + 1, undefined))
}

function readWithin(value: Json, envelope: Envelope, reading: Place): void {
  const { place, sink, depth } = reading
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
    for (const [item, its] of each(items, reading)) its.inner(item, envelope)
    return
  }
  if (isObject(value) && depth < MOST_DEPTH) {
    const source = SOURCES.find((each) => each.recognises(value))
    source?.read(value, reading)
    if (source) return
  }
  const foreign = foreignLog(value)
  if (foreign !== undefined && !isUnreadable(value)) sink.leftOut(foreign, 0)
  else sink.unread(foreign ?? 'not an audit event', place)
}

/** One JSON value, or lines of a log. */
function readText(text: string, reading: Place): void {
  const whole = parsed(text)
  if (whole !== undefined) {
    readWithin(whole, NATIVE, reading)
    return
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  for (const [line, its] of each(lines, reading)) {
    const value = parsed(line)
    if (value !== undefined) its.inner(value, NATIVE)
    else if (!readPrefixedIn(line, its)) its.sink.unread('not JSON', its.place)
  }
}

function textOf({ bytes, to }: Unpacked): string {
  return bytes.toString('utf8', 0, to)
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/**
 * Of an EventList (one POST of the webhook backend), which may leave out what it says of its members, of an array, or of
 * the answer of Cloud Logging’s `entries.list`.
 */
function itemsOf(value: Json): readonly Json[] | undefined {
  if (Array.isArray(value)) return value as readonly Json[]
  const items = field(value, 'items') ?? entriesOf(value)
  return Array.isArray(items) && string(field(value, 'kind')) !== 'Event' ? (items as readonly Json[]) : undefined
}

function entriesOf(value: Json): Json | undefined {
  const entries = field(value, 'entries')
  return list(entries).some((entry) => field(entry, 'logName') !== undefined) ? entries : undefined
}

/** Reads a line that is no JSON; false when it is nothing known either. */
export function readPrefixed(text: string, place: RecordPlace, sink: AuditSink): boolean {
  return readPrefixedIn(text, readingAt(place, sink, 0, NO_SCAN))
}

function readPrefixedIn(text: string, reading: Reading): boolean {
  const prefix = prefixOf(text)
  if (prefix === undefined) return false
  const { length, time, stream, isPart } = prefix
  const rest = text.slice(length)
  if (stream !== undefined) readMessage(rest, stream, time, reading)
  else if (isPart === true) reading.sink.unread('a part of a line whose other parts stand elsewhere', reading.place)
  else if (!rest.startsWith('{')) reading.sink.leftOut('text that is no event', time ?? 0)
  else {
    const value = parsed(rest)
    if (value === undefined) reading.sink.unread('an event that was cut before its end', reading.place)
    else reading.inner(value, { ...NATIVE, time })
  }
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
  readMessage(message, stream, time, readingAt(place, sink, 0, NO_SCAN))
}

/** Of a line that `readPrefixed` reads and that carries an event. */
export function prefixedTime(text: string): number | undefined {
  const prefix = prefixOf(text)
  if (prefix === undefined || !/^\{.{0,200}"auditID"/.test(text.slice(prefix.length, prefix.length + 256)))
    return undefined
  return prefix.time ?? auditTime(parsed(text.slice(prefix.length))) ?? 0
}

/** The first record's time, 0 where it has none; undefined for what holds no audit log. */
export function auditTime(value: Json | undefined, depth = 0, isPacked = false): number | undefined {
  if (value === undefined || depth > MOST_DEPTH) return undefined
  if (isAuditEvent(value))
    return instant(value.requestReceivedTimestamp ?? value.timestamp ?? value.stageTimestamp) ?? 0
  for (const item of itemsOf(value) ?? []) {
    const time = auditTime(item, depth + 1, isPacked)
    if (time !== undefined) return time
  }
  if (!isObject(value)) return undefined
  return SOURCES.find((each) => each.recognises(value))?.time(value, {
    inner: (carried) => auditTime(carried, depth + 1, isPacked),
    packed(data) {
      const parts = isPacked ? '' : partsOf(data)
      for (const part of typeof parts === 'string' ? [] : parts.slice(0, MOST_TRIES)) {
        const found = unpacked(part)
        if (typeof found === 'string') continue
        const text = textOf(found)
        const [head = ''] = text.trimStart().split('\n', 1)
        const time = auditTime(parsed(text) ?? parsed(head), depth + 1, true) ?? prefixedTime(head)
        if (time !== undefined) return time
      }
      return undefined
    },
  })
}
