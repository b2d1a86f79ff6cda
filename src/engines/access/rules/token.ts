import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, boolean, string } from '../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import type { PodSpec } from '../../../cluster/pod.ts'
import { mountedVolumes } from '../../../cluster/uses.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Known } from '../../known.ts'

export const TOKEN_KINDS: readonly EdgeKind[] = [
  {
    kind: 'token',
    title: 'holds the token of its service account',
    from: 'workload',
    to: 'ServiceAccount',
    chance: '1',
    precondition:
      'the token is mounted (automountServiceAccountToken of the pod, else of the account, else true; or a projected token for the API server), and the pod’s egress reaches the API server',
    source: 'plugin/pkg/admission/serviceaccount/admission.go',
  },
  {
    kind: 'secret-token',
    title: 'holds the token of a service account',
    from: 'Secret',
    to: 'ServiceAccount',
    chance: '1',
    precondition: 'a Secret of type kubernetes.io/service-account-token that names the account; it does not expire',
    source: 'pkg/controller/serviceaccount/tokens_controller.go',
  },
  {
    kind: 'bootstrap-token',
    title: 'joins a node to the cluster',
    from: 'Secret',
    to: 'User system:node:…',
    chance: '1',
    precondition:
      'a Secret of type bootstrap.kubernetes.io/token in kube-system: its holder is given the certificate of any node',
    source: 'pkg/controller/certificates/approver/sarapprove.go',
  },
]

/** Each workload leads to the service account whose token it holds, where the token is of use. */
export function* tokenEdges(cluster: Cluster, known: Known): Generator<Edge> {
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const accounts = new Map<string, readonly Because[]>()
    for (const { pod, object } of workload.specs) {
      const id = idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)
      if (!accounts.has(id)) {
        const why = mountsToken(pod, object, cluster.get(id))
        if (why) accounts.set(id, why)
      }
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

/** Why the pod holds a token that the API server takes; undefined when it holds none. */
export function mountsToken(
  pod: PodSpec,
  object: KubeObject,
  account: KubeObject | undefined,
): readonly Because[] | undefined {
  for (const { volume } of mountedVolumes(pod)) {
    for (const source of volume.sources) {
      if (source.kind === 'token' && isForApiServer(source.audience))
        return [because('mounts a token for the API server', object, volume.path)]
    }
  }
  const path = [...pod.path, 'automountServiceAccountToken']
  if (pod.automountToken === false) return undefined
  if (pod.automountToken === true) return [because('its token is mounted', object, path)]
  const ofAccount = boolean(at(account?.body, 'automountServiceAccountToken'))
  if (ofAccount === false) return undefined
  return ofAccount === true
    ? [because('its service account mounts the token', account, ['automountServiceAccountToken'])]
    : [because('its token is mounted, since neither pod nor service account says otherwise', object, pod.path)]
}

/** Without an audience it is the API server's own; another audience is taken by somebody else. */
function isForApiServer(audience: string | undefined): boolean {
  return audience === undefined || /^(api|kubernetes|https:\/\/kubernetes\.default(\.svc.*)?)$/.test(audience)
}

export function* secretTokenEdges(cluster: Cluster): Generator<Edge> {
  for (const secret of cluster.ofKind('Secret')) {
    const type = string(at(secret.body, 'type'))
    if (type === 'kubernetes.io/service-account-token') {
      const name = annotationsOf(secret.body).get('kubernetes.io/service-account.name')
      if (name === undefined) continue
      const why = [
        because(`is a token of service account ${name}`, secret, [
          'metadata',
          'annotations',
          'kubernetes.io/service-account.name',
        ]),
      ]
      yield {
        kind: 'secret-token',
        from: secret.id,
        to: idOf('ServiceAccount', secret.namespace, name),
        chance: 1,
        truth: 'yes',
        rule: '',
        because: why,
      }
    } else if (type === 'bootstrap.kubernetes.io/token' && secret.namespace === 'kube-system') {
      for (const node of cluster.placement.nodes) {
        yield {
          kind: 'bootstrap-token',
          from: secret.id,
          to: idOf('User', '', `system:node:${node.name}`),
          chance: 1,
          truth: 'yes',
          rule: '',
          because: [because('is a bootstrap token', secret, ['type'])],
        }
      }
    }
  }
}

/** Whether the workload holds a token at all, and of which account: for findings and for nodes. */
export function accountsOf(workload: Workload): readonly string[] {
  return [
    ...new Set(workload.specs.map(({ pod }) => idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))),
  ]
}
