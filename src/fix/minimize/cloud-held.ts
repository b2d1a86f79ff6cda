import type { CloudGrant } from '../../authz/cloud/granted-authorizer.ts'
import type { CloudAuthorizerName } from '../../authz/cloud/reason.ts'
import { idOf } from '../../cluster/object.ts'
import { type Subject, subjectId } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { Who } from '../../engines/access/used/behaviour.ts'
import type { CloudAccess } from '../../engines/access/used/cloud-grants.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { atomKey } from './atom.ts'
import { atomText } from './text.ts'
import type { CloudUse } from './uses.ts'

/** One grant of a cloud beside RBAC, and what was used of it. */
export interface CloudHeld {
  readonly authorizer: CloudAuthorizerName
  readonly grant: CloudGrant
  /** As whom it lets its principal in; a name with `{{…}}` stands for one of each session. */
  readonly subject: string
  /** Rights that it gave and that were used, sorted. */
  readonly used: readonly string[]
  /** `--keep`: they are left to it, and no role gives them. */
  readonly kept: boolean
  /** Of sessions without a group of their own, whose roles name each session. */
  readonly isPerSession: boolean
}

/** Every grant of a cloud to those who were recorded and are minimised. */
export function cloudHeld(
  cloud: CloudAccess,
  facts: AccessFacts,
  uses: readonly CloudUse[],
  isAsked: (who: Who) => boolean,
  staysInCloud: (grant: CloudGrant) => boolean,
): readonly CloudHeld[] {
  const used = new Map<CloudGrant, Map<string, string>>()
  for (const { who, atom, given } of uses) {
    if (!isAsked(who)) continue
    const own = used.get(given.grant) ?? new Map<string, string>()
    const place = atom.namespace === '' ? '' : ` in ${atom.namespace}`
    used.set(given.grant, own.set(atomKey(atom), `${atomText({ ...atom, namespace: '' })}${place}`))
  }
  const seen = facts.whos.filter(isAsked)
  return cloud.all.flatMap(({ authorizer, grant }) => {
    const own = used.get(grant)
    if (!own && !seen.some((who) => cloud.isFor(grant, who))) return []
    return [
      {
        authorizer,
        grant,
        subject: subjectText(cloud.namedAs(grant, undefined)),
        used: [...(own?.values() ?? [])].sort(),
        kept: staysInCloud(grant),
        isPerSession: cloud.isOfSessions(grant) && cloud.ownGroupOf(grant) === undefined,
      },
    ]
  })
}

/** `--keep` names the access policy or role of the cloud, or its principal. */
export function isKeptInCloud(keep: ReadonlySet<string>, { role, principal, username }: CloudGrant): boolean {
  return [role, principal, username, `user:${username}`].some((each) => keep.has(each))
}

/** Groups that stand for one principal whose sessions no binding can name. */
export function sessionGroups(cloud: CloudAccess | undefined): ReadonlySet<string> {
  return new Set(cloud?.all.flatMap(({ grant }) => (cloud.isOfSessions(grant) ? (cloud.ownGroupOf(grant) ?? []) : [])))
}

/**
 * Who is asked about, where a principal of a cloud may be named by its own name: the group that stands for it, or all whom
 * it was recorded as.
 */
export function askedOf(
  facts: AccessFacts,
  subjects: readonly Subject[],
  cloud: CloudAccess | undefined,
): { readonly asked: ReadonlySet<string>; readonly groups: ReadonlySet<string>; readonly principals: Set<Subject> } {
  const asked = new Set(subjects.map(subjectId))
  const groups = new Set(subjects.flatMap(({ kind, name }) => (kind === 'Group' ? [name] : [])))
  const principals = new Set<Subject>()
  for (const subject of cloud ? subjects : []) {
    if (subject.kind !== 'User') continue
    const users = facts.whos.filter(({ user }) => user !== subject.name && cloud?.isPrincipal(subject.name, user))
    if (users.length === 0) continue
    principals.add(subject)
    const own = cloud?.groupOfPrincipal(subject.name)
    if (own !== undefined && users.some((who) => who.groups.includes(own))) {
      groups.add(own)
      asked.add(idOf('Group', '', own))
    } else for (const who of users) asked.add(who.subject)
  }
  return { asked, groups, principals }
}
