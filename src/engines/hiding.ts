import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject } from '../cluster/object.ts'
import { hidesWorkloads } from '../cluster/templates.ts'

const found = new WeakMap<Cluster, { readonly object: KubeObject | undefined }>()

/** An object of the input from which a controller makes objects that the input does not show (a Helm release, …). */
export function hidingIn(cluster: Cluster): KubeObject | undefined {
  const known = found.get(cluster) ?? { object: cluster.objects.find(hidesWorkloads) }
  found.set(cluster, known)
  return known.object
}
