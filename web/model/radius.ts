import { chokePoints } from '../../src/radius/dominators.ts'
import { type Paths, pathsFrom } from '../../src/radius/paths.ts'
import type { ReportAsset } from '../../src/report/report.ts'
import { stepsOf } from '../../src/report/words.ts'
import type { Walk } from './walk.ts'

/** One asset that an entry reaches. */
export interface Reached {
  /** Its place among the report's assets. */
  readonly asset: number
  /** 1 where the entry controls it, less where it is in contact with it. */
  readonly chance: number
  /** The chance that is left without the steps whose truth is unknown. */
  readonly certain: number
  readonly steps: number
  /** The last asset that the way to it passes, if any; always fewer steps away. */
  readonly behind: number | undefined
  /** The kinds of edges on the way, without those that only join two others. */
  readonly by: readonly string[]
}

export interface Choke {
  readonly node: string
  /** Places among the report's assets. */
  readonly assets: readonly number[]
}

export interface Radius {
  readonly entry: string
  /** Undefined for what is not reached; by the asset's place. */
  readonly of: readonly (Reached | undefined)[]
  readonly control: readonly Reached[]
  readonly contact: readonly Reached[]
  readonly dry: readonly number[]
  readonly paths: Paths
  /** Ways that hold no unknown step. */
  readonly certainPaths: Paths
  readonly chokes: readonly Choke[]
}

export const JOINTS: ReadonlySet<string> = new Set(['contains', 'sends', 'receives'])
/** Where one node is part of several assets, what lies behind it lies behind the first of these. */
const FRONT = ['controlPlane', 'nodePool', 'control', 'data', 'cloudRole', 'secrets', 'external', 'availability']

/** What an entry reaches, by the very functions that the command line uses. */
export function radiusOf(walk: Walk, assets: readonly ReportAsset[], entry: string): Radius | undefined {
  const { graph } = walk
  const source = graph.indexOf(entry)
  if (source === undefined) return undefined
  const paths = pathsFrom(graph, source)
  const certainPaths = pathsFrom(graph, source, (edge) => graph.unknown[edge] === 0)
  const ways = assets.map((_, at) => ((paths.chance[graph.sinkStart + at] as number) > 0 ? wayTo(walk, paths, at) : []))
  const steps = ways.map((way) => stepsOf(edgesOf(walk, way), walk.titleOf).length)
  const of = assets.map((_, at): Reached | undefined => {
    const chance = paths.chance[graph.sinkStart + at] as number
    if (chance <= 0) return undefined
    const way = ways[at] as readonly number[]
    return {
      asset: at,
      chance,
      certain: certainPaths.chance[graph.sinkStart + at] as number,
      steps: steps[at] as number,
      behind: lastPassed(walk, assets, way, steps, at),
      by: edgesOf(walk, way)
        .map(({ kind }) => kind)
        .filter((kind) => !JOINTS.has(kind)),
    }
  })
  const reached = of.filter((each) => each !== undefined)
  return {
    entry,
    of,
    control: reached.filter((each) => each.chance === 1),
    contact: reached.filter((each) => each.chance < 1),
    dry: assets.flatMap((_, at) => (of[at] ? [] : [at])),
    paths,
    certainPaths,
    chokes: chokePoints(graph, source)
      .filter(({ sinks }) => sinks.length > 1)
      .map(({ node, sinks }) => ({ node: graph.ids[node] as string, assets: sinks })),
  }
}

/** The edges to an asset, without the last one, which is bookkeeping. */
export function wayTo({ graph }: Walk, paths: Paths, asset: number): readonly number[] {
  return paths.to(graph.sinkStart + asset).filter((edge) => edge < graph.sinkEdgeStart)
}

export function edgesOf({ edges }: Walk, way: readonly number[]): readonly Walk['edges'][number][] {
  return way.map((edge) => edges[edge] as Walk['edges'][number])
}

function lastPassed(
  walk: Walk,
  assets: readonly ReportAsset[],
  way: readonly number[],
  steps: readonly number[],
  asset: number,
): number | undefined {
  const rank = (at: number): number => FRONT.indexOf((assets[at] as ReportAsset).kind)
  for (let place = way.length - 2; place >= 0; place--) {
    const passed = walk
      .assetsAt(walk.graph.to[way[place] as number] as number)
      .filter((other) => other !== asset && (steps[other] as number) < (steps[asset] as number))
    if (passed.length > 0) return passed.reduce((best, other) => (rank(other) < rank(best) ? other : best))
  }
  return undefined
}
