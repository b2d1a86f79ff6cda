import { because } from '../../cluster/because.ts'
import type { AzureAssignment, AzureExports } from '../../cluster/cloud/azure-exports.ts'
import { NO_CLOUD } from '../../cluster/cloud/exports.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'

/** For tests: an AKS cluster of one node, and an account that is the identity `app`. */

export const from = because('an export')
export const SUB = '/subscriptions/s'
export const GROUP = `${SUB}/resourceGroups/g`
export const MACHINES = `${SUB}/resourceGroups/MC_g_k_west`
export const AKS = `${GROUP}/providers/Microsoft.ContainerService/managedClusters/k`
export const APP = 'CloudIdentity/azure/client-app'
export const BIG = 'CloudIdentity/azure/client-big'
const CLUSTER = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {azure.workload.identity/client-id: client-app}}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k_west}}
`

export function identity(name: string, group = GROUP) {
  return {
    id: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    name,
    clientId: `client-${name}`,
    principalId: `principal-${name}`,
    from,
  }
}

export function assign(role: string, scope: string, more: Partial<AzureAssignment> = {}): AzureAssignment {
  return { principalId: 'principal-app', isGroup: false, role, scope, from, ...more }
}

/** The cluster, with identities `app` and `big` unless others are given. */
export function judgeAzure(azure: Partial<AzureExports>, azureRbac = false): Judged {
  return analyseText(CLUSTER, {
    cloud: {
      ...NO_CLOUD,
      azure: {
        ...NO_CLOUD.azure,
        identities: [identity('app'), identity('big')],
        clusters: [{ id: AKS, nodeResourceGroup: 'MC_g_k_west', azureRbac, from }],
        ...azure,
      },
    },
  })
}
