import type { Cluster } from '../../../../cluster/cluster.ts'
import type { Path } from '../../../../cluster/json.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Known } from '../../../known.ts'
import type { Servers } from '../../controllers/serving.ts'
import type { Behind } from '../behind.ts'
import type { Draft, Place } from '../draft.ts'

/** What the readers of route kinds look at. */
export interface RouteInput {
  readonly cluster: Cluster
  readonly known: Known
  readonly behind: Behind
  readonly servers: Servers
}

/** All routes that objects of one kind write. Those inside the cluster alone (a mesh) are none. */
export type RouteKind = (input: RouteInput) => Iterable<Draft>

/** References of references (includes, delegates, weighted services) are followed so far. */
export const MOST_NESTED = 16

export function whole(object: KubeObject): readonly { readonly object: KubeObject }[] {
  return [{ object }]
}

/** What an object says of one of its rules, and what stands above all of them. */
export function aboutRule(object: KubeObject, rule: Path): readonly Place[] {
  return [{ object, within: [rule, ['metadata']] }]
}
