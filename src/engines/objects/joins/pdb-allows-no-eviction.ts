import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Check, Join, Verdict } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { autoscalersOf } from '../autoscaler.ts'
import { type Budget, budgetsOf, budgetText, wanted } from '../budget.ts'

const CHECK: Check = {
  id: 'pdb-allows-no-eviction',
  title: 'A disruption budget wants as many pods as there are',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { 'kube-linter': 'pdb-min-available', popeye: '901' },
  references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
}

interface Scale {
  /** Undefined: the number of its pods is not in the object. */
  readonly pods: number | undefined
  readonly why: Because
}

/** pkg/controller/disruption: what may be evicted is what is healthy beyond what the budget wants. */
export const pdbAllowsNoEviction: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const minima = new Map(autoscalersOf(cluster).map((each) => [each.target, each]))
    for (const budget of budgetsOf(cluster).all) {
      if (blocksAlways(budget)) continue
      const scales = budget.selected
        .filter(({ truth }) => truth === 'yes')
        .map(({ workload }) => scaleOf(cluster, workload, minima.get(workload.id)))
      yield judge(budget, scales)
    }
  },
}

/** The budget alone decides these (policy pdb-blocks-evictions), whatever it selects. */
function blocksAlways({ minAvailable, maxUnavailable }: Budget): boolean {
  if (maxUnavailable) return maxUnavailable.value <= 0
  return minAvailable?.isPercent === true && minAvailable.value >= 100
}

function scaleOf(
  cluster: Cluster,
  { id, kind, replicas, pods, object, specs }: Workload,
  autoscaler: ReturnType<typeof autoscalersOf>[number] | undefined,
): Scale {
  const about = object ?? specs[0]?.object
  if (autoscaler)
    return {
      pods: autoscaler.minReplicas,
      why: because(`scales ${kind} down to ${autoscaler.minReplicas}`, autoscaler.object, ['spec', 'minReplicas']),
    }
  const isPod = cluster.get(id)?.kind === 'Pod'
  const count = isPod ? 1 : (replicas ?? (object && DEFAULT_ONE.has(kind) ? 1 : undefined))
  const text = count === undefined ? `how many pods it has is not known (${pods.length} seen)` : `has ${count} pods`
  return { pods: count, why: because(text, about, replicas === undefined ? ['spec'] : ['spec', 'replicas']) }
}

const DEFAULT_ONE: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
  'Rollout',
])

function judge(budget: Budget, scales: readonly Scale[]): Verdict {
  const { object, minAvailable, maxUnavailable } = budget
  const asked = maxUnavailable ?? minAvailable
  const total = scales.reduce((sum, { pods }) => sum + (pods ?? 0), 0)
  const wants = wanted(budget, total)
  if (!asked || wants === undefined || scales.length === 0) return passed(CHECK, object)
  const reasons = [because('wants so many', object, asked.path), ...scales.slice(0, 10).map(({ why }) => why)]
  if (scales.some(({ pods }) => pods === undefined))
    return undecided(CHECK, object, 'how many pods it protects is not in the input', reasons, asked.path)
  if (total === 0 || wants < total) return passed(CHECK, object)
  const what = `${maxUnavailable ? 'maxUnavailable' : 'minAvailable'} ${budgetText(asked)}`
  const message = `${what} of ${total} pod${total === 1 ? '' : 's'} leaves none that may be evicted`
  return failed(CHECK, object, message, reasons, asked.path)
}
