import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, boolean } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { isMirrorPod, type PodSpec } from '../../../cluster/pod.ts'
import { mountedVolumes } from '../../../cluster/uses.ts'
import type { Shape, Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Answer, Known } from '../../known.ts'

export const TOKEN_KINDS: readonly EdgeKind[] = [
  {
    kind: 'token',
    title: 'holds the token of its service account',
    from: 'workload',
    to: 'ServiceAccount',
    chance: '1',
    precondition:
      'the token is mounted (automountServiceAccountToken of the pod, else of the account, else true; or a projected token for the API server), and the pod’s egress reaches the API server. Not for mirror pods of static ones, nor where each container mounts something else in the token’s place',
    source: 'plugin/pkg/admission/serviceaccount/admission.go',
  },
]

/** Each workload leads to the service account whose token it holds, where the token is of use. */
export function* tokenEdges(cluster: Cluster, known: Known): Generator<Edge> {
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const accounts = new Map<string, readonly Because[]>()
    for (const shape of workload.specs) {
      const id = accountOf(workload, shape)
      if (accounts.has(id)) continue
      const mounted = mountedToken(cluster, workload, shape)
      if (mounted.truth === 'yes') accounts.set(id, mounted.because)
    }
    if (accounts.size === 0) continue
    const reached = known.reachesApiServer(workload)
    if (reached.truth === 'no') continue
    for (const [to, why] of accounts)
      yield {
        kind: 'token',
        from: workload.id,
        to,
        chance: 1,
        truth: reached.truth,
        rule: '',
        because: [...why, ...reached.because],
      }
  }
}

function accountOf(workload: Workload, { pod }: Shape): string {
  return idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)
}

/** Whether a pod of this shape holds a token that the API server takes. */
export function mountedToken(cluster: Cluster, workload: Workload, shape: Shape): Answer {
  const why = whyMounted(shape.pod, shape.object, cluster.get(accountOf(workload, shape)))
  return why ? { truth: 'yes', because: why } : { truth: 'no', because: [] }
}

function whyMounted(pod: PodSpec, object: KubeObject, account: KubeObject | undefined): readonly Because[] | undefined {
  for (const { volume } of mountedVolumes(pod)) {
    for (const source of volume.sources) {
      if (source.kind === 'token' && isForApiServer(source.audience))
        return [because('mounts a token for the API server', object, volume.path)]
    }
  }
  if (isMirrorPod(object) || hasTokensPlaceTaken(pod)) return undefined
  const path = [...pod.path, 'automountServiceAccountToken']
  if (pod.automountToken === false) return undefined
  if (pod.automountToken === true) return [because('its token is mounted', object, path)]
  const ofAccount = boolean(at(account?.body, 'automountServiceAccountToken'))
  if (ofAccount === false) return undefined
  return ofAccount === true
    ? [because('its service account mounts the token', account, ['automountServiceAccountToken'])]
    : [because('its token is mounted, since neither pod nor service account says otherwise', object, pod.path)]
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Admission adds the token to each container that mounts nothing at exactly this path; to ephemeral ones never. */
function hasTokensPlaceTaken(pod: PodSpec): boolean {
  return pod.containers.every(
    (container) => container.role === 'ephemeral' || container.mounts.some((mount) => mount.mountPath === TOKEN_PATH),
  )
}

/** Without an audience it is the API server's own; another audience is taken by somebody else. */
function isForApiServer(audience: string | undefined): boolean {
  return audience === undefined || /^(api|kubernetes|https:\/\/kubernetes\.default(\.svc.*)?)$/.test(audience)
}
