import { isFor } from '../../../authz/cloud/granted-authorizer.ts'
import { because } from '../../../cluster/because.ts'
import { eksOf } from '../../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { principalKey } from '../../../cluster/cloud/identity.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Holding } from '../../../engines/access/holdings/holding.ts'
import type { Membership } from '../../../engines/access/questions/view.ts'
import { cloudGrants, cloudGroupsOf, mappingsOf } from '../../../engines/cloud/authorizers.ts'

/**
 * What a cloud gives to users of these names besides objects of the cluster: access entries of EKS and their policies, IAM
 * roles of Google Cloud, role assignments of Azure (those of groups as well, which name a group by its id). No object of the
 * cluster ends them.
 */
export function cloudHoldings(
  cluster: Cluster,
  cloud: CloudExports,
  names: readonly string[],
  groups: readonly string[],
): { readonly items: readonly Holding[]; readonly memberships: readonly Membership[] } {
  const eks = eksOf(cluster, cloud)
  const mapped = new Set(names.flatMap((name) => mappingsOf(eks?.mappings ?? [], name)))
  const entries = [...mapped].filter(({ by, isForNodes }) => by === 'access entry' && !isForNodes)
  const principals = new Set([...entries.map(({ principal }) => principal), ...names].map(principalKey))
  const asked = names.length > 0 ? names : ['']
  const besideEks = cloudGrants(cluster, cloud).flatMap(({ authorizer, grants }) =>
    authorizer === 'EKS access policies'
      ? []
      : grants.flatMap((grant) =>
          asked.some((user) => isFor(grant, { user, groups })) ? [{ authorizer, grant }] : [],
        ),
  )
  const holding = (title: string, why: Holding['because'], settle?: string): Holding => ({
    kind: 'cloud-mapping',
    title,
    because: why,
    places: [],
    ends: 'remaining',
    ...(settle === undefined ? {} : { settle }),
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
      ...besideEks.map(({ authorizer, grant: { role, principal, group, namespaces, because: why } }) =>
        holding(
          `${group === undefined ? principal : `group ${group}`} has the role ${role}${namespaces ? ` in ${namespaces.join(', ')}` : ''}`,
          [...why, because(`${authorizer} stands beside RBAC`)],
          `take the role from it in ${authorizer === 'GKE IAM' ? 'Google Cloud' : 'Azure'}`,
        ),
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
