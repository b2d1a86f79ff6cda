import { because } from '../../../cluster/because.ts'
import { eksOf } from '../../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { principalKey } from '../../../cluster/cloud/identity.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Holding } from '../../../engines/access/holdings/holding.ts'
import type { Membership } from '../../../engines/access/questions/view.ts'
import { cloudGroupsOf, mappingsOf } from '../../../engines/cloud/authorizers.ts'

/**
 * What a cloud gives to users of these names besides objects of the cluster: access entries of EKS and their policies. No
 * object of the cluster ends them.
 */
export function cloudHoldings(
  cluster: Cluster,
  cloud: CloudExports,
  names: readonly string[],
): { readonly items: readonly Holding[]; readonly memberships: readonly Membership[] } {
  const eks = eksOf(cluster, cloud)
  const mapped = new Set(names.flatMap((name) => mappingsOf(eks?.mappings ?? [], name)))
  const entries = [...mapped].filter(({ by, isForNodes }) => by === 'access entry' && !isForNodes)
  const principals = new Set([...entries.map(({ principal }) => principal), ...names].map(principalKey))
  const holding = (title: string, why: Holding['because']): Holding => ({
    kind: 'cloud-mapping',
    title,
    because: why,
    places: [],
    ends: 'remaining',
  })
  return {
    items: [
      ...entries.map((entry) =>
        holding(
          `${entry.principal} is let in by an access entry${entry.groups.length === 0 ? '' : `, in ${entry.groups.join(', ')}`}`,
          [entry.because],
        ),
      ),
      ...(eks?.associations ?? [])
        .filter(({ principal }) => principals.has(principalKey(principal)))
        .map(({ policy, principal, namespaces, from }) =>
          holding(`${principal} holds the access policy ${policy}${namespaces ? ` in ${namespaces.join(', ')}` : ''}`, [
            from,
            because('access policies stand beside RBAC'),
          ]),
        ),
    ],
    memberships: names.flatMap((name) =>
      cloudGroupsOf(entries, name).map(
        ({ group, because: { place } }): Membership => ({
          group,
          from: 'cloud',
          ...(place ? { place } : {}),
        }),
      ),
    ),
  }
}
