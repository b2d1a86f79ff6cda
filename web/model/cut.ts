import { edgesOf, type Radius, wayTo } from './radius.ts'
import type { Walk } from './walk.ts'

/** Assets to which the best way takes an edge that is cut; another way may be left. `cuts` are ids with their rules. */
export function cutBy(walk: Walk, radius: Radius, cuts: readonly string[]): ReadonlySet<number> {
  const closed = new Set<string>()
  // The columns of a report carry no rules: every part of an id that ends at a bar stands for it.
  for (const id of cuts) {
    closed.add(id)
    for (let bar = id.lastIndexOf('|'); bar > 0; bar = id.lastIndexOf('|', bar - 1)) closed.add(id.slice(0, bar))
  }
  const reached = [...radius.control, ...radius.contact].map(({ asset }) => asset)
  return new Set(
    reached.filter((asset) =>
      edgesOf(walk, wayTo(walk, radius.paths, asset)).some(({ kind, from, to }) => closed.has(`${kind}|${from}|${to}`)),
    ),
  )
}
