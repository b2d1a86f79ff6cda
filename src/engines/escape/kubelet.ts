import { type Because, because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, list, string } from '../../cluster/json.ts'
import { idOf } from '../../cluster/object.ts'
import { secretsBehind } from '../../cluster/persistent-volumes.ts'
import { isMirrorPod } from '../../cluster/pod.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'
import type { Edge } from '../engine.ts'
import type { Known } from '../known.ts'
import { claimedVolumes } from './claimed.ts'

/** A Secret, or a service account's token, that pods bring to their node. */
export interface Credential {
  readonly to: string
  /** It lies in the pod's files or its environment; otherwise the kubelet may ask the API server for it. */
  readonly onDisk: boolean
  readonly truth: Edge['truth']
  readonly because: readonly Because[]
}

/** NodeRestriction compares a token's audience with the pod's volumes (KEP-4935, ServiceAccountNodeAudienceRestriction). */
const AUDIENCE_RESTRICTION_SINCE = 33

const done = new WeakMap<Workload, readonly Credential[]>()

/** Secrets that the kubelet may get, and service accounts whose tokens it may ask for, on behalf of a workload's pods. */
export function credentialsOf(cluster: Cluster, known: Known, workload: Workload): readonly Credential[] {
  const before = done.get(workload)
  if (before) return before
  const found = new Map<string, Credential>()
  const add = (credential: Credential): void => {
    const same = found.get(credential.to)
    if (!same || (credential.onDisk && !same.onDisk)) found.set(credential.to, credential)
  }
  for (const use of cluster.usesOf(workload)) {
    // A node cannot give itself rights by a mirror pod: the authorizer's graph leaves out what it names.
    if (use.kind === 'Secret' && !isMirrorPod(use.object))
      add({
        to: idOf('Secret', workload.namespace, use.name),
        onDisk: use.how !== 'imagePullSecret',
        truth: 'yes',
        because: [because(`${workload.name} uses it`, use.object, use.path)],
      })
  }
  for (const shape of workload.specs) {
    if (isMirrorPod(shape.object)) continue
    const isLive = workload.pods.some((pod) => pod.object === shape.object)
    for (const secret of secretsFor(cluster, workload, shape, isLive)) add({ ...secret, onDisk: false, truth: 'yes' })
    const token = tokenOf(cluster, known, workload, shape)
    if (token) add({ to: idOf('ServiceAccount', workload.namespace, shape.pod.serviceAccountName), ...token })
  }
  const credentials = [...found.values()]
  done.set(workload, credentials)
  return credentials
}

/** Secrets that the kubelet reads for a pod, and its processes do not see. */
function* secretsFor(
  cluster: Cluster,
  workload: Workload,
  shape: Shape,
  isLive: boolean,
): Generator<{ readonly to: string; readonly because: readonly Because[] }> {
  const { pod, object } = shape
  const own = (name: string): string => idOf('Secret', workload.namespace, name)
  for (const { name, sources, path } of pod.volumes) {
    for (const source of sources) {
      if (source.kind === 'secret')
        yield { to: own(source.name), because: [because(`volume ${name} names it`, object, path)] }
      else if (source.kind === 'other' && source.secret !== undefined)
        yield { to: own(source.secret), because: [because(`volume ${name} is mounted with it`, object, path)] }
    }
  }
  for (const { bound, because: why } of claimedVolumes(cluster, workload, shape, isLive)) {
    if (bound.truth === 'yes')
      for (const to of secretsBehind(bound.volume)) yield { to, because: [...why, bound.because] }
  }
  // Admission gives a new pod its account's pull secrets where it names none.
  if (isLive || pod.imagePullSecrets.length > 0) return
  const account = cluster.get(idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))
  for (const [index, item] of list(field(account?.body, 'imagePullSecrets')).entries()) {
    const name = string(field(item, 'name'))
    if (name !== undefined)
      yield {
        to: own(name),
        because: [because(`${workload.name} pulls its images with it`, account, ['imagePullSecrets', index])],
      }
  }
}

function tokenOf(
  cluster: Cluster,
  known: Known,
  workload: Workload,
  shape: Shape,
): Pick<Credential, 'onDisk' | 'truth' | 'because'> | undefined {
  const { pod, object } = shape
  const why = because(`${workload.name} runs as it`, object, [...pod.path, 'serviceAccountName'])
  const mounted = known.mountsToken(workload, shape)
  if (mounted.truth !== 'no') return { onDisk: true, truth: mounted.truth, because: [why] }
  if (cluster.version.minor >= AUDIENCE_RESTRICTION_SINCE && !namesAudience(cluster, shape)) return undefined
  return { onDisk: false, truth: 'yes', because: [why] }
}

/** Whether a volume that nothing mounts, or a volume's driver, is given tokens for the API server. */
function namesAudience(cluster: Cluster, { pod, object }: Shape): boolean {
  return pod.volumes.some(({ sources, path }) => {
    if (sources.some((source) => source.kind === 'token' && source.audience === undefined)) return true
    const driver = string(at(object.body, ...path, 'csi', 'driver'))
    const registered = driver === undefined ? undefined : cluster.get(idOf('CSIDriver', '', driver))
    return list(at(registered?.body, 'spec', 'tokenRequests')).some((each) => !string(field(each, 'audience')))
  })
}
