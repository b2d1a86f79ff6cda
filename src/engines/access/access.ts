import type { RbacPolicy } from '../../authz/policy.ts'
import { AUTHENTICATED } from '../../authz/subjects.ts'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { idOf } from '../../cluster/object.ts'
import type { Edge, EdgeKind, Engine } from '../engine.ts'
import type { Known } from '../known.ts'
import { becoming } from './become.ts'
import { accessFindings, accessUnknowns } from './findings.ts'
import { gainsByPosing } from './gains.ts'
import { makingOf } from './making.ts'
import { bareEdges, groupsOf, isStrong, MEMBER_KINDS, memberEdges } from './memberships.ts'
import { policyOf } from './policy.ts'
import { poses } from './posing.ts'
import { type Held, type Rights, rightsOf } from './rights.ts'
import type { AccessContext, AccessRule } from './rule.ts'
import { accountRules } from './rules/accounts.ts'
import { admissionRules } from './rules/admission.ts'
import { ANONYMOUS_KINDS, anonymousEdges } from './rules/anonymous.ts'
import { certificateRules } from './rules/certificates.ts'
import { DNS_KINDS, dnsEdges, dnsRules } from './rules/cluster-dns.ts'
import { CREDENTIAL_KINDS, credentialEdges } from './rules/credentials.ts'
import { deputyRules } from './rules/deputies.ts'
import { everything, mastersEdge } from './rules/everything.ts'
import { execTokenRule } from './rules/exec-tokens.ts'
import { extensionRules } from './rules/extensions.ts'
import { guardRules } from './rules/guards.ts'
import { HOLDER_KINDS, holderEdges } from './rules/holders.ts'
import { impersonateRules } from './rules/impersonate.ts'
import { newPodRules } from './rules/new-pods.ts'
import { NODE_POSING_KINDS, nodePosingEdges } from './rules/node-posing.ts'
import { nodeRules } from './rules/nodes.ts'
import {
  OPEN_CREDENTIAL_KINDS,
  openCredentialEdges,
  readConfigRules,
  waitingCredentials,
} from './rules/open-credentials.ts'
import { OPENED_KIND, openingRules } from './rules/openings.ts'
import { outageRules } from './rules/outage.ts'
import { podRules } from './rules/pods.ts'
import { SECRET_TOKEN_KINDS, secretTokenEdges } from './rules/secret-token.ts'
import { secretRules } from './rules/secrets.ts'
import { sendersOf, sendingRules } from './rules/sending.ts'
import { serviceRules, type Traffic, trafficOf } from './rules/services.ts'
import { snapshotRules } from './rules/snapshots.ts'
import { snippetRules } from './rules/snippets.ts'
import { TOKEN_KINDS, tokenEdges } from './rules/token.ts'
import { unguardedRules } from './rules/unguarded.ts'
import { volumeRules } from './rules/volumes.ts'
import { WEBHOOK_KINDS, webhookEdges } from './rules/webhooks.ts'
import { makeScopes } from './scope.ts'
import { type ScopeKinds, scopeKinds } from './scopes.ts'

/** What follows from RBAC and the tokens that workloads hold. */
export const accessEngine: Engine = {
  name: 'access',
  edges: (cluster, known) => accessEdges(cluster, known).edges,
  findings: (cluster, known) => accessFindings(cluster, accessEdges(cluster, known).rights),
  *unknowns(cluster, known) {
    yield* accessUnknowns(cluster, policyOf(cluster), accessEdges(cluster, known).edges)
    yield* waitingCredentials(cluster, known)
  },
}

interface AccessResult {
  readonly edges: readonly Edge[]
  readonly rights: ReadonlyMap<string, { readonly rights: Rights; readonly edges: readonly Edge[] }>
}

const results = new WeakMap<Cluster, AccessResult>()

function accessEdges(cluster: Cluster, known: Known): AccessResult {
  const done = results.get(cluster)
  if (done) return done
  const policy = policyOf(cluster)
  const scopes = makeScopes(cluster)
  const context: AccessContext = { cluster, known, policy, scopes }
  const kinds = scopeKinds(cluster, known, policy)
  const traffic = trafficOf(kinds, cluster, known)
  const rules = rulesFor(context, kinds, traffic)
  const ofSubject = new Map<string, { rights: Rights; edges: readonly Edge[] }>()
  const become = becoming(context)
  const more = (own: Rights): readonly Held[] => gainsByPosing(own, policy, become)
  const rights = rightsOf(policy, become, more, groupsOf(known))
  const bare = rightsOf(policy, become, more, () => [idOf('Group', '', AUTHENTICATED)])
  for (const subject of subjectsOf(cluster, policy)) {
    const own = rights(subject)
    ofSubject.set(subject, { rights: own, edges: edgesOf(own, context, rules) })
  }
  const bound = [...ofSubject.keys()].filter((subject) => policy.bindingsOf(subject).length > 0)
  const steps = [...ofSubject.values()].flatMap((each) => each.edges)
  const tokens = [...tokenEdges(cluster, known)]
  // Before the scopes are told, of which it may ask for one.
  const opened = [...openCredentialEdges(kinds, context)]
  const edges = [
    ...steps,
    ...memberEdges(ofSubject, known),
    ...bareEdges(bound, known, ofSubject, (user) => edgesOf(bare(user), context, rules)),
    ...anonymousEdges(cluster, known, isStrong(ofSubject)),
    mastersEdge(),
    ...webhookEdges(cluster, kinds, scopes),
    ...dnsEdges(kinds, traffic, scopes),
    ...holderEdges(tokens, (subject) => ofSubject.get(subject)?.rights, kinds, context),
    ...nodePosingEdges({ tokens, rights: ofSubject, kinds, context, rules }),
    ...scopes.edges(),
    ...tokens,
    ...secretTokenEdges(cluster, known),
    ...credentialEdges(cluster, known),
    ...opened,
  ]
  const result = { edges, rights: ofSubject }
  results.set(cluster, result)
  return result
}

function rulesFor(
  { cluster, known, policy }: AccessContext,
  kinds: ScopeKinds,
  traffic: Traffic,
): readonly AccessRule[] {
  const making = makingOf(kinds, cluster)
  return [
    ...newPodRules(kinds, cluster),
    ...unguardedRules(kinds, cluster),
    ...podRules(kinds, cluster),
    execTokenRule(cluster, known),
    ...secretRules(kinds),
    ...readConfigRules(kinds),
    ...impersonateRules(kinds),
    ...nodeRules(kinds),
    ...certificateRules(kinds),
    ...admissionRules(kinds, cluster),
    ...extensionRules(kinds, cluster),
    ...deputyRules(kinds, cluster),
    ...accountRules(cluster, policy),
    ...guardRules(kinds, cluster, making),
    ...volumeRules(kinds, making),
    ...snapshotRules(making),
    ...sendingRules(cluster, making, sendersOf(kinds, known)),
    ...serviceRules(cluster, making, traffic),
    ...openingRules(cluster, making, known),
    ...dnsRules(kinds, cluster, traffic),
    ...snippetRules(cluster),
    ...outageRules(kinds, cluster, making),
  ]
}

/** Whoever may do everything is not told each thing that follows. */
function edgesOf(rights: Rights, context: AccessContext, rules: readonly AccessRule[]): readonly Edge[] {
  const all = [...everything.edges(rights, context)]
  if (all.length > 0) return all
  const own = [rights, ...poses(rights, context.policy).map((pose) => pose.rights)]
  return own.flatMap((each) => rules.flatMap((rule) => [...rule.edges(each, context)]))
}

function subjectsOf(cluster: Cluster, policy: RbacPolicy): ReadonlySet<string> {
  const subjects = new Set(policy.subjects.keys())
  for (const node of cluster.placement.nodes) subjects.add(idOf('User', '', `system:node:${node.name}`))
  for (const account of cluster.ofKind('ServiceAccount')) subjects.add(account.id)
  for (const workload of cluster.workloads)
    for (const { pod } of workload.specs)
      subjects.add(idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))
  return subjects
}

const SCOPES: readonly EdgeKind[] = [
  {
    kind: 'contains',
    title: 'include',
    from: 'Scope',
    to: 'what the scope holds',
    chance: '1',
    precondition: 'a scope is what one right opens all at once: every Secret of a namespace, every pod of the cluster',
    source: 'of this product',
  },
  {
    kind: 'new-privileged-pod',
    title: 'can be privileged, and take a node of their choice',
    from: 'Scope new-pods',
    to: 'Scope nodes',
    chance: '1',
    precondition:
      'Pod Security and other admission let a privileged pod be created in the namespace; the pod chooses its node',
    source: 'k8s.io/pod-security-admission',
  },
  {
    kind: 'new-privileged-container',
    title: 'can be privileged, and take the node',
    from: 'Scope new-containers',
    to: 'Node',
    chance: '1',
    precondition:
      'admission lets a privileged ephemeral container be added in the namespace, and the pod is neither in a user namespace nor in a sandbox',
    source: 'k8s.io/pod-security-admission',
  },
  {
    kind: 'new-pod-host-volume',
    title: 'can mount a path of their node',
    from: 'Scope new-pods',
    to: 'Scope nodes, or Node',
    chance: '1',
    precondition:
      'a claim of the namespace is bound to a PersistentVolume that is a path of the table of host paths, and no privileged pod is sure to be admitted; unknown where the namespace is restricted',
    source: 'kubernetes.io/docs/concepts/security/pod-security-standards',
  },
  {
    kind: 'new-pod-sends',
    title: 'send as pods of any labels',
    from: 'Scope new-pods',
    to: 'Reach',
    chance: '1',
    precondition: 'none: a new pod is in the network of its namespace, and its labels are its maker’s to choose',
    source: 'k8s.io/api networking/v1 types.go',
  },
  {
    kind: 'answers-for',
    title: 'are answered in place of',
    from: 'Scope traffic of services, Scope traffic to the outside, Scope requests for names of …',
    to: 'workload, External',
    chance: '0.1, or 0.02 for a service outside, which TLS mostly keeps',
    precondition:
      'a Service of the namespace leads to the workload; a workload calls the service outside; an Ingress or route of the name leads to the workload',
    source: 'docs/reference/risk.md',
  },
  OPENED_KIND,
  {
    kind: 'forwards-to',
    title: 'are forwarded from',
    from: 'Scope ports',
    to: 'workload',
    chance: '0.1, or 0.02 where no port is declared',
    precondition: 'the workload runs in the namespace',
    source: 'pkg/kubelet/server',
  },
  {
    kind: 'proxies-to',
    title: 'are proxied from',
    from: 'Scope proxied-ports, service-ports',
    to: 'workload',
    chance: '0.1, or 0.02 where no port is declared',
    precondition: 'network policies admit the API server',
    source: 'pkg/registry/core/pod/rest',
  },
  {
    kind: 'masters',
    title: 'may do everything',
    from: 'Group system:masters',
    to: 'ControlPlane',
    chance: '1',
    precondition: 'none',
    source: 'pkg/kubeapiserver/authorizer',
  },
]

/** Every kind of edge of this engine, as the docs and the paths name it. The rules are made for a cluster without objects. */
export function accessKinds(): readonly EdgeKind[] {
  const cluster = buildCluster({ objects: [] })
  const unasked = (): never => {
    throw new Error('an empty cluster asks nothing')
  }
  const known: Known = {
    reachesApiServer: unasked,
    controlPlaneReaches: unasked,
    admits: unasked,
    isWalled: unasked,
    reaches: unasked,
    dependencies: { services: [], external: [], unknown: [], registryCredentials: [] },
    isStore: unasked,
    mountsToken: unasked,
    applicationOf: unasked,
    guards: unasked,
    guardsAgainst: unasked,
    openings: unasked,
    hostVolumes: unasked,
    nodeReads: unasked,
    chosenLabels: unasked,
    authorizes: unasked,
    reachesAddress: unasked,
    exposures: unasked,
    facesOutside: unasked,
    policy: unasked,
  }
  const policy = policyOf(cluster)
  const kindsOf = scopeKinds(cluster, known, policy)
  const traffic = trafficOf(kindsOf, cluster, known)
  const rules = rulesFor({ cluster, known, policy, scopes: makeScopes(cluster) }, kindsOf, traffic)
  const kinds = [everything, ...rules].flatMap((rule) => rule.kinds)
  return [
    ...kinds,
    ...TOKEN_KINDS,
    ...SECRET_TOKEN_KINDS,
    ...CREDENTIAL_KINDS,
    ...OPEN_CREDENTIAL_KINDS,
    ...WEBHOOK_KINDS,
    ...ANONYMOUS_KINDS,
    ...DNS_KINDS,
    ...HOLDER_KINDS,
    ...NODE_POSING_KINDS,
    ...MEMBER_KINDS,
    ...SCOPES,
  ]
}
