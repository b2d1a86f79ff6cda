import type { Cluster } from '../cluster.ts'
import type { AksCluster, AzureExports } from './azure-exports.ts'
import type { CloudExports } from './exports.ts'
import { cloudIdentity } from './identity.ts'

const LABEL = 'kubernetes.azure.com/cluster'

/** The cluster of Azure that the input is of, where an export has it: its nodes carry the resource group that it made for them. */
export function aksOf(cluster: Cluster, { azure }: CloudExports): AksCluster | undefined {
  if (azure.clusters.length === 0) return undefined
  const labels = new Set(cluster.placement.nodes.map(({ labels: own }) => own.get(LABEL)?.toLowerCase()))
  return azure.clusters.find(({ nodeResourceGroup }) => labels.has(nodeResourceGroup.toLowerCase()))
}

export function isAks(cluster: Cluster): boolean {
  return cluster.placement.nodes.some(({ labels }) => labels.has(LABEL))
}

/**
 * Whether an assignment on a scope may hold for a resource: on itself, or on what it is in. Ids of Azure know no case.
 * Which subscriptions a management group holds no export tells: see `isSurelyAbove`.
 */
export function covers(scope: string, id: string): boolean {
  const [outer, inner] = [scope.toLowerCase().replace(/\/$/, ''), id.toLowerCase()]
  if (!isSurelyAbove(scope) && inner.startsWith('/subscriptions/')) return true
  return outer === '' || inner === outer || inner.startsWith(`${outer}/`)
}

const GROUPS = '/providers/microsoft.management/managementgroups/'

/** Not of a management group. */
export function isSurelyAbove(scope: string): boolean {
  return !scope.toLowerCase().startsWith(GROUPS)
}

/** One key for a role: forms name it by its name or by its id, of which the last part is the same in every subscription. */
export function roleKey(role: string): string {
  const name = role.toLowerCase()
  const at = name.lastIndexOf('/roledefinitions/')
  const id = at < 0 ? name : name.slice(at + '/roledefinitions/'.length)
  return BUILT_IN_IDS.get(id) ?? id
}

/** Ids of built-in roles (Azure built-in roles). */
const BUILT_IN_IDS: ReadonlyMap<string, string> = new Map([
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'owner'],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', 'contributor'],
  ['acdd72a7-3385-48ef-bd42-f606fba81ae7', 'reader'],
  ['18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'user access administrator'],
  ['f58310d9-a9f6-439a-9e8d-f62e7b41a168', 'role based access control administrator'],
  ['f1a07417-d97a-45cb-824c-7a7467783830', 'managed identity operator'],
  ['e40ec5ca-96e0-45a2-b4ff-59039f2c2b59', 'managed identity contributor'],
  ['9980e02c-c2be-4d73-94e8-173b1dc7cf3c', 'virtual machine contributor'],
  ['4d97b98b-1d4f-4787-a291-c67834d212e7', 'network contributor'],
  ['0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8', 'azure kubernetes service cluster admin role'],
  ['4abbcc35-e782-43d8-92c5-2d3f1bd2253f', 'azure kubernetes service cluster user role'],
  ['ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8', 'azure kubernetes service contributor role'],
  ['b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b', 'azure kubernetes service rbac cluster admin'],
  ['3498e952-d568-435e-9b2c-8d77e338d7f7', 'azure kubernetes service rbac admin'],
  ['a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb', 'azure kubernetes service rbac writer'],
  ['7f6c6a51-bcf8-42ba-9220-52d62157d7db', 'azure kubernetes service rbac reader'],
  ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'storage blob data owner'],
  ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'storage blob data contributor'],
  ['2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', 'storage blob data reader'],
  ['17d1049b-9a84-46fb-8f53-869881c3d3ab', 'storage account contributor'],
  ['00482a5a-887f-4fb3-b363-3b7fe8e74483', 'key vault administrator'],
  ['b86a8fe4-44ce-4948-aee5-eccb2c155cd7', 'key vault secrets officer'],
  ['4633458b-17de-408a-b874-0445c86b69e6', 'key vault secrets user'],
  ['f25e0fa2-a7c8-4377-a976-54943a77a395', 'key vault contributor'],
  ['21090545-7ca7-4776-b22c-e363652d74d2', 'key vault reader'],
  ['7f951dda-4ed3-4680-a7ca-43fe172d538d', 'acrpull'],
  ['8311e382-0749-4cb8-b61a-304f252e45ec', 'acrpush'],
])

/** The namespace of a cluster that a scope is of. */
export function namespaceOf(scope: string, cluster: string): string | undefined {
  const inside = `${cluster.toLowerCase()}/namespaces/`
  return scope.toLowerCase().startsWith(inside) ? scope.slice(inside.length).toLowerCase() : undefined
}

const clients = new WeakMap<AzureExports, ReadonlyMap<string, string>>()

/** The node of a principal of Azure: its client id where an export has it, since annotations have that. */
export function azureNode(principalId: string, azure: AzureExports): string {
  const known =
    clients.get(azure) ??
    new Map([
      ...azure.servicePrincipals,
      ...azure.identities.flatMap((each) =>
        each.principalId === undefined ? [] : [[each.principalId.toLowerCase(), each.clientId] as const],
      ),
    ])
  clients.set(azure, known)
  return cloudIdentity('azure', known.get(principalId.toLowerCase()) ?? principalId)
}
