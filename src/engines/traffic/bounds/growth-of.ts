import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Growth } from '../growth.ts'
import { growthOfDaemonSet } from './daemon-sets.ts'
import { growthOfCronJob, growthOfJob } from './jobs.ts'
import { growthOfKnative, isKnative } from './knative.ts'
import { growthOfScaledJob } from './scaled-jobs.ts'
import { counted, type Scaler, scalersOf } from './scalers.ts'
import { surgeOf } from './surge.ts'

const known = new WeakMap<Cluster, (workload: string) => Growth>()

/**
 * How many pods of a workload there are and may come to be, by its id, as the objects stand: whoever may change them may
 * do more. Caps of the namespace (quotas) and of nodes are not counted here.
 */
export function growthOf(cluster: Cluster): (workload: string) => Growth {
  const found = known.get(cluster) ?? remembered(cluster)
  known.set(cluster, found)
  return found
}

function remembered(cluster: Cluster): (workload: string) => Growth {
  const answers = new Map<string, Growth>()
  return (id) => {
    const workload = cluster.workload(id)
    const answer = answers.get(id) ?? (workload ? grown(cluster, workload) : UNSEEN)
    answers.set(id, answer)
    return answer
  }
}

const UNSEEN: Growth = { now: undefined, most: undefined, because: [because('it is not in the input')] }

function grown(cluster: Cluster, workload: Workload): Growth {
  const { group, kind, object, pods, finished } = workload
  const live = pods.length
  if (finished) return { now: 0, most: 0, because: [because('it has ended', object, ['status'])] }
  if (kind === 'Pod' && group === '') return { now: 1, most: 1, because: [because('a pod of its own', object)] }
  if (!object)
    return {
      now: live,
      most: undefined,
      because: [because(`its ${kind} is not in the input`, workload.specs[0]?.object, ['metadata', 'ownerReferences'])],
    }
  if (isKnative(object)) return growthOfKnative(cluster, object, live)
  switch (`${group}/${kind}`) {
    case 'batch/Job':
      return growthOfJob(object, live)
    case 'batch/CronJob':
      return growthOfCronJob(object, live)
    case 'apps/DaemonSet':
      return growthOfDaemonSet(cluster, workload, object)
    case 'keda.sh/ScaledJob':
      return growthOfScaledJob(object, live)
  }
  return scaled(object, live, scalersOf(cluster).get(workload.id) ?? [])
}

/** Kinds of which `spec.replicas` says how many pods there are, and 1 where it says nothing. */
const REPLICATED: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/ReplicaSet',
  '/ReplicationController',
  'argoproj.io/Rollout',
])

const REPLICAS: Path = ['spec', 'replicas']

function scaled(object: KubeObject, live: number, scalers: readonly Scaler[]): Growth {
  const isReplicated = REPLICATED.has(`${object.group}/${object.kind}`)
  const written = counted(at(object.body, ...REPLICAS))
  if (scalers.length > 0) return byScalers(object, live, written, scalers)
  if (!isReplicated)
    return {
      now: live > 0 ? live : written,
      most: undefined,
      because: [because(`what the controller of ${object.kind} makes of it is not known`, object, ['spec'])],
    }
  const replicas = written ?? 1
  const why = because(
    written === undefined ? 'says no replicas: 1' : `asks for ${replicas} replicas`,
    object,
    written === undefined ? ['spec'] : REPLICAS,
  )
  const surge = surgeOf(object, replicas)
  if (surge === 0) return { now: replicas, most: replicas, because: [why] }
  const text = `a rollout adds ${surge} while it lasts, and one that cannot finish lasts`
  return {
    now: replicas,
    most: replicas + surge,
    surge,
    because: [why, because(text, object, ['spec', 'strategy'])],
  }
}

function byScalers(object: KubeObject, live: number, written: number | undefined, scalers: readonly Scaler[]): Growth {
  const max = Math.max(...scalers.map((each) => each.max))
  const min = Math.min(...scalers.map((each) => each.min))
  // An autoscaler leaves alone what has no replicas, unless it may scale to none itself (pkg/controller/podautoscaler).
  if (written === 0 && min > 0)
    return { now: 0, most: 0, because: [because('0 replicas turn its autoscaler off', object, REPLICAS)] }
  const current = scalers.map((each) => each.current).find((each) => each !== undefined)
  const now = current ?? written ?? (live > 0 ? live : Math.max(1, min))
  const reasons = scalers.slice(0, MOST_REASONS).map((each) => each.because)
  if (scalers.length > 1) reasons.push(because(`${scalers.length} autoscalers scale it: the greatest counts`, object))
  const most = Math.max(max, now)
  const rollout = Number.isFinite(most) ? surgeOf(object, most) : 0
  if (rollout === 0) return { now, most, because: reasons }
  const text = `a rollout at its maximum adds ${rollout} while it lasts, which are not counted`
  return { now, most, rollout, because: [...reasons, because(text, object, ['spec', 'strategy'])] }
}

const MOST_REASONS = 5
