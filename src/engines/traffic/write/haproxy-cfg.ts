import type { Limit } from '../limit.ts'
import type { NativeTarget } from './writer.ts'

/** What differs between the two controllers of HAProxy. */
export interface Style {
  /** Which counter of a stick table they ask: that of requests, or that of what is tracked, which is the same here. */
  readonly rate: 'http_req_rate' | 'conn_rate'
  readonly table: string
}

/**
 * The haproxy.cfg that the controllers make of these limits, for an HAProxy that runs by itself (2.2 and later): a stick table
 * by source address for each limit, what is exempt neither tracked nor refused.
 */
export function haproxyCfg(limits: readonly Limit[], native: NativeTarget, style: Style): string {
  const tables: string[] = []
  const rules: string[] = []
  const timeouts = new Map([
    ['connect', 5000],
    ['client', 50_000],
    ['server', 50_000],
  ])
  let slot = 0
  for (const limit of limits) {
    const name = `limit_${slot}`
    if (limit.kind === 'requests' || limit.kind === 'connections') {
      const ms = Math.round((limit.period ?? 1) * 1000)
      const stored = limit.kind === 'requests' ? `${style.rate}(${ms})` : 'conn_cur'
      const asked = limit.kind === 'requests' ? style.rate : 'conn_cur'
      const most = limit.kind === 'requests' ? limit.rate : limit.connections
      const exempt = (limit.exempt ?? []).length === 0 ? '' : ` !{ src ${(limit.exempt ?? []).join(' ')} }`
      tables.push(`backend ${name}`, `  stick-table type ip ${style.table} store ${stored}`, '')
      rules.push(`http-request track-sc${slot} src table ${name}${exempt === '' ? '' : ` if${exempt}`}`)
      rules.push(`http-request deny deny_status ${limit.code} if { sc${slot}_${asked}(${name}) gt ${most} }${exempt}`)
      slot++
    } else if (limit.kind === 'body')
      rules.push(`http-request deny deny_status ${limit.code} if { req.body_size gt ${limit.body} }`)
    else if (limit.kind === 'timeout' && limit.of !== undefined && TIMES.has(limit.of))
      timeouts.set(TIMES.get(limit.of) as string, Math.round((limit.seconds as number) * 1000))
  }
  return [
    'global',
    '  maxconn 4096',
    '  log stdout format raw local0 info',
    'defaults',
    '  mode http',
    '  log global',
    ...[...timeouts].map(([name, ms]) => `  timeout ${name} ${ms}`),
    '',
    ...tables,
    'frontend http',
    `  bind ${native.listen}`,
    '  log-format "%tr %ST %ci %Ta"',
    ...(limits.some(({ kind }) => kind === 'body') ? ['  option http-buffer-request'] : []),
    ...rules.map((line) => `  ${line}`),
    '  default_backend route',
    '',
    'backend route',
    `  server pod ${native.backend}`,
    '',
  ].join('\n')
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['headers', 'http-request'],
  ['idle', 'http-keep-alive'],
  ['backend', 'server'],
])
