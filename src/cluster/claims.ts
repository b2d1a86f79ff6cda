import { type Because, because } from './because.ts'
import type { Cluster } from './cluster.ts'
import { at, type Json, list, string } from './json.ts'
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

/** A claim that is made anew for each pod. */
export interface ClaimTemplate {
  /** The volume of the pods that it becomes. */
  readonly volume: string
  /** The names of its claims without the pod's ordinal. */
  readonly stem: string
  /** A StatefulSet's own claim takes the place of a volume of its name. */
  readonly takesPlace: boolean
  readonly body: Json
  readonly because: readonly Because[]
}

export function claimTemplates({ name, kind, object }: Workload): readonly ClaimTemplate[] {
  return list(at(object?.body, ...PATH)).flatMap((body, index) => {
    const claim = string(at(body, 'metadata', 'name'))
    if (claim === undefined) return []
    const why = [because(`each of its pods has a claim ${claim}`, object, [...PATH, index])]
    return [{ volume: claim, stem: `${claim}-${name}`, takesPlace: kind === 'StatefulSet', body, because: why }]
  })
}

/** The claims of a workload, once each; those of templates as the input has them, else the first that will be made. */
export function claimsOf(cluster: Cluster, workload: Workload): readonly Claim[] {
  const { namespace } = workload
  const found = new Map<string, Claim>()
  const templates = new Set<string>()
  for (const { volume, stem, takesPlace, because: why } of claimTemplates(workload)) {
    if (takesPlace) templates.add(volume)
    const made = madeClaims(cluster, namespace, stem)
    for (const claim of made.length > 0 ? made : [`${stem}-0`]) {
      const id = idOf('PersistentVolumeClaim', namespace, claim)
      found.set(id, { id, how: 'template', because: why })
    }
  }
  for (const { pod, object: of } of workload.specs) {
    for (const { volume } of mountedVolumes(pod)) {
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

/** Names of the claims in the input with this stem and an ordinal, as StatefulSets number them. */
export function madeClaims(cluster: Cluster, namespace: string, stem: string): readonly string[] {
  const index = indexes.get(cluster) ?? numbered(cluster)
  indexes.set(cluster, index)
  return index.get(`${namespace}/${stem}`) ?? []
}

/** Names of PersistentVolumeClaims by `namespace/name` without the ordinal. */
function numbered(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>()
  for (const { namespace, name } of cluster.ofKind('PersistentVolumeClaim')) {
    const set = `${namespace}/${name.replace(/-\d+$/, '')}`
    const same = index.get(set)
    if (same) same.push(name)
    else index.set(set, [name])
  }
  return index
}
