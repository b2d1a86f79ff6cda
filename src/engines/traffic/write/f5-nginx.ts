import type { Json } from '../../../cluster/json.ts'
import { bodyLimit, requestLimit, timeoutLimit } from '../dialects/shapes.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { nginxCode } from './codes.ts'
import { headerName } from './header-name.ts'
import { nginxConf, nginxVariable } from './nginx-conf.ts'
import { nginxRounding, smallestBurst } from './nginx-rounding.ts'
import { atOnce, inPeriods } from './rates.ts'
import { Sheet } from './sheet.ts'
import type { WriteTarget, WrittenLimits } from './writer.ts'

const PREFIX = 'nginx.org'
const WHY = {
  burst: 'below a tenth of the rate of a second nginx refuses what comes at the very rate',
  code: 'nginx answers codes from 400 to 599',
  key: 'there is no variable of nginx for it',
  exempt: 'a rateLimit exempts nobody',
}

/** A Policy for each rate, which VirtualServers and Ingresses name; annotations for the size of bodies. F5’s controller 5. */
export function writeF5Nginx(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'F5 NGINX Ingress Controller', shadow: true })
  const { name, namespace } = target
  const annotations: Record<string, string> = {}
  const objects: Json[] = sheet.ofKind('requests').map((limit, index) => ({
    apiVersion: 'k8s.nginx.org/v1',
    kind: 'Policy',
    metadata: { name: index === 0 ? `${name}-rate` : `${name}-rate-${index}`, namespace },
    spec: { rateLimit: rateLimit(sheet, limit) },
  }))
  sheet.loseKind('connections', 'F5’s controller has no limit_conn')
  sheet.loseKind('bandwidth', 'F5’s controller has no limit of bandwidth but in snippets')
  const body = sheet.one('body', sheet.ofKind('body'), (limit) => limit.body as number)
  if (body) {
    const bytes = Math.max(1, Math.floor(body.body as number))
    annotations[`${PREFIX}/client-max-body-size`] = String(bytes)
    sheet.keep(body, bodyLimit(bytes))
  }
  for (const of of sheet.times()) {
    const limit = sheet.one('seconds', sheet.ofKind('timeout', of), (each) => each.seconds as number)
    if (!limit) continue
    if (of !== 'backend') {
      sheet.lose(limit, 'of', `F5’s controller has no time limit of ${of === '' ? 'this kind' : of}`)
      continue
    }
    const seconds = Math.max(1, Math.round(limit.seconds as number))
    annotations[`${PREFIX}/proxy-read-timeout`] = `${seconds}s`
    sheet.keep(limit, timeoutLimit(of, seconds), { seconds: 'times are whole seconds' })
  }
  const native = target.native && nginxConf(sheet.kept, target.native, `pol_rl_${namespace}_${name}`)
  const { kept, losses, origins } = sheet
  return { objects, annotations, settings: {}, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

function rateLimit(sheet: Sheet, limit: Limit): Json {
  const { rate, period } = inPeriods(limit, [1, 60])
  const key = keyOf(limit.key)
  const burst = Math.max(Math.round(atOnce(limit) - 1), smallestBurst({ ...limit, rate, period }))
  const delay = limit.undelayed !== undefined && limit.undelayed < burst ? Math.floor(limit.undelayed) : undefined
  const scope = limit.scope === 'shared' ? 'shared' : 'replica'
  const code = nginxCode([limit])
  const made = requestLimit('leaky-bucket', {
    rate,
    period,
    burst,
    undelayed: delay,
    key,
    scope,
    code,
    shadow: limit.shadow,
  })
  sheet.keep(limit, made, WHY)
  nginxRounding(sheet, limit, made)
  return {
    rate: `${rate}r/${period === 1 ? 's' : 'm'}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of nginx
    key: key.kind === 'client-address' ? '${binary_remote_addr}' : `\${${nginxVariable(key).slice(1)}}`,
    zoneSize: '10M',
    burst,
    ...(delay === undefined ? { noDelay: true } : delay === 0 ? {} : { delay }),
    ...(limit.shadow ? { dryRun: true } : {}),
    ...(code === 503 ? {} : { rejectCode: code }),
    ...(scope === 'shared' ? { scale: true } : {}),
  }
}

/** Keys that F5 takes in a Policy; all clients together have none but a text that is the same for all. */
function keyOf(key: LimitKey): LimitKey {
  const header = key.kind === 'header' ? headerName(key.name) : undefined
  return header === undefined ? { kind: 'client-address' } : { kind: 'header', name: header }
}
