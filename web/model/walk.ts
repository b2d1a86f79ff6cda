import { buildGraph, type Graph } from '../../src/radius/graph.ts'
import type { Evidence } from '../../src/report/evidence.ts'
import type { Report, ReportGraph } from '../../src/report/report.ts'
import type { PathEdge } from '../../src/report/words.ts'

/** The graph of a report, out of its columns and ready to be walked. */
export interface Walk {
  readonly graph: Graph
  /** By the graph's edge indexes, up to `graph.sinkEdgeStart`. */
  readonly edges: readonly PathEdge[]
  titleOf(kind: string): string
  evidenceOf(edge: number): readonly Evidence[]
  /** The assets that a node is part of, by their place in the report. */
  assetsAt(node: number): readonly number[]
}

const NONE: readonly number[] = []

export function walkOf(
  { nodes, titles, strings, edges: columns, evidence }: ReportGraph,
  assets: Report['assets'],
): Walk {
  const string = (at: number | undefined): string => strings[at as number] ?? ''
  const from = sums(columns.from)
  const edges = columns.kind.map(
    (kind, at): PathEdge => ({
      from: nodes[from[at] as number] ?? '',
      to: nodes[columns.to[at] as number] ?? '',
      kind: string(kind),
      chance: columns.chance[at] ?? 0,
      truth: columns.unknown[at] === 1 ? 'unknown' : 'yes',
    }),
  )
  const graph = buildGraph(edges, assets, nodes)
  const parts = new Map<number, number[]>()
  assets.forEach((asset, at) => {
    for (const id of asset.nodes) {
      const index = graph.indexOf(id)
      if (index === undefined) continue
      const same = parts.get(index)
      if (same) same.push(at)
      else parts.set(index, [at])
    }
  })
  const lines = sums(evidence.line)
  const ends = sums(columns.reasons)
  const evidenceAt = (row: number): Evidence => {
    const named = (at: number | undefined): string | undefined => (at === undefined || at < 0 ? undefined : strings[at])
    const resource = named(evidence.resource[row])
    const field = named(evidence.field[row])
    const file = named(evidence.file[row])
    const line = lines[row]
    const column = evidence.column[row]
    return {
      text: string(evidence.text[row]),
      ...(resource === undefined ? {} : { resource }),
      ...(field === undefined ? {} : { field }),
      ...(file === undefined ? {} : { file }),
      ...(line ? { line } : {}),
      ...(column ? { column } : {}),
    }
  }
  return {
    graph,
    edges,
    titleOf: (kind) => (Object.hasOwn(titles, kind) ? (titles[kind] as string) : kind),
    evidenceOf: (edge) => columns.because.slice(ends[edge - 1] ?? 0, ends[edge] ?? 0).map(evidenceAt),
    assetsAt: (index) => parts.get(index) ?? NONE,
  }
}

/** The numbers of which the column holds the differences. */
function sums(differences: readonly number[]): Int32Array {
  const values = new Int32Array(differences.length)
  let sum = 0
  differences.forEach((difference, at) => {
    sum += difference
    values[at] = sum
  })
  return values
}
