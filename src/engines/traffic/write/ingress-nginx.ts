import { bandwidthLimit, bodyLimit, connectionLimit, requestLimit, timeoutLimit } from '../dialects/shapes.ts'
import type { Limit } from '../limit.ts'
import { nginxCode } from './codes.ts'
import { nginxConf } from './nginx-conf.ts'
import { nginxRounding } from './nginx-rounding.ts'
import { atOnce, inPeriods, perSecond } from './rates.ts'
import { exemptOfAll } from './screen.ts'
import { Sheet } from './sheet.ts'
import type { WriteTarget, WrittenLimits } from './writer.ts'

const PREFIX = 'nginx.ingress.kubernetes.io'
const CLIENT = { kind: 'client-address' } as const
const ALL_ROUTES = 'it is a setting of the controller, for all its routes'
const WHY = {
  burst: 'limit-burst-multiplier is a whole factor of the rate, and one for limit-rps and limit-rpm',
  key: 'limit-conn-zone-variable is one for all routes of the controller, and is left as it is',
  code: ALL_ROUTES,
  exempt: 'limit-allowlist holds for all limits of the Ingress',
}

/** Annotations of the Ingress, and keys of the controller’s ConfigMap for what annotations cannot say. */
export function writeIngressNginx(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'ingress-nginx' })
  const page: Page = { annotations: {}, settings: {} }
  counted(sheet, page)
  const body = sheet.one('body', sheet.ofKind('body'), (limit) => limit.body as number)
  if (body) {
    const bytes = Math.max(1, Math.floor(body.body as number))
    annotate(page, 'proxy-body-size', bytes)
    sheet.keep(body, bodyLimit(bytes))
  }
  const bandwidth = sheet.one('bytesPerSecond', sheet.ofKind('bandwidth'), (limit) => limit.bytesPerSecond as number)
  if (bandwidth) {
    const kilobytes = Math.max(1, Math.round((bandwidth.bytesPerSecond as number) / 1024))
    annotate(page, 'limit-rate', kilobytes)
    annotate(page, 'proxy-buffering', 'on')
    sheet.keep(bandwidth, bandwidthLimit(kilobytes * 1024), { bytesPerSecond: 'limit-rate is in whole KiB' })
  }
  for (const of of sheet.times()) time(sheet, page, of)
  const native = target.native && nginxConf(sheet.kept, target.native, `${target.namespace}_${target.name}`)
  const { kept, losses, origins } = sheet
  return { objects: [], ...page, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

interface Page {
  readonly annotations: Record<string, string>
  readonly settings: Record<string, string>
}

function annotate({ annotations }: Page, name: string, value: string | number): void {
  annotations[`${PREFIX}/${name}`] = String(value)
}

/** limit-rps, limit-rpm and limit-connections, which share their exemptions; the first two also their multiplier. */
function counted(sheet: Sheet, page: Page): void {
  const rates = sheet.ofKind('requests').map((limit) => ({ limit, ...inPeriods(limit, [1, 60]) }))
  const chosen = [1, 60].flatMap((period) => {
    const mine = rates.filter((each) => each.period === period)
    const limits = mine.map(({ limit }) => limit)
    const best = sheet.one('rate', limits, perSecond)
    return mine.filter(({ limit }) => limit === best)
  })
  const connections = sheet.one('connections', sheet.ofKind('connections'), (limit) => limit.connections as number)
  const all = [...chosen.map(({ limit }) => limit), ...(connections ? [connections] : [])]
  const exempt = exemptOfAll(all)
  const common = { key: CLIENT, scope: 'replica', ...(exempt.length > 0 ? { exempt } : {}) } as const
  if (exempt.length > 0) annotate(page, 'limit-allowlist', exempt.join(','))

  // "0" makes nginx refuse the configuration of every route (burst=0); a factor of 1 is a burst of a second’s requests.
  const multiplier = Math.max(1, ...chosen.map(({ limit, rate }) => Math.round((atOnce(limit) - 1) / rate)))
  const code = nginxCode(chosen.map(({ limit }) => limit))
  for (const { limit, rate, period } of chosen) {
    annotate(page, period === 1 ? 'limit-rps' : 'limit-rpm', rate)
    const made = requestLimit('leaky-bucket', { rate, period, burst: rate * multiplier, ...common, code })
    sheet.keep(limit, made, WHY)
    nginxRounding(sheet, limit, made)
  }
  if (chosen.length > 0 && multiplier !== 5) annotate(page, 'limit-burst-multiplier', multiplier)
  if (chosen.length > 0 && code !== 503) page.settings['limit-req-status-code'] = String(code)
  if (connections) {
    const most = Math.min(65_535, Math.max(1, Math.floor(connections.connections as number)))
    const refusal = nginxCode([connections])
    annotate(page, 'limit-connections', most)
    if (refusal !== 503) page.settings['limit-conn-status-code'] = String(refusal)
    sheet.keep(connections, connectionLimit(most, { ...common, code: refusal }), WHY)
  }
}

const TIMES: ReadonlyMap<string, string> = new Map([
  ['headers', 'client-header-timeout'],
  ['body', 'client-body-timeout'],
  ['idle', 'keep-alive'],
])

function time(sheet: Sheet, page: Page, of: string): void {
  const limit = sheet.one('seconds', sheet.ofKind('timeout', of), (each) => each.seconds as number)
  if (!limit) return
  const seconds = Math.max(1, Math.round(limit.seconds as number))
  const setting = TIMES.get(of)
  if (of === 'backend') annotate(page, 'proxy-read-timeout', seconds)
  else if (setting !== undefined) page.settings[setting] = String(seconds)
  else {
    sheet.lose(limit, 'of', `ingress-nginx has no time limit of ${of === '' ? 'this kind' : of}`)
    return
  }
  sheet.keep(limit, timeoutLimit(of, seconds), { seconds: 'times are whole seconds' })
  if (setting !== undefined) sheet.note(limit, 'seconds', `${setting}: ${ALL_ROUTES}`)
}
