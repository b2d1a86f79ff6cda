import { isObject, type Json, type JsonObject } from '../../cluster/json.ts'
import { NATIVE } from './native.ts'
import type { AuditSource } from './source.ts'

/**
 * Rows of a table whose columns are the fields of events, in lower case, as Athena and Hive name them; lists and structures as
 * JSON, or as the text of it. What Athena itself prints of a structure (`{username=alice}`) tells no more where a value ends.
 */
export const TABLE: AuditSource = {
  recognises: (value) => typeof value.auditid === 'string' && typeof value.verb === 'string',
  time: (value, times) => {
    const event = eventOf(value)
    return typeof event === 'string' ? 0 : times.inner(event)
  },
  read(value, { sink, place, inner }) {
    const event = eventOf(value)
    if (typeof event === 'string') sink.unread(event, place)
    else inner(event, NATIVE)
  },
}

const TEXTS: ReadonlyMap<string, string> = new Map(
  [
    'kind',
    'apiVersion',
    'level',
    'auditID',
    'stage',
    'requestURI',
    'verb',
    'userAgent',
    'requestReceivedTimestamp',
    'stageTimestamp',
    'timestamp',
  ].map((name) => [name.toLowerCase(), name]),
)
const VALUES: ReadonlyMap<string, string> = new Map(
  [
    'user',
    'impersonatedUser',
    'sourceIPs',
    'objectRef',
    'responseStatus',
    'requestObject',
    'responseObject',
    'annotations',
  ].map((name) => [name.toLowerCase(), name]),
)
/** Of them nothing may be left; without who and what an event is none. */
const BODIES: ReadonlySet<string> = new Set(['requestObject', 'responseObject'])

/** Or why the row tells none. */
function eventOf(row: JsonObject): JsonObject | string {
  const event: [string, Json][] = []
  for (const [column, value] of Object.entries(row)) {
    if (value === null || value === '') continue
    const text = TEXTS.get(column)
    if (text !== undefined) event.push([text, value])
    const name = VALUES.get(column)
    if (name === undefined) continue
    const told = typeof value === 'string' ? parsed(value) : value
    if (typeof told === 'object' && told !== null) event.push([name, told])
    else if (told === undefined && !BODIES.has(name)) return `a row whose column ${column} is no JSON`
  }
  const made = Object.fromEntries(event)
  return isObject(made.user) ? made : 'a row without the column user'
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
