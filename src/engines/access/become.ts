import { idParts } from '../../cluster/object.ts'
import type { Become } from './gains.ts'
import { probe } from './probe.ts'
import { allows, type Right, type Rights } from './rights.ts'
import type { AccessContext } from './rule.ts'
import { podsNamed, takingPods } from './rules/pods.ts'
import { templateResources } from './rules/templates.ts'
import { tokenEdges } from './rules/token.ts'

const IMPERSONATE = probe('impersonate', '', 'users')
const AS_ACCOUNT = [probe('impersonate', '', 'serviceaccounts'), probe('create', '', 'serviceaccounts/token')]

/**
 * By which one right a subject can be another: its token or impersonation, pods of its account, or new ones. Asked only
 * where a right over what the other holds is of no use to the subject itself.
 */
export function becoming({ cluster, known }: Pick<AccessContext, 'cluster' | 'known'>): Become {
  const named = podsNamed(cluster)
  const taking = takingPods(cluster)
  const creating = templateResources(cluster).map((each) => each.creating)
  let holders: Map<string, Set<string>> | undefined
  const holdersOf = (account: string): ReadonlySet<string> => {
    if (!holders) {
      holders = new Map()
      for (const { from, to, truth } of tokenEdges(cluster, known))
        if (truth === 'yes') holders.set(to, (holders.get(to) ?? new Set()).add(from))
    }
    return holders.get(account) ?? new Set()
  }
  const byPods = (rights: Rights, account: string, namespace: string): Right | undefined => {
    const workloads = holdersOf(account)
    if (workloads.size === 0) return undefined
    return rights
      .in(namespace, ...taking)
      .find(({ names }) => !names || names.some((name) => named(namespace, name).some((id) => workloads.has(id))))
  }
  return (rights, other) => {
    const { kind, namespace, name } = idParts(other)
    if (kind === 'User') return rights.in('', IMPERSONATE).find((right) => allows(right, name))
    if (kind !== 'ServiceAccount') return undefined
    return (
      rights.in(namespace, ...AS_ACCOUNT).find((right) => allows(right, name)) ??
      rights.in(namespace, ...creating).find((right) => right.names === undefined) ??
      byPods(rights, other, namespace)
    )
  }
}
