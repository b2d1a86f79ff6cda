import { field, type Json, type JsonObject, list, string } from '../../cluster/json.ts'

/** Rows of Log Analytics (learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit). */
export function isRow(value: JsonObject): boolean {
  return typeof value.AuditId === 'string' && typeof value.Verb === 'string'
}

/** A table of rows that `aks.ts` reads, told by its columns. */
export function isTable(table: Json): boolean {
  return columnsOf(table).areKnown
}

interface Columns {
  readonly names: readonly string[]
  readonly areKnown: boolean
}

/** The rows of a large table come one by one, each with the same columns. */
const known = new WeakMap<readonly Json[], Columns>()

function columnsOf(table: Json): Columns {
  const columns = list(field(table, 'columns'))
  const before = known.get(columns)
  if (before) return before
  const names = columns.map((column) => string(field(column, 'name')) ?? '')
  const areKnown = names.includes('log_s') || (names.includes('AuditId') && names.includes('Verb'))
  const told = { names, areKnown }
  known.set(columns, told)
  return told
}

/** The rows of `{"tables": [{"columns": [{"name": …}, …], "rows": [[…], …]}]}`, each as an object. */
export function rowsOf(value: JsonObject): readonly Json[] | undefined {
  if (!Array.isArray(value.tables)) return undefined
  return list(value.tables).flatMap((table) => {
    const { names } = columnsOf(table)
    return list(field(table, 'rows')).map((row) => rowOf(names, list(row)))
  })
}

function rowOf(names: readonly string[], row: readonly Json[]): Json {
  return Object.fromEntries(row.slice(0, names.length).map((value, at) => [names[at] ?? '', value]))
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

const BODIES: ReadonlySet<string> = new Set(['RequestObject', 'ResponseObject'])

/** What `az monitor log-analytics query` prints for nothing, beside the name of the table of its answer. */
const NONE = 'None'

/** Columns of type `dynamic` are values or, in exports, their text; undefined where that is broken. */
export function eventOf(row: JsonObject): JsonObject | undefined {
  const event: [string, Json][] = []
  const isPrinted = row.TableName !== undefined
  for (const [column, name] of COLUMNS) {
    const value = row[column]
    if (value === undefined || value === null || value === '' || (isPrinted && value === NONE)) continue
    const told = DYNAMIC.has(column) ? dynamicOf(value) : value
    // Of bodies nothing may be left; without who and what an event is none.
    if (typeof told === 'string' && DYNAMIC.has(column) && !BODIES.has(column)) return undefined
    event.push([name, told])
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
