import { field, isObject, type Json, type JsonObject, object, string } from '../../cluster/json.ts'
import { instant } from '../time.ts'
import type { Envelope } from './native.ts'
import type { AuditSource, Reading } from './source.ts'

/**
 * Diagnostic logs of AKS: lines of a storage account or an event hub with the event in `properties.log`, a string or an
 * object, also as `records[]`; rows of Log Analytics, from AzureDiagnostics (`log_s`) and from AKSAudit, AKSAuditAdmin and
 * ArcK8sAudit (learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit).
 */
export const AKS: AuditSource = {
  recognises: (value) => recordsOf(value)?.some((each) => isObject(each) && isRecord(each)) === true || isRecord(value),

  time: (value) => {
    const [head] = recordsOf(value) ?? [value]
    return timeOf(object(head)) ?? 0
  },

  read(value, reading) {
    for (const each of recordsOf(value) ?? [value]) {
      if (isObject(each) && isRecord(each)) readRecord(each, reading)
      else reading.sink.unread('not a record of a diagnostic log', reading.place)
    }
  },
}

function recordsOf(value: JsonObject): readonly Json[] | undefined {
  return Array.isArray(value.records) ? value.records : undefined
}

function isRecord(value: JsonObject): boolean {
  return logOf(value) !== undefined || isRow(value)
}

function logOf(value: JsonObject): Json | undefined {
  return categoryOf(value) === '' ? undefined : (field(value.properties, 'log') ?? value.log_s)
}

function isRow(value: JsonObject): boolean {
  return typeof value.AuditId === 'string' && typeof value.Verb === 'string'
}

function readRecord(record: JsonObject, { sink, place, inner }: Reading): void {
  const time = timeOf(record)
  if (isRow(record)) {
    inner(eventOf(record), { form: string(record.Type) === 'AKSAuditAdmin' ? 'aks-admin' : 'aks', time })
    return
  }
  const category = categoryOf(record)
  if (category !== 'kube-audit' && category !== 'kube-audit-admin') {
    sink.leftOut(`log of category ${category}`, time ?? 0)
    return
  }
  const envelope: Envelope = { form: category === 'kube-audit' ? 'aks' : 'aks-admin', time }
  const log = logOf(record)
  if (typeof log !== 'string') {
    inner(log ?? null, envelope)
    return
  }
  // Lines that the API server writes beside its events end up here too.
  if (!log.trimStart().startsWith('{')) {
    sink.leftOut('text that is no event', time ?? 0)
    return
  }
  let value: Json
  try {
    value = JSON.parse(log) as Json
  } catch {
    sink.unread('an event that was cut before its end', place)
    return
  }
  inner(value, envelope)
}

const COLUMNS: readonly (readonly [column: string, field: string])[] = [
  ['AuditId', 'auditID'],
  ['Level', 'level'],
  ['Stage', 'stage'],
  ['Verb', 'verb'],
  ['RequestUri', 'requestURI'],
  ['UserAgent', 'userAgent'],
  ['User', 'user'],
  ['ImpersonatedUser', 'impersonatedUser'],
  ['SourceIps', 'sourceIPs'],
  ['ObjectRef', 'objectRef'],
  ['ResponseStatus', 'responseStatus'],
  ['RequestObject', 'requestObject'],
  ['ResponseObject', 'responseObject'],
  ['Annotations', 'annotations'],
  ['RequestReceivedTime', 'requestReceivedTimestamp'],
  ['StageReceivedTime', 'stageTimestamp'],
]
const DYNAMIC: ReadonlySet<string> = new Set([
  'User',
  'ImpersonatedUser',
  'SourceIps',
  'ObjectRef',
  'ResponseStatus',
  'RequestObject',
  'ResponseObject',
  'Annotations',
])

/** Columns of type `dynamic` are values or, in exports, their text. */
function eventOf(row: JsonObject): JsonObject {
  const event: [string, Json][] = []
  for (const [column, name] of COLUMNS) {
    const value = row[column]
    if (value === undefined || value === null || value === '') continue
    event.push([name, DYNAMIC.has(column) ? dynamicOf(value) : value])
  }
  return Object.fromEntries(event)
}

function dynamicOf(value: Json): Json {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}

function categoryOf(record: JsonObject): string {
  return string(record.category) ?? string(record.Category) ?? ''
}

function timeOf(record: JsonObject): number | undefined {
  return instant(record.time) ?? instant(record.TimeGenerated) ?? instant(record.RequestReceivedTime)
}
