import { type Authorizer, EVERYTHING } from '../../authz/authorizers.ts'
import { accessPolicyRules } from '../../authz/cloud/access-policies.ts'
import { azureRoleRules } from '../../authz/cloud/azure-roles.ts'
import { type CloudGrant, cloudAuthorizer } from '../../authz/cloud/granted-authorizer.ts'
import type { CloudAuthorizerName } from '../../authz/cloud/reason.ts'
import type { Requester } from '../../authz/subjects.ts'
import { letsIn } from '../../cluster/aws-auth.ts'
import type { Because } from '../../cluster/because.ts'
import { because } from '../../cluster/because.ts'
import { aksOf, covers, isAks, isSurelyAbove, namespaceOf } from '../../cluster/cloud/aks.ts'
import type { AksCluster } from '../../cluster/cloud/azure-exports.ts'
import { type AwsMapped, eksOf } from '../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { principalKey } from '../../cluster/cloud/identity.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type AzureHolding, type AzureWorld, azureWorld } from './azure/holdings.ts'
import { servesApi } from './azure/permits.ts'
import { type Certainty, projectOf } from './context.ts'
import { clusterRolesOf, rulesLeft } from './google-roles.ts'

/** What one authorizer of a cloud grants. */
export interface CloudGrants {
  readonly authorizer: CloudAuthorizerName
  readonly grants: readonly CloudGrant[]
}

/** What the clouds grant besides RBAC: for certain, or (`unknown`) as far as what exports do not tell may have it. */
export function cloudGrants(cluster: Cluster, exports: CloudExports, truth: Certainty = 'yes'): readonly CloudGrants[] {
  const all: readonly CloudGrants[] = [
    { authorizer: 'EKS access policies', grants: eksGrants(cluster, exports, truth) },
    { authorizer: 'Azure RBAC', grants: aksGrants(cluster, exports, truth) },
    { authorizer: 'GKE IAM', grants: gkeGrants(cluster, exports, truth) },
  ]
  return all.filter(({ grants }) => grants.length > 0)
}

/** The authorizers that stand beside RBAC in the API server of a managed cluster, as far as exports tell what they allow. */
export function cloudAuthorizers(
  cluster: Cluster,
  exports: CloudExports,
  truth: Certainty = 'yes',
): readonly Authorizer[] {
  const namespaces = [...cluster.namespaces.keys()]
  return cloudGrants(cluster, exports, truth).map(({ authorizer, grants }) =>
    cloudAuthorizer(authorizer, grants, namespaces),
  )
}

function eksGrants(cluster: Cluster, exports: CloudExports, wanted: Certainty): readonly CloudGrant[] {
  const eks = eksOf(cluster, exports)
  const byKey = new Map(eks?.mappings.map((each) => [principalKey(each.principal), each]))
  return (eks?.associations ?? []).flatMap(({ policy, principal, namespaces, from, truth }): readonly CloudGrant[] => {
    const rules = accessPolicyRules(policy)
    // Of which cluster it is, or what it allows, is not known: that is told as unknown, and grants nothing for certain.
    if ((rules ? truth : 'unknown') !== wanted) return []
    const mapped = byKey.get(principalKey(principal))
    return [
      {
        username: mapped?.username ?? principal,
        principal,
        role: policy,
        rules: rules ?? EVERYTHING,
        ...(namespaces ? { namespaces } : {}),
        because: [from],
      },
    ]
  })
}

function gkeGrants(cluster: Cluster, exports: CloudExports, truth: Certainty): readonly CloudGrant[] {
  const of = { exports, project: projectOf(cluster) }
  return [...clusterRolesOf(of)].flatMap((each): readonly CloudGrant[] => {
    if (each.truth !== truth) return []
    const name = each.member.slice(each.member.indexOf(':') + 1)
    const isGroup = each.member.startsWith('group:')
    const ending = endingOf(each.member)
    return [
      {
        username: name,
        principal: name,
        ...(isGroup ? { group: name } : {}),
        ...(ending === undefined ? {} : { ending }),
        ...(truth === 'yes' && (isGroup || ending !== undefined)
          ? { rulesTo: (requester) => rulesLeft(each, requester, of) }
          : {}),
        role: each.role,
        rules: each.rules ?? EVERYTHING,
        because: [each.because],
      },
    ]
  })
}

/** How the names of the users end that a member stands for, where they are not known one by one. */
function endingOf(member: string): string | undefined {
  if (member === 'allUsers' || member === 'allAuthenticatedUsers') return ''
  return member.startsWith('domain:') ? `@${member.slice('domain:'.length).toLowerCase()}` : undefined
}

/** Of the cluster itself and its namespaces, where an export says that it is this one and asks Azure. */
function aksGrants(cluster: Cluster, exports: CloudExports, wanted: Certainty): readonly CloudGrant[] {
  const ours = aksOf(cluster, exports)
  if (ours?.azureRbac !== true) return []
  const world = azureWorld(exports.azure)
  const groups = exports.azure.assignments
    .filter(({ isGroup }) => isGroup)
    .map((assignment): GrantedRole => {
      const { principalId: id, principalName, isEligible, from } = assignment
      const role = { assignment, who: { id, isGroup: true }, username: principalName ?? id, because: [from] }
      return isEligible === true ? { ...role, activatedBy: id } : role
    })
  // Who is in a group has what the group has; what has to be activated nobody has.
  const own = world.holdings.filter(
    ({ who, activatedBy, assignment }) => who.isGroup !== true && (!assignment.isGroup || activatedBy !== undefined),
  )
  return [...groups, ...own].flatMap((role) => aksGrant(role, cluster, ours, world, wanted))
}

type GrantedRole = Pick<AzureHolding, 'assignment' | 'who' | 'username' | 'because' | 'activatedBy'>

function aksGrant(
  { assignment, who, username, because: why, activatedBy }: GrantedRole,
  cluster: Cluster,
  ours: AksCluster,
  { azure, denials, groups }: AzureWorld,
  wanted: Certainty,
): readonly CloudGrant[] {
  const { scope, role, principalId } = assignment
  const serves = servesApi(assignment, azure)
  const rules = azureRoleRules(role, cluster.version.minor) ?? (serves === 'all' ? EVERYTHING : undefined)
  const namespace = namespaceOf(scope, ours.id)
  if (!(rules || serves) || !(namespace !== undefined || covers(scope, ours.id))) return []
  const denied = denials.askData(who, ours.id).answer
  if (denied === 'yes') return []
  const isSure =
    rules !== undefined &&
    assignment.isConditional !== true &&
    isSurelyAbove(scope) &&
    activatedBy === undefined &&
    denied === 'no'
  if ((isSure ? 'yes' : 'unknown') !== wanted) return []
  const mayHave = ({ user }: Requester): boolean =>
    groups.idsOf(user).every((id) => denials.askData({ id }, ours.id).answer === 'no')
  return [
    {
      username,
      principal: who.id ?? principalId,
      ...(who.isGroup === true ? { group: principalId } : {}),
      ...(who.isGroup === true && isSure && azure.denials.length > 0
        ? { rulesTo: (requester) => (mayHave(requester) ? (rules ?? []) : []) }
        : {}),
      role,
      rules: rules ?? EVERYTHING,
      ...(namespace === undefined ? {} : { namespaces: [namespace] }),
      because: [...why, ours.from],
    },
  ]
}

/** The groups of Entra ID that exports have a user of AKS in, by the ids by which bindings name them. */
export function azureGroupsOf(cluster: Cluster, exports: CloudExports, user: string): readonly CloudMembership[] {
  if (exports.azure.members.length === 0 || !isAks(cluster) || aksOf(cluster, exports)?.entra === false) return []
  const { groups } = azureWorld(exports.azure)
  return groups.idsOf(user).flatMap((id) => [...groups.groupsOf(id)].map(([group, from]) => ({ group, because: from })))
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
