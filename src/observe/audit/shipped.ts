import { at, field, isObject, type Json, type JsonObject, list, string } from '../../cluster/json.ts'
import { instant } from '../time.ts'
import { isAuditEvent, NATIVE } from './native.ts'
import { type AuditSource, each, type Reading } from './source.ts'

/**
 * What shippers and stores of logs make of the lines of an audit log: files of containers (`log`), Fluent Bit, Fluentd, Vector
 * and Filebeat (`log`, `message`), Elasticsearch and OpenSearch (`_source`, `hits.hits`), Splunk (`result._raw`, `event`), Loki
 * (`line`, `values`), Datadog (`attributes`), the journal (`MESSAGE`), Cloud Logging (`jsonPayload`), OpenTelemetry (`body`).
 */
export const SHIPPED: AuditSource = {
  recognises(value) {
    if (listOf(value)) return true
    const carried = carriedBy(value)
    // A shipper tells more than the line.
    return typeof carried === 'string' ? isEvent(carried) || Object.keys(value).length > 1 : carried !== undefined
  },

  time(value, times) {
    for (const item of listOf(value)?.slice(0, MOST_TRIES) ?? [value]) {
      const carried = carriedBy(item)
      const event = eventIn(carried)
      if (event === undefined && typeof carried === 'string' && CUT.test(carried)) return timeOf(item) ?? 0
      const time = event === undefined ? undefined : times.inner(event)
      // What has no time anywhere is no log.
      const told = time === 0 ? timeOf(item) : time
      if (told !== undefined) return told
    }
    return undefined
  },

  read(value, reading) {
    for (const [item, its] of each(listOf(value) ?? [value], reading)) readOne(item, its)
  },
}

const MOST_TRIES = 200
/** The beginning of an event that goes on elsewhere, or nowhere. */
const CUT = /^\{.{0,200}"auditID"/

function readOne(item: Json, { sink, place, inner }: Reading): void {
  const carried = carriedBy(item)
  if (carried === undefined) {
    sink.unread('a record that carries no event', place)
    return
  }
  const time = timeOf(item)
  if (typeof carried === 'string' && !isEvent(carried)) {
    sink.leftOut('text that is no event', time ?? 0)
    return
  }
  const event = eventIn(carried)
  if (event === undefined) sink.unread('an event that was cut before its end', place)
  else inner(event, { ...NATIVE, time })
}

function isEvent(line: string): boolean {
  return line.trimStart().startsWith('{')
}

/** Where the line or the event stands, the innermost first. */
const PATHS: readonly (readonly string[])[] = [
  ['kubernetes', 'audit'],
  ['log_processed'],
  ['event', 'original'],
  ['_source'],
  ['result'],
  ['_raw'],
  ['log'],
  ['message'],
  ['MESSAGE'],
  ['line'],
  ['event'],
  ['attributes'],
  ['jsonPayload'],
  ['textPayload'],
  ['body', 'stringValue'],
  ['body'],
  ['full_message'],
  ['short_message'],
]

/** Of these what they hold is looked into again. */
const WRAPPERS: ReadonlySet<string> = new Set(['_source', 'result', 'attributes'])
const MOST_WRAPPERS = 3

function carriedBy(value: Json, depth = 0): JsonObject | string | undefined {
  // A line of a stream of Loki: its time in nanoseconds, and itself.
  if (Array.isArray(value)) return typeof value[0] === 'string' ? string(value[1]) : undefined
  for (const path of PATHS) {
    const carried = at(value, ...path)
    if (typeof carried === 'string' && (path[0] !== 'textPayload' || isEvent(carried))) return carried
    if (isAuditEvent(carried)) return carried
    if (isObject(carried) && WRAPPERS.has(path[0] ?? '') && depth < MOST_WRAPPERS) {
      const inner = carriedBy(carried, depth + 1)
      if (inner !== undefined) return inner
    }
    if (path[0] === 'MESSAGE' && Array.isArray(carried)) return bytesOf(carried)
  }
  return undefined
}

/** What the journal does not take for text it writes as bytes. */
function bytesOf(bytes: readonly Json[]): string | undefined {
  return bytes.every((each) => typeof each === 'number') ? Buffer.from(bytes as number[]).toString() : undefined
}

function eventIn(carried: JsonObject | string | undefined): JsonObject | undefined {
  if (typeof carried !== 'string') return carried && withDots(carried)
  try {
    const value = JSON.parse(carried) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Elasticsearch and Fluent Bit are made to write underscores for the dots of names that they index. */
const UNDOTTED = /^(authorization|authentication)_k8s_io\//

function withDots(event: JsonObject): JsonObject {
  const { annotations } = event
  if (!isObject(annotations) || !Object.keys(annotations).some((name) => UNDOTTED.test(name))) return event
  const named = Object.entries(annotations).map(([name, value]) => [name.replace(UNDOTTED, '$1.k8s.io/'), value])
  return { ...event, annotations: Object.fromEntries(named) }
}

/** The records of an answer that holds many. */
function listOf(value: JsonObject): readonly Json[] | undefined {
  const hits = at(value, 'hits', 'hits')
  if (Array.isArray(hits)) return hits
  const found = at(value, 'data', 'result') ?? value.streams
  if (Array.isArray(found)) return found.flatMap((stream: Json) => list(field(stream, 'values')))
  if (Array.isArray(value.data)) return list(value.data)
  if (Array.isArray(value.results)) return list(value.results)
  if (Array.isArray(value.resourceLogs))
    return list(value.resourceLogs)
      .flatMap((each) => list(field(each, 'scopeLogs')))
      .flatMap((each) => list(field(each, 'logRecords')))
  return undefined
}

function timeOf(value: Json): number | undefined {
  return instant(field(value, '@timestamp')) ?? instant(field(value, 'timestamp')) ?? instant(field(value, 'time'))
}
