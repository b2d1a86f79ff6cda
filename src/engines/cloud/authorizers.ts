import type { Authorizer } from '../../authz/authorizers.ts'
import { accessPolicyRules } from '../../authz/cloud/access-policies.ts'
import { azureRoleRules } from '../../authz/cloud/azure-roles.ts'
import { type CloudGrant, cloudAuthorizer } from '../../authz/cloud/granted-authorizer.ts'
import type { CloudAuthorizerName } from '../../authz/cloud/reason.ts'
import { letsIn } from '../../cluster/aws-auth.ts'
import type { Because } from '../../cluster/because.ts'
import { because } from '../../cluster/because.ts'
import { aksOf, covers, namespaceOf } from '../../cluster/cloud/aks.ts'
import { type AwsMapped, eksOf } from '../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { principalKey } from '../../cluster/cloud/identity.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { projectOf } from './context.ts'
import { clusterRolesOf, rulesLeft } from './google-roles.ts'

/** What one authorizer of a cloud grants. */
export interface CloudGrants {
  readonly authorizer: CloudAuthorizerName
  readonly grants: readonly CloudGrant[]
}

/** What the clouds grant besides RBAC, as far as exports tell it for certain. */
export function cloudGrants(cluster: Cluster, exports: CloudExports): readonly CloudGrants[] {
  const all: readonly CloudGrants[] = [
    { authorizer: 'EKS access policies', grants: eksGrants(cluster, exports) },
    { authorizer: 'Azure RBAC', grants: aksGrants(cluster, exports) },
    { authorizer: 'GKE IAM', grants: gkeGrants(cluster, exports) },
  ]
  return all.filter(({ grants }) => grants.length > 0)
}

/** The authorizers that stand beside RBAC in the API server of a managed cluster, as far as exports tell what they allow. */
export function cloudAuthorizers(cluster: Cluster, exports: CloudExports): readonly Authorizer[] {
  const namespaces = [...cluster.namespaces.keys()]
  return cloudGrants(cluster, exports).map(({ authorizer, grants }) => cloudAuthorizer(authorizer, grants, namespaces))
}

function eksGrants(cluster: Cluster, exports: CloudExports): readonly CloudGrant[] {
  const eks = eksOf(cluster, exports)
  const byKey = new Map(eks?.mappings.map((each) => [principalKey(each.principal), each]))
  return (eks?.associations ?? []).flatMap(({ policy, principal, namespaces, from, truth }): readonly CloudGrant[] => {
    const rules = accessPolicyRules(policy)
    // Of which cluster it is, or what it allows, is not known: that is told as unknown, and grants nothing for certain.
    if (!rules || truth !== 'yes') return []
    const mapped = byKey.get(principalKey(principal))
    return [
      {
        username: mapped?.username ?? principal,
        principal,
        role: policy,
        rules,
        ...(namespaces ? { namespaces } : {}),
        because: [from],
      },
    ]
  })
}

function gkeGrants(cluster: Cluster, exports: CloudExports): readonly CloudGrant[] {
  const of = { exports, project: projectOf(cluster) }
  return [...clusterRolesOf(of)].flatMap((each): readonly CloudGrant[] => {
    if (each.truth !== 'yes' || !each.rules) return []
    const name = each.member.slice(each.member.indexOf(':') + 1)
    const isGroup = each.member.startsWith('group:')
    return [
      {
        username: name,
        principal: name,
        ...(isGroup ? { group: name, rulesTo: (requester) => rulesLeft(each, requester, of) } : {}),
        role: each.role,
        rules: each.rules,
        because: [each.because],
      },
    ]
  })
}

/** Of the cluster itself and its namespaces, where an export says that it is this one and asks Azure. */
function aksGrants(cluster: Cluster, exports: CloudExports): readonly CloudGrant[] {
  const ours = aksOf(cluster, exports)
  if (ours?.azureRbac !== true) return []
  return exports.azure.assignments.flatMap(
    ({ scope, role, principalId, principalName, isGroup, from }): readonly CloudGrant[] => {
      const rules = azureRoleRules(role, cluster.version.minor)
      const namespace = namespaceOf(scope, ours.id)
      if (!rules || !(namespace !== undefined || covers(scope, ours.id))) return []
      return [
        {
          username: principalName ?? principalId,
          principal: principalId,
          ...(isGroup ? { group: principalId } : {}),
          role,
          rules,
          ...(namespace === undefined ? {} : { namespaces: [namespace] }),
          because: [from, ours.from],
        },
      ]
    },
  )
}

/** As whom a cloud lets a user into the cluster, and in which groups. */
export interface CloudMembership {
  readonly group: string
  readonly because: Because
}

/** The groups that access entries and aws-auth give to a user, by the name that the API server knows or by its ARN. */
export function cloudGroupsOf(mappings: readonly AwsMapped[], user: string): readonly CloudMembership[] {
  return mappingsOf(mappings, user).flatMap((mapped) =>
    mapped.groups.map((group) => ({
      group,
      because: mapped.because.place ? mapped.because : because(mapped.because.text, mapped.because.object),
    })),
  )
}

/** The mappings by which a user comes in. */
export function mappingsOf(mappings: readonly AwsMapped[], user: string): readonly AwsMapped[] {
  return mappings.filter(
    (mapped) =>
      letsIn(mapped, user) !== 'no' ||
      (user.startsWith('arn:') && principalKey(mapped.principal) === principalKey(user)),
  )
}
