import { AWS } from './aws.ts'
import { ENVOY, ENVOY_JSON, envoyFormat } from './envoy.ts'
import type { Field } from './field.ts'
import type { Format } from './format.ts'
import { HAPROXY } from './haproxy.ts'
import { readJson } from './json-line.ts'
import { NGINX, nginxFormat } from './nginx.ts'
import { TRAEFIK, TRAEFIK_JSON } from './traefik.ts'

/** Names that people give the fields of JSON logs, where the format itself is not known. */
const USUAL: ReadonlyMap<string, Field> = new Map<string, Field>([
  ...['time', 'timestamp', '@timestamp', 'time_iso8601', 'time_local', 'date', 'ts', 'msec'].map(
    (key) => [key, 'any-time'] as const,
  ),
  ...['remote_addr', 'client_ip', 'remote_ip', 'client', 'clientip', 'remoteIp', 'remote_address'].map(
    (key) => [key, 'client'] as const,
  ),
  ...['x_forwarded_for', 'http_x_forwarded_for', 'x-forwarded-for', 'x_forward_for'].map(
    (key) => [key, 'forwarded'] as const,
  ),
  ...['host', 'vhost', 'http_host', 'server_name', 'hostname'].map((key) => [key, 'host'] as const),
  ...['method', 'request_method', 'http_method', 'verb'].map((key) => [key, 'method'] as const),
  ...['path', 'uri', 'request_uri', 'url', 'request_path'].map((key) => [key, 'path'] as const),
  ['request', 'request'],
  ...['status', 'status_code', 'response_status', 'code'].map((key) => [key, 'status'] as const),
  ...['request_time', 'request_duration'].map((key) => [key, 'seconds'] as const),
  ...['duration_ms', 'time_total', 'total_time'].map((key) => [key, 'milliseconds'] as const),
  ['request_length', 'received'],
  ['limit_req_status', 'limit-status'],
  ['termination_state', 'termination'],
  ['upstream_addr', 'upstream'],
  ['proxy_upstream_name', 'backend'],
])

const JSON_FORMATS: readonly Format[] = [
  TRAEFIK_JSON,
  ENVOY_JSON,
  { name: 'JSON', engine: 'other', receives: 'all', read: readJson(USUAL) },
]

/** Every format that is recognised. What is a form of another stands before it. */
export const FORMATS: readonly Format[] = [...JSON_FORMATS, ...ENVOY, ...HAPROXY, ...AWS, TRAEFIK, ...NGINX]

/** The text of `--log-format`: of nginx or of Envoy, told by how variables are written. A string says what is wrong. */
export function givenFormat(text: string): Format | string {
  if (/%[A-Z_]+(\([^)]*\))?(:\d+)?%/.test(text)) return envoyFormat(text)
  if (/\$\{?\w/.test(text)) return nginxFormat(text)
  return 'it holds neither variables of nginx, as $remote_addr, nor operators of Envoy, as %START_TIME%'
}
