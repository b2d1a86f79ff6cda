import type { Cluster } from '../cluster.ts'
import type { AksCluster, AzureExports, CloudExports } from './exports.ts'
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

/** Whether an assignment on a scope holds for a resource: on itself, or on what it is in. Ids of Azure know no case. */
export function covers(scope: string, id: string): boolean {
  const [outer, inner] = [scope.toLowerCase().replace(/\/$/, ''), id.toLowerCase()]
  return outer === '' || inner === outer || inner.startsWith(`${outer}/`)
}

/** The namespace of a cluster that a scope is of. */
export function namespaceOf(scope: string, cluster: string): string | undefined {
  const inside = `${cluster.toLowerCase()}/namespaces/`
  return scope.toLowerCase().startsWith(inside) ? scope.slice(inside.length).toLowerCase() : undefined
}

const clients = new WeakMap<AzureExports, ReadonlyMap<string, string>>()

/** The node of a principal of Azure: the client id of a managed identity where an export has it, since annotations have that. */
export function azureNode(principalId: string, azure: AzureExports): string {
  const known =
    clients.get(azure) ??
    new Map(
      azure.identities.flatMap((each) =>
        each.principalId === undefined ? [] : [[each.principalId.toLowerCase(), each.clientId] as const],
      ),
    )
  clients.set(azure, known)
  return cloudIdentity('azure', known.get(principalId.toLowerCase()) ?? principalId)
}
