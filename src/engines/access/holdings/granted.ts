import { isDefaultBinding } from '../../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import { MASTERS } from '../../../authz/subjects.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf } from '../../../cluster/object.ts'
import { type Binding, type Subject, subjectId } from '../../../cluster/rbac.ts'
import { subjectText } from '../../../cluster/subject-text.ts'
import type { Membership } from '../questions/view.ts'
import type { Tally } from '../signals/tally.ts'
import type { Holding } from './holding.ts'

/** A binding that names one of the subjects that are offboarded, and as which of them. */
export interface OwnBinding {
  readonly binding: Binding
  readonly subjects: readonly Subject[]
}

export function ownBindings(policy: RbacPolicy, subjects: readonly Subject[]): readonly OwnBinding[] {
  const found = new Map<Binding, Subject[]>()
  for (const subject of subjects)
    for (const binding of policy.bindingsOf(subjectId(subject))) {
      const named = binding.subjects.filter((each) => subjectId(each) === subjectId(subject))
      found.set(binding, [...(found.get(binding) ?? []), ...named])
    }
  return [...found].map(([binding, own]) => ({ binding, subjects: own }))
}

/** Records of use by the ids of bindings. */
export type UsedBindings = ReadonlyMap<string, Tally>

export function bindingHoldings(
  policy: RbacPolicy,
  own: readonly OwnBinding[],
  used: UsedBindings,
): readonly Holding[] {
  return own.map(({ binding, subjects }) => ({
    ...told(policy, binding, used),
    kind: 'binding' as const,
    because: subjects.map((subject) =>
      because(`names ${subjectText(subject)}`, binding.object, pathOf(binding, subject)),
    ),
    // What Kubernetes makes itself is in no file, and comes back.
    ends: binding.assumed ? ('remaining' as const) : ('change' as const),
  }))
}

/** Bindings of groups; of the groups that everybody is in, only those that Kubernetes does not make itself. */
export function groupHoldings(
  cluster: Cluster,
  policy: RbacPolicy,
  memberships: readonly Membership[],
  used: UsedBindings,
): readonly Holding[] {
  return memberships.flatMap(({ group, from, place }): readonly Holding[] => {
    const places = place ? [place] : []
    if (group === MASTERS)
      return [
        {
          kind: 'membership',
          title: `everything, as a member of ${MASTERS}: no binding gives it and none takes it away`,
          via: `group:${group}`,
          because: [because(membershipText(from))],
          places,
          ends: 'remaining',
        },
      ]
    const subject: Subject = { kind: 'Group', namespace: '', name: group }
    return policy
      .bindingsOf(idOf('Group', '', group))
      .filter((binding) => !binding.assumed && !isDefaultBinding(binding, cluster.version.minor))
      .map((binding) => ({
        ...told(policy, binding, used, places),
        kind: 'group-binding' as const,
        via: `group:${group}`,
        because: [
          because(membershipText(from)),
          because(`names group:${group}`, binding.object, pathOf(binding, subject)),
        ],
        ...(from === 'implicit'
          ? { settle: 'give it to those who need it by name: nobody is taken out of this group' }
          : {}),
        ends: 'remaining' as const,
      }))
  })
}

export function membershipText(from: Membership['from']): string {
  return {
    given: 'as the question says',
    implicit: 'authentication puts it in this group',
    directory: 'the directory says that it is in this group',
    audit: 'it was in this group when it last asked',
    cloud: 'the cloud mapping puts it in this group',
  }[from]
}

function told(
  policy: RbacPolicy,
  binding: Binding,
  used: UsedBindings,
  places: Holding['places'] = [],
): Omit<Holding, 'kind' | 'because' | 'ends'> {
  const { kind, namespace, name, roleKind, roleName } = binding
  const role = policy.roleOf(binding)
  const where = kind === 'RoleBinding' ? ` in ${namespace}` : ''
  return {
    title: `${roleKind} ${roleName}${role ? '' : ' (which does not exist)'} by ${kind} ${name}${where}`,
    binding: { kind, namespace, name },
    role: { kind: roleKind, namespace: roleKind === 'Role' ? namespace : '', name: roleName },
    ...recordOf(used.get(binding.object.id), places),
  }
}

function recordOf(
  record: Tally | undefined,
  places: Holding['places'],
): Pick<Holding, 'first' | 'last' | 'times' | 'places'> {
  if (!record) return { places }
  const { first, last, times, lastPlace } = record
  return { first, last, times, places: [...places, lastPlace] }
}

/** The place in the list that is written, which may hold what names nobody. */
function pathOf(binding: Binding, subject: Subject): (string | number)[] {
  const index = binding.subjects.findIndex((each) => subjectId(each) === subjectId(subject))
  return ['subjects', Math.max(0, index)]
}
