import { idOf } from '../../../cluster/object.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import { parseSubject } from '../../../cluster/subject-text.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { CloudContext } from '../context.ts'
import { clusterRolesOf } from '../google-roles.ts'
import { azureEnteringEdges } from './azure-entering.ts'
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
      'an access entry of EKS, or aws-auth where the authentication mode lets it count, names the principal; entries win. Where the mode is in no export, aws-auth is unknown. AKS with Entra ID: it is the user, or in the group, that a binding names, by what exports tell of members',
    source:
      'Amazon EKS user guide, Grant IAM users access; kubernetes-sigs/aws-iam-authenticator; AKS-managed Microsoft Entra integration',
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
  yield* azureEnteringEdges(context)
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
