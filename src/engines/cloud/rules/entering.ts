import { because } from '../../../cluster/because.ts'
import { aksOf, covers, isAks } from '../../../cluster/cloud/aks.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idOf } from '../../../cluster/object.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import { parseSubject } from '../../../cluster/subject-text.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
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
      'an access policy of EKS is associated with the principal (for the cluster, or for namespaces, in which `*` stands for anything), or a role of Google Cloud with container permissions is granted to it',
    source: 'Amazon EKS user guide, Associate access policies; Google Kubernetes Engine, Create IAM policies',
  },
  {
    kind: 'cluster-credential',
    title: 'can fetch the credentials of',
    from: 'CloudIdentity',
    to: 'ControlPlane',
    chance: '1',
    precondition:
      'a role of Azure with listClusterAdminCredential, or one of Azure Kubernetes Service that administers the cluster',
    source: 'Azure built-in roles for containers',
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
  for (const { role, to, truth, rules, because: why } of clusterRolesOf(context)) {
    const node = policyNode(role, undefined)
    yield { kind: 'holds-policy', from: to, to: node, chance: 1, truth, rule: '', because: [why] }
    if (!told.has(node)) yield* ruleEdges(context, node, rules, undefined)
    told.add(node)
  }
}

const AZURE_ADMIN: ReadonlySet<string> = new Set([
  'owner',
  'contributor',
  'azure kubernetes service cluster admin role',
  'azure kubernetes service contributor role',
  'azure kubernetes service rbac cluster admin',
])

function* azureEdges({ cluster, exports }: CloudContext): Generator<Edge> {
  const ours = aksOf(cluster, exports)
  const clients = new Map(
    exports.azure.identities.flatMap(({ principalId, clientId }) =>
      principalId === undefined ? [] : [[principalId.toLowerCase(), clientId] as const],
    ),
  )
  for (const { principalId, role, scope, from } of exports.azure.assignments) {
    if (!AZURE_ADMIN.has(role.toLowerCase())) continue
    if (ours ? !covers(scope, ours.id) : !isAks(cluster)) continue
    yield {
      kind: 'cluster-credential',
      from: cloudIdentity('azure', clients.get(principalId.toLowerCase()) ?? principalId),
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
