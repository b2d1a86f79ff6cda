import { field, isObject, type Json, type JsonObject, object } from '../../cluster/json.ts'
import { instant } from '../time.ts'
import { NATIVE } from './native.ts'
import type { AuditSource } from './source.ts'

/**
 * Rows of BigQuery that hold log entries: of the tables that a sink writes (`protopayload_auditlog`;
 * cloud.google.com/logging/docs/export/bigquery) and of the views of Log Analytics (`proto_payload.audit_log`). Names may
 * come in lower case or with underscores, values as texts, as `bq` prints them. Each becomes the log entry that it was.
 */
export const BIGQUERY: AuditSource = {
  recognises: (value) => payloadOf(value) !== undefined,
  time: (value, times) => times.inner(entryOf(value, object(payloadOf(value)))),
  read: (value, reading) => reading.inner(entryOf(value, object(payloadOf(value))), NATIVE),
}

function payloadOf(row: JsonObject): JsonObject | undefined {
  const payload = row.protopayload_auditlog ?? row.protoPayload_auditlog ?? field(row.proto_payload, 'audit_log')
  return isObject(payload) ? payload : undefined
}

type Shape = ReadonlyMap<string, readonly [name: string, read: (value: Json) => Json]>

const asIs = (value: Json): Json => value
const ofBoolean = (value: Json): Json => (value === 'true' ? true : value === 'false' ? false : value)
const ofNumber = (value: Json): Json => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)
const objectOf =
  (shape: Shape) =>
  (value: Json): Json =>
    isObject(value) ? shaped(value, shape) : value
const listOf =
  (shape: Shape) =>
  (value: Json): Json =>
    Array.isArray(value) ? (value as readonly Json[]).map(objectOf(shape)) : value

function shapeOf(
  ...fields: readonly (readonly [name: string, read?: (value: Json) => Json, column?: string])[]
): Shape {
  return new Map(fields.map(([name, read = asIs, column = name]) => [plain(column), [name, read]]))
}

const STATUS = shapeOf(['code', ofNumber], ['message'])
const PAYLOAD = shapeOf(
  ['serviceName'],
  ['methodName'],
  ['resourceName'],
  ['authenticationInfo', objectOf(shapeOf(['principalEmail'], ['authoritySelector']))],
  ['authorizationInfo', listOf(shapeOf(['granted', ofBoolean], ['permission'], ['resource']))],
  ['requestMetadata', objectOf(shapeOf(['callerIp'], ['callerSuppliedUserAgent']))],
  ['status', objectOf(STATUS)],
  ['request', ofJson],
  ['request', ofJson, 'requestJson'],
  ['response', ofJson],
  ['response', ofJson, 'responseJson'],
)
const ENTRY = shapeOf(
  ['insertId'],
  ['logName'],
  ['timestamp', ofTime],
  ['receiveTimestamp', ofTime],
  ['severity'],
  ['operation', objectOf(shapeOf(['id'], ['producer'], ['first', ofBoolean], ['last', ofBoolean]))],
  ['labels', labelsOf],
  ['resource'],
)

/** The log entry that a row was, of which all but the payload stands in its columns. */
export function entryOf(row: JsonObject, payload: JsonObject): JsonObject {
  const { status, ...rest } = object(shaped(payload, PAYLOAD))
  const isAnswered = status !== undefined || Object.hasOwn(payload, 'status')
  // A record without a field is stored as none: success, which has no code, as much as a status that is not there.
  return { ...shaped(row, ENTRY), protoPayload: { ...rest, ...(isAnswered ? { status: status ?? {} } : {}) } }
}

/** Without what is none. */
function shaped(value: JsonObject, shape: Shape): JsonObject {
  const fields: [string, Json][] = []
  for (const [column, each] of Object.entries(value)) {
    const known = each === null ? undefined : knownOf(shape, column)
    if (known) fields.push([known[0], known[1](each)])
  }
  return Object.fromEntries(fields)
}

const MOST_NAMES = 1_000
/** By the names as they are written, which are the same in each row. */
const names = new WeakMap<Shape, Map<string, ReturnType<Shape['get']>>>()

function knownOf(shape: Shape, column: string): ReturnType<Shape['get']> {
  let written = names.get(shape)
  if (!written) {
    written = new Map()
    names.set(shape, written)
  }
  if (written.has(column)) return written.get(column)
  const known = shape.get(plain(column))
  if (written.size < MOST_NAMES) written.set(column, known)
  return known
}

function plain(column: string): string {
  return column.toLowerCase().replaceAll('_', '')
}

function ofJson(value: Json): Json {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}

/** `2026-05-01 10:00:00.1 UTC`, as entries have it. */
function ofTime(value: Json): Json {
  if (typeof value !== 'string' || value[10] !== ' ' || instant(value) === undefined) return value
  const [, clock = ''] = /^\S+ ([\d:.]+)/.exec(value) ?? []
  return `${value.slice(0, 10)}T${clock}Z`
}

/** Names of columns have underscores for the signs that they cannot have. */
const LABELS: ReadonlyMap<string, string> = new Map(
  [
    'authorization.k8s.io/decision',
    'authorization.k8s.io/reason',
    'authentication.kubernetes.io/issued-credential-id',
  ].map((label) => [label.replaceAll(/\W/g, '_'), label]),
)

function labelsOf(value: Json): Json {
  const labels = Object.entries(object(ofJson(value))).filter(([, each]) => each !== null)
  return Object.fromEntries(
    labels.map(([label, each]) => [LABELS.get(label.toLowerCase().replaceAll(/\W/g, '_')) ?? label, each]),
  )
}
