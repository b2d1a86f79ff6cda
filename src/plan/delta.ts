import type { Edge } from '../engines/engine.ts'
import { edgeId } from '../radius/judge.ts'
import type { Outlook } from './outlook.ts'

/** What a step cuts and adds, computed from the edges before and after it. */
export interface Delta {
  readonly cuts: ReadonlySet<string>
  /** The edges of those ids. */
  readonly cut: readonly Edge[]
  readonly adds: readonly Edge[]
}

const known = new WeakMap<readonly Edge[], ReadonlyMap<string, number>>()

/** The places of the edges by their ids, made once. */
export function idsOf({ edges }: Outlook): ReadonlyMap<string, number> {
  const ids = known.get(edges) ?? new Map(edges.map((edge, at) => [edgeId(edge), at]))
  known.set(edges, ids)
  return ids
}

/** Edges that were not judged again are the same objects: only the others are told apart by their ids. */
export function deltaOf(before: Outlook, after: Outlook): Delta {
  const left = new Set(before.edges)
  const fresh = after.edges.filter((edge) => !left.delete(edge))
  const old = new Map([...left].map((edge) => [edgeId(edge), edge]))
  const adds = fresh.filter((edge) => !old.delete(edgeId(edge)))
  return { cuts: new Set(old.keys()), cut: [...old.values()], adds }
}

/** The two nodes in the id of an edge. */
export function endsOf(id: string): readonly string[] {
  const [, from = '', to = ''] = id.split('|')
  return [from, to]
}
