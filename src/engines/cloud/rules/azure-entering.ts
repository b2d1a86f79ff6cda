import { EVERYTHING } from '../../../authz/authorizers.ts'
import { azureRoleRules } from '../../../authz/cloud/azure-roles.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { aksOf, azureNode, covers, isAks, isSurelyAbove, namespaceOf, roleKey } from '../../../cluster/cloud/aks.ts'
import type { AksCluster } from '../../../cluster/cloud/azure-exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge } from '../../engine.ts'
import type { Answer } from '../aws/answer.ts'
import { CLUSTER } from '../azure/escalate.ts'
import { ACTIVATION } from '../azure/groups.ts'
import { type AzureHolding, type AzureWorld, azureWorld, deniedBecause, may } from '../azure/holdings.ts'
import { servesApi } from '../azure/permits.ts'
import type { Certainty, CloudContext } from '../context.ts'
import { activationEdge, noActivations } from './azure-activation.ts'
import { policyNode, ruleEdges } from './policy-reach.ts'

/** Of Azure RBAC for Kubernetes: it administers a cluster that asks Azure. */
const RBAC_ADMIN = 'azure kubernetes service rbac cluster admin'

export function* azureEnteringEdges(context: CloudContext): Generator<Edge> {
  noActivations(context)
  const world = azureWorld(context.exports.azure)
  const ours = aksOf(context.cluster, context.exports)
  const told = new Set<string>()
  for (const holding of world.holdings) {
    let isDrawn = false
    for (const edge of ours?.azureRbac === true ? policyEdges(context, world, ours, holding, told) : []) {
      isDrawn = true
      yield edge
    }
    for (const edge of credentialEdges(context, world, ours, holding)) {
      isDrawn = true
      yield edge
    }
    if (isDrawn) yield* activationEdge(context, holding)
  }
  yield* subjectEdges(context, world, ours)
}

/** Azure RBAC for Kubernetes, as a policy beside RBAC. */
function* policyEdges(
  context: CloudContext,
  { azure, denials }: AzureWorld,
  ours: AksCluster,
  { assignment, node: identity, who, because: why }: AzureHolding,
  told: Set<string>,
): Generator<Edge> {
  const { role, scope, isConditional } = assignment
  const rules = azureRoleRules(role, context.cluster.version.minor)
  const namespace = namespaceOf(scope, ours.id)
  const serves = rules ? 'all' : servesApi(assignment, azure)
  if (serves === undefined || serves === 'maybe' || !(namespace !== undefined || covers(scope, ours.id))) return
  const denied = denials.askData(who, ours.id)
  if (denied.answer === 'yes') return
  const namespaces = namespace === undefined ? undefined : [namespace]
  const node = policyNode(role, namespaces)
  const isSure = isConditional !== true && isSurelyAbove(scope) && denied.answer === 'no'
  yield {
    kind: 'holds-policy',
    from: identity,
    to: node,
    chance: 1,
    truth: isSure ? 'yes' : 'unknown',
    rule: '',
    because: [...why, ...denied.by.map(({ from }) => ({ ...from, text: `${from.text} may take it away` }))],
  }
  // A part of what an API server serves is in no table of rules.
  const known = rules ?? (serves === 'all' ? EVERYTHING : undefined)
  if (!told.has(node)) yield* ruleEdges(context, node, known, namespaces)
  told.add(node)
}

/** Roles that give an administrator’s credentials of the cluster, or run commands in it. */
function* credentialEdges(
  { cluster }: CloudContext,
  world: AzureWorld,
  ours: AksCluster | undefined,
  holding: AzureHolding,
): Generator<Edge> {
  const { assignment, node, because: why } = holding
  const { role, scope } = assignment
  if (ours ? !covers(scope, ours.id) : !isAks(cluster)) return
  const answer = givesCredentials(holding, ours, world)
  // Of a scope that may hold other things alone, a role that is not known says nothing of this cluster.
  if (answer === 'no' || (answer === 'maybe' && ours === undefined)) return
  yield {
    kind: 'cluster-credential',
    from: node,
    to: CONTROL_PLANE,
    chance: 1,
    truth: 'unknown',
    rule: role,
    because: [
      ...why,
      ...deniedBecause(holding, CLUSTER, ours?.id ?? scope, world),
      ours
        ? because('local accounts may be switched off, and Azure RBAC not be asked')
        : because('whether the scope holds this cluster is in no export'),
    ],
  }
}

function givesCredentials(holding: AzureHolding, ours: AksCluster | undefined, world: AzureWorld): Answer {
  const { assignment, who } = holding
  const resource = ours?.id ?? assignment.scope
  if (roleKey(assignment.role) === RBAC_ADMIN) {
    if (ours && !ours.azureRbac) return 'no'
    return world.denials.askData(who, resource).answer === 'yes' ? 'no' : 'yes'
  }
  const answers = CLUSTER.map((each) => may(holding, each, resource, world))
  return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'
}

const MOST_MEMBERS = 50_000

const left = new WeakMap<CloudContext, number>()

/** How many members of groups that bindings name were not looked at, once the edges were drawn. */
export function unaskedMembers(context: CloudContext): number {
  return left.get(context) ?? 0
}

/** Users and groups of Entra ID that bindings name: AKS lets users in by their names or ids, in groups by their ids. */
function* subjectEdges(context: CloudContext, world: AzureWorld, ours: AksCluster | undefined): Generator<Edge> {
  if (!isAks(context.cluster) || ours?.entra === false) return
  const truth: Certainty = ours?.entra === true ? 'yes' : 'unknown'
  const why = ours ? [ours.from] : [because('whether this cluster lets users of Entra ID in is in no export')]
  const subjects = new Map(
    context.cluster.bindings
      .flatMap(({ subjects: all }) => all)
      .filter(({ kind }) => kind === 'Group' || kind === 'User')
      .map(({ kind, name }) => [`${kind} ${name}`, { kind, name }] as const),
  )
  const users = new Map<string, { node: string; because: readonly Because[] }>()
  let asked = 0
  const edge = (from: string, to: string, sure: Certainty, own: readonly Because[]): Edge => ({
    kind: 'enters-as',
    from,
    to,
    chance: 1,
    truth: sure,
    rule: 'entra',
    because: [...own, ...why],
  })
  for (const { who, username, node, activatedBy, assignment } of world.holdings)
    if (activatedBy === undefined && who.isGroup !== true && who.id !== undefined)
      for (const name of [username, who.id]) users.set(name, { node, because: [assignment.from] })
  for (const { kind, name } of subjects.values()) {
    if (kind !== 'Group') continue
    for (const member of world.groups.membersOf(name)) {
      if (member.isGroup || asked++ >= MOST_MEMBERS) continue
      const self = azureNode(member.id, context.exports.azure)
      for (const each of [member.name ?? member.id, member.id])
        if (!users.has(each)) users.set(each, { node: self, because: member.because.slice(-1) })
      if (!member.isEligible) {
        yield edge(self, idOf('Group', '', name), truth, member.because)
        continue
      }
      const then = cloudIdentity('azure', `${idParts(self).name} once it activates membership of ${name}`)
      yield edge(then, idOf('Group', '', name), truth, member.because)
      yield* activationEdge(context, { activatedBy: self, node: then, because: [...member.because, ACTIVATION] })
    }
  }
  left.set(context, Math.max(0, asked - MOST_MEMBERS))
  for (const { kind, name } of subjects.values()) {
    const known = kind === 'User' ? users.get(name) : undefined
    if (known) yield edge(known.node, idOf('User', '', name), truth, known.because)
  }
}
