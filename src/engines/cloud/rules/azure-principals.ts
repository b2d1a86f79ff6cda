import { type Because, because } from '../../../cluster/because.ts'
import { aksOf, covers, isSurelyAbove, roleKey } from '../../../cluster/cloud/aks.ts'
import type { AzureAssignment, AzureExports, AzureIdentity } from '../../../cluster/cloud/azure-exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idOf } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import { type Answer, both, either, not } from '../aws/answer.ts'
import {
  ADMINISTRATION,
  AZURE_ASSETS,
  AZURE_RULES,
  type AzureAccess,
  COMMANDS,
  DEFINITION,
  ELEVATION,
} from '../azure/escalate.ts'
import { type AzureHolding, type AzureWorld, azureWorld, deniedBecause, may } from '../azure/holdings.ts'
import { type AzureOperation, isUntold } from '../azure/permits.ts'
import type { CloudContext } from '../context.ts'
import { activationEdge } from './azure-activation.ts'

export const AZURE_PRINCIPAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'azure-becomes',
    title: 'can become',
    from: 'CloudIdentity',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'a role that is assigned to it lets it assign roles at the scope, run something as the managed identity, or have the identity trust an issuer of its own; unknown where a condition or the definition of the role is not known, or a deny assignment may take it away',
    source:
      'Azure RBAC, Deny assignments, Azure built-in roles, Workload identity federation; public research on escalation in Azure',
  },
  {
    kind: 'azure-reaches',
    title: 'may use',
    from: 'CloudIdentity',
    to: 'CloudAsset',
    chance: '1',
    precondition: 'a role that is assigned to it reads, changes or hands on what services below the scope store',
    source: 'Azure permissions reference',
  },
  {
    kind: 'azure-cluster-access',
    title: 'can give itself access to',
    from: 'CloudIdentity',
    to: 'ControlPlane',
    chance: '1',
    precondition:
      'it may assign roles on the cluster or above it, Azure Kubernetes Service RBAC Cluster Admin among them; unknown where the cluster does not ask Azure, since local accounts may be switched off',
    source: 'Azure Kubernetes Service, Use Azure RBAC for Kubernetes authorization',
  },
  {
    kind: 'azure-node-command',
    title: 'can run commands as root on',
    from: 'CloudIdentity',
    to: 'Node',
    chance: '1',
    precondition:
      'a role that is assigned to it on the resource group of the nodes, or above it, runs commands on virtual machines or installs extensions, and no deny assignment takes that away (as the lockdown of the resource group does)',
    source: 'Azure virtual machines, Run command; extensions; Azure Kubernetes Service, node resource group lockdown',
  },
]

const MOST = 500
const MOST_IDENTITIES = 500

const left = new WeakMap<CloudContext, number>()

export function unaskedAzure(context: CloudContext): number {
  return left.get(context) ?? 0
}

/** Assignments of roles whose definitions are in no export, which may permit anything. */
export function untoldRoles({ azure }: { readonly azure: AzureExports }): readonly AzureAssignment[] {
  return azure.assignments.filter((each) => isUntold(each, azure))
}

/** From the identities that others lead to: whom they become in turn, and what they reach. */
export function* azurePrincipalEdges(context: CloudContext, reached: Iterable<string>): Generator<Edge> {
  const { azure } = context.exports
  if (azure.assignments.length === 0) return
  const world = azureWorld(azure)
  const { byNode, toActivate } = world
  const queue = [...new Set(reached)].filter((node) => node.startsWith('CloudIdentity/azure/'))
  const seen = new Set<string>()
  while (queue.length > 0 && seen.size < MOST) {
    const node = queue.pop() as string
    if (seen.has(node)) continue
    seen.add(node)
    const scope = /^CloudIdentity\/azure\/administrator of (.*)$/s.exec(node)?.[1]
    const found =
      scope === undefined
        ? ownEdges(context, node, byNode.get(node) ?? [], world)
        : administratorEdges(context, node, scope, world)
    for (const edge of found) {
      yield edge
      if (edge.kind === 'azure-becomes') queue.push(edge.to)
    }
    for (const holding of toActivate.get(node) ?? []) {
      yield* activationEdge(context, holding)
      queue.push(holding.node)
    }
  }
  left.set(context, world.left + new Set(queue.filter((node) => !seen.has(node) && byNode.has(node))).size)
}

function* administratorEdges(
  context: CloudContext,
  node: string,
  scope: string,
  { azure, denials }: AzureWorld,
): Generator<Edge> {
  const why = [because('who assigns roles assigns itself those that it lacks')]
  for (const { id, to } of identitiesOf(azure).filter((each) => covers(scope, each.id))) {
    // Roles that one assigns oneself give nothing that is denied.
    const answer = AZURE_RULES.reduce<Answer>(
      (found, { operations: [first] }) => either(found, first ? not(denials.ask({}, first, id).answer) : 'no'),
      'no',
    )
    if (answer === 'no') continue
    yield {
      kind: 'azure-becomes',
      from: node,
      to,
      chance: 1,
      truth: isSurelyAbove(scope) && answer === 'yes' ? 'yes' : 'unknown',
      rule: 'administrator',
      because: why,
    }
  }
  const ours = aksOf(context.cluster, context.exports)
  if (ours && covers(scope, ours.id))
    yield {
      kind: 'azure-cluster-access',
      from: node,
      to: CONTROL_PLANE,
      chance: 1,
      // Azure RBAC, where it is asked, takes an assignment at once; local accounts may be switched off.
      truth: ours.azureRbac && isSurelyAbove(scope) && denials.askData({}, ours.id).answer === 'no' ? 'yes' : 'unknown',
      rule: 'administrator',
      because: [...why, ours.from],
    }
}

interface Known {
  readonly id: string
  readonly to: string
}

function identitiesOf({ identities }: AzureExports): readonly Known[] {
  return identities
    .filter((each): each is AzureIdentity & { id: string } => each.id !== undefined)
    .slice(0, MOST_IDENTITIES)
    .map(({ id, clientId }) => ({ id, to: cloudIdentity('azure', clientId) }))
}

function* ownEdges(
  context: CloudContext,
  node: string,
  holdings: readonly AzureHolding[],
  world: AzureWorld,
): Generator<Edge> {
  const { azure } = context.exports
  const any = (holding: AzureHolding, operations: readonly AzureOperation[], resource: string): Answer =>
    operations.reduce<Answer>((found, each) => either(found, may(holding, each, resource, world)), 'no')
  const edge = (kind: string, to: string, rule: string, answer: Answer, by: readonly Because[]): Edge => ({
    kind,
    from: node,
    to,
    chance: 1,
    truth: answer === 'yes' ? 'yes' : 'unknown',
    rule,
    because: [...new Set(by)],
  })
  const doubts = (holding: AzureHolding, operations: readonly AzureOperation[], resource: string, answer: Answer) =>
    answer === 'maybe' ? deniedBecause(holding, operations, resource, world) : []
  const ours = aksOf(context.cluster, context.exports)
  const machines = ours && `/subscriptions/${ours.id.split('/')[2] ?? ''}/resourceGroups/${ours.nodeResourceGroup}`
  for (const holding of holdings) {
    const { assignment, because: why } = holding
    const { scope } = assignment
    const assigns = any(holding, ADMINISTRATION, scope)
    const elevates = scope === '/' ? both(any(holding, [ELEVATION], scope), 'maybe') : 'no'
    // Whether a custom role may be changed rests on where else it may be assigned.
    const defines = azure.definitions.has(roleKey(assignment.role)) ? any(holding, [DEFINITION], scope) : 'no'
    const administers = either(assigns, either(elevates, both(defines, 'maybe')))
    if (administers !== 'no')
      yield edge('azure-becomes', cloudIdentity('azure', `administrator of ${scope}`), 'assign-role', administers, [
        ...why,
        ...doubts(holding, ADMINISTRATION, scope, administers),
      ])
    for (const [kind, accesses] of Object.entries(AZURE_ASSETS)) {
      const access = (Object.keys(accesses) as AzureAccess[]).filter(
        (each) => any(holding, accesses[each] ?? [], scope) !== 'no',
      )
      const asked = access.flatMap((each) => accesses[each] ?? [])
      const answer = any(holding, asked, scope)
      if (answer !== 'no')
        yield edge('azure-reaches', idOf('CloudAsset', 'azure', `${kind} ${scope}`), access.join(), answer, [
          ...why,
          ...doubts(holding, asked, scope, answer),
        ])
    }
    if (machines !== undefined && covers(scope, machines)) {
      const commands = both(any(holding, COMMANDS, machines), isSurelyAbove(scope) ? 'yes' : 'maybe')
      const by = [...why, ...doubts(holding, COMMANDS, machines, commands)]
      if (commands !== 'no')
        for (const each of context.cluster.placement.nodes)
          if (each.object) yield edge('azure-node-command', each.id, '', commands, by)
    }
  }
  yield* identityEdges()

  /** Managed identities, by operations on them and operations elsewhere. */
  function* identityEdges(): Generator<Edge> {
    for (const { id, to } of identitiesOf(azure)) {
      if (to === node) continue
      for (const { id: rule, operations, runs } of AZURE_RULES) {
        const own = surest(
          holdings.filter(({ assignment: { scope } }) => covers(scope, id)),
          operations,
          id,
        )
        const run = runs ? surest(holdings, runs) : undefined
        const answer = both(own.answer, runs ? (run?.answer ?? 'no') : 'yes')
        if (answer === 'no') continue
        yield edge('azure-becomes', to, rule, answer, [...own.by, ...(run?.by ?? [])])
        break
      }
    }
  }

  /** Without a resource anywhere, at the scope of each role. */
  function surest(among: readonly AzureHolding[], operations: readonly AzureOperation[], resource?: string) {
    let best: { answer: Answer; by: readonly Because[] } = { answer: 'no', by: [] }
    for (const holding of among) {
      const { scope } = holding.assignment
      const at = resource ?? scope
      const answer = both(any(holding, operations, at), isSurelyAbove(scope) ? 'yes' : 'maybe')
      if (either(best.answer, answer) !== best.answer)
        best = { answer, by: [...holding.because, ...doubts(holding, operations, at, answer)] }
    }
    return best
  }
}
