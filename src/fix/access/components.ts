import { idParts } from '../../cluster/object.ts'
import { type Binding, type Role, revokedSubjects, type Subject, subjectId } from '../../cluster/rbac.ts'
import { livesOn, runnersOf } from '../accounts.ts'
import type { FixContext } from '../fix.ts'
import { isPartOfNode } from '../pods/agents.ts'
import { isPerson } from './subjects.ts'

/** Groups that people, or everybody, are in, although Kubernetes names them. */
const EVERYBODY = /^system:(anonymous|authenticated|unauthenticated|serviceaccounts(:.*)?)$/

/**
 * The control plane's own credentials: users and groups of `system:`, and the one by which the API server calls kubelets
 * (`kube-apiserver`, `kube-apiserver-kubelet-client`). No person has them, and without them the cluster stops.
 */
export function isComponent(subject: Subject): boolean {
  return isPerson(subject) && !EVERYBODY.test(subject.name) && /^(system:|kube-apiserver)/.test(subject.name)
}

/** Everything, of every kind: nothing that runs can need all of it. */
export function isEverything({ rules }: Role): boolean {
  return rules.some(({ verbs, apiGroups, resources }) =>
    [verbs, apiGroups, resources].every((all) => all.includes('*')),
  )
}

/** Whether a right may be taken from a subject as a whole, by what is known of its use. */
export function mayLose(context: FixContext, binding: Binding, role: Role, subject: Subject): boolean {
  if (isComponent(subject)) return false
  if (!livesOn(context, binding, subject)) return true
  return isEverything(role) && !runnersOf(context, subjectId(subject)).some(isPartOfNode)
}

const CLUSTER_ADMIN = 'cluster-admin'

interface Admins {
  /** People who stay administrators, and how. */
  readonly left: readonly { readonly subject: Subject; readonly binding: Binding }[]
  /** Those that a plan, or somebody before it, has taken out of such bindings. */
  readonly before: number
}

function isAdminBinding({ kind, roleKind, roleName }: Binding): boolean {
  return kind === 'ClusterRoleBinding' && roleKind === 'ClusterRole' && roleName === CLUSTER_ADMIN
}

function adminsWithout({ policy }: FixContext, binding: Binding, gone: readonly Subject[]): Admins {
  const ids = new Set(gone.map(subjectId))
  const all = policy.bindings.filter(isAdminBinding)
  return {
    left: all.flatMap((each) =>
      each.subjects
        .filter((subject) => isPerson(subject) && !isComponent(subject))
        .filter((subject) => each.object.id !== binding.object.id || !ids.has(subjectId(subject)))
        .map((subject) => ({ subject, binding: each })),
    ),
    before: all.reduce((sum, { object }) => sum + revokedSubjects(object).length, 0),
  }
}

/** Whether nobody could administer the cluster afterwards who was not to lose it anyway. */
export function takesLastAdmin(context: FixContext, binding: Binding, gone: readonly Subject[]): boolean {
  if (!isAdminBinding(binding) || !gone.some((each) => isPerson(each) && !isComponent(each))) return false
  const { left, before } = adminsWithout(context, binding, gone)
  return left.length === 0 && before === 0
}

/** Who stays an administrator. */
export function adminNotes(context: FixContext, binding: Binding, gone: readonly Subject[]): readonly string[] {
  if (!isAdminBinding(binding) || !gone.some((each) => isPerson(each) && !isComponent(each))) return []
  const [first, ...more] = adminsWithout(context, binding, gone).left
  if (!first) return ['after it nobody but system:masters has cluster-admin: keep a way in before making it']
  const others = more.length > 0 ? ` and ${more.length} more` : ''
  const { name } = idParts(subjectId(first.subject))
  return [`cluster-admin stays with ${first.subject.kind} ${name} (${first.binding.name})${others}`]
}
