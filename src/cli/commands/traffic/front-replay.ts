import { uniteAddresses } from '../../../cluster/addresses.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { trustOf } from '../../../engines/traffic/effective/trust.ts'
import { gatewaysOf } from '../../../engines/traffic/front/client-certificates.ts'
import type { Front } from '../../../engines/traffic/front/front.ts'
import { providerFacts } from '../../../engines/traffic/front/provider.ts'
import type { Ranges } from '../../../engines/traffic/front/ranges.ts'
import { LockFold, type LockReplay } from '../../../engines/traffic/front/shut-out.ts'
import type { Route } from '../../../engines/traffic/routes/route.ts'
import type { Problem } from '../../../errors.ts'
import { openAccessLogs } from '../../../history/access-logs.ts'
import { NO_ROUTE, routeOf } from '../../../prove/limits/route-of.ts'
import { EXIT } from '../../exit.ts'
import { tellProblems } from '../../read.ts'
import { openRecorded } from '../../recorded.ts'
import type { TrafficFlags } from './register.ts'

/** Less than a week may miss who comes on one day of it. */
const LEAST_DAYS = 7

/** Of all hosts that a CDN stands before: which recorded clients its ranges would not let in. */
export async function replayLock(
  flags: TrafficFlags,
  paths: readonly string[],
  cluster: Cluster,
  fronts: readonly Front[],
  ranges: Ranges,
): Promise<{ found: LockReplay; files: readonly string[]; code: number }> {
  const guarded = fronts.filter(({ providers }) =>
    providers.some(({ provider }) => providerFacts(provider).kind === 'cdn' && ranges.get(provider)?.cidrs.length),
  )
  const sets = guarded.flatMap(({ providers }) => providers.flatMap(({ provider }) => ranges.get(provider)?.set ?? []))
  const workloads = guarded.flatMap(({ doors }) => doors.flatMap(({ workload }) => workload ?? []))
  const fold = new LockFold(sets.reduce(uniteAddresses, { v4: [], v6: [] }), workloads)
  const { history, done } = await openRecorded(paths, flags, cluster)
  for await (const batch of history.connections()) for (const connection of batch) fold.add(connection)
  done()
  const { sources } = history.coverage()
  // What is no log of flows may be one of requests.
  const isOther = ({ code, file }: Problem): boolean => code === 'BH_HISTORY' && file !== undefined
  const others = [...history.problems.filter(isOther).flatMap(({ file }) => file ?? []), ...history.other]
  const requests = others.length === 0 ? undefined : await foldRequests(others, cluster, fronts, guarded, fold)
  const problems = [
    ...history.problems.filter((each) => !isOther(each) || requests?.files.includes(each.file ?? '') !== true),
    ...sources.flatMap((source) => source.problems),
    ...(requests?.problems ?? []),
  ]
  if (flags.quiet !== true) tellProblems(problems)
  return {
    found: fold.finish(LEAST_DAYS),
    files: [...sources.flatMap(({ files }) => files), ...(requests?.files ?? [])],
    code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok,
  }
}

/** Access logs tell who held the connection only where the engine does not put another address in its place. */
async function foldRequests(
  paths: readonly string[],
  cluster: Cluster,
  fronts: readonly Front[],
  guarded: readonly Front[],
  fold: LockFold,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly Problem[] }> {
  const routes = fronts.flatMap((front) => front.routes)
  const asked = new Set(guarded.flatMap((front) => front.routes))
  const workloads = routes.map((route) => (asked.has(route) ? workloadOf(route) : undefined))
  const isPeer = routes.map((route) => tellsPeer(route, cluster))
  const logs = await openAccessLogs(paths, { classify: routeOf(routes) })
  for await (const batch of logs.requests()) {
    for (let row = 0; row < batch.count; row++) {
      const route = batch.route[row] as number
      const workload = route === NO_ROUTE ? undefined : workloads[route]
      if (workload === undefined) continue
      const time = batch.start[row] as number
      if (isPeer[route]) fold.peer(logs.clients.name(batch.client[row] as number), time, workload)
      else fold.peerless(time)
    }
  }
  return { files: logs.files, problems: logs.coverage().problems }
}

function workloadOf({ controller, target }: Route): string {
  return controller?.workload?.id ?? target.workloads[0] ?? target.service
}

function tellsPeer({ controller, object }: Route, cluster: Cluster): boolean {
  if (!controller) return true
  const { by } = trustOf(controller, cluster, gatewaysOf(object, cluster))
  return by === 'peer' || by === 'proxy-protocol'
}
