import type { Because } from '../../../cluster/because.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { runsOnEach } from '../../../cluster/placement.ts'
import type { Shape, Workload } from '../../../cluster/workload.ts'
import type { Growth } from '../growth.ts'
import { type Extent, isEndless, least, ofNumber, times, wholes } from './extent.ts'
import { growthOf } from './growth-of.ts'
import { podsOfRun } from './jobs.ts'
import { type PodAmounts, podAmounts } from './pod-amounts.ts'
import { missingFor, ONE, type Quota, quotasOf, usedOf } from './quotas.ts'
import { grownRequests, verticalsOf } from './vertical.ts'

/** A controller as a load on nodes: how many pods, and what each asks for. */
export interface Load {
  readonly workload: Workload
  readonly shape: Shape
  readonly growth: Growth
  readonly now: number
  readonly amounts: PodAmounts
  /** What a pod may come to ask for: more than now where a VerticalPodAutoscaler may raise it. */
  readonly grown: ReadonlyMap<string, Extent>
  readonly vertical: readonly Because[]
  readonly quotas: readonly Quota[]
  /** One a node: it grows with the nodes and not by itself. */
  readonly isDaemon: boolean
  /** Pods by its own bounds; what is not known counts as it is now, and is told. */
  readonly uncapped: Extent
  /** The same under the quotas of its namespace. */
  readonly capped: Extent
  readonly caps: readonly Cap[]
}

export interface Cap {
  readonly label: string
  readonly because: Because
}

export function loadsOf(cluster: Cluster): readonly Load[] {
  const growths = growthOf(cluster)
  const verticals = verticalsOf(cluster)
  return cluster.workloads.flatMap((workload) => {
    const [shape] = workload.specs
    if (workload.finished || !shape) return []
    const growth = growths(workload.id)
    const amounts = podAmounts(cluster, workload.namespace, shape)
    const vertical = grownRequests(cluster, workload.namespace, amounts, verticals.get(workload.id) ?? [])
    const quotas = quotasOf(cluster, workload.namespace)
    const live = workload.pods.length
    const wanted = growth.now ?? live
    const isDaemon = runsOnEach(workload)
    const uncapped = ofNumber(growth.most ?? wanted)
    const { capped, caps } = isDaemon
      ? { capped: uncapped, caps: [] }
      : underQuotas(workload, shape, amounts, quotas, uncapped, live)
    // A quota refuses pods that come, and takes none away that is there.
    const now = isEndless(capped) ? wanted : Math.max(live, Math.min(wanted, Number(capped)))
    return [
      {
        workload,
        shape,
        growth,
        now,
        amounts,
        grown: vertical.requests,
        vertical: vertical.because,
        quotas: quotas.filter((quota) => quota.tracks(shape, amounts)),
        isDaemon,
        uncapped,
        capped,
        caps,
      },
    ]
  })
}

/** As many pods as each quota lets this one controller have, if all of it were its own. */
function underQuotas(
  workload: Workload,
  shape: Shape,
  amounts: PodAmounts,
  quotas: readonly Quota[],
  uncapped: Extent,
  live: number,
): { capped: Extent; caps: readonly Cap[] } {
  let capped = uncapped
  let caps: readonly Cap[] = []
  const lower = (to: Extent, label: string, why: Because): void => {
    const next = least(capped, to)
    if (next === capped) return
    capped = next
    caps = [{ label, because: why }]
  }
  for (const quota of quotas) {
    const { object } = quota
    if (quota.tracksOthers) {
      const jobs = quota.hard.get('count/jobs.batch')
      const pods = podsOfRun(workload)
      if (jobs !== undefined && pods !== undefined)
        lower(
          times(jobs / ONE, BigInt(pods)),
          `ResourceQuota ${object.name} count/jobs.batch`,
          because(`ResourceQuota ${object.name} counts Jobs`, object, ['spec', 'hard', 'count/jobs.batch']),
        )
    }
    if (!quota.tracks(shape, amounts)) continue
    const missing = missingFor(quota, amounts)
    if (missing !== undefined) {
      const text = `ResourceQuota ${object.name} refuses pods that do not say their ${missing}`
      lower(BigInt(live), `${object.name} refuses it`, because(text, object, ['spec', 'hard', missing]))
    }
    for (const [resource, hard] of quota.hard) {
      const used = usedOf(resource, amounts)
      if (used === undefined || used === 0n) continue
      const text = `ResourceQuota ${object.name} has room for ${resource} of so many`
      lower(
        wholes(hard, used),
        `ResourceQuota ${object.name} ${resource}`,
        because(text, object, ['spec', 'hard', resource]),
      )
    }
  }
  return { capped, caps }
}

export function isEndlessLoad(load: Load): boolean {
  return isEndless(load.capped) || [...load.grown.values()].some(isEndless)
}
