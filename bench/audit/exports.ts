import { gzipSync } from 'node:zlib'
import { aggregated, captured } from './containers.ts'
import { CSV } from './csv.ts'
import type { AuditJson } from './events.ts'
import type { Export } from './export.ts'
import {
  analyticsRow,
  auditRow,
  diagnosticsRow,
  entries,
  printed,
  printedRow,
  pulled,
  STREAM,
  sinkRow,
  tableOf,
} from './rows.ts'
import { SHIPPED } from './shipped.ts'
import { goJson, linesOf } from './write.ts'

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
  'aws kinesis get-records of the Kinesis Producer Library': {
    form: 'eks',
    write: (events) => {
      const [...packed] = subscribed(events).map((data) => Buffer.from(data, 'base64'))
      const pairs = packed.flatMap((data, at) => (at % 2 === 0 ? [[data, ...packed.slice(at + 1, at + 2)]] : []))
      const Records = pairs.map((pair, at) => ({
        SequenceNumber: `4960${at}`,
        Data: aggregated(pair).toString('base64'),
        PartitionKey: 'a',
      }))
      return JSON.stringify({ Records, NextShardIterator: 'AAAA', MillisBehindLatest: 0 }, null, 4)
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
  'Event Hubs Capture': { form: 'aks', write: (events) => captured(hubEvents(events), 'null') },
  'Event Hubs Capture, deflate': { form: 'aks', write: (events) => captured(hubEvents(events), 'deflate') },
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
  ...CSV,
  ...SHIPPED,
}

/** What diagnostic settings send at once. */
function hubEvents(events: readonly AuditJson[]): readonly string[] {
  const made: string[] = []
  for (let from = 0; from < events.length; from += BATCH) {
    const records = [...linesOf('aks', events.slice(from, from + BATCH))].map((line) => JSON.parse(line))
    made.push(JSON.stringify({ records }))
  }
  return made
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
