import { isConstrainedByDefault } from '../../../authz/impersonation.ts'
import { everythingRule } from '../../../authz/rules.ts'
import { NODES } from '../../../authz/subjects.ts'
import { because } from '../../../cluster/because.ts'
import type { ClusterNode } from '../../../cluster/node.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import type { Place } from '../../../cluster/placement.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import { AUTHENTICATION, isApart, limited, type NodeMode, namesPosing } from '../posing.ts'
import { type Probe, probe, probes } from '../probe.ts'
import { allows, type Held, isOwnStep, type Right, type Rights, rightsFrom, ruleId, whyRight } from '../rights.ts'
import type { AccessContext, AccessRule } from '../rule.ts'
import { type Member, ONLY, type ScopeKind } from '../scope.ts'
import type { ScopeKinds } from '../scopes.ts'

/**
 * Constrained impersonation of nodes (KEP-5284), and what the Node authorizer then gives. `associated-node` is for service
 * accounts whose token names the node that is to be impersonated; the API server asks for the right over nodes with the name
 * `*` (apiserver/pkg/endpoints/filters/impersonation/mode.go), so that a rule that names nodes is not enough.
 */

const SOURCE = 'staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation; plugin/pkg/auth/authorizer/node'
const NEEDS =
  'from 1.36, `impersonate:associated-node` on `nodes` of authentication.k8s.io (for all names, or `*`), and `impersonate-on:associated-node:get` (`list`, `watch`) on the Secret, or `:create` on serviceaccounts/token of the account'

export const NODE_POSING_KINDS: readonly EdgeKind[] = [
  {
    kind: 'pose-as-own-node',
    title: 'acts as the node that it runs on, which is given',
    from: 'workload',
    to: 'Scope of what its node is given; what RBAC lets nodes do',
    chance: '1',
    precondition: `its service account may: ${NEEDS}. Its token is of a pod, and names the pod’s node; the Node authorizer gives a node what its pods use, as for node-reads`,
    source: SOURCE,
  },
  {
    kind: 'pose-as-node',
    title: 'acts as a node, which is given',
    from: 'User, Group, ServiceAccount',
    to: 'Scope of what nodes are given',
    chance: '1',
    precondition: `from 1.36, \`impersonate:arbitrary-node\` on \`nodes\` of authentication.k8s.io, for all or by name, and \`impersonate-on:arbitrary-node:…\` on what is read; or the right to make tokens of a service account that may act as its own node, which are bound to any node that is named`,
    source: SOURCE,
  },
  {
    kind: 'new-pod-poses',
    title: 'act as the node that they choose, which is given',
    from: 'Scope new-pods',
    to: 'Scope of what nodes are given',
    chance: '1',
    precondition:
      'a service account of the namespace may act as its own node: a new pod has its token, and names its node',
    source: SOURCE,
  },
]

const BE: Readonly<Record<NodeMode, Probe>> = {
  'associated-node': probe('impersonate:associated-node', AUTHENTICATION, 'nodes'),
  'arbitrary-node': probe('impersonate:arbitrary-node', AUTHENTICATION, 'nodes'),
}
const READ: Readonly<Record<NodeMode, readonly Probe[]>> = {
  'associated-node': on('associated-node', ['get', 'list', 'watch'], 'secrets'),
  'arbitrary-node': on('arbitrary-node', ['get', 'list', 'watch'], 'secrets'),
}
const ASK: Readonly<Record<NodeMode, readonly Probe[]>> = {
  'associated-node': on('associated-node', ['create'], 'serviceaccounts/token'),
  'arbitrary-node': on('arbitrary-node', ['create'], 'serviceaccounts/token'),
}
const MINT = probe('create', '', 'serviceaccounts/token')

function on(mode: NodeMode, verbs: readonly string[], resource: string): readonly Probe[] {
  return probes(
    verbs.map((verb) => `impersonate-on:${mode}:${verb}`),
    '',
    [resource],
  )
}

export interface NodePosing {
  readonly tokens: readonly Edge[]
  readonly rights: ReadonlyMap<string, { readonly rights: Rights }>
  readonly kinds: ScopeKinds
  readonly context: AccessContext
  /** What follows from rights of any subject. */
  readonly rules: readonly AccessRule[]
}

export function* nodePosingEdges(asked: NodePosing): Generator<Edge> {
  const { context, rights, kinds } = asked
  if (!isConstrainedByDefault(context.policy.minor)) return
  let made: Given | undefined
  const givenOf = (): Given => {
    made ??= givenToNodes(context)
    return made
  }
  const posers = new Map<string, Poser>()
  for (const [subject, { rights: own }] of rights) {
    if (!own.held.some(({ role }) => namesPosing(role)) || mayAll(own)) continue
    yield* arbitrary(own, givenOf(), context)
    const poser = subject.startsWith('ServiceAccount/') ? poserOf(own, 'associated-node', isForEachNode) : undefined
    if (!poser) continue
    posers.set(subject, poser)
    const { namespace } = idParts(subject)
    yield {
      kind: 'new-pod-poses',
      from: context.scopes.of(kinds.newPods, namespace),
      to: context.scopes.of(givenOf().ofAnyNode(poser), ONLY),
      chance: 1,
      truth: 'yes',
      rule: `${subject} ${ruleId(...poser.be)}`,
      because: [because(`a new pod may run as ${subject}, on a node of its choice`), ...poser.be.flatMap(whyRight)],
    }
  }
  if (posers.size === 0) return
  yield* minted(posers, asked, givenOf())
  for (const token of asked.tokens) {
    const poser = posers.get(token.to)
    const workload = context.cluster.workload(token.from)
    if (poser && workload) yield* ownNode(poser, token, workload, asked, givenOf())
  }
}

function mayAll({ held }: Rights): boolean {
  return held.some(({ namespace, role }) => namespace === '' && everythingRule(role.rules) >= 0)
}

/** Who may be a node, and what it may then do. */
interface Poser {
  readonly rights: Rights
  readonly mode: NodeMode
  readonly be: readonly Right[]
}

function poserOf(rights: Rights, mode: NodeMode, isWanted: (right: Right) => boolean): Poser | undefined {
  const be = rights.in('', BE[mode]).find(isWanted)
  return be && { rights, mode, be: [be] }
}

/** The request is asked for with the name `*`, whichever node it is. */
function isForEachNode(right: Right): boolean {
  return allows(right, '*')
}

/** Rights to read this Secret, or to ask for this account's token, as the node. */
function onRights({ rights, mode }: Poser, id: string): readonly Right[] {
  const { kind, namespace, name } = idParts(id)
  const asked = kind === 'Secret' ? READ[mode] : kind === 'ServiceAccount' ? ASK[mode] : []
  return rights.in(namespace, ...asked).filter((right) => allows(right, name) && isApart(right))
}

interface Given {
  ofNode(poser: Poser, node: ClusterNode): ScopeKind
  ofAnyNode(poser: Poser): ScopeKind
}

/** What nodes are given for the sake of their pods: of those that were seen there one by one, of others by where they may be. */
function givenToNodes({ cluster, known: { nodeReads } }: AccessContext): Given {
  const live = new Map<string, Workload[]>()
  const alike = new Map<readonly Place[], Workload[]>()
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const seen = new Set(workload.pods.map(({ node }) => node).filter((node) => node !== ''))
    for (const node of seen) push(live, node, workload)
    if (seen.size > 0) continue
    const places = cluster.placement.placesOf(workload)
    push(alike, places, workload)
  }
  const groups = [...alike].map(([places, workloads], index) => ({
    index,
    workloads,
    truths: new Map(places.map(({ node, truth }) => [node.id, cluster.placement.seen ? truth : 'unknown'] as const)),
  }))
  const credentials = function* (poser: Poser, workloads: readonly Workload[]): Generator<Member> {
    const told = new Set<string>()
    for (const workload of workloads)
      for (const read of nodeReads(workload)) {
        const [right] = onRights(poser, read.to)
        if (!right || told.has(read.to)) continue
        told.add(read.to)
        yield {
          to: read.to,
          truth: workload.replicas === 0 ? 'unknown' : read.truth,
          because: [...whyRight(right), ...read.because],
        }
      }
  }
  const name = ({ rights, mode }: Poser, what: string): string =>
    `given to ${what}, as whom ${rights.subject} acts (${mode})`
  const known = new Map<string, ScopeKind & { readonly isEmpty: boolean }>()
  const ofGroup = (poser: Poser, { index, workloads }: (typeof groups)[number]) => {
    const own = name(poser, `nodes of pods placed alike (${index + 1})`)
    let kind = known.get(own)
    if (!kind) {
      const members = [...credentials(poser, workloads)]
      kind = { name: own, members: () => members, isEmpty: members.length === 0 }
      known.set(own, kind)
    }
    return kind
  }
  const ofNode = (poser: Poser, node: ClusterNode): ScopeKind => ({
    name: name(poser, `node ${node.name}`),
    *members(_, scopes) {
      yield* credentials(poser, live.get(node.name) ?? [])
      for (const group of groups) {
        const truth = group.truths.get(node.id)
        if (truth === undefined) continue
        const kind = ofGroup(poser, group)
        if (kind.isEmpty) continue
        yield {
          to: scopes.of(kind, ONLY),
          truth,
          because: [
            because(`pods that were not seen ${truth === 'yes' ? 'run' : 'may run'} on ${node.name}`, node.object),
          ],
        }
      }
    },
  })
  return {
    ofNode,
    ofAnyNode: (poser) => ({
      name: name(poser, 'any node'),
      *members(_, scopes) {
        for (const node of cluster.placement.nodes)
          yield {
            to: scopes.of(ofNode(poser, node), ONLY),
            because: [because(`${node.name} may be chosen`, node.object)],
          }
      },
    }),
  }
}

function push<K>(all: Map<K, Workload[]>, key: K, workload: Workload): void {
  const same = all.get(key)
  if (same) same.push(workload)
  else all.set(key, [workload])
}

/** By name, or any: of what is over a group alone, the group is told. */
function* arbitrary(rights: Rights, given: Given, { cluster, scopes }: AccessContext): Generator<Edge> {
  const mode = 'arbitrary-node'
  const reading = ['', ...rights.namespaces]
    .flatMap((place) => rights.in(place, ...READ[mode], ...ASK[mode]))
    .filter(isApart)
  for (const be of rights.in('', BE[mode])) {
    const own = reading.filter((right) => isOwnStep(rights.subject, [be, right]))
    if (own.length === 0) continue
    const poser: Poser = { rights, mode, be: [be] }
    const edge = {
      kind: 'pose-as-node',
      from: rights.subject,
      chance: 1,
      truth: 'yes',
      rule: ruleId(be),
      because: whyRight(be),
    } as const
    if (be.names === undefined) yield { ...edge, to: scopes.of(given.ofAnyNode(poser), ONLY) }
    for (const name of be.names ?? []) {
      const node = cluster.placement.nodes.find((each) => each.name === name)
      if (node) yield { ...edge, to: scopes.of(given.ofNode(poser, node), ONLY) }
    }
  }
}

/** Whoever makes tokens of such an account binds them to a node of its choice (TokenRequest, boundObjectRef). */
function* minted(posers: ReadonlyMap<string, Poser>, { rights, context }: NodePosing, given: Given): Generator<Edge> {
  for (const [subject, { rights: own }] of rights) {
    if (mayAll(own)) continue
    for (const [account, poser] of posers) {
      const { namespace, name } = idParts(account)
      for (const mint of own.in(namespace, MINT)) {
        if (!allows(mint, name) || !isOwnStep(subject, [mint])) continue
        yield {
          kind: 'pose-as-node',
          from: subject,
          to: context.scopes.of(given.ofAnyNode(poser), ONLY),
          chance: 1,
          truth: 'yes',
          rule: `${ruleId(mint)} ${account} ${ruleId(...poser.be)}`,
          because: [...whyRight(mint), ...poser.be.flatMap(whyRight)],
        }
      }
    }
  }
}

function* ownNode(
  poser: Poser,
  token: Edge,
  workload: Workload,
  { context, rules }: NodePosing,
  given: Given,
): Generator<Edge> {
  const { cluster, policy, scopes } = context
  const rule = `${token.to} ${ruleId(...poser.be)}`
  const places = cluster.placement.placesOf(workload)
  const personas: Held[] = []
  const add = (holder: string): void => {
    for (const binding of policy.bindingsOf(holder)) {
      const role = policy.roleOf(binding)
      if (role) personas.push({ role, namespace: binding.namespace, holder, by: binding })
    }
  }
  add(idOf('Group', '', NODES))
  for (const { node, truth } of places) {
    yield {
      kind: 'pose-as-own-node',
      from: workload.id,
      to: scopes.of(given.ofNode(poser, node), ONLY),
      chance: 1,
      truth: truth === 'yes' ? token.truth : 'unknown',
      rule,
      because: [
        because(`a pod of ${workload.name} runs on ${node.name}`, workload.object),
        ...token.because,
        ...poser.be.flatMap(whyRight),
      ],
    }
    if (truth === 'yes') add(idOf('User', '', `system:node:${node.name}`))
  }
  if (personas.length === 0) return
  // As a right of the account alone, whoever it was given to, since only its pods can use it.
  const alone = rightsFrom(
    workload.id,
    poser.rights.held.map((held) => ({ ...held, holder: workload.id })),
  )
  const own = poserOf(alone, 'associated-node', isForEachNode)?.be ?? []
  const posed = limited(alone, 'associated-node', new Map(personas.map((held) => [held, own])))
  const told = new Set<string>()
  for (const each of rules)
    for (const edge of each.edges(posed, context)) {
      const key = `${edge.kind} ${edge.to} ${edge.rule}`
      if (edge.from !== workload.id || told.has(key)) continue
      told.add(key)
      yield {
        ...edge,
        truth: edge.truth === 'yes' ? token.truth : edge.truth,
        because: [...token.because, ...edge.because],
      }
    }
}
