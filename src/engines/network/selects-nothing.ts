import type { Policy } from './policy.ts'
import type { Selection } from './selection.ts'
import { EMPTY } from './sets.ts'

/**
 * Why a policy selects none of the workloads of its namespace; undefined where it selects one, or everything, or where
 * the input shows no workload there. `population`: how many are there.
 */
export function selectsNothing(
  selection: Selection,
  { namespace, pods }: Policy,
  population: number,
): string | undefined {
  if (population === 0 || pods.length === 0 || selection.inNamespace(namespace, pods).may !== EMPTY) return undefined
  return selection.servedBy(namespace, pods).length > 0
    ? "only workloads on their node's network, which no policy can isolate"
    : `none of the ${population} workloads of namespace ${namespace}`
}
