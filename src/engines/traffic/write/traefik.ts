import { dump } from 'js-yaml'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import { bodyLimit, connectionLimit, requestLimit } from '../dialects/shapes.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { headerName } from './header-name.ts'
import { Sheet } from './sheet.ts'
import type { NativeTarget, WriteTarget, WrittenLimits } from './writer.ts'

const CODE = 429
const WHY = {
  key: 'without sourceCriterion.ipStrategy.depth Traefik counts whoever holds the connection: set it to the number of proxies in front',
  code: 'it has no other',
  exempt: 'Traefik’s rateLimit exempts nobody',
}

/** A Middleware for each limit; they do nothing until the route names them. Traefik 3. */
export function writeTraefik(limits: readonly Limit[], target: WriteTarget): WrittenLimits {
  const sheet = new Sheet(limits, { title: 'Traefik' })
  const specs: [name: string, spec: JsonObject][] = []
  for (const limit of sheet.ofKind('requests')) {
    const { average, period } = averageOf(limit)
    const burst = Math.max(0, Math.floor(limit.burst ?? 0))
    const { key, criterion } = criterionOf(limit.key, PEER)
    specs.push([
      'rate',
      {
        rateLimit: {
          average,
          period: `${Math.round(period * 1000)}ms`,
          burst: burst + 1,
          ...(criterion ? { sourceCriterion: criterion } : {}),
        },
      },
    ])
    const made = { rate: average, period, burst, key, code: CODE, scope: 'replica' } as const
    sheet.keep(limit, requestLimit('delaying-token-bucket', made), WHY)
  }
  for (const limit of sheet.ofKind('connections')) {
    const amount = Math.max(1, Math.floor(limit.connections as number))
    // Its own default is to count all requests of a host together; a strategy without fields is refused by its file provider.
    const { key, criterion } = criterionOf(limit.key, PEER)
    specs.push(['in-flight', { inFlightReq: { amount, sourceCriterion: criterion ?? { ipStrategy: { depth: 0 } } } }])
    sheet.keep(limit, connectionLimit(amount, { key, code: CODE, scope: 'replica' }), WHY)
  }
  const body = sheet.one('body', sheet.ofKind('body'), (limit) => limit.body as number)
  if (body) {
    const bytes = Math.max(1, Math.floor(body.body as number))
    specs.push(['body', { buffering: { maxRequestBodyBytes: bytes } }])
    sheet.keep(body, bodyLimit(bytes))
    sheet.note(body, 'body', 'requests are buffered whole, and answered when they have come to their end')
  }
  sheet.loseKind('bandwidth', 'Traefik has no limit of bandwidth')
  sheet.loseKind('timeout', 'Traefik’s times are settings of its entry points and transports, not of a route')
  const names = specs.map(([name], index) => {
    const before = specs.slice(0, index).filter(([each]) => each === name).length
    return `${target.name}-${name}${before === 0 ? '' : `-${before + 1}`}`
  })
  const objects: Json[] = specs.map(([, spec], index) => ({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: names[index] as string, namespace: target.namespace },
    spec,
  }))
  const native = target.native && traefikYaml(specs, target.native)
  const { kept, losses, origins } = sheet
  return { objects, annotations: {}, settings: {}, ...(native === undefined ? {} : { native }), kept, losses, origins }
}

/** Traefik takes whole numbers of any period of whole milliseconds. */
function averageOf({ rate = 0, period = 1 }: Limit): { readonly average: number; readonly period: number } {
  if (Number.isInteger(rate) && Number.isInteger(period * 1000)) return { average: rate, period }
  return { average: 1, period: Math.max(1, Math.round((period / rate) * 1000)) / 1000 }
}

const PEER: LimitKey = { kind: 'peer-address' }

function criterionOf(key: LimitKey, usual: LimitKey): { readonly key: LimitKey; readonly criterion?: JsonObject } {
  const header = key.kind === 'header' ? headerName(key.name) : undefined
  if (header !== undefined) return { key: { kind: 'header', name: header }, criterion: { requestHeaderName: header } }
  if (key.kind === 'everyone') return { key: { kind: 'expression', text: 'host' }, criterion: { requestHost: true } }
  return { key: usual }
}

/** The dynamic configuration of a Traefik that runs by itself, for its file provider. */
function traefikYaml(specs: readonly [name: string, spec: JsonObject][], native: NativeTarget): string {
  const names = specs.map((_, index) => `limit-${index}`)
  const middlewares = Object.fromEntries(specs.map(([, spec], index) => [names[index], spec]))
  const document = {
    http: {
      routers: {
        all: { rule: 'PathPrefix(`/`)', service: 'backend', ...(names.length > 0 ? { middlewares: names } : {}) },
      },
      ...(names.length > 0 ? { middlewares } : {}),
      services: { backend: { loadBalancer: { servers: [{ url: `http://${native.backend}` }] } } },
    },
  }
  return dump(document, { lineWidth: -1, noRefs: true })
}
