import { because } from '../../../cluster/because.ts'
import { aksOf, azureNode, covers, isSurelyAbove, roleKey } from '../../../cluster/cloud/aks.ts'
import type { AzureAssignment, AzureExports, AzureIdentity } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idOf } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import { type Answer, both, either } from '../aws/answer.ts'
import {
  ADMINISTRATION,
  AZURE_ASSETS,
  AZURE_RULES,
  type AzureAccess,
  COMMANDS,
  DEFINITION,
  ELEVATION,
} from '../azure/escalate.ts'
import { type AzureOperation, isUntold, permits } from '../azure/permits.ts'
import type { CloudContext } from '../context.ts'

export const AZURE_PRINCIPAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'azure-becomes',
    title: 'can become',
    from: 'CloudIdentity',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'a role that is assigned to it lets it assign roles at the scope, run something as the managed identity, or have the identity trust an issuer of its own; unknown where a condition or the definition of the role is not known',
    source: 'Azure RBAC, Azure built-in roles, Workload identity federation; public research on escalation in Azure',
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
      'a role that is assigned to it on the resource group of the nodes, or above it, runs commands on virtual machines or installs extensions',
    source: 'Azure virtual machines, Run command; extensions',
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
  const byNode = new Map<string, AzureAssignment[]>()
  for (const assignment of azure.assignments) {
    const node = azureNode(assignment.principalId, azure)
    const same = byNode.get(node)
    if (same) same.push(assignment)
    else byNode.set(node, [assignment])
  }
  const queue = [...new Set(reached)].filter((node) => node.startsWith('CloudIdentity/azure/'))
  const seen = new Set<string>()
  while (queue.length > 0 && seen.size < MOST) {
    const node = queue.pop() as string
    if (seen.has(node)) continue
    seen.add(node)
    const scope = /^CloudIdentity\/azure\/administrator of (.*)$/s.exec(node)?.[1]
    const found =
      scope === undefined ? ownEdges(context, node, byNode.get(node) ?? []) : administratorEdges(context, node, scope)
    for (const edge of found) {
      yield edge
      if (edge.kind === 'azure-becomes') queue.push(edge.to)
    }
  }
  left.set(context, new Set(queue.filter((node) => !seen.has(node) && byNode.has(node))).size)
}

function* administratorEdges(context: CloudContext, node: string, scope: string): Generator<Edge> {
  const { azure } = context.exports
  const why = [because('who assigns roles assigns itself those that it lacks')]
  for (const { to } of identitiesOf(azure).filter(({ id }) => covers(scope, id)))
    yield {
      kind: 'azure-becomes',
      from: node,
      to,
      chance: 1,
      truth: isSurelyAbove(scope) ? 'yes' : 'unknown',
      rule: 'administrator',
      because: why,
    }
  const ours = aksOf(context.cluster, context.exports)
  if (ours && covers(scope, ours.id))
    yield {
      kind: 'azure-cluster-access',
      from: node,
      to: CONTROL_PLANE,
      chance: 1,
      // Azure RBAC, where it is asked, takes an assignment at once; local accounts may be switched off.
      truth: ours.azureRbac && isSurelyAbove(scope) ? 'yes' : 'unknown',
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

function* ownEdges(context: CloudContext, node: string, assignments: readonly AzureAssignment[]): Generator<Edge> {
  const { azure } = context.exports
  const any = (assignment: AzureAssignment, operations: readonly AzureOperation[]): Answer =>
    operations.reduce<Answer>((found, each) => either(found, permits(assignment, each, azure)), 'no')
  const edge = (kind: string, to: string, rule: string, answer: Answer, by: readonly AzureAssignment[]): Edge => ({
    kind,
    from: node,
    to,
    chance: 1,
    truth: answer === 'yes' ? 'yes' : 'unknown',
    rule,
    because: [...new Set(by.map(({ from }) => from))],
  })
  const ours = aksOf(context.cluster, context.exports)
  const machines = ours && `/subscriptions/${ours.id.split('/')[2] ?? ''}/resourceGroups/${ours.nodeResourceGroup}`
  for (const assignment of assignments) {
    const { scope } = assignment
    const assigns = any(assignment, ADMINISTRATION)
    const elevates = scope === '/' ? both(permits(assignment, ELEVATION, azure), 'maybe') : 'no'
    // Whether a custom role may be changed rests on where else it may be assigned.
    const defines = azure.definitions.has(roleKey(assignment.role)) ? permits(assignment, DEFINITION, azure) : 'no'
    const administers = either(assigns, either(elevates, both(defines, 'maybe')))
    if (administers !== 'no')
      yield edge('azure-becomes', cloudIdentity('azure', `administrator of ${scope}`), 'assign-role', administers, [
        assignment,
      ])
    for (const [kind, accesses] of Object.entries(AZURE_ASSETS)) {
      const access = (Object.keys(accesses) as AzureAccess[]).filter(
        (each) => any(assignment, accesses[each] ?? []) !== 'no',
      )
      const answer = access.reduce<Answer>((found, each) => either(found, any(assignment, accesses[each] ?? [])), 'no')
      if (answer !== 'no')
        yield edge('azure-reaches', idOf('CloudAsset', 'azure', `${kind} ${scope}`), access.join(), answer, [
          assignment,
        ])
    }
    if (machines !== undefined && covers(scope, machines)) {
      const commands = both(any(assignment, COMMANDS), isSurelyAbove(scope) ? 'yes' : 'maybe')
      if (commands !== 'no')
        for (const each of context.cluster.placement.nodes)
          if (each.object) yield edge('azure-node-command', each.id, '', commands, [assignment])
    }
  }
  yield* identityEdges()

  /** Managed identities, by operations on them and operations elsewhere. */
  function* identityEdges(): Generator<Edge> {
    for (const { id, to } of identitiesOf(azure)) {
      if (to === node) continue
      for (const { id: rule, operations, runs } of AZURE_RULES) {
        const may = surest(
          assignments.filter(({ scope }) => covers(scope, id)),
          operations,
        )
        const run = runs ? surest(assignments, runs) : undefined
        const answer = both(may.answer, runs ? (run?.answer ?? 'no') : 'yes')
        if (answer === 'no') continue
        yield edge('azure-becomes', to, rule, answer, [...may.by, ...(run?.by ?? [])])
        break
      }
    }
  }

  function surest(among: readonly AzureAssignment[], operations: readonly AzureOperation[]) {
    let best: { answer: Answer; by: readonly AzureAssignment[] } = { answer: 'no', by: [] }
    for (const assignment of among) {
      const answer = both(any(assignment, operations), isSurelyAbove(assignment.scope) ? 'yes' : 'maybe')
      if (either(best.answer, answer) !== best.answer) best = { answer, by: [assignment] }
    }
    return best
  }
}
