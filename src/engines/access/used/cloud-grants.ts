import { starMatches } from '../../../authz/cloud/glob.ts'
import { type CloudGrant, inScope, isFor, rulesTo, subjectOf } from '../../../authz/cloud/granted-authorizer.ts'
import { type CloudAuthorizerName, cloudReasonOf } from '../../../authz/cloud/reason.ts'
import { uncovered } from '../../../authz/covers.ts'
import { type Request, ruleAllows } from '../../../authz/rules.ts'
import type { Requester } from '../../../authz/subjects.ts'
import { letsIn } from '../../../cluster/aws-auth.ts'
import { principalKey } from '../../../cluster/cloud/identity.ts'
import type { PolicyRule, Subject } from '../../../cluster/rbac.ts'

/** A rule of a cloud that lets a request through. */
export interface CloudGiven {
  readonly authorizer: CloudAuthorizerName
  readonly grant: CloudGrant
  /** Its place in the rules of the grant. */
  readonly rule: number
}

/** As whom a principal of a cloud is let into the cluster; the name may be a template, as aws-auth has them. */
export interface CloudMapping {
  readonly principal: string
  readonly username: string
  readonly groups: readonly string[]
}

interface GrantsOf {
  readonly authorizer: CloudAuthorizerName
  readonly grants: readonly CloudGrant[]
}

const SYSTEM = /^system:/

/** What clouds grant besides RBAC, asked for what was recorded. */
export class CloudAccess {
  readonly all: readonly Omit<CloudGiven, 'rule'>[]
  readonly mappings: readonly CloudMapping[]
  readonly #grants: readonly GrantsOf[]
  readonly #seen: readonly Requester[]
  readonly #groups = new Map<string, string | undefined>()

  /** `seen`: who was recorded, by whom a group has members from elsewhere (an identity provider, a certificate). */
  constructor(grants: readonly GrantsOf[], mappings: readonly CloudMapping[], seen: readonly Requester[] = []) {
    this.all = grants.flatMap(({ authorizer, grants: each }) => each.map((grant) => ({ authorizer, grant })))
    this.mappings = mappings
    this.#grants = grants
    this.#seen = seen
  }

  withSeen(seen: readonly Requester[]): CloudAccess {
    return new CloudAccess(this.#grants, this.mappings, seen)
  }

  /** What lets a request through today; the first that does. */
  givenBy(requester: Requester, request: Request): CloudGiven | undefined {
    return this.#given(requester, request, () => true)
  }

  /** The same, where the log names the authorizer (of EKS, the policy and its principal). */
  namedBy(reason: string, requester: Requester, request: Request): CloudGiven | undefined {
    const told = cloudReasonOf(reason)
    if (!told) return undefined
    return this.#given(
      requester,
      request,
      ({ authorizer, grant }) =>
        authorizer === told.authorizer &&
        (told.principal === undefined || principalKey(told.principal) === principalKey(grant.principal)) &&
        (told.role === undefined || told.role === grant.role),
    )
  }

  /** Whether a grant is to a requester. */
  isFor(grant: CloudGrant, requester: Requester): boolean {
    return isFor(grant, requester)
  }

  /** Whether a user of this name is a principal that is asked about by its own name (its ARN, its id). */
  isPrincipal(asked: string, user: string): boolean {
    const key = principalKey(asked)
    const isSame = ({ principal, username }: CloudMapping): boolean =>
      principalKey(principal) === key && letsIn({ username }, user) !== 'no'
    // A session of a role is one of its users, and not all of them.
    if (asked === user || asked.includes(':assumed-role/')) return asked === user
    return (
      this.mappings.some(isSame) ||
      this.all.some(({ grant: { principal, username, group } }) =>
        group === undefined ? isSame({ principal, username, groups: [] }) : false,
      )
    )
  }

  /** Whether a grant is of whom is asked about: by its name, or as one of those that were recorded for it. */
  isOf(grant: CloudGrant, asked: Subject | undefined, own: readonly Requester[]): boolean {
    if (!asked) return true
    if (asked.kind === 'Group') return grant.group === asked.name
    const user = asked.kind === 'ServiceAccount' ? `system:serviceaccount:${asked.namespace}:${asked.name}` : asked.name
    return (
      isFor(grant, { user, groups: [] }) ||
      (grant.group === undefined && principalKey(grant.principal) === principalKey(user) && !user.includes(':sts:')) ||
      own.some((each) => isFor(grant, each))
    )
  }

  /**
   * The group that names the principal of a grant and nobody else: sessions of a role have a user name each, which no
   * binding can name.
   */
  ownGroupOf({ principal, group }: CloudGrant): string | undefined {
    return group ?? this.groupOfPrincipal(principal)
  }

  groupOfPrincipal(principal: string): string | undefined {
    const key = principalKey(principal)
    if (this.#groups.has(key)) return this.#groups.get(key)
    const isOwn = (each: CloudMapping): boolean => principalKey(each.principal) === key
    const own = this.mappings.filter(isOwn).flatMap(({ groups }) => groups)
    const found = own.find(
      (name) =>
        !SYSTEM.test(name) &&
        this.mappings.every((each) => isOwn(each) || !each.groups.includes(name)) &&
        !this.#seen.some(({ user, groups }) => groups.includes(name) && !this.isPrincipal(principal, user)),
    )
    this.#groups.set(key, found)
    return found
  }

  /** Whether the users of a grant have names that are made of their sessions. */
  isOfSessions({ username, group }: CloudGrant): boolean {
    return group === undefined && username.includes('{{')
  }

  /** What is granted to a subject by its name: a user, or the group of one principal. */
  grantsTo({ kind, name }: Subject): readonly CloudGrant[] {
    if (kind === 'ServiceAccount') return []
    return this.all.flatMap(({ grant }) =>
      (kind === 'User' ? isFor(grant, { user: name, groups: [] }) : this.ownGroupOf(grant) === name) ? [grant] : [],
    )
  }

  /** Whether it gives a subject all of one rule in a namespace (everywhere, for ''). */
  covers(subject: Subject, namespace: string, rule: PolicyRule): boolean {
    const rules = this.grantsTo(subject).flatMap(({ namespaces, rules: own }) =>
      namespaces === undefined || (namespace !== '' && namespaces.some((each) => starMatches(each, namespace)))
        ? own
        : [],
    )
    return rules.length > 0 && uncovered(rules, [rule]).length === 0
  }

  /** As whom a grant is told: as who is asked about, else as the users that it lets in. */
  namedAs(grant: CloudGrant, asked: Subject | undefined): Subject {
    if (grant.group !== undefined) return subjectOf(grant, '')
    const isOwn = asked?.kind === 'User' && letsIn({ username: grant.username }, asked.name) !== 'no'
    return subjectOf(grant, isOwn ? asked.name : grant.username)
  }

  #given(
    requester: Requester,
    request: Request,
    isWanted: (each: Omit<CloudGiven, 'rule'>) => boolean,
  ): CloudGiven | undefined {
    for (const each of this.all) {
      const { grant } = each
      if (!isWanted(each) || !isFor(grant, requester) || !inScope(grant, request)) continue
      // What is denied to this person is another rule's use, if any's.
      const allowing = rulesTo(grant, requester).find((one) => ruleAllows(one, request))
      const rule = allowing ? grant.rules.indexOf(allowing) : -1
      if (rule >= 0) return { ...each, rule }
    }
    return undefined
  }
}
