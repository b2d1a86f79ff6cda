/** Where a record stands, so that a counterexample can be looked up: a file and its line, 1-based. */
export interface RecordPlace {
  readonly file: string
  readonly line: number
  /** Where the line holds several: which of them, 1-based. `3.17`: the seventeenth in the third. */
  readonly item?: string | undefined
}

/** The place of one of those that stand at a place; `index` 1-based, 0 for that place itself. */
export function itemOf(place: RecordPlace, index: number): RecordPlace {
  if (index === 0) return place
  return { file: place.file, line: place.line, item: place.item === undefined ? `${index}` : `${place.item}.${index}` }
}

/** The place inside of one of several in the line. */
export function itemWithin({ file, line, item }: RecordPlace, outer: string): RecordPlace {
  return { file, line, item: item === undefined ? outer : `${outer}.${item}` }
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
  readonly impersonator?: { readonly user: string; readonly groups: readonly string[] } | undefined
  readonly verb: string
  /** Empty for a request that is not for a resource. */
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  /**
   * As the authorizer saw it: empty for `create` of anything but a subresource and for `deletecollection`, although the
   * log names the object that was made; of `list` and `watch` only what a field selector or the path asks for.
   */
  readonly name: string
  /** The path of the request, without its query; empty where the log does not say. */
  readonly path: string
  /** What follows the `?` of the request line, as it was written; empty where nothing does or the log does not say. */
  readonly query: string
  /**
   * Milliseconds that it stood in a queue of the API server, of those between `time` and `end`
   * (apiserver.latency.k8s.io/apf-queue-wait, which is written of requests that took longer than 500 ms); 0 where untold.
   */
  readonly waited: number
  readonly decision: 'allow' | 'forbid' | 'untold'
  /** `authorization.k8s.io/reason`: the binding that allowed it. */
  readonly reason: string
  /**
   * The caller's credential, where the log tells it: `JTI=<uuid>` of a token, `X509SHA256=<hex>` of a client certificate
   * (authentication.kubernetes.io/credential-id), `AKID=<id>` of an AWS access key. Empty otherwise.
   */
  readonly credential: string
  /** The person or session behind a name that several share: `sessionName` or ARN of EKS. Empty where the log tells none. */
  readonly session: string
  /** Of a TokenRequest: the credential that it made (authentication.kubernetes.io/issued-credential-id). */
  readonly issued: string
  /** Until when that credential is good, where the answer was recorded; milliseconds since 1970. */
  readonly issuedUntil?: number | undefined
  /** Addresses in the order of the log; all but the last are the client's word (X-Forwarded-For). */
  readonly sources: readonly string[]
  /** 0 where the request was not seen to be answered. */
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
  /** Of the caller (who impersonates, where someone does), where its token says so. */
  readonly pod?: { readonly name: string; readonly uid: string; readonly node: string } | undefined
  /** Of a SubjectAccessReview or TokenReview whose bodies were recorded: what was asked, and about whom. */
  readonly review?: Review | undefined
  readonly place: RecordPlace
  /** Undefined where nothing like it is remembered. */
  readonly alike?: Alike | undefined
  /** The event as it was recorded, without bodies, at most 4,096 characters. Made only when asked for. */
  raw(): string
}

/**
 * One object for all requests that say the same of who asked (`user`, `groups`, `impersonator`, `pod`), of what (`verb`,
 * `resource`, `group`, `subresource`, `namespace`, `name`) and of what became of it (`decision`, `reason`, `code`,
 * `dryRun`), as long as they are remembered: what is made of these alone need not be made again.
 */
export interface Alike {
  /** Less than 2^15. Of two that are remembered at once it is not the same; of what was forgotten another takes it. */
  readonly slot: number
}

export interface Review {
  readonly user: string
  readonly groups: readonly string[]
  /** Of a TokenReview all of these are empty. */
  readonly verb: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly allowed: boolean
  /** The log holds the question only (level Request); `allowed` is then true, because it may have been. */
  readonly unanswered?: true
}

/** One recorded connection, or attempt of one, from its client to its server. Answers are turned around. */
export interface Connection {
  readonly time: number
  readonly source: End
  readonly destination: End
  /** TCP, UDP, SCTP; the port that the server listens on. */
  readonly protocol: string
  readonly port: number
  readonly verdict: 'forwarded' | 'dropped' | 'untold'
  /** The record does not say which end is the client; they stand as it has them. */
  readonly direction?: 'untold'
  readonly place: RecordPlace
  /** The record as it was, without requests of layer 7, at most 4,096 characters. Made only when asked for. */
  raw(): string
}

/**
 * One end of a connection, resolved as of its time: to a workload, to an address outside the cluster, to the nodes or
 * the API server, or to nothing, which is never guessed.
 */
export type End =
  /** `pod` is empty where the record names the workload only. The workload need not be in the cluster of today. */
  | { readonly kind: 'workload'; readonly workload: string; readonly pod: string; readonly labels?: Labels }
  | { readonly kind: 'address'; readonly address: string }
  /** `name` is empty where it is not known which; `own`: the record shows that it is the node of the pod at the other end. */
  | { readonly kind: 'node'; readonly name: string; readonly own?: true }
  | { readonly kind: 'api-server' }
  | Unresolved

export interface Unresolved {
  readonly kind: 'unresolved'
  readonly why: UnresolvedWhy
  readonly namespace: string
  readonly address: string
  readonly labels?: Labels
}

/** Of a pod that the cluster does not hold, as the record has them, without those that controllers write. */
export type Labels = ReadonlyMap<string, string>

export type UnresolvedWhy =
  /** The address has had several pods, or none that is known to have had it then. */
  | 'reused'
  /** The record hides the address. */
  | 'masked'
  /** The name of a pod that fits no workload, or several. */
  | 'unknown pod'
  /** The address of a Service, whose backend the record does not show. */
  | 'service address'
  /** Of another cluster of a mesh. */
  | 'other cluster'
  /** An address of the cluster, or one that may be, that no pod is known to have had. */
  | 'unknown'

/** Of a record's text, for people. */
export const RAW_CHARACTERS = 4096
