import { accessKinds } from './access/access.ts'
import { CLOUD_KINDS } from './cloud/cloud.ts'
import type { EdgeKind } from './engine.ts'
import { ESCAPE_KINDS } from './escape/escape.ts'
import { NETWORK_KINDS } from './network/kinds.ts'

let known: ReadonlyMap<string, EdgeKind> | undefined

/** Every kind of edge that an engine draws, by name, in the order of the engines. */
export function edgeKinds(): ReadonlyMap<string, EdgeKind> {
  known ??= new Map(
    [...accessKinds(), ...NETWORK_KINDS, ...ESCAPE_KINDS, ...CLOUD_KINDS].map((kind) => [kind.kind, kind]),
  )
  return known
}

export function edgeKind(kind: string): EdgeKind | undefined {
  return edgeKinds().get(kind)
}
