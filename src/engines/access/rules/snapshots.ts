import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { type Making, placesOfAll } from '../making.ts'
import { probe, probes } from '../probe.ts'
import { allows, type Right } from '../rights.ts'
import { type AccessRule, creating, once, step } from '../rule.ts'
import { type Member, ONLY, type ScopeKind } from '../scope.ts'

/**
 * A VolumeSnapshotContent of one's own may name the handle of any snapshot that the storage has, whoever took it
 * (kubernetes-csi/external-snapshotter, pre-provisioned snapshots): the driver is asked for that handle and knows no namespaces.
 */

const GROUP = 'snapshot.storage.k8s.io'
const CREATE_CONTENT = probe('create', GROUP, 'volumesnapshotcontents')
const READ_CONTENT = probes(['get', 'list', 'watch'], GROUP, ['volumesnapshotcontents'])
const CREATE_SNAPSHOT = probe('create', GROUP, 'volumesnapshots')
const CREATE_CLAIM = probe('create', '', 'persistentvolumeclaims')

export function snapshotRules(making: Making): readonly AccessRule[] {
  return [
    {
      kinds: [
        {
          kind: 'copy-snapshot',
          title: 'makes a volume of the snapshot of another claim',
          from: 'User, Group, ServiceAccount',
          to: 'PersistentVolumeClaim, or Scope claims with snapshots',
          chance: '1',
          precondition:
            '`create` on volumesnapshotcontents and a right to read those that are there (the handle of a snapshot stands in them), cluster-wide, of one with a handle; and in one namespace `create` on volumesnapshots, on persistentvolumeclaims, and on pods or a pod template (or one to change). A snapshot of a claim of one’s own namespace is no step: whoever makes pods there has the claim',
          source:
            'kubernetes-csi/external-snapshotter: pre-provisioned snapshots; core/v1 PersistentVolumeClaimSpec.dataSource',
        },
      ],
      *edges(rights, context) {
        const contents = creating(rights, '', CREATE_CONTENT)
        const reading = rights.in('', ...READ_CONTENT)
        const taken = contents.length > 0 && reading.length > 0 ? snapshotsOf(context.cluster) : []
        if (taken.length === 0) return
        const told = new Set<string>()
        const pods = (place: string): readonly Right[] => making.specs(rights, place, context)
        const claims = (place: string): readonly Right[] => creating(rights, place, CREATE_CLAIM)
        const snapshots = (place: string): readonly Right[] => creating(rights, place, CREATE_SNAPSHOT)
        for (const read of reading)
          for (const { by } of placesOfAll(
            rights,
            () => contents,
            () => [read],
            snapshots,
            claims,
            pods,
          )) {
            if (read.names === undefined)
              yield* once(told, step('copy-snapshot', rights, context.scopes.of(TAKEN, ONLY), by))
            else
              for (const { content, to, because: why } of taken)
                if (allows(read, content)) yield* once(told, step('copy-snapshot', rights, to, by, { because: why }))
          }
      },
    },
  ]
}

const TAKEN: ScopeKind = {
  name: 'claims with snapshots',
  members: (_, { cluster }) => snapshotsOf(cluster),
}

type Taken = Member & { readonly content: string }

const taken = new WeakMap<Cluster, readonly Taken[]>()

/** The claims of which a snapshot can be had, each with the content that has its handle. */
function snapshotsOf(cluster: Cluster): readonly Taken[] {
  const known = taken.get(cluster) ?? madeSnapshotsOf(cluster)
  taken.set(cluster, known)
  return known
}

function madeSnapshotsOf(cluster: Cluster): readonly Taken[] {
  const snapshots = new Map(cluster.ofKind('VolumeSnapshot', GROUP).map((each) => [placeOf(each), each]))
  const volumes = new Map(
    cluster
      .ofKind('PersistentVolume')
      .flatMap((each) => [[string(at(each.body, 'spec', 'csi', 'volumeHandle')), each] as const]),
  )
  return cluster.ofKind('VolumeSnapshotContent', GROUP).flatMap((content) => {
    const handle =
      string(at(content.body, 'status', 'snapshotHandle')) ??
      string(at(content.body, 'spec', 'source', 'snapshotHandle'))
    const to = handle === undefined || handle === '' ? undefined : claimBehind(content, snapshots, volumes)
    if (to === undefined || !cluster.get(to)) return []
    const path =
      at(content.body, 'status', 'snapshotHandle') === undefined ? ['spec', 'source'] : ['status', 'snapshotHandle']
    return [
      {
        content: content.name,
        to,
        because: [because(`${content.name} has the handle of a snapshot of it`, content, path)],
      },
    ]
  })
}

function placeOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}

/** By the VolumeSnapshot that it is bound to, else by the volume that it was taken of. */
function claimBehind(
  content: KubeObject,
  snapshots: ReadonlyMap<string, KubeObject>,
  volumes: ReadonlyMap<string | undefined, KubeObject>,
): string | undefined {
  const namespace = string(at(content.body, 'spec', 'volumeSnapshotRef', 'namespace')) ?? ''
  const name = string(at(content.body, 'spec', 'volumeSnapshotRef', 'name')) ?? ''
  const snapshot = snapshots.get(placeOf({ namespace, name }))
  const claim = string(at(snapshot?.body, 'spec', 'source', 'persistentVolumeClaimName'))
  if (claim !== undefined) return idOf('PersistentVolumeClaim', namespace, claim)
  const handle = string(at(content.body, 'spec', 'source', 'volumeHandle'))
  const volume = handle === undefined ? undefined : volumes.get(handle)
  const bound = string(at(volume?.body, 'spec', 'claimRef', 'name'))
  return bound === undefined
    ? undefined
    : idOf('PersistentVolumeClaim', string(at(volume?.body, 'spec', 'claimRef', 'namespace')) ?? '', bound)
}
