import type { Cluster } from '../cluster.ts'
import { type Claim, IN_NAMESPACE, keyOf, normal } from './claim.ts'
import { nameNode, namesUnit } from './groups.ts'
import type { Node, Resolved } from './members.ts'

export interface Aliases {
  of(claim: Claim, namespace: string): readonly Node[]
}

/** Every name under which the workloads of an application are known, also those that did not decide. */
export function aliasesOf(cluster: Cluster, { nodes, claims, units, groups }: Resolved): Aliases {
  const byKey = new Map<string, Set<Node>>()
  const anywhere = new Map<string, Set<Node>>()
  const put = (into: Map<string, Set<Node>>, key: string, node: Node): void => {
    const known = into.get(key)
    if (known) known.add(node)
    else into.set(key, new Set([node]))
  }
  for (const { id, namespace } of cluster.workloads) {
    const node = groups.rootOf(nodes.get(id) as Node)
    for (const claim of claims.get(id) ?? []) {
      if (claim.step > 5 || namesUnit(claim, units)) continue
      const key = keyOf(claim, namespace)
      const name = nameNode(namespace, claim.name)
      put(byKey, key, node)
      if (name !== key) put(byKey, name, node)
      put(anywhere, normal(claim.name), node)
    }
  }
  const rooted = (known: ReadonlySet<Node> | undefined): readonly Node[] => {
    if (!known) return []
    const roots = [...known].map(groups.rootOf)
    return roots.length < 2 ? roots : [...new Set(roots)]
  }
  return {
    of: (claim, namespace) => {
      const known = rooted(byKey.get(keyOf(claim, namespace)) ?? byKey.get(nameNode(namespace, claim.name)))
      const isAnywhere = known.length === 0 && claim.scope === IN_NAMESPACE && namespace === ''
      return isAnywhere ? rooted(anywhere.get(normal(claim.name))) : known
    },
  }
}
