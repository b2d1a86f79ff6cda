import type { KubeObject } from '../../../../cluster/object.ts'
import type { Finding } from '../../../engine.ts'
import type { JudgedLimit } from '../route.ts'
import type { Routing } from '../routes.ts'

/** What somebody wrote as a limit and what does nothing, once for each object and rule. */
export function* inert({ routes, unused }: Routing): Iterable<Finding> {
  const found = new Map<string, { object: KubeObject; limits: JudgedLimit[]; routes: Set<string> }>()
  const add = (limit: JudgedLimit, route: string): void => {
    const object = limit.because[0]?.object
    if (limit.state !== 'inert' || !object || limit.byDefault || QUIET.has(limit.rule ?? '')) return
    const key = `${object.id} ${limit.rule}`
    const same = found.get(key) ?? { object, limits: [], routes: new Set() }
    same.limits.push(limit)
    if (route !== '') same.routes.add(route)
    found.set(key, same)
  }
  for (const route of routes) for (const limit of route.limits) add(limit, route.id)
  for (const { limits } of unused) for (const limit of limits) add(limit, '')
  for (const { object, limits, routes: held } of found.values()) {
    const [first] = limits as [JudgedLimit]
    const breaks = first.rule === 'breaks-configuration'
    const where = held.size === 0 ? '' : ` (${held.size === 1 ? 'one route' : `${held.size} routes`})`
    yield {
      check: breaks ? 'limit-breaks-configuration' : 'limit-inert',
      severity: breaks ? 'high' : 'medium',
      object,
      message: `${wordOf(first)} does nothing${where}: ${first.decided?.[0]?.text ?? ''}`,
      because: first.because,
      part: first.rule ?? '',
    }
  }
}

/**
 * Chosen on purpose: a limit that is turned off, one that is tried out, one that a nearer one replaces. An allow list that
 * refuses everybody is a finding of its own.
 */
const QUIET: ReadonlySet<string> = new Set(['unlimited', 'shadow', 'overridden', 'R4'])

export function wordOf({ limit }: JudgedLimit): string {
  const words = {
    requests: 'a limit of requests',
    connections: 'a limit of connections',
    body: 'a limit of bodies',
    timeout: 'a time limit',
    bandwidth: 'a limit of bandwidth',
  }
  return words[limit.kind]
}
