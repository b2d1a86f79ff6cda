import { gzipSync, zstdCompressSync } from 'node:zlib'
import { tarFile } from './containers.ts'
import type { AuditJson } from './events.ts'
import type { Export } from './export.ts'
import { goJson, linesOf } from './write.ts'

/** A log as shippers and stores of logs hand it out. */
export const SHIPPED: Readonly<Record<string, Export>> = {
  'json-file of Docker': { form: 'v1', write: (events) => parts(events, docker) },
  'files of containerd': { form: 'v1', write: (events) => parts(events, cri) },
  'Fluent Bit': lines((event) => ({ date: Date.parse(event.stageTimestamp) / 1000, log: goJson(event) })),
  'Fluent Bit, merged': lines((event) => ({ log: goJson(event), log_processed: event, kubernetes: { pod_name: 'x' } })),
  Vector: lines((event) => ({
    file: '/var/log/audit.log',
    host: 'cp-0',
    message: goJson(event),
    source_type: 'file',
    timestamp: event.stageTimestamp,
  })),
  Filebeat: lines((event) => ({
    '@timestamp': event.stageTimestamp,
    '@metadata': { beat: 'filebeat' },
    message: goJson(event),
    log: { offset: 7, file: { path: '/var/log/audit.log' } },
    agent: { type: 'filebeat' },
  })),
  'Elastic Agent': lines((event) => ({
    '@timestamp': event.stageTimestamp,
    kubernetes: { audit: { ...event, annotations: undotted(event.annotations) } },
    event: { dataset: 'kubernetes.audit_logs' },
  })),
  elasticdump: lines((event) => ({ _index: 'audit', _id: event.auditID, _source: event })),
  'elasticdump of lines': lines((event) => ({
    _index: 'audit',
    _source: { message: goJson(event), log: { offset: 1 } },
  })),
  'search of Elasticsearch': whole((events) => ({
    took: 5,
    hits: { total: { value: events.length }, hits: events.map((event) => ({ _index: 'a', _source: event })) },
  })),
  'search of OpenSearch': whole((events) => ({
    hits: {
      hits: events.map((event) => ({ _source: { '@timestamp': event.stageTimestamp, message: goJson(event) } })),
    },
  })),
  'export of Splunk': lines((event) => ({
    preview: false,
    offset: 0,
    result: { _raw: goJson(event), _time: event.stageTimestamp, host: 'cp-0' },
  })),
  'results of Splunk': {
    form: 'v1',
    write: (events) =>
      JSON.stringify({ preview: false, messages: [], results: events.map((event) => ({ _raw: goJson(event) })) }),
  },
  'HTTP event collector of Splunk': lines((event) => ({ time: 1, host: 'cp-0', sourcetype: 'audit', event })),
  'query of Loki': whole((events) => ({
    status: 'success',
    data: {
      resultType: 'streams',
      result: [
        { stream: { job: 'audit' }, values: events.slice(0, 100).map(lokiLine) },
        { stream: { job: 'other' }, values: events.slice(100).map(lokiLine) },
      ],
    },
  })),
  'logcli -o jsonl': lines((event) => ({
    labels: { job: 'audit' },
    line: goJson(event),
    timestamp: event.stageTimestamp,
  })),
  'archive of Datadog': lines((event) => ({
    _id: 'A',
    date: event.stageTimestamp,
    service: 'kube-apiserver',
    attributes: event,
    tags: ['a'],
  })),
  'API of Datadog': whole((events) => ({
    data: events.map((event) => ({ id: 'A', type: 'log', attributes: { service: 'x', attributes: event } })),
    meta: { status: 'done' },
  })),
  'journalctl -o json': lines((event, at) => ({
    __REALTIME_TIMESTAMP: `${Date.parse(event.stageTimestamp)}000`,
    _COMM: 'kube-apiserver',
    MESSAGE: at % 7 === 0 ? [...Buffer.from(goJson(event))] : goJson(event),
  })),
  'jsonPayload of Cloud Logging': lines((event) => ({
    insertId: event.auditID,
    jsonPayload: event,
    logName: 'projects/p/logs/audit',
    resource: { type: 'generic_node' },
    timestamp: event.stageTimestamp,
  })),
  OpenTelemetry: {
    form: 'v1',
    write: (events) =>
      batched(events)
        .map((batch) => {
          const logRecords = batch.map((event) => ({ timeUnixNano: '1', body: { stringValue: goJson(event) } }))
          return `${JSON.stringify({ resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords }] }] })}\n`
        })
        .join(''),
  },
  'EventLists of a webhook': {
    form: 'v1',
    write: (events) =>
      batched(events)
        .map(
          (items) => `${JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items })}\n`,
        )
        .join(''),
  },
  'oc adm node-logs': text((event) => `ip-10-0-1-2.ec2.internal ${goJson(event)}`),
  'kubectl logs --prefix': text((event) => `[pod/kube-apiserver-cp-0/kube-apiserver] ${goJson(event)}`),
  syslog: text((event) => `<134>May  1 10:00:00 cp-0 kube-apiserver[123]: ${goJson(event)}`),
  'syslog of RFC 5424': text(
    (event) => `<134>1 ${event.stageTimestamp} cp-0 kube-apiserver 123 audit - ${goJson(event)}`,
  ),
  'files of Fluentd': text((event) => `${event.stageTimestamp}\tkube.audit\t${goJson(event)}`),
  'text of Grafana': text((event) => `${event.stageTimestamp}\t${goJson(event)}`),
  'zstd, appended to': {
    form: 'v1',
    write: (events) => Buffer.concat(batched(events).map((batch) => zstdCompressSync(native(batch)))),
  },
  'tar.gz of rotated files': {
    form: 'v1',
    write: (events) => {
      const folder = `must-gather/${'quay-io-openshift-'.repeat(6)}/audit_logs/kube-apiserver`
      const files = batched(events).map((batch, at): readonly [string, Buffer] => [
        `${folder}/audit-${at}.log${at % 2 === 0 ? '.gz' : ''}`,
        at % 2 === 0 ? gzipSync(native(batch)) : Buffer.from(native(batch)),
      ])
      return gzipSync(tarFile([['must-gather/version', Buffer.from('4.16\n')], ...files]))
    },
  },
}

function native(events: readonly AuditJson[]): string {
  return [...linesOf('v1', events)].map((line) => `${line}\n`).join('')
}

const BATCH = 60

function batched(events: readonly AuditJson[]): readonly (readonly AuditJson[])[] {
  const made: (readonly AuditJson[])[] = []
  for (let from = 0; from < events.length; from += BATCH) made.push(events.slice(from, from + BATCH))
  return made
}

function lines(wrap: (event: AuditJson, at: number) => unknown): Export {
  return { form: 'v1', write: (events) => events.map((event, at) => `${JSON.stringify(wrap(event, at))}\n`).join('') }
}

function text(line: (event: AuditJson) => string): Export {
  return { form: 'v1', write: (events) => events.map((event) => `${line(event)}\n`).join('') }
}

function whole(wrap: (events: readonly AuditJson[]) => unknown): Export {
  return { form: 'v1', isWhole: true, write: (events) => JSON.stringify(wrap(events)) }
}

function lokiLine(event: AuditJson): readonly string[] {
  return [`${Date.parse(event.stageTimestamp)}000000`, goJson(event)]
}

function undotted(annotations: AuditJson['annotations']): unknown {
  return Object.fromEntries(
    Object.entries(annotations ?? {}).map(([key, value]) => [key.replaceAll(/\.(?=.*\/)/g, '_'), value]),
  )
}

/** A runtime cuts what is longer than 16 KiB; here what is longer than this. */
const LONGEST = 900

/** Between the parts of a line may stand some of the other stream. */
function parts(events: readonly AuditJson[], write: (part: string, isLast: boolean) => string): string {
  let made = ''
  for (const event of events) {
    const bytes = Buffer.from(goJson(event))
    for (let from = 0; from < bytes.length; from += LONGEST)
      made += write(bytes.toString('utf8', from, from + LONGEST), from + LONGEST >= bytes.length)
  }
  return made
}

function docker(part: string, isLast: boolean): string {
  return `${JSON.stringify({ log: isLast ? `${part}\n` : part, stream: 'stdout', time: '2026-11-02T10:00:00.123456789Z' })}\n`
}

function cri(part: string, isLast: boolean): string {
  return `2026-11-02T10:00:00.123456789Z stdout ${isLast ? 'F' : 'P'} ${part}\n`
}
