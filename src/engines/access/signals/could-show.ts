import type { Json } from '../../../cluster/json.ts'
import type { Role, Subject } from '../../../cluster/rbac.ts'
import { droppedBy } from '../used/audit-policy.ts'

/** What a source tells of itself. */
export interface Shown {
  /** Requests of anybody by `verb group/resource[/subresource]`; those for no resource as `get /`. */
  readonly shown: ReadonlyMap<string, number>
  readonly auditPolicy?: Json
}

const MOST_ATOMS = 2_000

/**
 * Whether the log could have shown a use of a role: by the audit policy where there is one, else by whether it shows the
 * like of anybody. One of its rights is enough, since whoever uses the role at all is seen then.
 */
export function couldShowOf({
  shown,
  auditPolicy,
}: Shown): (role: Role, subject: Subject, namespace: string) => boolean {
  const byResource = new Map<string, Set<string>>()
  const verbs = new Set<string>()
  for (const key of shown.keys()) {
    const space = key.indexOf(' ')
    const verb = key.slice(0, space)
    const resource = key.slice(space + 1)
    verbs.add(verb)
    byResource.set(resource, (byResource.get(resource) ?? new Set()).add(verb))
  }
  const known = new Map<Role, boolean>()
  const isShown = (verb: string, group: string, resource: string): boolean => {
    if (resource === '*' || group === '*') return verb === '*' ? verbs.size > 0 : verbs.has(verb)
    const own = byResource.get(`${group}/${resource}`)
    if (own) return verb === '*' || own.has(verb)
    // Nobody asked for it, so that nothing says that it is left out: a verb that is shown of others is shown of it.
    return verb === '*' ? verbs.size > 0 : verbs.has(verb)
  }
  return (role, subject, namespace) => {
    if (auditPolicy === undefined) {
      let answer = known.get(role)
      if (answer === undefined) {
        answer = some(role, isShown)
        known.set(role, answer)
      }
      return answer
    }
    const { kind, name } = subject
    const user =
      kind === 'Group'
        ? undefined
        : kind === 'ServiceAccount'
          ? `system:serviceaccount:${subject.namespace}:${name}`
          : name
    return some(
      role,
      (verb, group, resource) =>
        droppedBy(auditPolicy, {
          user,
          groups: kind === 'Group' ? [name] : [],
          verb: verb === '*' ? 'get' : verb,
          group,
          resource,
          namespace: namespace === '' ? undefined : namespace,
          url: '',
        }) === undefined,
    )
  }
}

function some(role: Role, holds: (verb: string, group: string, resource: string) => boolean): boolean {
  let atoms = 0
  for (const { verbs, apiGroups, resources } of role.rules)
    for (const group of apiGroups)
      for (const resource of resources)
        for (const verb of verbs) {
          if (++atoms > MOST_ATOMS) return true
          if (holds(verb, group, resource)) return true
        }
  return false
}
