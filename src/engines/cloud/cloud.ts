import type { CloudExports } from '../../cluster/cloud/exports.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { EdgeKind, Engine } from '../engine.ts'
import type { Known } from '../known.ts'
import { type CloudContext, contextOf } from './context.ts'
import { cloudFindings } from './findings.ts'
import { ACCOUNT_KINDS, accountEdges } from './rules/accounts.ts'
import { AUTH_MAP_KIND, authMapEdges } from './rules/aws-auth.ts'
import { AZURE_ACTIVATION_KIND } from './rules/azure-activation.ts'
import { AZURE_PRINCIPAL_KINDS, azurePrincipalEdges } from './rules/azure-principals.ts'
import { ENTERING_KINDS, enteringEdges } from './rules/entering.ts'
import { GOOGLE_NODE_KIND } from './rules/google-nodes.ts'
import { GOOGLE_PRINCIPAL_KINDS, googlePrincipalEdges } from './rules/google-principals.ts'
import { METADATA_KINDS, metadataEdges } from './rules/metadata.ts'
import { NEW_ACCOUNT_KIND, newAccountEdges } from './rules/new-accounts.ts'
import { PRINCIPAL_KINDS, principalEdges } from './rules/principals.ts'
import { cloudUnknowns } from './unknowns.ts'

/**
 * Between identities of the cluster and of its cloud: rows 34, 35 and 48-50 of the union of the field. `exports` are what
 * the user gives of the cloud; without them what objects of the cluster say stands as unknown.
 */
export function cloudEngine(exports: CloudExports): Engine {
  const contexts = new WeakMap<Cluster, CloudContext>()
  const context = (cluster: Cluster, known: Known): CloudContext => {
    const own = contexts.get(cluster) ?? contextOf(cluster, known, exports)
    contexts.set(cluster, own)
    return own
  }
  return {
    name: 'cloud',
    *edges(cluster, known) {
      const own = context(cluster, known)
      const direct = [
        ...accountEdges(own),
        ...metadataEdges(own),
        ...enteringEdges(own),
        ...authMapEdges(own),
        ...newAccountEdges(own),
      ]
      yield* direct
      // Who is led to from the cluster is asked first, then who comes into it.
      const identities = [...direct.map((edge) => edge.from), ...direct.map((edge) => edge.to)].filter(isIdentity)
      yield* principalEdges(own, identities)
      yield* googlePrincipalEdges(own, identities)
      yield* azurePrincipalEdges(own, identities)
    },
    findings: (cluster, known) => cloudFindings(context(cluster, known)),
    unknowns: (cluster, known) => cloudUnknowns(context(cluster, known)),
  }
}

const isIdentity = (node: string): boolean => node.startsWith('CloudIdentity/')

export const CLOUD_KINDS: readonly EdgeKind[] = [
  ...ACCOUNT_KINDS,
  ...METADATA_KINDS,
  ...ENTERING_KINDS,
  AUTH_MAP_KIND,
  NEW_ACCOUNT_KIND,
  ...PRINCIPAL_KINDS,
  ...GOOGLE_PRINCIPAL_KINDS,
  GOOGLE_NODE_KIND,
  ...AZURE_PRINCIPAL_KINDS,
  AZURE_ACTIVATION_KIND,
]
