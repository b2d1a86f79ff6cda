import type { Field } from './field.ts'
import type { Format } from './format.ts'
import { readJson } from './json-line.ts'
import { compile, type Part } from './template.ts'

const COMMON: readonly Part[] = [
  { field: 'client', ends: 'plain', before: ' - ' },
  { field: 'skip', ends: 'free', before: ' [' },
  // When the request came (pkg/middlewares/accesslog writes StartUTC).
  { field: 'common-start', ends: 'plain', before: '] "' },
  { field: 'request', ends: 'quoted', before: '" ' },
  { field: 'status', ends: 'plain', before: ' ' },
  { field: 'skip', ends: 'plain', before: ' "' },
  { field: 'skip', ends: 'quoted', before: '" "' },
  { field: 'skip', ends: 'quoted', before: '" ' },
  { field: 'skip', ends: 'plain', before: ' "' },
  { field: 'backend', ends: 'quoted', before: '" "' },
  { field: 'upstream', ends: 'quoted', before: '" ' },
  { field: 'milliseconds', ends: 'plain', before: 'ms' },
]

export const TRAEFIK: Format = {
  name: 'Traefik',
  engine: 'traefik',
  receives: 'nothing',
  read: compile({ start: '', parts: COMMON }),
}

const KEYS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['StartUTC', 'iso-start'],
  ['StartLocal', 'iso-start'],
  ['ClientHost', 'client'],
  ['request_X-Forwarded-For', 'forwarded'],
  ['RequestHost', 'host'],
  ['RequestMethod', 'method'],
  ['RequestPath', 'path'],
  ['DownstreamStatus', 'status'],
  ['OriginStatus', 'origin-status'],
  ['RequestContentSize', 'received'],
  ['Duration', 'nanoseconds'],
  ['RouterName', 'backend'],
])

export const TRAEFIK_JSON: Format = {
  name: 'Traefik (JSON)',
  engine: 'traefik',
  receives: 'body',
  read: readJson(KEYS),
}
