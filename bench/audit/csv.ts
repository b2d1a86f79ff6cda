import type { AuditJson } from './events.ts'
import type { Export } from './export.ts'
import { auditRow, diagnosticsRow, entries, STREAM } from './rows.ts'
import { goJson } from './write.ts'

/** Tables that a console, a query or a portal writes as CSV. */
export const CSV: Readonly<Record<string, Export>> = {
  'CloudWatch Logs Insights, CSV': {
    form: 'eks',
    write: (events) =>
      csv(events.map((event) => ({ '@timestamp': spaced(event), '@logStream': STREAM, '@message': goJson(event) }))),
  },
  'log events of CloudWatch, CSV': {
    form: 'eks',
    write: (events) =>
      csv(events.map((event) => ({ timestamp: `${Date.parse(event.stageTimestamp)}`, message: goJson(event) }))),
  },
  'Athena over events, structures as JSON': {
    form: 'v1',
    write: (events) =>
      csv(
        events.map((event) => lowered(event as unknown as Record<string, unknown>)),
        true,
      ),
  },
  'Athena over lines': {
    form: 'v1',
    write: (events) =>
      csv(
        events.map((event) => ({ line: goJson(event) })),
        true,
      ),
  },
  'Logs Explorer, CSV': { form: 'gke', write: (events) => csv(entries(events).map((entry) => flattened('', entry))) },
  'Log Analytics, CSV of AzureDiagnostics': {
    form: 'aks',
    write: (events) => csv(events.map((event) => portal(diagnosticsRow(event)))),
  },
  'Log Analytics, CSV of AKSAudit': {
    form: 'aks',
    write: (events) => `\uFEFF${csv(events.map((event) => portal(auditRow(event))))}`,
  },
}

type Row = Readonly<Record<string, unknown>>

function csv(rows: readonly Row[], isAllQuoted = false): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: unknown): string => {
    const text = value === undefined || value === null ? '' : `${value}`
    return isAllQuoted || /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('')
}

function spaced(event: AuditJson): string {
  return event.stageTimestamp.replace('T', ' ').slice(0, 23)
}

function lowered(event: Row): Row {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === 'object' ? JSON.stringify(value, null, 1) : value,
    ]),
  )
}

function flattened(path: string, value: unknown): Row {
  if (typeof value !== 'object' || value === null) return { [path]: value }
  if (Array.isArray(value)) return { [path]: JSON.stringify(value) }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, each]) => flattened(path === '' ? key : `${path}.${key}`, each)),
  )
}

const TIMES = new Set(['TimeGenerated', 'RequestReceivedTime', 'StageReceivedTime'])

function portal(row: Row): Row {
  const told = Object.entries(row).map(([key, value]) =>
    TIMES.has(key) ? [`${key} [UTC]`, portalTime(`${value}`)] : [key, value],
  )
  return Object.fromEntries(told)
}

/** `11/2/2026, 10:00:00.123 PM` */
function portalTime(time: string): string {
  const [, year, month, day, hour, rest] = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+:\d+\.\d{3})/.exec(time) ?? []
  const half = Number(hour) < 12 ? 'AM' : 'PM'
  return `${Number(month)}/${Number(day)}/${year}, ${Number(hour) % 12 || 12}:${rest} ${half}`
}
