import type { AuditJson } from './events.ts'
import { goJson, linesOf } from './write.ts'

/** Log entries of Google and rows of its tables and Azure's, as their services hand them out. */

export const STREAM = 'kube-apiserver-audit-0f1e2d3c4b5a69788796a5b4c3d2e1f0'

export type Fields = Readonly<Record<string, unknown>>
interface Entry extends Fields {
  readonly insertId: string
  readonly labels: Fields
  readonly logName: string
  readonly operation: Fields
  readonly protoPayload: Fields & { readonly authorizationInfo: readonly Fields[]; readonly status: Fields }
  readonly timestamp: string
  readonly receiveTimestamp: string
}

export function entries(events: readonly AuditJson[]): readonly Entry[] {
  return [...linesOf('gke', events)].map((line) => JSON.parse(line) as Entry)
}

/** Of the table that a sink writes: names of labels in lower case and without signs, bodies as texts. */
export function sinkRow(entry: Entry): Fields {
  const { protoPayload, labels, timestamp, receiveTimestamp, ...rest } = entry
  const { '@type': type, request, response, ...payload } = protoPayload
  return {
    ...rest,
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [key.toLowerCase().replaceAll(/\W/g, '_'), value]),
    ),
    protopayload_auditlog: {
      ...payload,
      ...(request === undefined ? {} : { requestJson: JSON.stringify(request) }),
      ...(response === undefined ? {} : { responseJson: JSON.stringify(response) }),
    },
    timestamp: spaced(timestamp),
    receiveTimestamp: spaced(receiveTimestamp),
  }
}

/** `bq` prints every value as a text, and columns without one as null. */
export function printedRow(entry: Entry): unknown {
  const row = sinkRow(entry)
  return asTexts({ ...row, severity: null, httpRequest: null, timestamp: `${row.timestamp}`.replace(' UTC', '') })
}

function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asTexts(each)]))
  return value === null ? null : String(value)
}

/** Of the view `_AllLogs`. */
export function analyticsRow(entry: Entry): unknown {
  const { labels, protoPayload, timestamp, receiveTimestamp, ...rest } = entry
  const { '@type': type, request, response, ...payload } = protoPayload
  const texts = {
    request: request === undefined ? null : JSON.stringify(request),
    response: response === undefined ? null : JSON.stringify(response),
  }
  return asTexts({
    ...(snaked(rest) as Fields),
    labels: JSON.stringify(labels),
    timestamp: spaced(timestamp).replace(' UTC', ''),
    receive_timestamp: spaced(receiveTimestamp),
    proto_payload: { type, audit_log: { ...(snaked(payload) as Fields), ...texts } },
    json_payload: null,
  })
}

function snaked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snaked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.replaceAll(/[A-Z]/g, (sign) => `_${sign.toLowerCase()}`),
      snaked(each),
    ]),
  )
}

function spaced(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC')
}

export function pulled(entry: Entry): { readonly ackId: string; readonly message: Fields } {
  const attributes = { 'logging.googleapis.com/timestamp': entry.timestamp }
  const data = Buffer.from(JSON.stringify(entry)).toString('base64')
  return { ackId: 'a', message: { attributes, data, messageId: entry.insertId, publishTime: entry.receiveTimestamp } }
}

export function auditRow(event: AuditJson): Fields {
  const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
  return {
    TenantId: 't',
    TimeGenerated: event.stageTimestamp,
    Level: event.level,
    AuditId: event.auditID,
    Stage: event.stage,
    RequestUri: event.requestURI,
    Verb: event.verb,
    User: text(event.user),
    SourceIps: text(event.sourceIPs),
    UserAgent: event.userAgent,
    ObjectRef: text(event.objectRef),
    ResponseStatus: text(event.responseStatus),
    RequestObject: text(event.requestObject),
    ResponseObject: text(event.responseObject),
    RequestReceivedTime: event.requestReceivedTimestamp,
    StageReceivedTime: event.stageTimestamp,
    Annotations: text(event.annotations),
    PodName: 'kube-apiserver-0',
    SourceSystem: null,
    Type: 'AKSAudit',
    _ResourceId: '/subscriptions/0',
  }
}

export function diagnosticsRow(event: AuditJson): Fields {
  return {
    TenantId: 't',
    TimeGenerated: event.stageTimestamp,
    Category: 'kube-audit',
    log_s: `${goJson(event)}\n`,
    stream_s: 'stdout',
    pod_s: 'kube-apiserver-0',
    Type: 'AzureDiagnostics',
  }
}

/** The command line of Azure prints every value as Python does. */
export function printed(row: Fields): Fields {
  const told = Object.entries(row).map(([key, value]) => [key, value === null ? 'None' : String(value)])
  return { TableName: 'PrimaryResult', ...Object.fromEntries(told) }
}

export function tableOf(rows: readonly Fields[]): Fields {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => ({ name, type: name.endsWith('Time') ? 'datetime' : 'string' }))
  return { name: 'PrimaryResult', columns, rows: rows.map((row) => names.map((name) => row[name])) }
}
