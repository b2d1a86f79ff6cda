import { type Because, because } from './because.ts'
import type { Cluster } from './cluster.ts'
import { at, field, type Json, string, strings } from './json.ts'
import { parseSelector, selects } from './labels.ts'
import { annotationsOf, idOf, type KubeObject, labelsOf } from './object.ts'

/** A PersistentVolume behind a claim. */
export interface BoundVolume {
  readonly volume: KubeObject
  /** `unknown`: none is bound yet, and this one may be. */
  readonly truth: 'yes' | 'unknown'
  readonly because: Because
}

/**
 * What a claim is bound to, by either end's word; for one that is bound to nothing, each volume that it may be bound to
 * (pkg/controller/volume/persistentvolume). `template` is the claim where it is yet to be made.
 */
export function volumesBehind(
  cluster: Cluster,
  namespace: string,
  claim: string,
  template?: Json,
): readonly BoundVolume[] {
  const { byName, byClaim, free } = indexOf(cluster)
  const body = cluster.get(idOf('PersistentVolumeClaim', namespace, claim))?.body ?? template
  const name = string(at(body, 'spec', 'volumeName'))
  const named = name === undefined ? undefined : byName.get(name)
  const bound = new Set([...(named ? [named] : []), ...(byClaim.get(`${namespace}/${claim}`) ?? [])])
  if (bound.size > 0 || name || body === undefined)
    return [...bound].map((volume) => ({
      volume,
      truth: 'yes',
      because: because(`it is bound to PersistentVolume ${volume.name}`, volume, ['spec']),
    }))
  const found: BoundVolume[] = []
  const offers = free.get(classOf(body) ?? defaultClass(cluster)) ?? []
  const wanted = wantedOf(body)
  for (let index = firstOf(offers, wanted.bytes); index < offers.length && found.length < MOST_CANDIDATES; index++) {
    const offer = offers[index] as Offer
    if (fits(wanted, offer))
      found.push({
        volume: offer.volume,
        truth: 'unknown',
        because: because(`it may be bound to PersistentVolume ${offer.volume.name}, which is free`, offer.volume, [
          'spec',
        ]),
      })
  }
  return found
}

const MOST_CANDIDATES = 50

/** Names of the claims with this stem and an ordinal that PersistentVolumes are reserved for. */
export function reservedClaims(cluster: Cluster, namespace: string, stem: string): readonly string[] {
  return indexOf(cluster).byStem.get(`${namespace}/${stem}`) ?? []
}

/** Kinds of volumes that the kubelet mounts with a Secret, and where they name it. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  azureFile: [''],
  cephfs: ['secretRef'],
  cinder: ['secretRef'],
  csi: ['nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'],
  flexVolume: ['secretRef'],
  iscsi: ['secretRef'],
  rbd: ['secretRef'],
  scaleIO: ['secretRef'],
  storageos: ['secretRef'],
}

/** Ids of the Secrets that a node may read for a volume: VisitPVSecretNames, those that the kubelet sees. */
export function secretsBehind({ body }: KubeObject): readonly string[] {
  const spec = field(body, 'spec')
  const claimed = string(at(spec, 'claimRef', 'namespace')) ?? ''
  return Object.entries(SECRETS).flatMap(([kind, references]) => {
    const source = field(spec, kind)
    if (kind === 'azureFile')
      return secret(string(field(source, 'secretNamespace')) || claimed, field(source, 'secretName'))
    return references.flatMap((key) => {
      const reference = field(source, key)
      return secret(string(field(reference, 'namespace')) || claimed, field(reference, 'name'))
    })
  })
}

function secret(namespace: string, name: Json | undefined): readonly string[] {
  return typeof name === 'string' && name !== '' ? [idOf('Secret', namespace, name)] : []
}

interface VolumeIndex {
  readonly byName: ReadonlyMap<string, KubeObject>
  readonly byClaim: ReadonlyMap<string, readonly KubeObject[]>
  readonly byStem: ReadonlyMap<string, readonly string[]>
  /** Volumes without a claim, by their class, the smallest first. */
  readonly free: ReadonlyMap<string, readonly Offer[]>
}

const indexes = new WeakMap<Cluster, VolumeIndex>()

function indexOf(cluster: Cluster): VolumeIndex {
  const index = indexes.get(cluster) ?? makeIndex(cluster.ofKind('PersistentVolume'))
  indexes.set(cluster, index)
  return index
}

function makeIndex(volumes: readonly KubeObject[]): VolumeIndex {
  const byClaim = new Map<string, KubeObject[]>()
  const byStem = new Map<string, string[]>()
  const free = new Map<string, Offer[]>()
  const add = <T>(map: Map<string, T[]>, key: string, value: T): void => {
    const same = map.get(key)
    if (same) same.push(value)
    else map.set(key, [value])
  }
  for (const volume of volumes) {
    const reference = at(volume.body, 'spec', 'claimRef')
    const name = string(field(reference, 'name'))
    const namespace = string(field(reference, 'namespace'))
    if (!name) add(free, classOf(volume.body) ?? '', offerOf(volume))
    if (name === undefined || namespace === undefined) continue
    add(byClaim, `${namespace}/${name}`, volume)
    if (/-\d+$/.test(name)) add(byStem, `${namespace}/${name.replace(/-\d+$/, '')}`, name)
  }
  for (const offers of free.values()) offers.sort((a, b) => a.bytes - b.bytes)
  return {
    byName: new Map(volumes.map((volume) => [volume.name, volume])),
    byClaim,
    byStem,
    free,
  }
}

const CLASS = 'volume.beta.kubernetes.io/storage-class'
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'

/** What admission writes into a claim that names no class. */
function defaultClass(cluster: Cluster): string {
  const classes = cluster.ofKind('StorageClass', 'storage.k8s.io')
  return classes.find((each) => annotationsOf(each.body).get(IS_DEFAULT) === 'true')?.name ?? ''
}

function classOf(body: Json): string | undefined {
  return string(at(body, 'metadata', 'annotations', CLASS)) ?? string(at(body, 'spec', 'storageClassName'))
}

/** A free volume, as far as claims ask; one of no known size is the largest. */
interface Offer {
  readonly volume: KubeObject
  readonly bytes: number
  readonly volumeMode: string
  readonly accessModes: ReadonlySet<string>
}

const volumeModeOf = (body: Json): string => string(at(body, 'spec', 'volumeMode')) || 'Filesystem'

function offerOf(volume: KubeObject): Offer {
  return {
    volume,
    bytes: bytesOf(at(volume.body, 'spec', 'capacity', 'storage')) ?? Number.POSITIVE_INFINITY,
    volumeMode: volumeModeOf(volume.body),
    accessModes: new Set(strings(at(volume.body, 'spec', 'accessModes'))),
  }
}

interface Wanted {
  readonly bytes: number
  readonly volumeMode: string
  readonly accessModes: readonly string[]
  readonly selector: ReturnType<typeof parseSelector>
}

function wantedOf(claim: Json): Wanted {
  return {
    bytes: bytesOf(at(claim, 'spec', 'resources', 'requests', 'storage')) ?? 0,
    volumeMode: volumeModeOf(claim),
    accessModes: strings(at(claim, 'spec', 'accessModes')),
    selector: parseSelector(at(claim, 'spec', 'selector')),
  }
}

/** Where volumes of at least this size begin. */
function firstOf(offers: readonly Offer[], bytes: number): number {
  let low = 0
  let high = offers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offers[middle] as Offer).bytes < bytes) low = middle + 1
    else high = middle
  }
  return low
}

/** FindMatchingVolume of component-helpers/storage/volume, but for class and size. */
function fits(wanted: Wanted, offer: Offer): boolean {
  if (wanted.volumeMode !== offer.volumeMode) return false
  if (!wanted.accessModes.every((mode) => offer.accessModes.has(mode))) return false
  if (wanted.selector === undefined) return true
  return typeof wanted.selector !== 'string' && selects(wanted.selector, labelsOf(offer.volume.body))
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** A resource.Quantity, as far as sizes of volumes are written. */
function bytesOf(value: Json | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kKMGTPE]?)(i?)$/.exec(
    typeof value === 'number' ? String(value) : (string(value) ?? ''),
  )
  if (!match) return undefined
  const power = UNITS.indexOf((match[2] as string).toUpperCase())
  return Number(match[1]) * (match[3] === 'i' ? 1024 : 1000) ** power
}
