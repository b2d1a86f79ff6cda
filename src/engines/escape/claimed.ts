import { type Because, because } from '../../cluster/because.ts'
import { claimTemplates, madeClaims } from '../../cluster/claims.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Json } from '../../cluster/json.ts'
import { type BoundVolume, reservedClaims, volumesBehind } from '../../cluster/persistent-volumes.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'

/** A PersistentVolume behind a volume of a pod. */
export interface ClaimedVolume {
  /** The name of the pod's volume. */
  readonly name: string
  readonly readOnly: boolean
  readonly bound: BoundVolume
  readonly because: readonly Because[]
}

/** What the claims of a pod of this shape are bound to: its volumes, mounted or not, and its StatefulSet's templates. */
export function* claimedVolumes(
  cluster: Cluster,
  workload: Workload,
  { pod, object }: Shape,
  isLive: boolean,
): Generator<ClaimedVolume> {
  const { namespace } = workload
  const behind = (claim: string, template?: Json): readonly BoundVolume[] =>
    volumesBehind(cluster, namespace, claim, template)
  const replaced = new Set<string>()
  for (const { volume, stem, takesPlace, body, because: why } of claimTemplates(workload)) {
    if (takesPlace && !isLive) replaced.add(volume)
    const seen = [...madeClaims(cluster, namespace, stem), ...reservedClaims(cluster, namespace, stem)]
    for (const claim of new Set([`${stem}-0`, ...seen]))
      for (const bound of behind(claim, body)) yield { name: volume, readOnly: false, bound, because: why }
  }
  for (const { name, sources, path } of pod.volumes) {
    if (replaced.has(name)) continue
    for (const source of sources) {
      if (source.kind === 'claim') {
        const why = [because(`volume ${name} is claim ${source.name}`, object, path)]
        for (const bound of behind(source.name)) yield { name, readOnly: source.readOnly, bound, because: why }
      } else if (source.kind === 'ephemeralClaim') {
        const why = [because(`volume ${name} is a claim of the pod’s own`, object, path)]
        for (const each of workload.pods)
          for (const bound of behind(`${each.name}-${name}`)) yield { name, readOnly: false, bound, because: why }
      }
    }
  }
}
