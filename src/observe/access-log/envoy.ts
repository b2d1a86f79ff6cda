import type { Field } from './field.ts'
import type { Format } from './format.ts'
import { readJson } from './json-line.ts'
import { compile, type Ends, type Part, type Template } from './template.ts'

/** Command operators of Envoy (docs: configuration/observability/access_log/usage). */
const OPERATORS: Readonly<Record<string, Field>> = {
  START_TIME: 'iso-start',
  'REQ(:METHOD)': 'method',
  'REQ(X-ENVOY-ORIGINAL-PATH?:PATH)': 'path',
  'REQ(:PATH)': 'path',
  'REQ(X-FORWARDED-FOR)': 'forwarded',
  'REQ(:AUTHORITY)': 'host',
  'REQ(HOST)': 'host',
  RESPONSE_CODE: 'status',
  RESPONSE_FLAGS: 'envoy-flags',
  RESPONSE_FLAGS_LONG: 'envoy-flags',
  BYTES_RECEIVED: 'received',
  DURATION: 'milliseconds',
  UPSTREAM_HOST: 'upstream',
  DOWNSTREAM_REMOTE_ADDRESS: 'client-port',
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: 'client',
  ROUTE_NAME: 'backend',
}

/** `%NAME%`, `%NAME(ARGUMENTS)%`, `%NAME(ARGUMENTS):LENGTH%`; arguments may hold what strftime does. */
const OPERATOR = /%([A-Z_]+)(\([^)]*\))?(?::\d+)?%/

const DEFAULT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"'
const ISTIO =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%'

/** Keys of the JSON formats of Istio and of Envoy Gateway. */
const KEYS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['start_time', 'iso-start'],
  ['method', 'method'],
  ['path', 'path'],
  ['x-envoy-origin-path', 'path'],
  ['response_code', 'status'],
  ['response_flags', 'envoy-flags'],
  ['bytes_received', 'received'],
  ['duration', 'milliseconds'],
  ['x_forwarded_for', 'forwarded'],
  ['x-forwarded-for', 'forwarded'],
  ['authority', 'host'],
  [':authority', 'host'],
  ['upstream_host', 'upstream'],
  ['downstream_remote_address', 'client-port'],
  ['route_name', 'backend'],
])

export const ENVOY_JSON: Format = {
  name: 'Envoy (JSON)',
  engine: 'envoy',
  read: readJson(KEYS),
  receives: 'body',
}

export const ENVOY: readonly Format[] = [
  { name: 'Istio', engine: 'envoy', read: compile(templateOf(ISTIO)), receives: 'body' },
  { name: 'Envoy', engine: 'envoy', read: compile(templateOf(DEFAULT)), receives: 'body' },
]

/** A format of the user's: `format` of an access log, text or JSON. A string says why it cannot be read. */
export function envoyFormat(given: string): Format | string {
  const text = given.replace(/\\n$|\n$/, '')
  const base = { name: 'the given format', engine: 'given', receives: 'body' } as const
  if (text.trimStart().startsWith('{')) {
    const fields = jsonFields(text)
    return typeof fields === 'string' ? fields : { ...base, read: readJson(fields) }
  }
  const made = envoyTemplate(text)
  return typeof made === 'string' ? made : { ...base, read: compile(made) }
}

function envoyTemplate(text: string): Template | string {
  const pieces = text.split(OPERATOR)
  const parts: Part[] = []
  let before = pieces[0] as string
  for (let at = 1; at < pieces.length; at += 3) {
    const literal = pieces[at + 2] as string
    const field = fieldOf(pieces[at] as string, pieces[at + 1] ?? '')
    if (field === undefined) return `the time format of %${pieces[at]}${pieces[at + 1]}% is not known`
    if (literal === '' && at + 3 < pieces.length)
      return `nothing stands between %${pieces[at]}% and the operator behind it`
    const isQuoted = before.endsWith('"') && literal.startsWith('"')
    const isHeader = pieces[at] === 'REQ' || pieces[at] === 'RESP'
    const ends: Ends = isHeader && field === 'skip' && !isQuoted ? 'free' : 'plain'
    parts.push({ field, ends, before: literal })
    before = literal
  }
  if (parts.length === 0) return 'it holds no operator, as %START_TIME%'
  const quotes = pieces.reduce((sum, each, at) => (at % 3 === 0 ? sum + each.split('"').length - 1 : sum), 0)
  // Envoy writes headers into its text formats as they came, quotes included.
  return { start: pieces[0] as string, parts, ...(quotes > 0 ? { quotes } : {}) }
}

function templateOf(text: string): Template {
  const made = envoyTemplate(text)
  if (typeof made === 'string') throw new Error(made)
  return made
}

/** Undefined for a time in a form that is not read. */
function fieldOf(name: string, argument: string): Field | undefined {
  if (name === 'START_TIME' && argument !== '') {
    if (/^\(%s(\.%[36]f)?\)$/.test(argument)) return 'epoch-start'
    return /^\(%Y-%m-%dT(%T|%H:%M:%S)(\.%[1-9]f)?(Z|%z|%E?z)?\)$/.test(argument) ? 'iso-start' : undefined
  }
  const key = `${name}${argument.toUpperCase()}`
  return Object.hasOwn(OPERATORS, key) ? (OPERATORS[key] as Field) : 'skip'
}

function jsonFields(text: string): ReadonlyMap<string, Field> | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it begins as JSON and is none'
  }
  const fields = new Map<string, Field>()
  for (const [key, each] of Object.entries(value as object)) {
    const [all, name, argument = ''] = (typeof each === 'string' && OPERATOR.exec(each)) || []
    if (all === undefined || all !== each) continue
    const field = fieldOf(name as string, argument)
    if (field === undefined) return `the time format of ${each} is not known`
    if (field !== 'skip') fields.set(key, field)
  }
  return fields.size === 0 ? 'none of its values is an operator that tells of a request' : fields
}
