import { type Because, because } from './because.ts'
import type { Cluster } from './cluster.ts'
import { at, list, string } from './json.ts'
import { idOf } from './object.ts'
import { mountedVolumes } from './uses.ts'
import type { Workload } from './workload.ts'

/** A PersistentVolumeClaim that a workload's pods use, or will be given. */
export interface Claim {
  readonly id: string
  /** `template`: made for each pod of a StatefulSet. */
  readonly how: 'volume' | 'template'
  readonly because: readonly Because[]
}

const PATH = ['spec', 'volumeClaimTemplates']

/** The claims of a workload, once each; those of templates as the input has them, else the first that will be made. */
export function claimsOf(cluster: Cluster, workload: Workload): readonly Claim[] {
  const { namespace, name, kind, object } = workload
  const found = new Map<string, Claim>()
  const templates = new Set<string>()
  list(at(object?.body, ...PATH)).forEach((template, index) => {
    const claim = string(at(template, 'metadata', 'name'))
    if (claim === undefined) return
    if (kind === 'StatefulSet') templates.add(claim)
    const first = idOf('PersistentVolumeClaim', namespace, `${claim}-${name}-0`)
    const why = [because(`each of its pods has a claim ${claim}`, object, [...PATH, index])]
    for (const id of numbered(cluster).get(`${namespace}/${claim}-${name}`) ?? [first])
      found.set(id, { id, how: 'template', because: why })
  })
  for (const { pod, object: of } of workload.specs) {
    for (const { volume } of mountedVolumes(pod)) {
      // A StatefulSet's own claim takes the place of a volume of its name.
      if (templates.has(volume.name)) continue
      for (const source of volume.sources) {
        if (source.kind !== 'claim') continue
        const id = idOf('PersistentVolumeClaim', namespace, source.name)
        // A live pod of a StatefulSet names the claim of its template.
        if (!found.has(id))
          found.set(id, {
            id,
            how: 'volume',
            because: [because(`mounts PersistentVolumeClaim ${source.name}`, of, volume.path)],
          })
      }
    }
  }
  return [...found.values()]
}

const indexes = new WeakMap<Cluster, ReadonlyMap<string, readonly string[]>>()

/** PersistentVolumeClaims by `namespace/name` without the ordinal, as StatefulSets number them. */
function numbered(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const known = indexes.get(cluster)
  if (known) return known
  const index = new Map<string, string[]>()
  for (const { id, namespace, name } of cluster.ofKind('PersistentVolumeClaim')) {
    const set = `${namespace}/${name.replace(/-\d+$/, '')}`
    const same = index.get(set)
    if (same) same.push(id)
    else index.set(set, [id])
  }
  indexes.set(cluster, index)
  return index
}
