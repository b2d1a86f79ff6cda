import { requestLimit, timeoutLimit } from '../dialects/shapes.ts'
import type { Limit } from '../limit.ts'
import { haproxyCfg } from './haproxy-cfg.ts'
import { windowOf } from './haproxy-window.ts'
import { perSecond } from './rates.ts'
import { exemptOfAll } from './screen.ts'
import { Sheet } from './sheet.ts'
import type { WriteTarget, WrittenLimits } from './writer.ts'

const PREFIX = 'haproxy.org'
const WHY = {
  rate: 'in a window as long as the burst takes to come back, which lets the same through at once and in the long run',
  key: 'HAProxy’s controller counts by source address only',
  code: 'HAProxy cannot answer this code here',
}

/** HAProxy answers a refusal by its own pages, which it has for these codes (`http-request deny` of 2.2 and later). */
const CODES: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504])

/** Annotations of the Ingress for HAProxy Technologies’ controller 3.2. */
export function writeHaproxy(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'HAProxy’s controller' })
  const annotations: Record<string, string> = {}
  const annotate = (name: string, value: string): void => {
    annotations[`${PREFIX}/${name}`] = value
  }
  const limit = sheet.one('rate', sheet.ofKind('requests'), perSecond)
  if (limit) {
    const { rate, period } = windowOf(limit)
    const code = CODES.has(limit.code ?? 0) ? (limit.code as number) : 403
    const exempt = exemptOfAll([limit])
    annotate('rate-limit-requests', String(rate))
    annotate('rate-limit-period', `${Math.round(period * 1000)}ms`)
    if (code !== 403) annotate('rate-limit-status-code', String(code))
    if (exempt.length > 0) annotate('rate-limit-whitelist', exempt.join(','))
    const common = { key: { kind: 'client-address' }, scope: 'replica', code } as const
    const more = exempt.length > 0 ? { exempt } : {}
    sheet.keep(limit, requestLimit('sliding-window', { rate, period, burst: 0, ...common, ...more }), WHY)
  }
  sheet.loseKind('connections', 'HAProxy’s controller limits connections to each pod (pod-maxconn), not of each client')
  sheet.loseKind(
    'body',
    'HAProxy’s controller has no limit of bodies; a snippet with req.body_size misses chunked ones',
  )
  sheet.loseKind('bandwidth', 'HAProxy’s controller has no limit of bandwidth')
  const settings: Record<string, string> = {}
  for (const of of sheet.times()) {
    const time = sheet.one('seconds', sheet.ofKind('timeout', of), (each) => each.seconds as number)
    const key = TIMES.get(of)
    if (!time) continue
    if (key === undefined) {
      sheet.lose(time, 'of', `HAProxy’s controller has no time limit of ${of === '' ? 'this kind' : of}`)
      continue
    }
    const ms = Math.max(1, Math.round((time.seconds as number) * 1000))
    if (of === 'backend') annotate(key, `${ms}ms`)
    else {
      settings[key] = `${ms}ms`
      sheet.note(time, 'seconds', `${key}: it is a setting of the controller, for all its routes`)
    }
    sheet.keep(time, timeoutLimit(of, ms / 1000))
  }
  const native = target.native && haproxyCfg(sheet.kept, target.native, { rate: 'http_req_rate', table: 'size 100k' })
  const { kept, losses, origins } = sheet
  return { objects: [], annotations, settings, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['headers', 'timeout-http-request'],
  ['idle', 'timeout-http-keep-alive'],
  ['backend', 'timeout-server'],
])
