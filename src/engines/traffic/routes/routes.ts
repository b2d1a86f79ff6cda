import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Known } from '../../known.ts'
import type { Controller } from '../controllers/controller.ts'
import { UNSEEN } from '../controllers/settings.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { judge, ruled } from '../effective/judge.ts'
import type { Capacity, Judging } from '../effective/judging.ts'
import { doorsOf, type Judged } from '../effective/second-door.ts'
import { trustOf } from '../effective/trust.ts'
import { waysOf } from '../effective/way.ts'
import { evidenceOf } from '../front/evidence.ts'
import { type Ranges, SHIPPED_RANGES } from '../front/ranges.ts'
import { POLICY_KINDS } from './attach/attach.ts'
import { type Door, drawRoutes } from './draw.ts'
import type { LeftOut, Placed } from './finish.ts'
import { type Limiting, limiting } from './found.ts'
import type { JudgedLimit, Route } from './route.ts'

export interface RoutingOptions {
  /** Address ranges of whoever stands in front. */
  readonly ranges?: Ranges
  readonly capacities?: readonly Capacity[]
}

/** A policy that sets limits and that no route uses. */
export interface Unused {
  readonly object: KubeObject
  readonly limits: readonly JudgedLimit[]
}

export interface Routing {
  readonly routes: readonly Route[]
  /** What nobody outside can use, and why. */
  readonly left: readonly LeftOut[]
  /** What opens the controllers themselves. */
  readonly doors: readonly Door[]
  readonly controllers: readonly Controller[]
  readonly unused: readonly Unused[]
  /** Routes beyond the most that are read. */
  readonly unread: number
}

const done = new WeakMap<Cluster, Routing>()

/** Every route from outside to a workload, with all limits on it and whether they work. */
export function routesOf(cluster: Cluster, known: Known): readonly Route[] {
  return routingOf(cluster, known).routes
}

/** The same, with what was left out, the doors of the controllers, and limits that no route uses. */
export function routingOf(cluster: Cluster, known: Known, options: RoutingOptions = {}): Routing {
  const isUsual = options.ranges === undefined && options.capacities === undefined
  const before = isUsual ? done.get(cluster) : undefined
  if (before) return before
  const { placed, ...drawn } = drawRoutes(cluster, known)
  const limits = limiting(cluster)
  const isInternal = (service: KubeObject): boolean => known.facesOutside(service, undefined).truth === 'no'
  const judged = placed.map((each) => judgedOf(cluster, each, limits, isInternal, options))
  const doors = doorsOf(judged)
  const routing = {
    routes: judged.map((each) => routeOf(each, doors)),
    ...drawn,
    unused: unusedOf(cluster, limits),
  }
  if (isUsual) done.set(cluster, routing)
  return routing
}

function judgedOf(
  cluster: Cluster,
  placed: Placed,
  limits: Limiting,
  isInternal: (service: KubeObject) => boolean,
  { ranges = SHIPPED_RANGES, capacities = [] }: RoutingOptions,
): Judged {
  const found = limits.of(placed)
  const { controller, object } = placed.draft
  const parents = placed.draft.parents.map(({ gateway }) => gateway)
  const target = { service: placed.service, workloads: placed.workloads }
  let judging: Judging | undefined
  return {
    placed,
    limits: found.map((each) => {
      judging ??= {
        cluster,
        placed,
        trust: controller
          ? trustOf(controller, cluster, parents, object)
          : { by: 'unknown', missing: placed.draft.missing ?? 'the controller that carries it', because: [] },
        ways: controller ? waysOf(controller, cluster, isInternal) : [],
        front: evidenceOf({ object, controller, target }, cluster, ranges),
        ranges,
        parents,
        capacities,
      }
      return judge(judging, each)
    }),
  }
}

const KINDS = ['requests', 'connections', 'body', 'timeout'] as const

function routeOf(judged: Judged, doors: ReturnType<typeof doorsOf>): Route {
  const { placed } = judged
  const { draft } = placed
  const limits = judged.limits.map((each) => {
    const { kind } = each.limit
    const isAsked = each.state === 'effective' && protects(each, kind)
    const door = isAsked && (kind === 'requests' || kind === 'connections') ? doors(judged, kind) : undefined
    return door ? ruled(each, door) : each
  })
  const missing = missingOf(placed)
  return {
    id: placed.id,
    object: draft.object,
    host: draft.host,
    path: draft.path,
    ...(draft.match === undefined ? {} : { match: draft.match }),
    protocol: draft.protocol,
    target: { service: placed.service, workloads: placed.workloads },
    exposed: placed.exposed,
    ...(missing === undefined ? {} : { missing }),
    controller: draft.controller,
    limits,
    without: KINDS.filter((kind) => !limits.some((each) => each.state !== 'inert' && protects(each, kind))),
    because: placed.because,
  }
}

/** A limit that all clients of a worker share holds none of them back from the others. */
function protects({ limit }: FoundLimit, kind: string): boolean {
  return (
    limit.kind === kind &&
    (kind !== 'connections' || (limit.key.kind !== 'everyone' && limit.key.kind !== 'expression'))
  )
}

/** What would tell whether a route is exposed, or who serves it. */
function missingOf({ draft, exposed }: Placed): string | undefined {
  if (draft.missing !== undefined) return draft.missing
  if (exposed === 'yes') return undefined
  if (draft.controller === undefined) return 'whether a firewall closes the ports of nodes'
  return draft.controller.workload && draft.controller.services.length === 0
    ? `the Service that leads to ${draft.controller.workload.name} from outside`
    : 'what decides who reaches it (a firewall, the policies that admit its proxy)'
}

function unusedOf(cluster: Cluster, limits: Limiting): readonly Unused[] {
  return POLICY_KINDS.flatMap(([kind, group, product]) =>
    cluster.ofKind(kind, group).flatMap((object) => {
      if (limits.isUsed(object)) return []
      const found = limits.read(object, product, UNSEEN.settings)
      const why = because(
        'no route of the input uses it',
        object,
        at(object.body, 'spec') === undefined ? [] : ['spec'],
      )
      const judged = found.map(
        (each): JudgedLimit => ({ ...each, state: 'inert', rule: 'unreferenced', because: [...each.because, why] }),
      )
      return judged.length === 0 ? [] : [{ object, limits: judged }]
    }),
  )
}
