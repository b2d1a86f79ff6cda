import type { Edge } from '../engines/engine.ts'
import { edgeId } from '../radius/judge.ts'
import type { Outlook } from './outlook.ts'

/** What a step cuts and adds, computed from the edges before and after it. */
export interface Delta {
  readonly cuts: ReadonlySet<string>
  readonly adds: readonly Edge[]
}

const known = new WeakMap<readonly Edge[], ReadonlyMap<string, number>>()

/** The places of the edges by their ids, made once. */
export function idsOf({ edges }: Outlook): ReadonlyMap<string, number> {
  const ids = known.get(edges) ?? new Map(edges.map((edge, at) => [edgeId(edge), at]))
  known.set(edges, ids)
  return ids
}

export function deltaOf(before: Outlook, after: Outlook): Delta {
  const old = idsOf(before)
  const now = idsOf(after)
  const cuts = new Set<string>()
  for (const id of old.keys()) if (!now.has(id)) cuts.add(id)
  const adds: Edge[] = []
  for (const [id, at] of now) if (!old.has(id)) adds.push(after.edges[at] as Edge)
  return { cuts, adds }
}

/** The two nodes in the id of an edge. */
export function endsOf(id: string): readonly string[] {
  const [, from = '', to = ''] = id.split('|')
  return [from, to]
}
