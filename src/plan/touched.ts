import { isNetworkPolicy } from '../cluster/cluster.ts'
import { at, type Path, strings } from '../cluster/json.ts'
import type { Edge } from '../engines/engine.ts'
import type { Fix } from '../fix/fix.ts'

/** Edges that a fix may cut. It is a hint of what is worth computing; what is cut is always computed. */
export interface Touched {
  /** Those whose evidence names what the fix changes. */
  readonly likely: readonly number[]
  /** Those whose evidence names an object that it changes, and all around the nodes that it is about. */
  readonly possible: readonly number[]
}

/** By the evidence of the edges, indexed once for all fixes. */
export function touchedBy(edges: readonly Edge[], fixes: readonly Fix[]): (fix: Fix) => Touched {
  const objects = new Set(fixes.flatMap((fix) => fix.changes.map(({ object }) => object.id)))
  const around = new Set(fixes.flatMap((fix) => fix.around ?? []))
  const byObject = new Map<string, { edge: number; path: Path | undefined }[]>()
  const byNode = new Map<string, number[]>()
  const push = <T>(map: Map<string, T[]>, key: string, item: T): void => {
    const same = map.get(key)
    if (same) same.push(item)
    else map.set(key, [item])
  }
  edges.forEach(({ from, to, because }, edge) => {
    for (const { object, path } of because)
      if (object && objects.has(object.id)) push(byObject, object.id, { edge, path })
    if (around.has(from)) push(byNode, from, edge)
    if (around.has(to) && to !== from) push(byNode, to, edge)
  })
  return (fix) => {
    const likely = new Set<number>()
    const possible = new Set<number>()
    for (const change of fix.changes) {
      for (const { edge, path } of byObject.get(change.object.id) ?? []) {
        possible.add(edge)
        const isNamed = change.action !== 'edit' || change.edits.some((each) => overlaps(each.path, path))
        if (isNamed) likely.add(edge)
      }
    }
    const kinds = contactKinds(fix)
    for (const node of fix.around ?? []) {
      for (const edge of byNode.get(node) ?? []) {
        possible.add(edge)
        if (kinds.has((edges[edge] as Edge).kind)) likely.add(edge)
      }
    }
    return { likely: [...likely], possible: [...possible] }
  }
}

/** Whether one path leads to the other, or they are the same. */
function overlaps(edited: Path, named: Path | undefined): boolean {
  if (!named) return true
  const shorter = Math.min(edited.length, named.length)
  for (let at = 0; at < shorter; at++) if (edited[at] !== named[at]) return false
  return true
}

/** What a workload sends through goes with its egress, what it receives through with its ingress. */
function contactKinds({ changes }: Fix): ReadonlySet<string> {
  const kinds = new Set<string>()
  for (const { action, object } of changes) {
    if (action !== 'add' || !isNetworkPolicy(object)) continue
    const types = strings(at(object.body, 'spec', 'policyTypes'))
    if (types.includes('Egress')) kinds.add('sends')
    if (types.includes('Ingress')) kinds.add('receives')
  }
  return kinds
}
