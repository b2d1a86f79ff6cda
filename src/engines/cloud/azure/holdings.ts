import { type Because, because } from '../../../cluster/because.ts'
import { azureNode } from '../../../cluster/cloud/aks.ts'
import type { AzureAssignment, AzureExports } from '../../../cluster/cloud/azure-exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idParts } from '../../../cluster/object.ts'
import { type Answer, both, not } from '../aws/answer.ts'
import { AzureDenials, type AzureWho } from './denials.ts'
import { ACTIVATION, AzureGroups } from './groups.ts'
import { type AzureOperation, permits } from './permits.ts'

/** A role as somebody has it: of his own, or by a group. */
export interface AzureHolding {
  readonly node: string
  readonly who: AzureWho
  /** As users of the cluster are called: the user principal name, or the id. */
  readonly username: string
  readonly assignment: AzureAssignment
  /** The groups by which it has it, and the assignment. */
  readonly because: readonly Because[]
  /** Of a role that has to be activated first: who can do so. The node is what it is then. */
  readonly activatedBy?: string
}

/** What the exports say of Azure, as questions need it. */
export interface AzureWorld {
  readonly azure: AzureExports
  readonly holdings: readonly AzureHolding[]
  readonly byNode: ReadonlyMap<string, readonly AzureHolding[]>
  /** Holdings that have to be activated, by who can do so. */
  readonly toActivate: ReadonlyMap<string, readonly AzureHolding[]>
  readonly groups: AzureGroups
  readonly denials: AzureDenials
  /** Assignments to groups, or to parts of them, whose members are not told. */
  readonly untoldGroups: readonly AzureAssignment[]
  /** Roles by groups that were not followed, since there are too many. */
  readonly left: number
}

/** Roles by groups; an organisation of 100,000 people has as many by its largest one alone. */
const MOST = 100_000

const known = new WeakMap<AzureExports, AzureWorld>()

export function azureWorld(azure: AzureExports): AzureWorld {
  const made = known.get(azure) ?? worldOf(azure)
  known.set(azure, made)
  return made
}

function worldOf(azure: AzureExports): AzureWorld {
  const groups = new AzureGroups(azure)
  const holdings: AzureHolding[] = []
  const untoldGroups: AzureAssignment[] = []
  let left = 0
  for (const assignment of azure.assignments) {
    const { principalId, principalName, isGroup, from, isEligible } = assignment
    if (!isGroup) {
      const self = { id: principalId, isGroup, name: principalName, isEligible: isEligible === true }
      holdings.push(holdingOf(self, assignment, [from], azure))
      continue
    }
    const members = groups.membersOf(principalId)
    if (members.some((each) => each.isGroup)) untoldGroups.push(assignment)
    for (const member of members) {
      if (holdings.length >= MOST) {
        left++
        continue
      }
      const name = member.id === principalId ? principalName : member.name
      const isLater = member.isEligible || isEligible === true
      holdings.push(holdingOf({ ...member, name, isEligible: isLater }, assignment, [...member.because, from], azure))
    }
  }
  const own = holdings.filter(({ activatedBy }) => activatedBy !== undefined)
  return {
    azure,
    holdings,
    byNode: Map.groupBy(holdings, ({ node }) => node),
    toActivate: Map.groupBy(own, ({ activatedBy }) => activatedBy as string),
    groups,
    denials: new AzureDenials(azure, groups),
    untoldGroups,
    left,
  }
}

interface Holder {
  readonly id: string
  readonly isGroup: boolean
  readonly name: string | undefined
  readonly isEligible: boolean
}

function holdingOf(
  { id, isGroup, name, isEligible }: Holder,
  assignment: AzureAssignment,
  why: readonly Because[],
  azure: AzureExports,
): AzureHolding {
  const self = azureNode(id, azure)
  const found = { who: { id, isGroup }, username: name ?? id, assignment }
  if (!isEligible) return { ...found, node: self, because: why }
  // One identity a role: what is activated together by one principal is not one step.
  const then = cloudIdentity(
    'azure',
    `${idParts(self).name} once it activates ${assignment.role} on ${assignment.scope}`,
  )
  return { ...found, node: then, because: [...why, ACTIVATION], activatedBy: self }
}

/** Whether somebody who has a role may do something to a resource below its scope: by the role, less what is denied. */
export function may(
  { assignment, who }: Pick<AzureHolding, 'assignment' | 'who'>,
  operation: AzureOperation,
  resource: string,
  { azure, denials }: AzureWorld,
): Answer {
  const permitted = permits(assignment, operation, azure)
  return permitted === 'no' ? 'no' : both(permitted, not(denials.ask(who, operation, resource).answer))
}

/** The sentences of an answer that a denial left open. */
export function deniedBecause(
  { who }: Pick<AzureHolding, 'who'>,
  operations: readonly AzureOperation[],
  resource: string,
  { denials }: AzureWorld,
): readonly Because[] {
  const found = new Set(operations.flatMap((each) => denials.ask(who, each, resource).by))
  return [...found].slice(0, 5).map(({ from }) => ({ ...because(`${from.text} may take it away`), ...place(from) }))
}

const place = ({ place: at }: Because): Pick<Because, 'place'> => (at ? { place: at } : {})
