import type { Edge, EdgeKind } from '../../engine.ts'
import type { AzureHolding } from '../azure/holdings.ts'
import type { CloudContext } from '../context.ts'

export const AZURE_ACTIVATION_KIND: EdgeKind = {
  kind: 'azure-activates',
  title: 'can activate',
  from: 'CloudIdentity',
  to: 'CloudIdentity',
  chance: '1',
  precondition:
    'it is eligible for a role, or for membership of a group that has one, and does not have it until it activates it; unknown, since activation may need somebody’s approval',
  source: 'Microsoft Entra Privileged Identity Management, Azure resource roles',
}

const drawn = new WeakMap<CloudContext, Set<string>>()

/** Of a graph that is begun anew. */
export function noActivations(context: CloudContext): void {
  drawn.delete(context)
}

/** From who can activate a role to what it is then; once in a graph. */
export function* activationEdge(
  context: CloudContext,
  { activatedBy, node, because }: Pick<AzureHolding, 'activatedBy' | 'node' | 'because'>,
): Generator<Edge> {
  if (activatedBy === undefined) return
  const seen = drawn.get(context) ?? new Set<string>()
  drawn.set(context, seen)
  const key = `${activatedBy} ${node}`
  if (seen.has(key)) return
  seen.add(key)
  yield { kind: 'azure-activates', from: activatedBy, to: node, chance: 1, truth: 'unknown', rule: '', because }
}
