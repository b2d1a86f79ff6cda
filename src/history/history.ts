import type { Json } from '../cluster/json.ts'

/**
 * What was recorded of a cluster, as a port: files implement it, a store will. Records come in the order of their
 * source, which is near to that of time but not the same.
 */
export interface History {
  accesses(): AsyncIterable<Access>
  connections(): AsyncIterable<Connection>
  /** Complete once both have been read to their end. */
  coverage(): Coverage
}

/** Where a record stands, so that a counterexample can be looked up: a file and its line, 1-based. */
export interface RecordPlace {
  readonly file: string
  readonly line: number
}

/** One request to the API server, its stages joined, as the authorizer saw it (audit.k8s.io/v1 Event). */
export interface Access {
  readonly id: string
  /** Milliseconds since 1970, when the request came. */
  readonly time: number
  /** When its last stage was; much later than `time` for a watch or an exec. */
  readonly end: number
  /** Who it was done as: the impersonated user, where there is one. */
  readonly user: string
  readonly groups: readonly string[]
  /** Who asked, where that is someone else. */
  readonly impersonator?: { readonly user: string; readonly groups: readonly string[] }
  readonly verb: string
  /** Empty for a request that is not for a resource. */
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The path of the request, without its query. */
  readonly path: string
  readonly decision: 'allow' | 'forbid' | 'untold'
  /** `authorization.k8s.io/reason`: the binding that allowed it. */
  readonly reason: string
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
  /** Of the caller, where its token says so. */
  readonly pod?: { readonly name: string; readonly uid: string; readonly node: string }
  /** Of a SubjectAccessReview or TokenReview whose bodies were recorded: what was asked, and about whom. */
  readonly review?: Review
  readonly place: RecordPlace
  /** The event as it was recorded, without bodies, at most 4,096 characters. Made only when asked for. */
  raw(): string
}

export interface Review {
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly allowed: boolean
}

/** One recorded connection, or attempt of one, from its client to its server. Answers are turned around or left out. */
export interface Connection {
  readonly time: number
  readonly source: End
  readonly destination: End
  /** TCP, UDP, SCTP; the port that the server listens on. */
  readonly protocol: string
  readonly port: number
  readonly verdict: 'forwarded' | 'dropped' | 'untold'
  readonly place: RecordPlace
  raw(): string
}

/**
 * One end of a connection, resolved as of its time: to a workload, to an address outside the cluster, to the nodes or
 * the API server, or to nothing, which is never guessed.
 */
export type End =
  | { readonly kind: 'workload'; readonly workload: string; readonly pod: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'api-server' }
  /** `why`: reused, masked, shared, unknown. `namespace` and `labels` where the record has them. */
  | { readonly kind: 'unresolved'; readonly why: string; readonly namespace: string; readonly address: string }

/** What the sources could have shown, and what they say that they did not. */
export interface Coverage {
  readonly sources: readonly SourceCoverage[]
}

export interface SourceCoverage {
  readonly kind: 'audit' | 'flows'
  readonly files: readonly string[]
  /** Records that were understood, and lines that were not. */
  readonly records: number
  readonly unread: number
  /** Of the first and last record; both 0 when there is none. */
  readonly from: number
  readonly to: number
  /** Stretches of more than `gapMs` in which the source, which is otherwise busier, shows nothing. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[]
  /** Records that the source itself says it lost. */
  readonly lost: readonly { readonly time: number; readonly count: number; readonly place: RecordPlace }[]
  /** Of connections: ends that resolved to nothing, by why. */
  readonly unresolved: Readonly<Record<string, number>>
  /** Of an audit log: the levels seen, and how many requests of each verb and resource, over all subjects. */
  readonly levels: Readonly<Record<string, number>>
  readonly shown: ReadonlyMap<string, number>
  /** An audit policy (kind Policy, audit.k8s.io) that lay among the files. */
  readonly auditPolicy?: Json
  /** Nodes that reported connections. */
  readonly nodes: readonly string[]
}
