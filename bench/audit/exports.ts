import { gzipSync } from 'node:zlib'
import type { AuditJson } from './events.ts'
import { type Form, goJson, linesOf } from './write.ts'

/** One way in which a log of a form leaves its cloud. */
export interface Export {
  readonly form: Exclude<Form, 'v1'>
  write(events: readonly AuditJson[]): string | Buffer
}

const STREAM = 'kube-apiserver-audit-0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const BATCH = 40

/** By the command that prints it, or the service that delivers it. */
export const EXPORTS: Readonly<Record<string, Export>> = {
  'aws logs filter-log-events, one line': {
    form: 'eks',
    write: (events) => JSON.stringify({ events: events.map(filtered), searchedLogStreams: [] }),
  },
  'aws logs filter-log-events': {
    form: 'eks',
    write: (events) => JSON.stringify({ events: events.map(filtered), searchedLogStreams: [] }, null, 4),
  },
  'aws logs get-log-events, one line': {
    form: 'eks',
    write: (events) => JSON.stringify({ events: events.map(got), nextForwardToken: 'f/1', nextBackwardToken: 'b/1' }),
  },
  'aws logs get-log-events': {
    form: 'eks',
    write: (events) =>
      JSON.stringify({ events: events.map(got), nextForwardToken: 'f/1', nextBackwardToken: 'b/1' }, null, 4),
  },
  'aws logs get-query-results, one line': { form: 'eks', write: (events) => JSON.stringify(insights(events)) },
  'aws logs get-query-results': { form: 'eks', write: (events) => JSON.stringify(insights(events), null, 4) },
  'aws logs create-export-task': {
    form: 'eks',
    write: (events) => gzipSync(events.map((event) => `${event.stageTimestamp} ${goJson(event)}\n`).join('')),
  },
  'aws kinesis get-records': {
    form: 'eks',
    write: (events) => {
      const Records = subscribed(events).map((Data, at) => ({
        SequenceNumber: `4960${at}`,
        ApproximateArrivalTimestamp: '2026-11-02T00:00:00.000000+00:00',
        Data,
        PartitionKey: `${at}`,
      }))
      return JSON.stringify({ Records, NextShardIterator: 'AAAA', MillisBehindLatest: 0 }, null, 4)
    },
  },
  'Lambda of Kinesis': {
    form: 'eks',
    write: (events) =>
      JSON.stringify({
        Records: subscribed(events).map((data, at) => ({
          kinesis: { kinesisSchemaVersion: '1.0', partitionKey: '1', sequenceNumber: `${at}`, data },
          eventSource: 'aws:kinesis',
          eventName: 'aws:kinesis:record',
        })),
      }),
  },
  'Lambda of CloudWatch Logs': {
    form: 'eks',
    write: (events) =>
      subscribed(events)
        .map((data) => `${JSON.stringify({ awslogs: { data } })}\n`)
        .join(''),
  },
  'Lambda of Firehose': {
    form: 'eks',
    write: (events) => {
      const records = subscribed(events).map((data, at) => ({
        recordId: `${at}`,
        approximateArrivalTimestamp: 1_777_629_600_000,
        data,
      }))
      return JSON.stringify({ invocationId: 'i', deliveryStreamArn: 'arn:aws:firehose:x', region: 'x', records })
    },
  },
  'Firehose to S3': { form: 'eks', write: (events) => gzipSync([...linesOf('eks', events)].join('')) },

  'gcloud logging read': {
    form: 'gke',
    write: (events) => JSON.stringify(entries(events), null, 2),
  },
  'entries.list': { form: 'gke', write: (events) => JSON.stringify({ entries: entries(events), nextPageToken: 'x' }) },
  'bq query --format=json': { form: 'gke', write: (events) => JSON.stringify(entries(events).map(printedRow)) },
  'bq query --format=prettyjson': {
    form: 'gke',
    write: (events) => JSON.stringify(entries(events).map(printedRow), null, 2),
  },
  'bq extract': {
    form: 'gke',
    write: (events) =>
      entries(events)
        .map((entry) => `${JSON.stringify(sinkRow(entry))}\n`)
        .join(''),
  },
  'bq query of Log Analytics': {
    form: 'gke',
    write: (events) => JSON.stringify(entries(events).map(analyticsRow), null, 2),
  },
  'gcloud pubsub subscriptions pull': {
    form: 'gke',
    write: (events) => JSON.stringify(entries(events).map(pulled), null, 2),
  },
  'Pub/Sub push': {
    form: 'gke',
    write: (events) =>
      entries(events)
        .map((entry) => `${JSON.stringify({ message: pulled(entry).message, subscription: 'projects/x' })}\n`)
        .join(''),
  },
  'subscriptions.pull': {
    form: 'gke',
    write: (events) => JSON.stringify({ receivedMessages: entries(events).map(pulled) }),
  },

  'diagnostic settings to an event hub': {
    form: 'aks',
    write: (events) => JSON.stringify({ records: [...linesOf('aks', events)].map((line) => JSON.parse(line)) }),
  },
  'az monitor log-analytics query of AKSAudit': {
    form: 'aks',
    write: (events) =>
      JSON.stringify(
        events.map((event) => printed(auditRow(event))),
        null,
        2,
      ),
  },
  'az monitor log-analytics query of AzureDiagnostics': {
    form: 'aks',
    write: (events) => JSON.stringify(events.map((event) => printed(diagnosticsRow(event)))),
  },
  'API of Log Analytics, AKSAudit': {
    form: 'aks',
    write: (events) => JSON.stringify({ tables: [tableOf(events.map(auditRow))] }),
  },
  'API of Log Analytics, AzureDiagnostics': {
    form: 'aks',
    write: (events) => JSON.stringify({ tables: [tableOf(events.map(diagnosticsRow))] }, null, 2),
  },
  'data export of Log Analytics': {
    form: 'aks',
    write: (events) => events.map((event) => `${JSON.stringify(auditRow(event))}\n`).join(''),
  },
}

/** AKSAudit has no column for whom a request was done as. */
export function hidesImpersonation(name: string): boolean {
  return name.includes('AKSAudit') || name.startsWith('data export')
}

function got(event: AuditJson): object {
  return { timestamp: Date.parse(event.stageTimestamp), message: goJson(event), ingestionTime: 1_777_629_600_000 }
}

function filtered(event: AuditJson): object {
  return { logStreamName: STREAM, ...got(event), eventId: event.auditID }
}

function insights(events: readonly AuditJson[]): object {
  const results = events.map((event) => [
    { field: '@timestamp', value: event.stageTimestamp.replace('T', ' ').slice(0, 23) },
    { field: '@logStream', value: STREAM },
    { field: '@message', value: goJson(event) },
    { field: '@ptr', value: event.auditID },
  ])
  return { queryLanguage: 'CWLI', results, statistics: { recordsMatched: results.length }, status: 'Complete' }
}

/** What a subscription sends, as a queue carries it. */
function subscribed(events: readonly AuditJson[]): readonly string[] {
  const made: string[] = []
  for (let from = 0; from < events.length; from += BATCH)
    for (const line of linesOf('eks', events.slice(from, from + BATCH))) made.push(gzipSync(line).toString('base64'))
  return made
}

type Fields = Readonly<Record<string, unknown>>
interface Entry extends Fields {
  readonly insertId: string
  readonly labels: Fields
  readonly logName: string
  readonly operation: Fields
  readonly protoPayload: Fields & { readonly authorizationInfo: readonly Fields[]; readonly status: Fields }
  readonly timestamp: string
  readonly receiveTimestamp: string
}

function entries(events: readonly AuditJson[]): readonly Entry[] {
  return [...linesOf('gke', events)].map((line) => JSON.parse(line) as Entry)
}

/** Of the table that a sink writes: names of labels in lower case and without signs, bodies as texts. */
function sinkRow(entry: Entry): Fields {
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
function printedRow(entry: Entry): unknown {
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
function analyticsRow(entry: Entry): unknown {
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

function pulled(entry: Entry): { readonly ackId: string; readonly message: Fields } {
  const attributes = { 'logging.googleapis.com/timestamp': entry.timestamp }
  const data = Buffer.from(JSON.stringify(entry)).toString('base64')
  return { ackId: 'a', message: { attributes, data, messageId: entry.insertId, publishTime: entry.receiveTimestamp } }
}

function auditRow(event: AuditJson): Fields {
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

function diagnosticsRow(event: AuditJson): Fields {
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
function printed(row: Fields): Fields {
  const told = Object.entries(row).map(([key, value]) => [key, value === null ? 'None' : String(value)])
  return { TableName: 'PrimaryResult', ...Object.fromEntries(told) }
}

function tableOf(rows: readonly Fields[]): Fields {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => ({ name, type: name.endsWith('Time') ? 'datetime' : 'string' }))
  return { name: 'PrimaryResult', columns, rows: rows.map((row) => names.map((name) => row[name])) }
}
