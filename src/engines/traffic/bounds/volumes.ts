import { type Because, because } from '../../../cluster/because.ts'
import { claimTemplates, madeClaims } from '../../../cluster/claims.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import { thousandths } from './amounts.ts'
import { type Extent, least, wholes } from './extent.ts'
import type { Load } from './loads.ts'
import { quotasOf } from './quotas.ts'

/** Storage that a workload, or a claim of its own, takes. */
export interface Volumes {
  /** The id of the workload or claim. */
  readonly of: string
  readonly object: KubeObject | undefined
  readonly namespace: string
  readonly storageClass: string | undefined
  /** Thousandths of bytes of one; undefined where it does not say. */
  readonly size: bigint | undefined
  readonly now: number
  readonly worst: Extent
  readonly uncapped: Extent
  readonly because: Because
}

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** Claims of templates times the pods of their sets, ephemeral claims times pods, and claims of their own. */
export function volumesOf(cluster: Cluster, loads: readonly Load[]): readonly Volumes[] {
  const made = new Set<string>()
  const found: Volumes[] = []
  for (const load of loads) {
    const { workload, shape } = load
    for (const { stem, volume, body, because: why } of workload.kind === 'StatefulSet'
      ? claimTemplates(workload)
      : []) {
      const claims = madeClaims(cluster, workload.namespace, stem)
      for (const claim of claims) made.add(`${workload.namespace}/${claim}`)
      found.push(
        ofTemplate(cluster, load, body, Math.max(load.now, claims.length), why[0] ?? because(`has claims ${volume}`)),
      )
    }
    list(at(shape.object.body, ...shape.pod.path, 'volumes')).forEach((volume, index) => {
      const template = at(volume, 'ephemeral', 'volumeClaimTemplate')
      if (template === undefined) return
      const path = [...shape.pod.path, 'volumes', index, 'ephemeral']
      found.push(
        ofTemplate(cluster, load, template, load.now, because('each of its pods has a claim', shape.object, path)),
      )
    })
  }
  for (const object of cluster.ofKind('PersistentVolumeClaim')) {
    if (made.has(`${object.namespace}/${object.name}`) || ownedByPod(object)) continue
    found.push({
      of: object.id,
      object,
      namespace: object.namespace,
      storageClass: classOf(cluster, object.body),
      size: thousandths(
        at(object.body, 'status', 'capacity', 'storage') ?? at(object.body, 'spec', 'resources', 'requests', 'storage'),
      ),
      now: 1,
      worst: 1n,
      uncapped: 1n,
      because: because('a claim of its own', object, ['spec', 'resources', 'requests', 'storage']),
    })
  }
  return found
}

function ofTemplate(cluster: Cluster, load: Load, body: Json, now: number, why: Because): Volumes {
  const { workload } = load
  const size = thousandths(at(body, 'spec', 'resources', 'requests', 'storage'))
  const storageClass = classOf(cluster, body)
  let worst = load.capped
  for (const { hard, tracksOthers } of quotasOf(cluster, workload.namespace)) {
    if (!tracksOthers) continue
    const scoped = storageClass === undefined ? undefined : `${storageClass}.storageclass.storage.k8s.io/`
    for (const name of ['requests.storage', ...(scoped ? [`${scoped}requests.storage`] : [])]) {
      const most = hard.get(name)
      if (most !== undefined && size !== undefined && size > 0n) worst = least(worst, wholes(most, size))
    }
    for (const name of ['persistentvolumeclaims', 'count/persistentvolumeclaims', `${scoped}persistentvolumeclaims`]) {
      const most = hard.get(name)
      if (most !== undefined) worst = least(worst, most / 1000n)
    }
  }
  return {
    of: workload.id,
    object: workload.object,
    namespace: workload.namespace,
    storageClass,
    size,
    now,
    worst: maxOf(worst, BigInt(now)),
    uncapped: maxOf(load.uncapped, BigInt(now)),
    because: why,
  }
}

const maxOf = (one: Extent, other: bigint): Extent => (typeof one === 'bigint' && one < other ? other : one)

function ownedByPod({ body }: KubeObject): boolean {
  return list(at(body, 'metadata', 'ownerReferences')).some((each) => string(field(each, 'kind')) === 'Pod')
}

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'

function classOf(cluster: Cluster, body: Json): string | undefined {
  return (
    string(at(body, 'metadata', 'annotations', BETA_CLASS)) ??
    string(at(body, 'spec', 'storageClassName')) ??
    cluster.ofKind('StorageClass', 'storage.k8s.io').find((each) => annotationsOf(each.body).get(IS_DEFAULT) === 'true')
      ?.name
  )
}

/** Bytes, in thousandths, that quotas let all claims of a namespace request together. */
export function storageQuota(cluster: Cluster, namespace: string): bigint | undefined {
  const limits = quotasOf(cluster, namespace).flatMap(({ hard, tracksOthers }) =>
    tracksOthers ? (hard.get('requests.storage') ?? []) : [],
  )
  return limits.length === 0 ? undefined : limits.reduce((one, other) => (one < other ? one : other))
}
