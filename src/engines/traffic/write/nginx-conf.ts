import type { Limit, LimitKey } from '../limit.ts'
import type { NativeTarget } from './writer.ts'

/**
 * The nginx.conf that the controllers make of these limits: zones of 5 MB by key, `limit_conn` and `limit_req` of the
 * location in the order in which ingress-nginx writes them (connections, per second, per minute), real IP as
 * `use-forwarded-headers` and `proxy-real-ip-cidr` set it. To be run as it is, by nginx 1.15.7 and later.
 */
export function nginxConf(limits: readonly Limit[], native: NativeTarget, zone: string): string {
  const { listen, backend, folder, realIp, allow } = native
  const http: string[] = []
  const location: string[] = []
  const ordered = [...limits].sort((a, b) => order(a) - order(b))
  for (const [index, limit] of ordered.entries()) {
    const name = `${zone.replace(/[^a-zA-Z0-9_]/g, '_')}_${index}`
    if (limit.kind === 'requests') {
      const unit = limit.period === 60 ? 'm' : 's'
      http.push(...zoneKey(limit, index))
      http.push(`limit_req_zone $limit_${index} zone=${name}:5m rate=${limit.rate}r/${unit};`)
      const burst = limit.burst === undefined || limit.burst === 0 ? '' : ` burst=${limit.burst}`
      location.push(`limit_req zone=${name}${burst}${waiting(limit)};`)
      if (limit.code !== undefined) location.push(`limit_req_status ${limit.code};`)
      if (limit.shadow) location.push('limit_req_dry_run on;')
    } else if (limit.kind === 'connections') {
      http.push(...zoneKey(limit, index))
      http.push(`limit_conn_zone $limit_${index} zone=${name}:5m;`)
      location.push(`limit_conn ${name} ${limit.connections};`)
      if (limit.code !== undefined) location.push(`limit_conn_status ${limit.code};`)
      if (limit.shadow) location.push('limit_conn_dry_run on;')
    } else if (limit.kind === 'body') location.push(`client_max_body_size ${limit.body};`)
    else if (limit.kind === 'bandwidth') location.push(`limit_rate ${limit.bytesPerSecond};`)
    else if (limit.of !== undefined && TIMES.has(limit.of))
      (limit.of === 'backend' ? location : http).push(`${TIMES.get(limit.of)} ${limit.seconds}s;`)
  }
  return [
    'daemon off;',
    'worker_processes 2;',
    `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log error;`,
    'events { worker_connections 4096; }',
    'http {',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `  ${each}_temp_path ${folder}/${each};`),
    '  log_format timed \'$msec $request_time $status $remote_addr $limit_req_status "$http_x_forwarded_for" $request_length\';',
    `  access_log ${folder}/access.log timed;`,
    '  keepalive_requests 1000000;',
    ...(realIp ? realIpLines(realIp) : []).map(indented),
    ...[...new Set(http)].map(indented),
    '  server {',
    `    listen ${listen} backlog=4096;`,
    '    location / {',
    ...(allow ? [...allow.map((each) => `allow ${each};`), 'deny all;'] : []).map((line) => `      ${line}`),
    ...[...new Set(location)].map((line) => `      ${line}`),
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    `      proxy_pass http://${backend};`,
    '    }',
    '  }',
    '}',
    '',
  ].join('\n')
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['headers', 'client_header_timeout'],
  ['body', 'client_body_timeout'],
  ['idle', 'keepalive_timeout'],
  ['backend', 'proxy_read_timeout'],
])

const indented = (line: string): string => `  ${line}`

function order({ kind, period = 1 }: Limit): number {
  return kind === 'connections' ? 0 : kind === 'requests' ? period : Number.POSITIVE_INFINITY
}

function waiting({ burst = 0, undelayed }: Limit): string {
  if (burst === 0) return ''
  if (undelayed === undefined || undelayed >= burst) return ' nodelay'
  return undelayed > 0 ? ` delay=${undelayed}` : ''
}

/** An empty key is not counted: exempt addresses get one, by `geo` and `map` as the controller writes them. */
function zoneKey({ key, exempt = [] }: Limit, index: number): readonly string[] {
  if (exempt.length === 0) return [`map "" $limit_${index} { default ${nginxVariable(key)}; }`]
  return [
    `geo $remote_addr $exempt_${index} { default 0; ${exempt.map((each) => `${each} 1;`).join(' ')} }`,
    `map $exempt_${index} $limit_${index} { 0 ${nginxVariable(key)}; default ""; }`,
  ]
}

/** The variable of a key; a header’s only by a name that can be no syntax of nginx. */
export function nginxVariable(key: LimitKey): string {
  switch (key.kind) {
    case 'client-address':
      return '$binary_remote_addr'
    case 'peer-address':
      return '$realip_remote_addr'
    case 'header':
      return `$http_${key.name.toLowerCase().replaceAll('-', '_')}`
    default:
      return '"all"'
  }
}

function realIpLines({ trusted, header }: { trusted: readonly string[]; header: string }): readonly string[] {
  return [`real_ip_header ${header};`, 'real_ip_recursive on;', ...trusted.map((each) => `set_real_ip_from ${each};`)]
}
