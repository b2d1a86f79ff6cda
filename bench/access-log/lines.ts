import { writeLines } from '../write.ts'
import { type Made, type TrafficOptions, traffic } from './traffic.ts'

/** Generated requests as the engines write them. */
export const LINES = {
  combined: (each: Made) =>
    `${each.client} - - [${common(each.end)}] "${each.method} ${target(each)} HTTP/1.1" ${each.status} ${each.sent} "-" "${each.agent}"`,
  upstreaminfo: (each: Made) =>
    `${each.client} - - [${common(each.end)}] "${each.method} ${target(each)} HTTP/1.1" ${each.status} ${each.sent} "-" "${each.agent}" ${each.received + 412} ${seconds(each)} [shop-web-80] [] 10.2.3.4:8080 ${each.sent} ${seconds(each)} ${each.status} ${hex(each.id)}`,
  envoy: (each: Made) =>
    `[${new Date(each.start).toISOString()}] "${each.method} ${target(each)} HTTP/1.1" ${each.status} - ${each.received} ${each.sent} ${each.end - each.start} ${each.end - each.start - 1} "${each.client}" "${each.agent}" "${hex(each.id)}" "${each.host}" "10.2.3.4:8080"`,
  istioJson: (each: Made) =>
    JSON.stringify({
      start_time: new Date(each.start).toISOString(),
      method: each.method,
      path: target(each),
      protocol: 'HTTP/1.1',
      response_code: each.status,
      response_flags: '-',
      bytes_received: each.received,
      bytes_sent: each.sent,
      duration: each.end - each.start,
      x_forwarded_for: each.client,
      user_agent: each.agent,
      authority: each.host,
      upstream_host: '10.2.3.4:8080',
      downstream_remote_address: each.client.includes(':') ? `[${each.client}]:40000` : `${each.client}:40000`,
      route_name: 'default',
    }),
  haproxy: (each: Made) =>
    `Nov  2 00:00:00 lb haproxy[14389]: ${each.client}:40000 [${common(each.start).slice(0, -6)}.${String(each.start % 1000).padStart(3, '0')}] www shop/web-1 0/0/1/${each.end - each.start - 1}/${each.end - each.start} ${each.status} ${each.sent} - - ---- 12/12/3/1/0 0/0 {${each.host}|} "${each.method} ${target(each)} HTTP/1.1"`,
  traefik: (each: Made) =>
    `${each.client} - - [${common(each.start)}] "${each.method} ${target(each)} HTTP/1.1" ${each.status} ${each.sent} "-" "${each.agent}" ${each.id} "shop-web@kubernetes" "http://10.2.3.4:8080" ${each.end - each.start}ms`,
  traefikJson: (each: Made) =>
    JSON.stringify({
      ClientHost: each.client,
      DownstreamStatus: each.status,
      Duration: (each.end - each.start) * 1_000_000,
      OriginStatus: each.status,
      RequestContentSize: each.received,
      RequestHost: each.host,
      RequestMethod: each.method,
      RequestPath: target(each),
      RouterName: 'shop-web@kubernetes',
      StartUTC: new Date(each.start).toISOString(),
    }),
  alb: (each: Made) =>
    `https ${new Date(each.end).toISOString()} app/shop/50dc6c495c0c9188 ${each.client}:40000 10.2.3.4:8080 0.001 0.030 0.000 ${each.status} ${each.status} ${each.received + 412} ${each.sent} "${each.method} https://${each.host}:443${target(each)} HTTP/2.0" "${each.agent}" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "${each.host}" "arn:aws:acm:eu-west-1:123456789012:certificate/1" 0 ${new Date(each.start).toISOString()} "forward" "-" "-" "10.2.3.4:8080" "${each.status}" "-" "-" TID_${hex(each.id)}`,
} as const satisfies Record<string, (each: Made) => string>

/** Writes so many lines of one format, of which never more than a mebibyte is held. */
export function writeAccessLog(
  path: string,
  count: number,
  format: keyof typeof LINES,
  options?: TrafficOptions,
): void {
  const requests = traffic(count, options)
  const line = LINES[format]
  writeLines(path, count, () => line(requests.next().value as Made))
}

function target({ path, query }: Made): string {
  return query === '' ? path : `${path}?${query}`
}

function seconds({ start, end }: Made): string {
  return ((end - start) / 1000).toFixed(3)
}

function hex(id: number): string {
  return (Math.imul(id + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(32, '0')
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
let known = Number.NaN
let text = ''

/** `02/Nov/2026:00:00:00 +0000` */
function common(time: number): string {
  const second = Math.floor(time / 1000)
  if (second === known) return text
  const iso = new Date(second * 1000).toISOString()
  known = second
  text = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
  return text
}
