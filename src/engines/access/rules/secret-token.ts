import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Known } from '../../known.ts'

export const SECRET_TOKEN_KINDS: readonly EdgeKind[] = [
  {
    kind: 'secret-token',
    title: 'holds the token of a service account',
    from: 'Secret; where a workload has the Secret and no use of it, whoever else has it: identities, Scope secrets, workloads, User system:node:…',
    to: 'ServiceAccount',
    chance: '1',
    precondition:
      'a Secret of type kubernetes.io/service-account-token that names the account; it does not expire. It is of no use to a workload that takes other keys of it only, or whose egress does not reach the API server',
    source: 'pkg/controller/serviceaccount/tokens_controller.go',
  },
  {
    kind: 'bootstrap-token',
    title: 'joins a node to the cluster',
    from: 'Secret, as for secret-token',
    to: 'User system:node:…',
    chance: '1',
    precondition:
      'a Secret of type bootstrap.kubernetes.io/token in kube-system: its holder is given the certificate of any node',
    source: 'pkg/controller/certificates/approver/sarapprove.go',
  },
]

/** A Secret that holds what the API server takes. */
interface Token {
  readonly secret: KubeObject
  readonly kind: 'secret-token' | 'bootstrap-token'
  /** The key without which the others are of no use. */
  readonly key: string
  readonly to: readonly string[]
  readonly because: readonly Because[]
  readonly holders: readonly Holder[]
}

/** A workload whose pods refer to the Secret, and whether they can use it. */
interface Holder {
  readonly workload: Workload
  readonly truth: Truth
  readonly because: readonly Because[]
}

const tokens = new WeakMap<Cluster, ReadonlyMap<string, Token>>()

function tokensOf(cluster: Cluster, known: Known): ReadonlyMap<string, Token> {
  const all = tokens.get(cluster) ?? new Map(findTokens(cluster, known).map((token) => [token.secret.id, token]))
  tokens.set(cluster, all)
  return all
}

function findTokens(cluster: Cluster, known: Known): readonly Token[] {
  const found = cluster.ofKind('Secret').flatMap((secret) => tokenIn(secret, cluster) ?? [])
  if (found.length === 0) return []
  const holders = new Map<string, Set<Workload>>(found.map(({ secret }) => [secret.id, new Set()]))
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const { kind, name, how } of cluster.usesOf(workload))
      if (kind === 'Secret' && how !== 'imagePullSecret')
        holders.get(idOf('Secret', workload.namespace, name))?.add(workload)
  }
  return found.map((token) => ({
    ...token,
    holders: [...(holders.get(token.secret.id) ?? [])].map((workload) => holderOf(workload, token, known)),
  }))
}

function tokenIn(secret: KubeObject, cluster: Cluster): Omit<Token, 'holders'> | undefined {
  const type = string(at(secret.body, 'type'))
  if (type === 'kubernetes.io/service-account-token') {
    const annotation = 'kubernetes.io/service-account.name'
    const name = annotationsOf(secret.body).get(annotation)
    if (name === undefined) return undefined
    return {
      secret,
      kind: 'secret-token',
      key: 'token',
      to: [idOf('ServiceAccount', secret.namespace, name)],
      because: [because(`is a token of service account ${name}`, secret, ['metadata', 'annotations', annotation])],
    }
  }
  if (type !== 'bootstrap.kubernetes.io/token' || secret.namespace !== 'kube-system') return undefined
  return {
    secret,
    kind: 'bootstrap-token',
    key: 'token-secret',
    to: cluster.placement.nodes.map((node) => idOf('User', '', `system:node:${node.name}`)),
    because: [because('is a bootstrap token', secret, ['type'])],
  }
}

function holderOf(workload: Workload, { secret, key }: Omit<Token, 'holders'>, known: Known): Holder {
  const taken = whyTaken(workload, secret.name, key)
  if (!taken) return { workload, truth: 'no', because: [] }
  const reached = known.reachesApiServer(workload)
  return { workload, truth: reached.truth, because: [taken, ...reached.because] }
}

/** Why a process in a pod of the workload sees this key of the Secret. */
function whyTaken(workload: Workload, secret: string, key: string): Because | undefined {
  for (const { pod, object } of workload.specs) {
    for (const { env, envFrom } of pod.containers) {
      const variable = env.find(({ from }) => from?.kind === 'Secret' && from.name === secret && from.key === key)
      const all = envFrom.find((each) => each.kind === 'Secret' && each.name === secret)
      const path = variable?.path ?? all?.path
      if (path) return because(`takes its environment from key ${key} of Secret ${secret}`, object, path)
    }
    for (const volume of pod.volumes) {
      if (!volume.sources.some((source) => source.kind === 'secret' && source.name === secret)) continue
      const files = filesOf(at(object.body, ...volume.path), 'secret', secret, key)
      const mounts = pod.containers.flatMap((each) => each.mounts).filter((mount) => mount.volume === volume.name)
      const mount = mounts.find(({ subPath = '' }) => files.some((file) => isBelow(file, subPath)))
      if (mount) return because(`mounts key ${key} of Secret ${secret}`, object, mount.path)
    }
  }
  return undefined
}

/** The files of a volume that hold this key: `items` leaves out what it does not list. */
export function filesOf(
  volume: Json | undefined,
  kind: 'secret' | 'configMap',
  name: string,
  key: string,
): readonly string[] {
  const sources = [
    ...(at(volume, kind, kind === 'secret' ? 'secretName' : 'name') === name ? [field(volume, kind)] : []),
    ...list(at(volume, 'projected', 'sources'))
      .map((source) => field(source, kind))
      .filter((source) => field(source, 'name') === name),
  ]
  return sources.flatMap((source) => {
    const items = field(source, 'items')
    if (items === undefined || list(items).length === 0) return [key]
    return list(items).flatMap((item) => (field(item, 'key') === key ? [string(field(item, 'path')) ?? key] : []))
  })
}

/** A subPath that is made of variables may be any. */
export function isBelow(file: string, subPath: string): boolean {
  const folder = subPath.replace(/^\.?\/+|\/+$/g, '')
  return folder === '' || folder === '.' || folder.includes('$(') || file === folder || file.startsWith(`${folder}/`)
}

/** Some workload has the Secret and no sure use of it, so that what the Secret opens is drawn from those who have. */
function isApart({ holders }: Token): boolean {
  return holders.some(({ truth }) => truth !== 'yes')
}

/** What a Secret opens besides itself to identities that read it, where that is not drawn from the Secret. */
export function openedApart(
  cluster: Cluster,
  known: Known,
  secret: string,
): readonly { readonly kind: string; readonly to: string; readonly because: readonly Because[] }[] {
  const token = tokensOf(cluster, known).get(secret)
  return token && isApart(token) ? token.to.map((to) => ({ kind: token.kind, to, because: token.because })) : []
}

export function* secretTokenEdges(cluster: Cluster, known: Known): Generator<Edge> {
  for (const token of tokensOf(cluster, known).values()) {
    const edges = isApart(token) ? fromThoseWhoUse(token, cluster) : [{ from: token.secret.id }]
    for (const { from, truth = 'yes', because: why = [] } of edges)
      for (const to of token.to)
        yield {
          kind: token.kind,
          from,
          to,
          chance: 1,
          truth,
          rule: from === token.secret.id ? '' : token.secret.id,
          because: [...why, ...token.because],
        }
  }
}

interface From {
  readonly from: string
  readonly truth?: Edge['truth']
  readonly because?: readonly Because[]
}

/** The workloads that can use it, and the kubelets, which get it for pods that cannot as well. */
function fromThoseWhoUse({ holders }: Token, cluster: Cluster): readonly From[] {
  const found = new Map<string, From>()
  for (const { workload, truth, because: why } of holders) {
    if (truth !== 'no') found.set(workload.id, { from: workload.id, truth, because: why })
    for (const place of cluster.placement.placesOf(workload)) {
      const from = idOf('User', '', `system:node:${place.node.name}`)
      const runs = because(`is given it for pods of ${workload.name}`, workload.object)
      if (found.get(from)?.truth !== 'yes') found.set(from, { from, truth: place.truth, because: [runs] })
    }
  }
  return [...found.values()]
}
