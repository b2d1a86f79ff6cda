import { applyFix, costOf } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import { pathsFrom } from '../radius/paths.ts'
import type { Candidate } from './candidates.ts'
import type { Outlook } from './outlook.ts'
import { type Found, idOfStep, LEAST, type PlanPorts } from './ports.ts'

/** DESIGN section 5: sets of more than three fixes are not looked for. */
const MOST_FIXES = 3
const MOST_PAIRS = 12
const MOST_SETS = 6
const MOST_BRANCHES = 200

/**
 * One best route hides another: the smallest sets of fixes that cut every route of one entry to one asset, found by
 * branching on the fixes of the best path that is left. The best of the first pair that gives any.
 */
export function bundleOf(
  ports: PlanPorts,
  now: Outlook,
  candidates: readonly Candidate[],
  refused: ReadonlySet<string>,
): Found | undefined {
  const byEdge = new Map<number, Candidate[]>()
  for (const candidate of candidates) {
    for (const edge of candidate.likely) {
      const same = byEdge.get(edge)
      if (same) same.push(candidate)
      else byEdge.set(edge, [candidate])
    }
  }
  for (const pair of pairsOf(now)) {
    const found = setsFor(now, pair, byEdge)
      .filter((fixes) => !refused.has(idOfStep(fixes)))
      .map((fixes) => judged(ports, now, fixes))
      .filter(({ gain }) => gain > LEAST)
      .sort((a, b) => b.gain / b.cost - a.gain / a.cost || a.cost - b.cost || (a.id < b.id ? -1 : 1))[0]
    if (found) return found
  }
  return undefined
}

interface Pair {
  readonly source: number
  readonly sink: number
  readonly risk: number
}

/** Entries, one of each class, and the assets that they lose most by. */
function pairsOf({ entries, graph, assets }: Outlook): readonly Pair[] {
  const classes = [...Map.groupBy(entries, (entry) => entry.reach.group).values()]
    .map((members) => ({
      first: members[0] as Outlook['entries'][number],
      weight: members.reduce((sum, each) => sum + each.weight, 0),
    }))
    .sort((a, b) => b.weight * b.first.reach.share - a.weight * a.first.reach.share)
    .slice(0, MOST_PAIRS)
  return classes
    .flatMap(({ first, weight }) => {
      const source = graph.indexOf(first.id)
      if (source === undefined) return []
      const { chance } = pathsFrom(graph, source)
      return assets.map((asset, at) => {
        const sink = graph.sinkStart + at
        return { source, sink, risk: weight * asset.value * (chance[sink] as number) }
      })
    })
    .filter(({ risk }) => risk > 0)
    .sort((a, b) => b.risk - a.risk || a.source - b.source || a.sink - b.sink)
    .slice(0, MOST_PAIRS)
}

function setsFor(
  { graph }: Outlook,
  { source, sink }: Pair,
  byEdge: ReadonlyMap<number, readonly Candidate[]>,
): readonly (readonly Fix[])[] {
  const found = new Map<string, readonly Fix[]>()
  let branches = 0
  const branch = (chosen: readonly Candidate[], depth: number): void => {
    if (found.size >= MOST_SETS || branches++ > MOST_BRANCHES) return
    const cut = new Set(chosen.flatMap(({ likely }) => likely))
    const paths = pathsFrom(graph, source, (edge) => !cut.has(edge))
    if (paths.chance[sink] === 0) {
      const fixes = chosen.map(({ fix }) => fix).sort((a, b) => (a.id < b.id ? -1 : 1))
      if (fixes.length > 1) found.set(fixes.map(({ id }) => id).join(' '), fixes)
      return
    }
    if (depth === 0) return
    const next = new Set(paths.to(sink).flatMap((edge) => byEdge.get(edge) ?? []))
    for (const candidate of next) if (!chosen.includes(candidate)) branch([...chosen, candidate], depth - 1)
  }
  for (let size = 2; size <= MOST_FIXES && found.size === 0; size++) branch([], size)
  return [...found.values()]
}

function judged(
  ports: PlanPorts,
  now: Outlook,
  fixes: readonly Fix[],
): Found & { readonly gain: number; readonly cost: number; readonly id: string } {
  const objects = fixes.reduce(applyFix, now.objects)
  const after = ports.judge(objects)
  return {
    fixes,
    objects,
    gain: now.risk.total - after.risk.total,
    cost: fixes.reduce((sum, fix) => sum + costOf(fix), 0),
    id: fixes.map(({ id }) => id).join(' '),
  }
}
