import type { Analysis } from '../loop.ts'
import type { Evidence, Witness } from './evidence.ts'
import type { ReportGraph } from './report.ts'
import { titleOf } from './story.ts'

/** The graph in columns with every string once, as the page carries it. */
export function columns({ nodes, edges }: Analysis, seen: Witness): ReportGraph {
  const strings = interner()
  const evidence = interner()
  const rows: number[][] = []
  const nodeAt = new Map(nodes.map((id, at) => [id, at]))
  const witnessed = new Map<unknown, readonly number[]>()
  const evidenceRow = (each: Evidence): number => {
    const at = (text: string | undefined): number => (text === undefined ? -1 : strings.at(text))
    const row = [
      strings.at(each.text),
      at(each.resource),
      at(each.field),
      at(each.file),
      each.line ?? 0,
      each.column ?? 0,
    ]
    const index = evidence.at(row.join(' '))
    rows[index] ??= row
    return index
  }
  const table = edges.map((edge) => {
    let because = witnessed.get(edge.because)
    if (!because) {
      because = seen.evidence(edge.because).map(evidenceRow)
      witnessed.set(edge.because, because)
    }
    return [
      nodeAt.get(edge.from) as number,
      nodeAt.get(edge.to) as number,
      strings.at(edge.kind),
      strings.at(edge.rule),
      edge.chance,
      edge.truth === 'unknown' ? 1 : 0,
      ...because,
    ]
  })
  const titles = Object.fromEntries([...new Set(edges.map((edge) => edge.kind))].map((kind) => [kind, titleOf(kind)]))
  return { nodes, titles, strings: strings.all, edges: table, evidence: rows }
}

function interner(): { readonly all: readonly string[]; at(text: string): number } {
  const all: string[] = []
  const known = new Map<string, number>()
  return {
    all,
    at(text) {
      let at = known.get(text)
      if (at === undefined) {
        at = all.length
        all.push(text)
        known.set(text, at)
      }
      return at
    },
  }
}
