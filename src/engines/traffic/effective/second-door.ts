import { because } from '../../../cluster/because.ts'
import { at, string } from '../../../cluster/json.ts'
import type { Placed } from '../routes/finish.ts'
import type { JudgedLimit } from '../routes/route.ts'
import type { Ruling } from './judging.ts'

/** A route as far as it is judged. */
export interface Judged {
  readonly placed: Placed
  readonly limits: readonly JudgedLimit[]
}

const MOST_DOORS = 500

/**
 * Other ways from outside to the same workload on which nothing counts requests (or connections): whoever is refused here
 * comes in there. What a proxy tells apart by host and path is no second door: each request has one route.
 */
export function doorsOf(
  all: readonly Judged[],
): (judged: Judged, kind: 'requests' | 'connections') => Ruling | undefined {
  const open = { requests: new Map<string, Judged[]>(), connections: new Map<string, Judged[]>() }
  for (const judged of all)
    for (const kind of ['requests', 'connections'] as const)
      if (judged.placed.draft.protocol !== 'udp' && !isCounted(judged, kind))
        for (const workload of judged.placed.workloads) {
          const same = open[kind].get(workload)
          if (!same) open[kind].set(workload, [judged])
          else if (same.length < MOST_DOORS) same.push(judged)
        }
  return (judged, kind) => {
    for (const workload of judged.placed.workloads)
      for (const other of open[kind].get(workload) ?? []) {
        const ruling = other === judged ? undefined : asDoor(judged, other)
        if (ruling) return ruling
      }
    return undefined
  }
}

function isCounted({ limits }: Judged, kind: 'requests' | 'connections'): boolean {
  return limits.some((each) => each.limit.kind === kind && each.state !== 'inert')
}

function asDoor({ placed }: Judged, { placed: other }: Judged): Ruling | undefined {
  const [own, its] = [placed.draft, other.draft]
  if (!pathsMeet(own, its)) return undefined
  if (own.controller === its.controller && own.controller !== undefined && own.host === its.host) return undefined
  const isPort = its.controller === undefined
  const isNodePort = string(at(its.object.body, 'spec', 'type')) === 'NodePort'
  if (other.exposed !== 'yes' && !(isPort && isNodePort)) return undefined
  const where = `${other.id} leads there too, and nothing limits it`
  return {
    state: 'bypassable',
    rule: 'second-door',
    because: [
      because(
        other.exposed === 'yes' ? where : `${where}, unless a firewall closes the ports of nodes`,
        its.object,
        its.rule,
      ),
    ],
  }
}

/** Whether some request fits both. A path that is no prefix may be anything. */
function pathsMeet(a: Placed['draft'], b: Placed['draft']): boolean {
  const [one, other] = [a.path, b.path].map((path) => path.replace(/\/+$/, ''))
  if (one === undefined || other === undefined || a.match === 'regex' || b.match === 'regex') return true
  return one.startsWith(other) || other.startsWith(one)
}
