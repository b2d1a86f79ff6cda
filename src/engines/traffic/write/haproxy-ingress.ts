import { bodyLimit, connectionLimit, requestLimit, timeoutLimit } from '../dialects/shapes.ts'
import type { Limit } from '../limit.ts'
import { haproxyCfg } from './haproxy-cfg.ts'
import { perSecond } from './rates.ts'
import { exemptOfAll } from './screen.ts'
import { Sheet } from './sheet.ts'
import type { WriteTarget, WrittenLimits } from './writer.ts'

const PREFIX = 'haproxy-ingress.github.io'
const CODE = 429
const WHY = {
  rate: 'limit-rps counts a second',
  burst: 'limit-rps counts a second, and has no burst',
  key: 'HAProxy Ingress counts by source address',
  code: 'it has no other',
  exempt: 'limit-whitelist holds for all limits of the Ingress',
  only: 'a chunked request has no size before its end, and passes',
}

/** Annotations of the Ingress for HAProxy Ingress (jcmoraisjr) 0.16. */
export function writeHaproxyIngress(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'HAProxy Ingress' })
  const annotations: Record<string, string> = {}
  const annotate = (name: string, value: string | number): void => {
    annotations[`${PREFIX}/${name}`] = String(value)
  }
  const rate = sheet.one('rate', sheet.ofKind('requests'), perSecond)
  const connections = sheet.one('connections', sheet.ofKind('connections'), (limit) => limit.connections as number)
  const exempt = exemptOfAll([rate, connections].filter((each) => each !== undefined))
  const common = {
    key: { kind: 'client-address' },
    code: CODE,
    scope: 'replica',
    ...(exempt.length > 0 ? { exempt } : {}),
  } as const
  if (exempt.length > 0) annotate('limit-whitelist', exempt.join(','))
  if (rate) {
    const most = Math.max(1, Math.round(perSecond(rate)))
    annotate('limit-rps', most)
    sheet.keep(rate, requestLimit('sliding-window', { rate: most, period: 1, burst: 0, ...common }), WHY)
  }
  if (connections) {
    const most = Math.max(1, Math.floor(connections.connections as number))
    annotate('limit-connections', most)
    sheet.keep(connections, connectionLimit(most, common), WHY)
  }
  const body = sheet.one('body', sheet.ofKind('body'), (limit) => limit.body as number)
  if (body) {
    const bytes = Math.max(1, Math.floor(body.body as number))
    annotate('proxy-body-size', bytes)
    sheet.keep(body, { ...bodyLimit(bytes), only: 'requests with Content-Length' }, WHY)
  }
  sheet.loseKind('bandwidth', 'HAProxy Ingress has no limit of bandwidth')
  for (const of of sheet.times()) {
    const limit = sheet.one('seconds', sheet.ofKind('timeout', of), (each) => each.seconds as number)
    const key = TIMES.get(of)
    if (!limit) continue
    if (key === undefined) {
      sheet.lose(limit, 'of', `HAProxy Ingress has no time limit of ${of === '' ? 'this kind' : of}`)
      continue
    }
    const ms = Math.max(1, Math.round((limit.seconds as number) * 1000))
    annotate(key, `${ms}ms`)
    sheet.keep(limit, timeoutLimit(of, ms / 1000))
  }
  const style = { rate: 'conn_rate', table: 'size 200k expire 5m' } as const
  const native = target.native && haproxyCfg(sheet.kept, target.native, style)
  const { kept, losses, origins } = sheet
  return { objects: [], annotations, settings: {}, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['headers', 'timeout-http-request'],
  ['idle', 'timeout-keep-alive'],
  ['backend', 'timeout-server'],
])
