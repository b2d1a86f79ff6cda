import { authorize } from '../../../authz/authorize.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Request } from '../../../authz/rules.ts'
import type { Requester } from '../../../authz/subjects.ts'
import { decodeBinding, subjectId } from '../../../cluster/rbac.ts'
import type { DefinitionChange } from './changes.ts'

/** What history shows of who used what; the facts of `prove` are that. */
export interface UsedRights {
  rights(subject: string): readonly UsedRight[] | undefined
  /** Everyone who is bound as this subject: of a group, its members. */
  whosOf(subject: string): readonly (Requester & { readonly subject: string })[]
}

interface UsedRight {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly times: number
  readonly last: number
}

/** One subject, and what of its recorded use the cluster after the changes would refuse. */
export interface Lost {
  /** The id of a node: `User//alice`. */
  readonly subject: string
  readonly rights: readonly UsedRight[]
}

/** Who of the subjects whose bindings change or go would lose what they used. */
export function lostBy(
  changes: readonly DefinitionChange[],
  before: RbacPolicy,
  after: RbacPolicy,
  used: UsedRights,
): readonly Lost[] {
  const whos = new Map<string, Requester[]>()
  for (const id of touchedBy(changes)) {
    for (const who of used.whosOf(id)) {
      const same = whos.get(who.subject)
      if (!same) whos.set(who.subject, [who])
      else if (!same.includes(who)) same.push(who)
    }
  }
  return [...whos]
    .map(([subject, requesters]) => ({
      subject,
      rights: (used.rights(subject) ?? []).filter((right) => {
        const request = requestOf(right)
        return requesters.some(
          (who) => authorize(before, who, request).allowed && !authorize(after, who, request).allowed,
        )
      }),
    }))
    .filter(({ rights }) => rights.length > 0)
    .sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

function touchedBy(changes: readonly DefinitionChange[]): ReadonlySet<string> {
  return new Set(
    changes.flatMap(({ action, object, before }) => {
      const old = action === 'delete' ? object : before
      return old?.kind.endsWith('Binding') ? decodeBinding(old).subjects.map(subjectId) : []
    }),
  )
}

function requestOf({ verb, group, resource, subresource, namespace, name, path }: UsedRight): Request {
  return resource === '' ? { verb, path } : { verb, group, resource, subresource, namespace, name }
}
