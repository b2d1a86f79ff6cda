import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Judgement } from '../radius/judge.ts'
import type { Weights } from '../radius/weights.ts'

/** A cluster as it stands before or after some steps, judged. */
export interface Outlook extends Judgement {
  readonly cluster: Cluster
  readonly weights: Weights
  /** The objects that were judged, those that a later one of the same name replaces included. */
  readonly objects: readonly KubeObject[]
}
