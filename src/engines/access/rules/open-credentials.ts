import { MASTERS, NODES } from '../../../authz/subjects.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import {
  credentialsInConfigMaps,
  kubeconfigKeys,
  mayHoldCredential,
  type OpenCredential,
  openCredentials,
} from '../../../cluster/credentials/open-credentials.ts'
import { givenTo, type Value } from '../../../cluster/external/values.ts'
import { at } from '../../../cluster/json.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import type { Container } from '../../../cluster/pod.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import type { Shape, Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind, Unknown } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { dateText } from '../dates.ts'
import { bareUser } from '../memberships.ts'
import { probes } from '../probe.ts'
import { type AccessContext, type AccessRule, placesOf, step } from '../rule.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'
import { filesOf, isBelow } from './secret-token.ts'

/** Credentials of this cluster that lie in ConfigMaps, variables and arguments, and Secrets that are called kubeconfigs. */

export const OPEN_CREDENTIAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'open-credential',
    title: 'holds, where others read it, a credential of',
    from: 'ConfigMap, workload; Secret, by the name of its keys',
    to: 'User, Group, ServiceAccount; Scope identities where it cannot be told whose it is',
    chance: '1',
    precondition:
      'a kubeconfig, a client certificate with its key, or a token of a service account lies in a ConfigMap, a variable or an argument (in base64 as well), and has not ended; a certificate counts from its first day. Whose it is: the common name and organizations of the certificate, the claims of the token; anybody’s, of the key of an authority that signs certificates of clients. Not of another cluster, by the authorities in extension-apiserver-authentication (over those that lie beside it) and kube-root-ca.crt, the server’s name and the uid of the account, and unknown where these do not tell, nor the audience of a token; unknown as well for a plugin that is given a secret, a token that says nothing, a key that is encrypted, and a Secret with a key named kubeconfig, of which no value is kept. A plugin that asks as whoever runs it gives nothing. A workload needs a way to the API server',
    source: 'staging/src/k8s.io/apiserver/pkg/authentication/request/x509; pkg/serviceaccount/claims.go',
  },
]

const READ = probes(['get', 'list', 'watch'], '', ['configmaps'])

/** Who may read the ConfigMaps in which credentials lie. */
export function readConfigRules(kinds: ScopeKinds): readonly AccessRule[] {
  return [
    {
      kinds: [
        {
          kind: 'read-config',
          title: 'reads a ConfigMap in which a credential lies',
          from: 'User, Group, ServiceAccount',
          to: 'ConfigMap',
          chance: '1',
          precondition:
            '`get`, `list` or `watch` on `configmaps`, for all or by name, and one of them holds a credential of this cluster (open-credential)',
          source: 'staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go',
        },
      ],
      *edges(rights, { cluster, known, scopes }: AccessContext) {
        const held = credentialsInConfigMaps(cluster, known.asOf)
        if (held.size === 0) return
        const places = new Set([...held.keys()].map((id) => idParts(id).namespace))
        for (const { namespace, right } of placesOf(rights, ...READ)) {
          const within = scopes.within(namespace).filter((each) => places.has(each))
          if (within.length === 0) continue
          if (right.names === undefined)
            yield step('read-config', rights, scopes.of(kinds.openConfigs, namespace), [right])
          for (const name of right.names ?? [])
            for (const each of within) {
              const id = idOf('ConfigMap', each, name)
              if (held.has(id)) yield step('read-config', rights, id, [right])
            }
        }
      },
    },
  ]
}

export function* openCredentialEdges(kinds: ScopeKinds, context: AccessContext): Generator<Edge> {
  const { cluster, known } = context
  const inMaps = credentialsInConfigMaps(cluster, known.asOf)
  for (const [id, credentials] of inMaps)
    for (const credential of credentials) yield* leading(id, credential, 'yes', [], kinds, context)
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const own = ofWorkload(workload, cluster, known, inMaps)
    if (own.length === 0) continue
    const reached = known.reachesApiServer(workload)
    if (reached.truth === 'no') continue
    for (const credential of own)
      yield* leading(workload.id, credential, reached.truth, reached.because, kinds, context)
  }
  for (const secret of cluster.ofKind('Secret'))
    for (const key of kubeconfigKeys(secret))
      yield {
        kind: 'open-credential',
        from: secret.id,
        to: context.scopes.of(kinds.identities, ONLY),
        chance: 1,
        truth: 'unknown',
        rule: key,
        because: [
          because(`its key ${key} is called a kubeconfig; of the value nothing is kept, nor whose it is`, secret, [
            'data',
            key,
          ]),
        ],
      }
}

/** Credentials that lie open and count from a later time: no path is drawn by them until then. */
export function* waitingCredentials(cluster: Cluster, known: Known): Generator<Unknown> {
  const { asOf } = known
  if (asOf === undefined) return
  const always: Known = { ...known, asOf: undefined }
  const inMaps = credentialsInConfigMaps(cluster, undefined)
  const all = [
    ...[...inMaps.values()].flat(),
    ...cluster.workloads.flatMap((each) => (each.finished ? [] : ofWorkload(each, cluster, always, inMaps))),
  ]
  const waiting = new Map<string, OpenCredential & { readonly from: number }>()
  for (const each of all)
    if (each.from !== undefined && each.from > asOf)
      waiting.set(`${each.object.id} ${each.path.join('.')} ${each.title}`, { ...each, from: each.from })
  if (waiting.size === 0) return
  const first = Math.min(...[...waiting.values()].map(({ from }) => from))
  yield {
    id: 'credentials-not-begun',
    message: `credentials lie where others read them and are not valid before a later day, the first before ${dateText(first)}; no path is drawn by them until then`,
    count: waiting.size,
    because: [...waiting.values()].map(({ title, from, object, path }) =>
      because(`${title}, not valid before ${dateText(from)}`, object, path),
    ),
    settle: 'take them out of the objects that hold them, or scan again after that day',
  }
}

/** What its containers are given: each container by itself, and each credential once. */
function ofWorkload(
  workload: Workload,
  cluster: Cluster,
  known: Known,
  inMaps: ReadonlyMap<string, readonly OpenCredential[]>,
): readonly OpenCredential[] {
  const found = new Map<string, OpenCredential>()
  const add = (credential: OpenCredential): void => {
    found.set(`${credential.object.id} ${credential.path.join('.')} ${credential.title}`, credential)
  }
  const used = cluster
    .usesOf(workload)
    .flatMap(({ kind, name }) =>
      kind === 'ConfigMap' ? [inMaps.get(idOf('ConfigMap', workload.namespace, name)) ?? []] : [],
    )
  const hasMap = used.some((each) => each.length > 0)
  // Binary data are files alone, and no variables.
  const binary = used.flat().filter(({ path }) => path[0] === 'binaryData')
  for (const shape of workload.specs)
    for (const container of shape.pod.containers) {
      const literals = [...container.env.map(({ value = '' }) => value), ...container.command, ...container.args]
      for (const credential of binary) if (isMounted(credential, container, shape)) add(credential)
      if (!hasMap && !literals.some(mayHoldCredential)) continue
      const values = givenTo(container, shape, workload, cluster).values.filter(
        (value) => !value.isFile || isMounted(value, container, shape),
      )
      for (const credential of openCredentials(values.map(textOf), cluster, known.asOf)) add(credential)
    }
  return [...found.values()]
}

/** Of a ConfigMap that is mounted, `items` and a subPath leave files out. */
function isMounted(
  { object: map, path }: Pick<Value, 'object' | 'path'>,
  { mounts }: Container,
  { pod, object }: Shape,
): boolean {
  const key = String(path.at(-1))
  return pod.volumes.some((volume) => {
    const files = filesOf(at(object.body, ...volume.path), 'configMap', map.name, key)
    return mounts.some(
      (mount) => mount.volume === volume.name && files.some((file) => isBelow(file, mount.subPath ?? '')),
    )
  })
}

function textOf({ key, text, object, path }: Value) {
  return { key, text, object, path }
}

function* leading(
  from: string,
  credential: OpenCredential,
  reached: Edge['truth'],
  more: readonly Because[],
  kinds: ScopeKinds,
  { known, policy, scopes }: AccessContext,
): Generator<Edge> {
  const { title, as, truth, why, until, object, path } = credential
  const ends = until === undefined ? '' : `, until ${dateText(until)}`
  const doubt = why === undefined ? '' : ` (not known: ${why})`
  const rule = `${object.id} ${path.join('.')} ${title}`
  const edge = (to: string): Edge => ({
    kind: 'open-credential',
    from,
    to,
    chance: 1,
    truth: truth === 'yes' ? reached : 'unknown',
    rule,
    because: [because(`${title}${ends}${doubt}`, object, path), ...more],
  })
  if (!as || as === 'anybody') {
    yield edge(scopes.of(kinds.identities, ONLY))
    if (as) yield edge(idOf('Group', '', MASTERS))
    return
  }
  if ('account' in as) {
    yield edge(as.account)
    return
  }
  const user = subjectId({ kind: 'User', name: as.user, namespace: '' })
  const isNode = as.user.startsWith('system:node:')
  // Its groups are those of the certificate, whatever a directory says of the name.
  if (isNode ? as.groups.includes(NODES) : policy.bindingsOf(user).length > 0)
    yield edge(isNode ? user : bareUser(user, known))
  for (const group of new Set(as.groups)) {
    const id = idOf('Group', '', group)
    if (group === MASTERS || (policy.bindingsOf(id).length > 0 && !(isNode && group === NODES))) yield edge(id)
  }
}
