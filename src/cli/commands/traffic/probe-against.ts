import { growthOf } from '../../../engines/traffic/bounds/growth-of.ts'
import type { Growth } from '../../../engines/traffic/growth.ts'
import type { Route } from '../../../engines/traffic/routes/route.ts'
import { routesOf } from '../../../engines/traffic/routes/routes.ts'
import { UsageError } from '../../exit.ts'
import { readTraffic } from './cluster.ts'
import type { ProbeFlags } from './probe.ts'

/** What the cluster says of the route that the URL stands for. */
export interface Against {
  readonly route: Route
  /** Of the workload behind it; undefined where there is not exactly one. */
  readonly growth: Growth | undefined
  /** Codes by which its limits refuse. */
  readonly codes: readonly number[]
  /** Of reading the cluster. */
  readonly code: number
}

const MOST_TOLD = 12

export async function againstOf(flags: ProbeFlags, url: string): Promise<Against | undefined> {
  const isNamed = (flags.filename ?? []).length > 0
  if (!isNamed && flags.route !== undefined) throw new UsageError('--route needs the cluster that it is of: -f FILE')
  if (!isNamed) return undefined
  const { cluster, known, code } = await readTraffic({ ...flags, enforced: 'assume' }, 'Reading the routes of')
  const route = routeOf(routesOf(cluster, known), flags.route, url)
  const [workload, ...others] = route.target.workloads
  const growth = workload === undefined || others.length > 0 ? undefined : growthOf(cluster)(workload)
  return { route, growth, codes: route.limits.flatMap(({ limit }) => limitCode(limit)), code }
}

/** By its id; else the only one that has the host and a path of the URL. */
function routeOf(routes: readonly Route[], id: string | undefined, text: string): Route {
  if (routes.length === 0) throw new UsageError('the input has no route from outside')
  const told = (some: readonly Route[]): string =>
    `${some
      .slice(0, MOST_TOLD)
      .map((route) => `\n  ${route.id}`)
      .join('')}${some.length > MOST_TOLD ? `\n  and ${some.length - MOST_TOLD} more: bulkhead traffic routes` : ''}`
  if (id !== undefined) {
    const found = routes.filter((route) => route.id === id)
    if (found.length === 0) throw new UsageError(`--route ${id}: no route has this id; there are${told(routes)}`)
    return found[0] as Route
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const hosted = routes.filter(({ host }) => host !== '' && host === url?.hostname)
  const fitting = hosted.filter(({ path }) => path === '' || url?.pathname.startsWith(path))
  const longest = Math.max(...fitting.map(({ path }) => path.length))
  const best = fitting.filter(({ path }) => path.length === longest)
  if (best.length === 1) return best[0] as Route
  if (routes.length === 1) return routes[0] as Route
  throw new UsageError(
    `name the route that the URL stands for: --route ID, one of${told(best.length > 1 ? best : routes)}`,
  )
}

/** A limit of requests or connections; what a body or a time is refused with is no sign of load. */
function limitCode({ kind, code }: Route['limits'][number]['limit']): readonly number[] {
  return code !== undefined && (kind === 'requests' || kind === 'connections') ? [code] : []
}
