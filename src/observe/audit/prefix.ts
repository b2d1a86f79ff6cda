import { instant } from '../time.ts'

/** What stands in a line before its event. */
export interface Prefix {
  /** Characters. */
  readonly length: number
  readonly time: number | undefined
  /** Of CloudWatch, which may have other logs too: the stream, empty where it is not told. */
  readonly stream?: string
  /** That of a container: whether the line goes on in the next one of its stream. */
  readonly isPart?: boolean
}

/** `2026-05-01T10:00:00.123Z {"kind":"Event"…`, as log groups are exported to S3; `aws logs tail` adds the stream. */
const CLOUDWATCH = /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:?\d\d)) (?:([\w.:/-]{1,512}) )?(?=\S)/

/** How the kubelet has container runtimes write: `2026-05-01T10:00:00.123456789Z stdout F …`, `P` where the line goes on. */
const CONTAINER = /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (?:stdout|stderr) ([FP])(?::\w{1,8})? /

/** Each up to its event. */
const OTHERS: readonly RegExp[] = [
  // `oc adm node-logs` and `kubectl logs --prefix`.
  /^[a-z\d][a-z\d.-]{0,252} (?=\{)/,
  /^\[pod\/[\w.-]{1,253}\/[\w.-]{1,253}\] (?=\{)/,
  // Files of Fluentd, and the text that Grafana hands out of Loki.
  /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d))\t(?:[\w.-]{1,255}\t)?(?=\{)/,
  // Syslog of RFC 5424, and as it was before; `journalctl`, also with times of ISO 8601.
  /^<\d{1,3}>1 (\S{10,40}) \S{1,255} \S{1,48} \S{1,128} \S{1,32} - (?=\{)/,
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) [\w.:-]{1,255} [\w./@-]{1,128}(?:\[\d{1,10}\])?: (?=\{)/,
]

/** Undefined where the line begins with nothing that is known to stand before events. */
export function prefixOf(text: string): Prefix | undefined {
  const container = containerPrefix(text)
  if (container) return container
  for (const known of OTHERS) {
    const [prefix, at] = known.exec(text) ?? []
    if (prefix !== undefined) return { length: prefix.length, time: instant(at) }
  }
  const [cloud, time, stream = ''] = CLOUDWATCH.exec(text) ?? []
  return cloud === undefined ? undefined : { length: cloud.length, time: instant(time), stream }
}

export function containerPrefix(text: string): Prefix | undefined {
  const [prefix, time, tag] = CONTAINER.exec(text) ?? []
  return prefix === undefined ? undefined : { length: prefix.length, time: instant(time), isPart: tag === 'P' }
}
