import type { Analysis } from '../loop.ts'
import type { Evidence, Witness } from './evidence.ts'
import type { EdgeColumns, EvidenceColumns, ReportGraph } from './report.ts'
import { titleOf } from './story.ts'

/**
 * The graph in columns with every string once, as the page carries it. The rows of evidence stand in the order of their
 * places, so that neighbours differ little and the columns compress well.
 */
export function columns({ nodes, edges }: Analysis, seen: Witness): ReportGraph {
  const rows: Evidence[] = []
  const rowAt = new Map<string, number>()
  const witnessed = new Map<unknown, readonly number[]>()
  const rowOf = (each: Evidence): number => {
    const { text, resource, field, file, line, column } = each
    const key = JSON.stringify([text, resource, field, file, line, column])
    let at = rowAt.get(key)
    if (at === undefined) {
      at = rows.push(each) - 1
      rowAt.set(key, at)
    }
    return at
  }
  const because = edges.map((edge) => {
    let known = witnessed.get(edge.because)
    if (!known) {
      known = seen.evidence(edge.because).map(rowOf)
      witnessed.set(edge.because, known)
    }
    return known
  })
  const order = rows.map((_, at) => at).sort((a, b) => byPlace(rows[a] as Evidence, rows[b] as Evidence) || a - b)
  const placeOf = new Uint32Array(order.length)
  order.forEach((row, place) => {
    placeOf[row] = place
  })

  const strings = interner()
  const nodeAt = new Map(nodes.map((id, at) => [id, at]))
  const table: EdgeColumns = {
    from: differences(edges.map(({ from }) => nodeAt.get(from) as number)),
    to: edges.map(({ to }) => nodeAt.get(to) as number),
    kind: edges.map(({ kind }) => strings.at(kind)),
    chance: edges.map(({ chance }) => chance),
    unknown: edges.map(({ truth }) => (truth === 'unknown' ? 1 : 0)),
    reasons: because.map(({ length }) => length),
    because: because.flatMap((list) => list.map((row) => placeOf[row] as number)),
  }
  const sorted = order.map((row) => rows[row] as Evidence)
  const at = (text: string | undefined): number => (text === undefined ? -1 : strings.at(text))
  const evidence: EvidenceColumns = {
    text: sorted.map(({ text }) => strings.at(text)),
    resource: sorted.map(({ resource }) => at(resource)),
    field: sorted.map(({ field }) => at(field)),
    file: sorted.map(({ file }) => at(file)),
    line: differences(sorted.map(({ line }) => line ?? 0)),
    column: sorted.map(({ column }) => column ?? 0),
  }
  const titles = Object.fromEntries([...new Set(edges.map((edge) => edge.kind))].map((kind) => [kind, titleOf(kind)]))
  return { nodes, titles, strings: strings.all, edges: table, evidence }
}

function byPlace(a: Evidence, b: Evidence): number {
  if (a.file !== b.file) return (a.file ?? '') < (b.file ?? '') ? -1 : 1
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

/** Each number less the one before it. */
function differences(values: readonly number[]): readonly number[] {
  return values.map((value, at) => (at === 0 ? value : value - (values[at - 1] as number)))
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
