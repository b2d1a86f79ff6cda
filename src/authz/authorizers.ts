import type { Because } from '../cluster/because.ts'
import type { PolicyRule, Subject } from '../cluster/rbac.ts'
import type { Grant } from './authorize.ts'
import type { Request } from './rules.ts'
import type { Requester } from './subjects.ts'

/**
 * The authorizers of an API server, as apiserver/pkg/authorization/union has them: each may allow, none of these denies,
 * so that their answers add up. The first that allows gives the reason.
 */
export interface Authorizer {
  readonly name: string
  /** All that allows a request, in the order in which the authorizer would come to it. */
  grants(requester: Requester, request: Request): Iterable<Granted>
  /** All that allows what is asked to anyone: for each subject that it names, the first rule of each binding. */
  holders(asked: Asked): Iterable<Granted>
  /** All rules that hold for a requester: in a namespace, those that hold everywhere among them; in any, for undefined. */
  rulesFor(requester: Requester, namespace: string | undefined): Iterable<Granted>
}

/** One rule that holds for a subject. */
export interface Granted {
  readonly authorizer: string
  /** To whom it is granted: the user or service account itself, or a group. */
  readonly subject: Subject
  /** Where it holds; empty: everywhere. */
  readonly namespace: string
  readonly rule: PolicyRule
  /** By which binding, where RBAC grants it. */
  readonly grant?: Grant
  readonly because: readonly Because[]
}

/** A request of anyone. */
export interface Asked {
  readonly request: Request
  /**
   * `namespace`: the request is made in every namespace, and an answer that holds in one of them says which. `name`: it
   * is for any object of the kind Namespace, whose requests are in the namespace of that name. Undefined: as it stands.
   */
  readonly each?: 'namespace' | 'name'
}

export const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
]
