import type { Cluster } from '../../../cluster/cluster.ts'
import type { Known } from '../../known.ts'
import type { Controller } from '../controllers/controller.ts'
import { serversOf } from '../controllers/serving.ts'
import { behindOf } from './behind.ts'
import type { Draft } from './draft.ts'
import { type LeftOut, type Placed, placing } from './finish.ts'
import { contourRoutes } from './kinds/contour.ts'
import { f5Routes } from './kinds/f5.ts'
import { gatewayApiRoutes } from './kinds/gateway-api.ts'
import { firstGatewayApiRoutes } from './kinds/gateway-api-v1alpha1.ts'
import { hostRoutes } from './kinds/hosts.ts'
import { ingressRoutes } from './kinds/ingress.ts'
import { istioRoutes } from './kinds/istio.ts'
import type { RouteInput, RouteKind } from './kinds/kind.ts'
import { kongRoutes, multiClusterRoutes, openShiftRoutes } from './kinds/others.ts'
import { serviceRoutes } from './kinds/services.ts'
import { traefikRoutes } from './kinds/traefik.ts'

const KINDS: readonly RouteKind[] = [
  ingressRoutes,
  gatewayApiRoutes,
  firstGatewayApiRoutes,
  openShiftRoutes,
  traefikRoutes,
  contourRoutes,
  f5Routes,
  istioRoutes,
  kongRoutes,
  multiClusterRoutes,
  serviceRoutes,
  hostRoutes,
]

/** An input that has more is made to exhaust memory; what was not read is told. */
export const MOST_ROUTES = 200_000

/** What opens a controller itself to the outside: no route, but what all of its routes come through. */
export interface Door {
  readonly controller: Controller
  readonly id: string
  readonly exposed: 'yes' | 'unknown'
}

export interface Drawn {
  readonly placed: readonly Placed[]
  readonly left: readonly LeftOut[]
  readonly doors: readonly Door[]
  readonly controllers: readonly Controller[]
  /** Routes beyond the most that are read. */
  readonly unread: number
}

/** All routes of the input with what stands behind them, and what was left out and why. */
export function drawRoutes(cluster: Cluster, known: Known): Drawn {
  const servers = serversOf(cluster)
  const input: RouteInput = { cluster, known, behind: behindOf(cluster), servers }
  const place = placing(input)
  const placed: Placed[] = []
  const left: LeftOut[] = []
  const doors: Door[] = []
  const byWorkload = new Map(servers.all().map((each) => [each.workload?.id ?? '', each]))
  let unread = 0
  for (const draft of drafts(input)) {
    if (placed.length + left.length >= MOST_ROUTES) {
      unread++
      continue
    }
    const found = place(draft)
    if (!('draft' in found)) {
      left.push(found)
      continue
    }
    const own = controllersBehind(found, byWorkload)
    for (const controller of own) doors.push({ controller, id: found.id, exposed: found.exposed })
    if (own.length === 0) placed.push(found)
  }
  return { placed, left, doors, controllers: servers.all(), unread }
}

function* drafts(input: RouteInput): Iterable<Draft> {
  for (const kind of KINDS) yield* kind(input)
}

/** Of a port that leads to nothing but controllers: those. */
function controllersBehind(
  { draft, workloads }: Placed,
  controllers: ReadonlyMap<string, Controller>,
): readonly Controller[] {
  const { kind, group } = draft.object
  const isPort = (kind === 'Service' && group === '') || draft.workloads !== undefined
  const found = isPort ? workloads.flatMap((each) => controllers.get(each) ?? []) : []
  return found.length === workloads.length ? found : []
}
