import type { Cluster } from '../../cluster/cluster.ts'
import { at, number } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { growthOf } from '../../engines/traffic/bounds/growth-of.ts'
import { isKnative } from '../../engines/traffic/bounds/knative.ts'
import { scalersOf } from '../../engines/traffic/bounds/scalers.ts'
import type { CapObject } from './cap.ts'
import { judge, type Record } from './replay.ts'
import { applicable, withValue } from './with-value.ts'

/** A maximum where an autoscaler has none of its own: KEDA's default of 100, and Knative's none. */
export function scalerCaps(cluster: Cluster, headroom: number, record: Record | undefined): readonly CapObject[] {
  const growths = growthOf(cluster)
  const cap = (object: KubeObject, workload: string, path: readonly string[], text: boolean): CapObject => {
    const peak = record?.peaks.workload(workload)?.pods
    const unnamed = record?.peaks.unnamed(object.namespace) ?? 0
    const now = growths(workload).now ?? 0
    const most = Math.max(1, Math.ceil(Number((Math.max(peak ?? 0, now) * headroom).toFixed(6))))
    return {
      body: applicable(withValue(object.body, path, text ? String(most) : most)),
      title: `Let ${object.kind} ${object.name} scale to ${most} at most`,
      notes:
        peak === undefined
          ? ['no peak is recorded: sized from what is there now, and yours to choose']
          : [`${peak} were there at once`],
      verdict: judge(most, peak, record, unnamed > 0 ? [`of ${unnamed} pods the name does not tell the workload`] : []),
    }
  }
  const found: CapObject[] = []
  for (const [target, scalers] of scalersOf(cluster))
    for (const { object, byDefault } of scalers)
      if (byDefault)
        found.push(
          cap(
            object,
            target,
            object.kind === 'HTTPScaledObject' ? ['spec', 'replicas', 'max'] : ['spec', 'maxReplicaCount'],
            false,
          ),
        )
  for (const object of cluster.ofKind('ScaledJob', 'keda.sh'))
    if (number(at(object.body, 'spec', 'maxReplicaCount')) === undefined)
      found.push(cap(object, object.id, ['spec', 'maxReplicaCount'], false))
  for (const { id, object } of cluster.workloads) {
    if (!object || !isKnative(object) || object.kind === 'Revision' || growths(id).most !== Number.POSITIVE_INFINITY)
      continue
    const path = ['spec', 'template', 'metadata', 'annotations', 'autoscaling.knative.dev/max-scale']
    found.push(cap(object, id, path, true))
  }
  return found
}

/** Runs of a CronJob that hang do not pile up where the next one waits for them. */
export function cronCaps(cluster: Cluster): readonly CapObject[] {
  const growths = growthOf(cluster)
  return cluster.ofKind('CronJob', 'batch').flatMap((object) => {
    const id = cluster.workloadOf(object.id) ?? object.id
    if (growths(id).most !== Number.POSITIVE_INFINITY) return []
    return [
      {
        body: applicable(withValue(object.body, ['spec', 'concurrencyPolicy'], 'Forbid')),
        title: `Let one run of CronJob ${object.namespace}/${object.name} end before the next`,
        notes: ['a run that hangs now keeps the next ones off: give it activeDeadlineSeconds as well'],
        verdict: {
          verdict: 'unknown',
          reasons: ['whether runs overlapped on purpose, no log tells'],
        },
      },
    ]
  })
}
