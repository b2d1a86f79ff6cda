import type { KubeObject } from '../cluster/object.ts'
import { applyFix, costOf } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import { buildGraph } from '../radius/graph.ts'
import { reachOf } from '../radius/risk.ts'
import { type Delta, deltaOf, endsOf, idsOf } from './delta.ts'
import type { Outlook } from './outlook.ts'
import { LEAST, type PlanPorts } from './ports.ts'
import { type Touched, touchedBy } from './touched.ts'
import { worthOf } from './worth.ts'

/** A fix with what it may take away. */
export interface Candidate extends Touched {
  readonly fix: Fix
  /** Objects whose owners must be asked. */
  readonly cost: number
  /** No more than this can go with it: without an edge on a best path it lowers nothing alone (DESIGN section 5). */
  readonly bound: number
  /** What goes if it cuts what its evidence says, and nothing else. */
  readonly likelyBound: number
}

/** In a cluster of so many edges, best paths are walked from every class of entries. */
const WALKED_EDGES = 400_000
const LEAST_CLASSES = 6

export function candidatesOf(now: Outlook, fixes: readonly Fix[]): readonly Candidate[] {
  const mostClasses = Math.max(LEAST_CLASSES, Math.floor(WALKED_EDGES / (now.edges.length + 1)))
  const worth = worthOf(now, mostClasses)
  const touched = touchedBy(now.edges, fixes)
  const sum = (edges: readonly number[]): number => edges.reduce((all, edge) => all + (worth[edge] as number), 0)
  return fixes
    .map((fix): Candidate => {
      const { likely, possible } = touched(fix)
      return { fix, cost: costOf(fix), likely, possible, bound: sum(possible), likelyBound: sum(likely) }
    })
    .sort(
      (a, b) => b.likelyBound / b.cost - a.likelyBound / a.cost || b.bound - a.bound || (a.fix.id < b.fix.id ? -1 : 1),
    )
}

export interface Ranked {
  readonly fix: Fix
  readonly gain: number
  /** The objects that were judged for it. */
  readonly objects: readonly KubeObject[]
}

/** What is known of the gains of fixes from one step to the next. */
export interface Gains {
  /** Those that lower the risk and were computed, the greatest gain per object first: no other gains more. */
  ranked(ports: PlanPorts, now: Outlook, candidates: readonly Candidate[]): readonly Ranked[]
  /** After a step was taken. */
  taken(delta: Delta, fixes: readonly Fix[]): void
}

/**
 * Judging a cluster again costs in proportion to its objects, so that in a step of a large one only so many fixes are
 * computed, those that are likely to gain most: by what their evidence says that they cut, and by how far such guesses
 * were right before.
 */
const JUDGED_OBJECTS = 30_000
const LEAST_JUDGED = 2
const ESTIMATED = 2
/** There, what is known to gain so much of what another may gain is taken: to know would cost as much as a step. */
const NEAR = 0.9

/** How much is known of what a candidate gains: no more than this, about this, this. */
interface Guess {
  readonly candidate: Candidate
  readonly level: 'bound' | 'estimate' | 'exact'
  readonly gain: number
}

export function gainsOf(base: Outlook): Gains {
  const budget = Math.max(LEAST_JUDGED, Math.floor(JUDGED_OBJECTS / (base.objects.length + 1)))
  /** Of fixes that were computed in an earlier step and touch nothing that was changed since. */
  const deltas = new Map<string, Delta>()
  /** By kind of fix, how the gains were to the guesses. */
  const trust = new Map<string, { guessed: number; was: number }>()
  const trustIn = ({ kind }: Fix): number => {
    const known = trust.get(kind)
    return known && known.guessed > 0 ? Math.min(1, known.was / known.guessed) : 1
  }
  return {
    ranked(ports, now, candidates) {
      const isLarge = candidates.filter(({ bound }) => bound > LEAST).length > budget
      const exact = new Map<string, Ranked>()
      let estimated = 0
      const judged = (fix: Fix): number => {
        if (exact.size >= budget) return 0
        const objects = applyFix(now.objects, fix)
        const after = ports.judge(objects)
        if (!isLarge) deltas.set(fix.id, deltaOf(now, after))
        const gain = now.risk.total - after.risk.total
        exact.set(fix.id, { fix, gain, objects })
        return gain
      }
      const refined = (each: Guess): Guess => {
        const { fix, likely } = each.candidate
        const delta = deltas.get(fix.id)
        if (each.level === 'bound' && delta)
          return { ...each, level: 'estimate', gain: now.risk.total - whatIf(now, cutsIn(delta, now), delta.adds) }
        if (each.level === 'bound' && isLarge) {
          const gain = estimated++ < ESTIMATED ? now.risk.total - whatIf(now, new Set(likely), []) : 0
          return { ...each, level: 'estimate', gain: gain * trustIn(fix) }
        }
        const gain = judged(fix)
        if (isLarge && exact.has(fix.id)) {
          const { guessed = 0, was = 0 } = trust.get(fix.kind) ?? {}
          trust.set(fix.kind, { guessed: guessed + each.gain / trustIn(fix), was: was + Math.max(0, gain) })
        }
        return { ...each, level: 'exact', gain }
      }
      const queue = candidates.flatMap((candidate): readonly Guess[] => {
        if (candidate.bound <= LEAST) return []
        const gain = isLarge ? candidate.likelyBound * trustIn(candidate.fix) : candidate.bound
        return [{ candidate, level: 'bound', gain }]
      })
      const score = ({ candidate, gain }: Guess): number => gain / candidate.cost
      for (let best = LEAST; ; ) {
        let top: number | undefined
        for (const [at, each] of queue.entries())
          if (
            each.level !== 'exact' &&
            score(each) >= (isLarge ? best / NEAR : best) - LEAST &&
            (top === undefined || score(each) > score(queue[top] as Guess))
          )
            top = at
        if (top === undefined) break
        const next = refined(queue[top] as Guess)
        queue[top] = next
        if (next.level === 'exact') best = Math.max(best, score(next))
      }
      return [...exact.values()]
        .filter(({ gain }) => gain > LEAST)
        .sort((a, b) => b.gain / costOf(b.fix) - a.gain / costOf(a.fix) || (a.fix.id < b.fix.id ? -1 : 1))
    },
    taken(changed, fixes) {
      const nodes = new Set<string>()
      for (const id of changed.cuts) for (const end of endsOf(id)) nodes.add(end)
      for (const { from, to } of changed.adds) nodes.add(from).add(to)
      for (const [id, { cuts, adds }] of deltas) {
        const meets =
          // What cut nothing may cut something now.
          cuts.size === 0 ||
          fixes.some((fix) => fix.id === id) ||
          adds.some(({ from, to }) => nodes.has(from) || nodes.has(to)) ||
          [...cuts].some((cut) => endsOf(cut).some((end) => nodes.has(end)))
        if (meets) deltas.delete(id)
      }
    },
  }
}

function cutsIn({ cuts }: Delta, now: Outlook): ReadonlySet<number> {
  const ids = idsOf(now)
  const found = new Set<number>()
  for (const id of cuts) {
    const at = ids.get(id)
    if (at !== undefined) found.add(at)
  }
  return found
}

/** The risk if some edges went and others came, all else being as it is. */
export function whatIf(now: Outlook, cuts: ReadonlySet<number>, adds: Outlook['edges']): number {
  const graph =
    adds.length === 0
      ? now.graph
      : buildGraph(
          [...now.edges.filter((_, at) => !cuts.has(at)), ...adds],
          now.assets,
          now.graph.ids.slice(0, now.graph.sinkStart),
        )
  const values = Float64Array.from(now.assets, (asset) => asset.value)
  const sources = now.entries.map(({ id }) => graph.indexOf(id) as number)
  const reaches = reachOf(graph, sources, values, adds.length === 0 ? (edge) => !cuts.has(edge) : undefined)
  return reaches.reduce((sum, reach, at) => sum + (now.entries[at]?.weight ?? 0) * reach.share, 0)
}
