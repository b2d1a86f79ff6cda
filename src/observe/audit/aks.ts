import { field, isObject, type Json, type JsonObject, list, object, string } from '../../cluster/json.ts'
import { instant } from '../time.ts'
import { eventOf, isRow, isTable, rowsOf } from './aks-rows.ts'
import type { AuditForm } from './form.ts'
import { type AuditSource, each, type Reading } from './source.ts'

/**
 * Diagnostic logs of AKS: lines of a storage account or an event hub with the event in `properties.log`, a string or an
 * object, also as `records[]`; rows of Log Analytics, from AzureDiagnostics (`log_s`) and from AKSAudit, AKSAuditAdmin and
 * ArcK8sAudit (learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit), as objects or in the `tables` of its API.
 */
export const AKS: AuditSource = {
  recognises: (value) =>
    isRecord(value) ||
    isOtherTable(value) ||
    recordsOf(value)?.some(isRecord) === true ||
    list(value.tables).some(isTable),

  time: (value) => {
    const head = (recordsOf(value) ?? rowsOf(value) ?? [value]).find(isRecord)
    return head === undefined ? undefined : (timeOf(object(head)) ?? 0)
  },

  read(value, reading) {
    for (const [record, its] of each(recordsOf(value) ?? rowsOf(value) ?? [value], reading)) {
      if (isObject(record) && isRecord(record)) readRecord(record, its)
      else if (isOtherTable(record)) its.sink.leftOut('row of the table AKSControlPlane', timeOf(object(record)) ?? 0)
      else its.sink.unread('not a record of a diagnostic log', its.place)
    }
  },
}

function recordsOf(value: JsonObject): readonly Json[] | undefined {
  return Array.isArray(value.records) ? (value.records as readonly Json[]) : undefined
}

function isRecord(value: Json): boolean {
  return isObject(value) && (logOf(value) !== undefined || isRow(value))
}

/** A query may leave out the category; what it leaves is told by what it holds. */
function logOf(value: JsonObject): Json | undefined {
  const log = field(value.properties, 'log') ?? value.log_s
  return categoryOf(value) !== '' || isEventText(value.log_s) ? log : undefined
}

function isEventText(log: Json | undefined): boolean {
  return typeof log === 'string' && /^\s*\{/.test(log) && log.includes('"auditID"')
}

/** Of the log of the components beside the API server’s audit log, which may stand in one export with it. */
function isOtherTable(value: Json): boolean {
  return field(value, 'Type') === 'AKSControlPlane'
}

function readRecord(record: JsonObject, { sink, place, inner }: Reading): void {
  const time = timeOf(record)
  if (isRow(record)) {
    const event = eventOf(record)
    if (event === undefined) {
      sink.unread('a row with a column that is no JSON', place)
      return
    }
    const form = formOf(string(record.Type), event)
    inner(event, { form: Object.hasOwn(record, 'ImpersonatedUser') ? form : TABLES[form], time })
    return
  }
  const category = categoryOf(record)
  if (category !== '' && category !== 'kube-audit' && category !== 'kube-audit-admin') {
    sink.leftOut(`log of category ${category}`, time ?? 0)
    return
  }
  const log = logOf(record)
  if (typeof log !== 'string') {
    inner(log ?? null, { form: formOf(category, log), time })
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
  inner(value, { form: formOf(category, value), time })
}

/** Of rows that have no column for the impersonated user. */
const TABLES = { aks: 'aks-table', 'aks-admin': 'aks-table-admin' } as const satisfies Partial<
  Record<AuditForm, AuditForm>
>

/** Where a query left out the category or the table, only reads tell that it was the one that has them. */
function formOf(kind: string | undefined, event: Json | undefined): keyof typeof TABLES {
  if (kind === 'kube-audit-admin' || kind === 'AKSAuditAdmin') return 'aks-admin'
  if (kind !== undefined && kind !== '') return 'aks'
  const verb = field(event, 'verb')
  return verb === 'get' || verb === 'list' ? 'aks' : 'aks-admin'
}

function categoryOf(record: JsonObject): string {
  return string(record.category) ?? string(record.Category) ?? ''
}

function timeOf(record: JsonObject): number | undefined {
  return instant(record.time) ?? instant(record.TimeGenerated) ?? instant(record.RequestReceivedTime)
}
