import type { Field } from './field.ts'
import type { Format } from './format.ts'
import { readJson } from './json-line.ts'
import { compile, type Ends, type Part, type Template } from './template.ts'

/** Variables of nginx and of ingress-nginx (nginx.org/en/docs/varindex.html; nginx-configuration/log-format.md). */
const VARIABLES: Readonly<Record<string, Field>> = {
  time_local: 'common-time',
  time_iso8601: 'iso-time',
  msec: 'epoch-seconds',
  remote_addr: 'client',
  proxy_protocol_addr: 'client',
  the_real_ip: 'client',
  http_x_forwarded_for: 'forwarded',
  proxy_add_x_forwarded_for: 'forwarded',
  host: 'host',
  http_host: 'host',
  server_name: 'host',
  request_method: 'method',
  request_uri: 'path',
  uri: 'path',
  request: 'request',
  status: 'status',
  request_length: 'received',
  request_time: 'seconds',
  limit_req_status: 'limit-status',
  upstream_addr: 'upstream',
  proxy_upstream_name: 'backend',
}

/** What senders choose, and what nginx writes with the spaces that are in it. */
const FREE = /^(remote_user|request|request_uri|uri|args|query_string|http_|arg_|cookie_|sent_http_|upstream_http_)/

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** The formats that are recognised; those with more fields stand first. */
export const NGINX: readonly Format[] = [
  // controller/config/config.go of ingress-nginx, `logFormatUpstream`.
  of(
    'nginx upstreaminfo',
    `${COMBINED} $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id`,
  ),
  // nginx.conf of the packages and the image, `main`.
  of('nginx main', `${COMBINED} "$http_x_forwarded_for"`),
  of('nginx combined', COMBINED),
  of('common', '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'),
]

function of(name: string, text: string): Format {
  const made = nginxTemplate(text)
  if (typeof made === 'string') throw new Error(made)
  return { name, engine: 'nginx', read: compile(made), receives: text.includes('request_length') ? 'all' : 'nothing' }
}

/** A `log_format` of the user's: its text, or the directive whole. A string says why it cannot be read. */
export function nginxFormat(given: string): Format | string {
  const text = /^\s*log_format\s/.test(given) ? directiveText(given) : given
  const receives = /\$\{?request_length/.test(text) ? 'all' : 'nothing'
  const base = { name: 'the given log_format', engine: 'given', receives } as const
  if (text.trimStart().startsWith('{')) {
    const fields = jsonFields(text)
    return typeof fields === 'string' ? fields : { ...base, read: readJson(fields) }
  }
  const made = nginxTemplate(text)
  return typeof made === 'string' ? made : { ...base, read: compile(made) }
}

function nginxTemplate(text: string): Template | string {
  const pieces = text.split(/\$(?:\{(\w+)\}|(\w+))/)
  const parts: Part[] = []
  let before = pieces[0] as string
  for (let at = 1; at < pieces.length; at += 3) {
    const name = (pieces[at] ?? pieces[at + 1]) as string
    const literal = pieces[at + 2] as string
    if (literal === '' && at + 3 < pieces.length) return `nothing stands between $${name} and the variable behind it`
    parts.push({ field: fieldOf(name), ends: endsOf(name, before, literal), before: literal })
    before = literal
  }
  return parts.length === 0 ? 'it holds no variable, as $remote_addr' : { start: pieces[0] as string, parts }
}

function fieldOf(name: string): Field {
  return Object.hasOwn(VARIABLES, name) ? (VARIABLES[name] as Field) : 'skip'
}

function endsOf(name: string, before: string, after: string): Ends {
  if (before.endsWith('"') && after.startsWith('"')) return 'quoted'
  if (name.startsWith('upstream_') && !name.startsWith('upstream_http_')) return 'list'
  return FREE.test(name) ? 'free' : 'plain'
}

/** `log_format main escape=json '…' '…';` */
function directiveText(directive: string): string {
  const quoted = [...directive.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
  return quoted.map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"\\])/g, '$1')).join('')
}

/** Keys of `{"time": "$time_iso8601", "status": $status}` and what stands in each. */
function jsonFields(text: string): ReadonlyMap<string, Field> | string {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/"\$\{?(\w+)\}?"|\$\{?(\w+)\}?/g, (_, quoted, bare) => `"$${quoted ?? bare}"`))
  } catch {
    return 'it begins as JSON and is none, with a variable taken for a value'
  }
  const fields = new Map<string, Field>()
  const walk = (each: unknown, prefix: string, depth: number): void => {
    if (typeof each !== 'object' || each === null || depth > 4) return
    for (const [key, inner] of Object.entries(each)) {
      if (typeof inner === 'string' && inner.startsWith('$')) {
        const field = fieldOf(inner.slice(1))
        if (field !== 'skip') fields.set(`${prefix}${key}`, field)
      } else walk(inner, `${prefix}${key}.`, depth + 1)
    }
  }
  walk(value, '', 0)
  return fields.size === 0 ? 'none of its values is a variable that tells of a request' : fields
}
