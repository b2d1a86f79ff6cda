import type { Cluster } from '../../cluster/cluster.ts'
import { at, type Path, string } from '../../cluster/json.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'

/** Custom resources from which a controller makes a Secret or ConfigMap, and where they name it; else it has their own name. */
const MAKERS: readonly {
  readonly kind: string
  readonly group: string
  readonly makes: string
  readonly name: Path
}[] = [
  { kind: 'SealedSecret', group: 'bitnami.com', makes: 'Secret', name: ['spec', 'template', 'metadata', 'name'] },
  { kind: 'ExternalSecret', group: 'external-secrets.io', makes: 'Secret', name: ['spec', 'target', 'name'] },
  { kind: 'Certificate', group: 'cert-manager.io', makes: 'Secret', name: ['spec', 'secretName'] },
  { kind: 'VaultStaticSecret', group: 'secrets.hashicorp.com', makes: 'Secret', name: ['spec', 'destination', 'name'] },
  {
    kind: 'VaultDynamicSecret',
    group: 'secrets.hashicorp.com',
    makes: 'Secret',
    name: ['spec', 'destination', 'name'],
  },
  { kind: 'OnePasswordItem', group: 'onepassword.com', makes: 'Secret', name: ['metadata', 'name'] },
]

/** The published certificate of the cluster, which a controller puts into every namespace. */
const ROOT_CA = 'kube-root-ca.crt'

export interface Made {
  /** By id. */
  has(id: string): boolean
}

/** Objects that the input does not hold and that something in it, or Kubernetes itself, makes. */
export function madeElsewhere(cluster: Cluster): Made {
  const ids = new Set<string>()
  for (const { kind, group, makes, name } of MAKERS) {
    for (const maker of cluster.ofKind(kind, group)) ids.add(madeBy(maker, makes, name))
  }
  return { has: (id) => ids.has(id) || (id.startsWith('ConfigMap/') && id.endsWith(`/${ROOT_CA}`)) }
}

function madeBy({ namespace, name, body }: KubeObject, makes: string, path: Path): string {
  return idOf(makes, namespace, string(at(body, ...path)) || name)
}
