import type { Because } from '../because.ts'
import type { KubeObject } from '../object.ts'

/**
 * How an application was found, strongest first: 1 the user's configuration, 2 our own mark, an Application object or
 * Backstage, 3 a GitOps owner, 4 recommended labels, 5 a Helm release, 6 other name labels, 8 the workload stands alone.
 * Step 7, guessing from structure, only ever proposes.
 */
export type Step = 1 | 2 | 3 | 4 | 5 | 6 | 8

/** Steps up to this one count as resolved: somebody named the application. */
export const LAST_NAMED: Step = 6

export interface Application {
  readonly id: string
  readonly name: string
  /** Sorted. */
  readonly namespaces: readonly string[]
  /** Ids, sorted. Empty where the input names an application but shows nothing that runs. */
  readonly workloads: readonly string[]
  /** Ids of the other objects that belong to it, sorted. Objects that very many applications share are nobody's member. */
  readonly members: readonly string[]
  /** The parts that labels tell apart inside it: `app.kubernetes.io/name` and its kin below `part-of`. */
  readonly components: readonly Component[]
  readonly step: Step
  readonly resolved: boolean
  readonly evidence: readonly Because[]
  readonly owner?: Owner
}

export interface Component {
  readonly name: string
  readonly workloads: readonly string[]
}

/** Who answers for an application. A value from the input: shown, never used as a path or a command. */
export interface Owner {
  readonly name: string
  readonly because: readonly Because[]
}

/** Two sources that name different applications for the same workloads. Finding `application-conflict`, severity low. */
export interface ApplicationConflict {
  readonly object: KubeObject
  readonly message: string
  /** How many workloads it is about. */
  readonly workloads: number
  readonly because: readonly Because[]
}

/** Applications that may be one: a question to the user, never applied. */
export interface Proposal {
  /** Ids, sorted. */
  readonly applications: readonly string[]
  readonly because: readonly Because[]
}

export interface Coverage {
  readonly resources: number
  readonly resolved: number
  /** Ids, sorted. */
  readonly unresolved: readonly string[]
  /** Of all resources; 1 when there is none. */
  readonly share: number
}

export interface Applications {
  /** Sorted by id. */
  readonly all: readonly Application[]
  get(id: string): Application | undefined
  applicationOf(workloadId: string): Application | undefined
  /** None for what is unresolved, several for what is shared. */
  applicationsOf(objectId: string): readonly Application[]
  readonly conflicts: readonly ApplicationConflict[]
  readonly proposals: readonly Proposal[]
  readonly coverage: {
    readonly workloads: Coverage
    /** Every namespaced object that can belong to an application; a workload counts once, with all that it owns. */
    readonly objects: Coverage
    /** The kinds that are not counted, because they belong to a namespace or are the system's own bookkeeping. */
    readonly leftOut: readonly string[]
  }
}
