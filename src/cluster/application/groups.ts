import { type Claim, IN_NAMESPACE, keyOf, normal } from './claim.ts'

/**
 * The guard of step 3: a GitOps application that spans several applications by its labels (an umbrella, an app of apps)
 * is a unit of deployment. One release with many parts shares its `instance`, so that alone splits nothing.
 */
export function deploymentUnits(claimsOf: ReadonlyMap<string, readonly Claim[]>): ReadonlySet<string> {
  const units = new Map<string, { partOf: Set<string>; joined: Disjoint }>()
  for (const claims of claimsOf.values()) {
    const partOf = claims.find((claim) => claim.source === 'part-of')
    const instance = claims.find((claim) => claim.source === 'instance')
    const first = partOf ?? instance
    if (!first) continue
    for (const owner of claims) {
      if (owner.step !== 3) continue
      const key = keyOf(owner, '')
      let unit = units.get(key)
      if (!unit) {
        unit = { partOf: new Set(), joined: disjoint() }
        units.set(key, unit)
      }
      if (partOf) unit.partOf.add(normal(partOf.name))
      const node = `${first.source}/${normal(first.name)}`
      unit.joined.add(node)
      if (partOf && instance) unit.joined.join(node, `instance/${normal(instance.name)}`)
    }
  }
  const split = [...units].filter(([, { partOf, joined }]) => partOf.size > 1 || joined.count() > 1)
  return new Set(split.map(([key]) => key))
}

export function namesUnit(claim: Claim, units: ReadonlySet<string>): boolean {
  return claim.step === 3 && units.has(keyOf(claim, ''))
}

/** The claim that decides; none when nothing names an application. */
export function winner(claims: readonly Claim[], units: ReadonlySet<string>): Claim | undefined {
  return claims.find((claim) => !namesUnit(claim, units)) ?? claims[0]
}

export interface Disjoint {
  add(node: string): void
  join(a: string, b: string): void
  has(node: string): boolean
  rootOf(node: string): string
  count(): number
}

/** Union and find, with halving of paths. */
export function disjoint(): Disjoint {
  const parents = new Map<string, string>()
  const rootOf = (node: string): string => {
    let here = node
    for (;;) {
      const parent = parents.get(here) ?? here
      if (parent === here) return here
      const above = parents.get(parent) ?? parent
      parents.set(here, above)
      here = above
    }
  }
  const add = (node: string): void => {
    if (!parents.has(node)) parents.set(node, node)
  }
  return {
    add,
    has: (node) => parents.has(node),
    rootOf,
    join: (a, b) => {
      add(a)
      add(b)
      parents.set(rootOf(a), rootOf(b))
    },
    count: () => new Set([...parents.keys()].map(rootOf)).size,
  }
}

/** Where applications of one name in one namespace meet, whatever named them. */
export function nameNode(namespace: string, name: string): string {
  return `${IN_NAMESPACE}/${namespace}/${normal(name)}`
}
