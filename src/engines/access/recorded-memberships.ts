import type { RbacPolicy } from '../../authz/policy.ts'
import { implicitGroups, MASTERS } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import { idOf } from '../../cluster/object.ts'
import type { KnownMembership } from '../known.ts'
import type { Who } from './used/behaviour.ts'

/**
 * The groups of users as their own requests show them, where a binding names both: whoever is impersonated is in whatever
 * groups the impersonator asks for.
 */
export function recordedMemberships(
  whos: readonly Who[],
  policy: RbacPolicy,
): ReadonlyMap<string, readonly KnownMembership[]> {
  const found = new Map<string, Map<string, KnownMembership>>()
  for (const { user, subject, groups, behaviours } of whos) {
    if (!subject.startsWith('User/') || !policy.subjects.has(subject)) continue
    const own = behaviours.find(({ impersonator }) => impersonator === undefined)
    if (!own) continue
    const implied = new Set(implicitGroups(subject))
    for (const group of groups) {
      if (implied.has(group) || (group !== MASTERS && !policy.subjects.has(idOf('Group', '', group)))) continue
      const told = found.get(subject) ?? new Map<string, KnownMembership>()
      found.set(subject, told)
      const { file, line } = own.place
      const why = because(`the audit log has ${user} in ${group} (${file}:${line})`)
      if (!told.has(group)) told.set(group, { group, because: [why] })
    }
  }
  return new Map([...found].map(([user, own]) => [user, [...own.values()]]))
}
