import type { Cluster } from '../../../cluster/cluster.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { Stored } from './work.ts'

/** How much is stored of a resource; undefined where the input does not hold any. */
export type StoredOf = (group: string, resource: string) => Stored | undefined

/**
 * As many as the input holds, which may be fewer than there are; bytes as JSON, which etcd holds somewhat shorter. Of
 * objects that come from files, what the API server adds is missing.
 */
export function storedIn(cluster: Cluster): StoredOf {
  const counts = new Map<string, { objects: number; bytes: number }>()
  for (const { group, kind, body } of cluster.objects) {
    const key = `${group}/${pluralOf(group, kind, cluster)}`
    const known = counts.get(key) ?? { objects: 0, bytes: 0 }
    known.objects++
    // Of many, the first hundred tell how large they are.
    if (known.objects <= 100) known.bytes += JSON.stringify(body).length
    counts.set(key, known)
  }
  return (group, resource) => {
    const known = counts.get(`${group}/${resource}`)
    return known && { objects: known.objects, bytes: Math.round(known.bytes / Math.min(known.objects, 100)) }
  }
}
