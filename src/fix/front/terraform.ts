import type { Front } from '../../engines/traffic/front/front.ts'
import type { JudgedLimit } from '../../engines/traffic/routes/route.ts'

/** Periods that a rule of Cloudflare may have, in seconds. */
const PERIODS = [10, 60, 120, 300, 600, 3600] as const
const HOST = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/

/**
 * Rate limits of the cluster as rules of Cloudflare, in HCL for its provider of version 5: what the edge refuses does not
 * come to the origin at all. Only of hosts with a limit per client; one ruleset a zone, which is taken to be the last two
 * labels of the host.
 */
export function rateLimitTerraform(fronts: readonly Front[]): string | undefined {
  const zones = new Map<string, string[]>()
  for (const front of fronts) {
    if (!front.providers.some(({ provider }) => provider === 'cloudflare') || !HOST.test(front.host)) continue
    const rule = ruleOf(front)
    if (rule === undefined) continue
    const zone = front.host.split('.').slice(-2).join('.')
    zones.set(zone, [...(zones.get(zone) ?? []), rule])
  }
  if (zones.size === 0) return undefined
  return [...zones]
    .map(([zone, rules]) => {
      const name = zone.replaceAll(/[^a-z0-9]+/g, '_')
      return [
        `resource "cloudflare_ruleset" "rate_limits_${name}" {`,
        `  zone_id = var.cloudflare_zone_id_${name}`,
        `  name    = "rate limits of ${zone}"`,
        '  kind    = "zone"',
        '  phase   = "http_ratelimit"',
        '  rules = [',
        rules.join(',\n'),
        '  ]',
        '}',
      ].join('\n')
    })
    .join('\n\n')
}

function ruleOf({ host, routes }: Front): string | undefined {
  const limits = routes.flatMap((route) => route.limits.filter(isPerClient))
  const most = limits.reduce<JudgedLimit | undefined>(
    (best, each) => (best === undefined || perSecond(each) > perSecond(best) ? each : best),
    undefined,
  )
  if (!most) return undefined
  const { rate = 0, period: seconds = 1, burst = 0 } = most.limit
  const period = PERIODS.find((each) => each >= seconds) ?? 3600
  const requests = Math.ceil((rate / seconds) * period + burst)
  const expression = host.startsWith('*.')
    ? `ends_with(http.host, \\"${host.slice(1)}\\")`
    : `http.host eq \\"${host}\\"`
  return [
    '    {',
    `      description = "${host}: ${rate} requests each ${seconds === 1 ? 'second' : `${seconds} seconds`} and client, and a burst of ${burst}"`,
    `      expression  = "${expression}"`,
    '      action      = "block"',
    '      ratelimit = {',
    '        characteristics     = ["cf.colo.id", "ip.src"]',
    `        period              = ${period}`,
    `        requests_per_period = ${requests}`,
    `        mitigation_timeout  = ${period}`,
    '      }',
    '    }',
  ].join('\n')
}

function isPerClient({ limit, inert }: JudgedLimit): boolean {
  return (
    inert === undefined &&
    limit.kind === 'requests' &&
    limit.rate !== undefined &&
    limit.rate > 0 &&
    (limit.key.kind === 'client-address' || limit.key.kind === 'peer-address')
  )
}

function perSecond({ limit }: JudgedLimit): number {
  return (limit.rate ?? 0) / (limit.period ?? 1)
}
