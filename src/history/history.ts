import type { Json } from '../cluster/json.ts'
import type { Problem } from '../errors.ts'
import type { AuditForm, Hides } from '../observe/audit/form.ts'
import type { Access, Connection, RecordPlace } from '../observe/record.ts'

export type { AuditForm, HiddenField, Hides } from '../observe/audit/form.ts'

export type {
  Access,
  Alike,
  Connection,
  End,
  Labels,
  RecordPlace,
  Review,
  Unresolved,
  UnresolvedWhy,
} from '../observe/record.ts'

/**
 * What was recorded of a cluster, as a port: files implement it, a store will. Records come in the order of their
 * source, which is near to that of time but not the same, in batches, mostly of a few hundred and never empty; a source
 * is read anew by each call. A record keeps its text in memory, for `raw`: fold records, do not collect them.
 */
export interface History {
  /**
   * With `passing`, records are told that live only until the next batch is asked for, which costs less: what is kept of
   * them (`id`, `place`, `raw()`) must be asked for before.
   */
  accesses(options?: { readonly passing?: boolean }): AsyncIterable<readonly Access[]>
  connections(): AsyncIterable<readonly Connection[]>
  /** Complete once both have been read to their end. */
  coverage(): Coverage
}

/** What the sources could have shown, and what they say that they did not. */
export interface Coverage {
  readonly sources: readonly SourceCoverage[]
}

/** A form of an audit log, and what it never tells. */
export interface FormSeen {
  readonly form: AuditForm
  readonly records: number
  readonly hides: Hides
}

/** Of all audit logs together, or of all flow logs. */
export interface SourceCoverage {
  readonly kind: 'audit' | 'flows'
  readonly files: readonly string[]
  /** Records that were understood, and lines that were not. */
  readonly records: number
  readonly unread: number
  /** Of the first and last record; both 0 when there is none. */
  readonly from: number
  readonly to: number
  /**
   * Hours of the clock without any record in which 20 or more were to be expected (so that chance leaves them empty less
   * than once in 10^8) by what that hour of the day mostly has, in a source that has as many in the hours in which it has
   * any: from the record before them to the record after.
   */
  readonly gaps: readonly { readonly from: number; readonly to: number }[]
  /** Of such a source that shows something in less than six hours of a day: how many hours, of how many in its span. */
  readonly thin?: { readonly hours: number; readonly of: number } | undefined
  /**
   * Few records of times that are far from all others, the first of them: a clock was wrong. `from`, `to` and `gaps` are
   * those of the others.
   */
  readonly outlying?: { readonly count: number; readonly time: number; readonly place?: RecordPlace } | undefined
  /** Records that the source itself says it lost; after 1,000 places, in the last of them. */
  readonly lost: readonly { readonly time: number; readonly count: number; readonly place: RecordPlace }[]
  /** Records that were understood and are neither accesses nor connections (`icmp`, `agent_event`), by what they are. */
  readonly leftOut: Readonly<Record<string, number>>
  /** Of connections: ends that resolved to nothing, by why. */
  readonly unresolved: Readonly<Record<string, number>>
  /** Of an audit log: the levels seen. */
  readonly levels: Readonly<Record<string, number>>
  /** Of an audit log: how its events came, and what each form never tells. */
  readonly forms: readonly FormSeen[]
  /** What none of these forms tells. */
  readonly hides: Hides
  /**
   * Requests over all subjects, by `verb group/resource[/subresource]`: `get /pods`, `create apps/deployments/scale`;
   * those for no resource together as `get /`.
   */
  readonly shown: ReadonlyMap<string, number>
  /** An audit policy (kind Policy, audit.k8s.io) that lay among the files. */
  readonly auditPolicy?: Json
  /** Nodes that reported connections. */
  readonly nodes: readonly string[]
  /** Files that ended too early, and the first lines that were not understood, with their places. */
  readonly problems: readonly Problem[]
}
