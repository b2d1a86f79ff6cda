import type { Limit } from '../../../engines/traffic/limit.ts'
import type { Route } from '../../../engines/traffic/routes/route.ts'
import { parseLimit } from '../../../engines/traffic/suggest/limit-text.ts'
import { LimitReplay, type ReplayedRoute } from '../../../prove/limits/replay.ts'
import { NO_ROUTE, routeOf } from '../../../prove/limits/route-of.ts'
import { limitProof } from '../../../prove/limits/verdict.ts'
import { PROOF_OPTIONS } from '../../../prove/prove.ts'
import { jsonLines } from '../../../report/json.ts'
import { API_VERSION } from '../../../report/report.ts'
import { reportLogs } from '../../../report/traffic/logs.ts'
import { replayItem, type TrafficReplay } from '../../../report/traffic/replay.ts'
import { replayScreen } from '../../../report/traffic/replay-screen.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { type LogFlags, openLogs } from './access-logs.ts'
import { standInOf } from './stand-in.ts'

const FORMATS = ['table', 'json'] as const

export interface ReplayFlags extends LogFlags {
  readonly limit?: string
}

/** One route of the cluster, or the whole log, with the limits that are replayed on it. */
interface Asked extends ReplayedRoute {
  readonly target: string
  readonly replicas?: number | undefined
  /** Why it is not known whether the limits work. */
  readonly doubts?: readonly string[]
}

/** Which recorded requests limits would have refused. */
export async function replay(flags: ReplayFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const isOfCluster = (flags.filename ?? []).length > 0
  if (!isOfCluster && flags.limit === undefined)
    throw new UsageError('name the cluster with -f, or one limit: --limit "nginx rate=10r/s burst=50"')
  const given = flags.limit === undefined ? undefined : parseLimit(flags.limit)
  if (typeof given === 'string') throw new UsageError(`--limit: ${given}`)
  if ((flags.history ?? []).length === 0) throw new UsageError('name what was recorded: --history PATH')
  const { asked, classify, code: read } = isOfCluster ? await ofCluster(flags, given) : ofLog(given as Limit)
  const { logs, finish } = await openLogs(flags, classify)
  const folded = new LimitReplay(asked, (client) => logs.clients.name(client))
  for await (const batch of logs.requests()) folded.add(batch)
  const recorded = finish()
  const coverage = logs.coverage()
  const items = asked.map(({ id, target, limits, body, replicas, doubts = [] }, at) => {
    const trial = folded.trials[at] as LimitReplay['trials'][number]
    const bodies = folded.bodies[at]
    const nameOf = folded.namesOf(at)
    const hasLimit = limits.length > 0 || body !== undefined
    const options = {
      route: id,
      nameOf,
      minDays: PROOF_OPTIONS.minDays,
      standIn: standInOf(id !== ''),
      replicas,
      doubts,
    }
    const proof = hasLimit ? limitProof(trial, bodies, coverage, options) : undefined
    return replayItem(
      { route: id, target, limits: body ? [...limits, body] : limits, trial, body: bodies, nameOf, proof },
      coverage,
    )
  })
  const document: TrafficReplay = {
    apiVersion: API_VERSION,
    kind: 'TrafficReplay',
    logs: reportLogs(coverage),
    items: items.sort((a, b) => b.refused.requests - a.refused.requests || b.requests - a.requests),
  }
  for (const each of targets) {
    const lines = (): Iterable<string> =>
      [...replayScreen(document, terminal(process.stdout, each.file !== undefined))].map((line) => `${line}\n`)
    await write(each.format === 'json' ? jsonLines(document) : lines(), each)
  }
  const code = Math.max(read, recorded)
  if (code !== EXIT.ok) return code
  return items.some(({ proof }) => proof?.verdict === 'breaks') ? EXIT.breaks : EXIT.ok
}

interface AskedRoutes {
  readonly asked: readonly Asked[]
  readonly classify?: ReturnType<typeof routeOf>
  readonly code: number
}

/** The log as one route. */
function ofLog(limit: Limit): AskedRoutes {
  return { asked: [askedOf('', '', [limit], false, undefined)], code: EXIT.ok }
}

async function ofCluster(flags: ReplayFlags, given: Limit | undefined): Promise<AskedRoutes> {
  const { readRoutes } = await import('./log-routes.ts')
  const { routes, code } = await readRoutes(flags)
  const { counted, of } = countedTogether(routes)
  const asked = counted.map((together) => {
    const [{ id, object, target, limits, controller }] = together as [Route]
    // What does nothing refuses nothing; what can be got around still counts whoever does not.
    const working = limits.filter(
      ({ limit, state, byDefault }) =>
        // Defaults for connections hold for a whole process of the engine, and for no client.
        state !== 'inert' && !(byDefault && (state === 'unknown' || limit.kind === 'connections')),
    )
    const all = given ? [given] : working.map(({ limit }) => limit)
    const doubts = given ? [] : working.flatMap(({ state, unknown }) => (state === 'unknown' ? [doubtOf(unknown)] : []))
    const name = together.length === 1 ? id : `${object.id} (${together.length} routes)`
    return { ...askedOf(name, target.service, all, given === undefined, controller?.replicas.now), doubts }
  })
  const route = routeOf(routes)
  return { asked, classify: (request) => of[route(request)] ?? NO_ROUTE, code }
}

/** The locations of an Ingress share the zones of its limits in ingress-nginx; elsewhere each route counts alone. */
function countedTogether(routes: readonly Route[]): {
  readonly counted: readonly (readonly Route[])[]
  readonly of: readonly number[]
} {
  const counted: Route[][] = []
  const places = new Map<string, number>()
  const of = routes.map((route) => {
    const key = route.controller?.product === 'ingress-nginx' ? route.object.id : route.id
    const at = places.get(key) ?? counted.length
    places.set(key, at)
    counted[at] ??= []
    counted[at].push(route)
    return at
  })
  return { counted, of }
}

function doubtOf(unknown: { readonly missing: string } | undefined): string {
  return `whether the limit works is not known${unknown ? `: ${unknown.missing}` : ''}`
}

function askedOf(
  id: string,
  target: string,
  all: readonly Limit[],
  inForce: boolean,
  replicas: number | undefined,
): Asked {
  const limits = all.filter(({ kind }) => kind === 'requests' || kind === 'connections')
  const bodies = all.filter(({ kind, body }) => kind === 'body' && body !== undefined && body > 0)
  const [body] = bodies.sort((a, b) => (a.body as number) - (b.body as number))
  return { id, target, limits, inForce, replicas, ...(body ? { body } : {}) }
}
