import type { Cluster } from '../cluster.ts'
import type { Selector } from '../labels.ts'
import { idOf } from '../object.ts'
import { indexByLabels } from './label-index.ts'

/** Which workloads' pods a selector selects, by id. The same array for every empty selector of a namespace. */
export interface PodSelection {
  select(namespace: string, selector: Selector): readonly string[]
}

const POD_NAME = 'statefulset.kubernetes.io/pod-name'

/** Labels that a controller gives each pod stand in no template; the one with the pod's name tells its StatefulSet. */
export function podSelection(cluster: Cluster): PodSelection {
  const index = indexByLabels(
    cluster.workloads.flatMap(({ id, namespace, specs }) =>
      specs.map(({ pod }) => ({ namespace, labels: pod.labels, value: id })),
    ),
  )
  return {
    select: (namespace, selector) => {
      const podName = selector.find(({ key, operator }) => key === POD_NAME && operator === 'In')
      if (!podName) return index.select(namespace, selector)
      const sets = new Set(podName.values.map((name) => idOf('StatefulSet', namespace, name.replace(/-\d+$/, ''))))
      const rest = selector.filter((requirement) => requirement !== podName)
      return index.select(namespace, rest).filter((id) => sets.has(id))
    },
  }
}
