import type { Authorizer } from '../../../authz/authorizers.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Requester } from '../../../authz/subjects.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Binding, Subject } from '../../../cluster/rbac.ts'

/** All that questions of access are asked of, at one time. */
export interface AccessView {
  readonly cluster: Cluster
  /** Without what expired bindings grant. */
  readonly policy: RbacPolicy
  readonly authorizers: readonly Authorizer[]
  /** Those that may allow, by what is not known: they answer no question, and are told of a denial. */
  readonly doubtful?: readonly Authorizer[]
  /** Bindings that do not hold at this time, though the input has them. */
  readonly ended: readonly Ended[]
  /** Milliseconds since 1970. */
  readonly asOf: number
  /** Who tells groups of users, beside what they are by their name. */
  readonly sources: readonly GroupSource[]
  requesterOf(subject: Subject): KnownRequester
  /** Users, service accounts and nodes that the input or a source names. */
  individuals(): readonly Subject[]
}

export interface Ended {
  readonly binding: Binding
  readonly why: string
}

/** A requester, and how it is known which groups it is in. */
export interface KnownRequester extends Requester {
  readonly subject: Subject
  readonly memberships: readonly Membership[]
  /** Groups that it was in and, by the latest word of the same source, no longer is. */
  readonly left: readonly Membership[]
}

export interface Membership {
  readonly group: string
  readonly from: 'given' | 'implicit' | 'directory' | 'audit' | 'cloud'
  /** Milliseconds since 1970, when it was last seen, where the source is a record. */
  readonly seen?: number
  /** Where the source says it; 1-based. */
  readonly place?: { readonly file: string; readonly line: number }
}

/** What a directory, a history or an export tells of the groups of users. */
export interface GroupSource {
  readonly from: Membership['from']
  groupsOf(user: string): readonly Membership[]
  /** Those that it says a user is no longer in. */
  leftBy?(user: string): readonly Membership[]
  /** Names of the users that it knows. */
  users(): Iterable<string>
}

/** The membership by which a grant to a subject is the requester's; undefined where it is granted to itself. */
export function membershipThrough({ subject, memberships }: KnownRequester, to: Subject): Membership | undefined {
  if (to.kind !== 'Group' || (subject.kind === 'Group' && subject.name === to.name)) return undefined
  return memberships.find((each) => each.group === to.name)
}
