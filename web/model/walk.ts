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

const FIELDS = 6
const NONE: readonly number[] = []

export function walkOf(columns: ReportGraph, assets: Report['assets']): Walk {
  const string = (at: number | undefined): string => columns.strings[at as number] ?? ''
  const node = (at: number | undefined): string => columns.nodes[at as number] ?? ''
  const edges = columns.edges.map(
    ([from, to, kind, , chance, unknown]): PathEdge => ({
      from: node(from),
      to: node(to),
      kind: string(kind),
      chance: chance ?? 0,
      truth: unknown === 1 ? 'unknown' : 'yes',
    }),
  )
  const graph = buildGraph(edges, assets, columns.nodes)
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
  return {
    graph,
    edges,
    titleOf: (kind) => (Object.hasOwn(columns.titles, kind) ? (columns.titles[kind] as string) : kind),
    evidenceOf: (edge) => (columns.edges[edge] ?? []).slice(FIELDS).map((row) => evidenceAt(columns, row)),
    assetsAt: (index) => parts.get(index) ?? NONE,
  }
}

function evidenceAt(columns: ReportGraph, row: number): Evidence {
  const [text, resource, field, file, line, column] = columns.evidence[row] ?? []
  const has = (at: number | undefined): at is number => at !== undefined && at >= 0
  return {
    text: columns.strings[text as number] ?? '',
    ...(has(resource) ? { resource: columns.strings[resource] ?? '' } : {}),
    ...(has(field) ? { field: columns.strings[field] ?? '' } : {}),
    ...(has(file) ? { file: columns.strings[file] ?? '' } : {}),
    ...(line ? { line } : {}),
    ...(column ? { column } : {}),
  }
}
