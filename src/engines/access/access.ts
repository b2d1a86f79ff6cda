import type { RbacPolicy } from '../../authz/policy.ts'
import { implicitGroupIds, MASTERS } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { idOf } from '../../cluster/object.ts'
import type { Edge, EdgeKind, Engine } from '../engine.ts'
import type { Known } from '../known.ts'
import { becoming } from './become.ts'
import { accessFindings, accessUnknowns } from './findings.ts'
import { policyOf } from './policy.ts'
import { type Rights, rightsOf } from './rights.ts'
import type { AccessContext, AccessRule } from './rule.ts'
import { CREDENTIAL_KINDS, credentialEdges } from './rules/credentials.ts'
import { everything, mastersEdge } from './rules/everything.ts'
import { impersonateRules } from './rules/impersonate.ts'
import { newPodRules } from './rules/new-pods.ts'
import { nodeRules } from './rules/nodes.ts'
import { podRules } from './rules/pods.ts'
import { SECRET_TOKEN_KINDS, secretTokenEdges } from './rules/secret-token.ts'
import { secretRules } from './rules/secrets.ts'
import { TOKEN_KINDS, tokenEdges } from './rules/token.ts'
import { unguardedRules } from './rules/unguarded.ts'
import { makeScopes } from './scope.ts'
import { scopeKinds } from './scopes.ts'

export { policyOf }

/** What follows from RBAC and the tokens that workloads hold: rows 1-15, 17, 18 and 37 of the union of the field. */
export const accessEngine: Engine = {
  name: 'access',
  edges: (cluster, known) => accessEdges(cluster, known).edges,
  findings: (cluster, known) => accessFindings(cluster, accessEdges(cluster, known).rights),
  unknowns: (cluster, known) => accessUnknowns(cluster, policyOf(cluster), accessEdges(cluster, known).edges),
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
  const rules = rulesFor(context)
  const ofSubject = new Map<string, { rights: Rights; edges: readonly Edge[] }>()
  const rights = rightsOf(policy, becoming(context))
  for (const subject of subjectsOf(cluster, policy)) {
    const own = rights(subject)
    ofSubject.set(subject, { rights: own, edges: edgesOf(own, context, rules) })
  }
  const steps = [...ofSubject.values()].flatMap((each) => each.edges)
  const edges = [
    ...steps,
    ...memberships(ofSubject),
    mastersEdge(),
    ...scopes.edges(),
    ...tokenEdges(cluster, known),
    ...secretTokenEdges(cluster, known),
    ...credentialEdges(cluster, known),
  ]
  const result = { edges, rights: ofSubject }
  results.set(cluster, result)
  return result
}

function rulesFor({ cluster, known, policy }: AccessContext): readonly AccessRule[] {
  const kinds = scopeKinds(cluster, known, policy)
  return [
    ...newPodRules(kinds, cluster),
    ...unguardedRules(kinds, cluster),
    ...podRules(kinds, cluster),
    ...secretRules(kinds),
    ...impersonateRules(kinds),
    ...nodeRules(kinds),
  ]
}

/** Whoever may do everything is not told each thing that follows. */
function edgesOf(rights: Rights, context: AccessContext, rules: readonly AccessRule[]): readonly Edge[] {
  const all = [...everything.edges(rights, context)]
  return all.length > 0 ? all : rules.flatMap((rule) => [...rule.edges(rights, context)])
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

/** Members lead to the groups that authentication puts them in, where such a group can do anything of note. */
function* memberships(subjects: ReadonlyMap<string, { readonly edges: readonly Edge[] }>): Generator<Edge> {
  const strong = new Set(
    [...subjects].filter(([id, { edges }]) => id.startsWith('Group/') && edges.length > 0).map(([id]) => id),
  )
  strong.add(idOf('Group', '', MASTERS))
  for (const subject of subjects.keys()) {
    for (const group of implicitGroupIds(subject)) {
      if (strong.has(group))
        yield {
          kind: 'member',
          from: subject,
          to: group,
          chance: 1,
          truth: 'yes',
          rule: '',
          because: [because('authentication puts it in this group')],
        }
    }
  }
}

const MEMBER: EdgeKind = {
  kind: 'member',
  title: 'is in',
  from: 'User, Group, ServiceAccount',
  to: 'Group',
  chance: '1',
  precondition:
    'system:authenticated, system:serviceaccounts and system:serviceaccounts:<namespace>, system:nodes, system:unauthenticated, by what the subject is; other groups of users are in no object',
  source: 'staging/src/k8s.io/apiserver/pkg/authentication/user',
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
    authorizes: unasked,
  }
  const rules = rulesFor({ cluster, known, policy: policyOf(cluster), scopes: makeScopes(cluster) })
  const kinds = [everything, ...rules].flatMap((rule) => rule.kinds)
  return [...kinds, ...TOKEN_KINDS, ...SECRET_TOKEN_KINDS, ...CREDENTIAL_KINDS, MEMBER, ...SCOPES]
}
