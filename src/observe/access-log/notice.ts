/**
 * What engines say of themselves, which stands between their requests where standard output and standard error are one
 * (`kubectl logs`). None of these beginnings is that of an access log: those begin with an address, a time in brackets
 * and a request behind it, or a brace.
 */
const NOTICES: readonly RegExp[] = [
  // klog, as ingress-nginx and most controllers write: `I1122 03:00:00.123456       7 controller.go:190] …`
  /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d{1,10} [^ \]]{1,64}:\d{1,6}\] /,
  // nginx, its error log: `2026/11/22 03:00:00 [warn] 27#27: …`
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:debug|info|notice|warn|error|crit|alert|emerg)\] \d{1,10}#\d{1,10}: /,
  // Envoy: `[2026-11-22 03:00:00.123][1][info][main] …`
  /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[\d{1,10}\]\[(?:trace|debug|info|warning|error|critical)\]/,
  // Istio's agent: `2026-11-22T03:00:00.123456Z	info	…`
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z\t(?:debug|info|warn|error|fatal)\t/,
  // HAProxy: `[NOTICE]   (1) : New worker (7) forked`
  /^\[(?:NOTICE|WARNING|ALERT)\] +(?:\d{1,3}\/\d{6} )?\(\d{1,10}\) : /,
  // Traefik 3: `2026-11-22T03:00:00Z INF …`; Traefik 2: `time="2026-11-22T03:00:00Z" level=info msg=…`
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d) (?:TRC|DBG|INF|WRN|ERR|FTL) /,
  /^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)" level=(?:debug|info|warning|error|fatal) msg=/,
]
const LONGEST_BEGINNING = 160

/** Whether a line, from where it begins behind what a runtime put before it, is one of the engine's own messages. */
export function isNotice(bytes: Uint8Array, from: number, to: number): boolean {
  const most = Math.min(to, from + LONGEST_BEGINNING)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, most - from).toString('latin1')
  return NOTICES.some((notice) => notice.test(text))
}
