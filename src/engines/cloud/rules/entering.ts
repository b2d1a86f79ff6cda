import { EVERYTHING } from '../../../authz/authorizers.ts'
import { azureRoleRules } from '../../../authz/cloud/azure-roles.ts'
import { because } from '../../../cluster/because.ts'
import { aksOf, azureNode, covers, isAks, isSurelyAbove, namespaceOf, roleKey } from '../../../cluster/cloud/aks.ts'
import type { AksCluster, AzureAssignment, AzureExports } from '../../../cluster/cloud/exports.ts'
import { idOf } from '../../../cluster/object.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import { parseSubject } from '../../../cluster/subject-text.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import { CLUSTER } from '../azure/escalate.ts'
import { permits, servesApi } from '../azure/permits.ts'
import type { CloudContext } from '../context.ts'
import { clusterRolesOf } from '../google-roles.ts'
import { POLICY_REACH_KIND, policyNode, ruleEdges, rulesOfPolicy } from './policy-reach.ts'

/** Row 50 of the union of the field. */
export const ENTERING_KINDS: readonly EdgeKind[] = [
  {
    kind: 'enters-as',
    title: 'is let into the cluster as',
    from: 'CloudIdentity',
    to: 'User, Group, ServiceAccount',
    chance: '1',
    precondition:
      'an access entry of EKS, or aws-auth where the authentication mode lets it count, names the principal; entries win. Where the mode is in no export, aws-auth is unknown',
    source: 'Amazon EKS user guide, Grant IAM users access; kubernetes-sigs/aws-iam-authenticator',
  },
  {
    kind: 'holds-policy',
    title: 'holds',
    from: 'CloudIdentity',
    to: 'AccessPolicy',
    chance: '1',
    precondition:
      'an access policy of EKS is associated with the principal (for the cluster, or for namespaces, in which `*` stands for anything), or a role of Google Cloud with container permissions is granted to it on the project of the cluster or above, and no deny policy takes them away, or a role of Azure RBAC for Kubernetes is assigned to it on the cluster, above it or in a namespace, where the cluster asks Azure',
    source: 'Amazon EKS user guide, Associate access policies; Google Kubernetes Engine, Create IAM policies',
  },
  {
    kind: 'cluster-credential',
    title: 'can fetch the credentials of',
    from: 'CloudIdentity',
    to: 'ControlPlane',
    chance: '1',
    precondition:
      'a role of Azure with listClusterAdminCredential, accessProfiles/listCredential or runcommand on the cluster, or one that administers it where it asks Azure; unknown, since local accounts may be switched off',
    source: 'Azure built-in roles for containers; az aks command invoke',
  },
  POLICY_REACH_KIND,
]

export function* enteringEdges(context: CloudContext): Generator<Edge> {
  yield* mappingEdges(context)
  yield* policyEdges(context)
  yield* googleEdges(context)
  yield* azureEdges(context)
}

function* mappingEdges(context: CloudContext): Generator<Edge> {
  for (const mapped of context.eks?.mappings ?? []) {
    const from = context.awsNode(mapped.principal)
    const edge = (to: string): Edge => ({
      kind: 'enters-as',
      from,
      to,
      chance: 1,
      truth: mapped.truth,
      rule: mapped.by,
      because: [mapped.because],
    })
    for (const group of mapped.groups) yield edge(idOf('Group', '', group))
    // Each session has a name of its own where the name is made of it: no node of the graph stands for them all.
    if (mapped.username.includes('{{') || mapped.username === '') continue
    const subject = parseSubject(`user:${mapped.username}`)
    if (subject) yield edge(subjectId(subject))
  }
}

function* policyEdges(context: CloudContext): Generator<Edge> {
  const told = new Set<string>()
  for (const { principal, policy, namespaces, truth, from } of context.eks?.associations ?? []) {
    const node = policyNode(policy, namespaces)
    yield {
      kind: 'holds-policy',
      from: context.awsNode(principal),
      to: node,
      chance: 1,
      truth,
      rule: '',
      because: [from],
    }
    if (!told.has(node)) yield* ruleEdges(context, node, rulesOfPolicy(policy), namespaces)
    told.add(node)
  }
}

function* googleEdges(context: CloudContext): Generator<Edge> {
  const told = new Set<string>()
  for (const { role, member, to, truth, rules, isCut, because: why } of clusterRolesOf(context)) {
    // What a denial leaves of a role is another policy than the role.
    const node = policyNode(
      isCut ? `${truth === 'yes' ? '' : 'perhaps '}what is left of ${role} to ${member}` : role,
      undefined,
    )
    yield { kind: 'holds-policy', from: to, to: node, chance: 1, truth, rule: '', because: [why] }
    if (!told.has(node)) yield* ruleEdges(context, node, rules, undefined)
    told.add(node)
  }
}

/** Of Azure RBAC for Kubernetes: it administers a cluster that asks Azure. */
const RBAC_ADMIN = 'azure kubernetes service rbac cluster admin'

/** Whether a role gives an administrator’s credentials of the cluster, or runs commands in it. */
function givesCredentials(assignment: AzureAssignment, ours: AksCluster | undefined, azure: AzureExports): boolean {
  if (roleKey(assignment.role) === RBAC_ADMIN) return ours === undefined || ours.azureRbac
  const answers = CLUSTER.map((each) => permits(assignment, each, azure))
  // Of a scope that may hold other things alone, a role that is not known says nothing of this cluster.
  return answers.includes('yes') || (ours !== undefined && answers.includes('maybe'))
}

function* azureEdges(context: CloudContext): Generator<Edge> {
  const { cluster, exports } = context
  const ours = aksOf(cluster, exports)
  const told = new Set<string>()
  for (const assignment of exports.azure.assignments) {
    const { principalId, role, scope, from } = assignment
    const identity = azureNode(principalId, exports.azure)
    if (ours?.azureRbac === true) {
      const rules = azureRoleRules(role, cluster.version.minor)
      const namespace = namespaceOf(scope, ours.id)
      const serves = rules ? 'all' : servesApi(assignment, exports.azure)
      if (serves !== undefined && serves !== 'maybe' && (namespace !== undefined || covers(scope, ours.id))) {
        const namespaces = namespace === undefined ? undefined : [namespace]
        const node = policyNode(role, namespaces)
        const truth = assignment.isConditional === true || !isSurelyAbove(scope) ? 'unknown' : 'yes'
        yield { kind: 'holds-policy', from: identity, to: node, chance: 1, truth, rule: '', because: [from] }
        // A part of what an API server serves is in no table of rules.
        const known = rules ?? (serves === 'all' ? EVERYTHING : undefined)
        if (!told.has(node)) yield* ruleEdges(context, node, known, namespaces)
        told.add(node)
      }
    }
    if (ours ? !covers(scope, ours.id) : !isAks(cluster)) continue
    if (!givesCredentials(assignment, ours, exports.azure)) continue
    yield {
      kind: 'cluster-credential',
      from: identity,
      to: CONTROL_PLANE,
      chance: 1,
      truth: 'unknown',
      rule: role,
      because: [
        from,
        ours
          ? because('local accounts may be switched off, and Azure RBAC not be asked')
          : because('whether the scope holds this cluster is in no export'),
      ],
    }
  }
}
