import { authorize } from '../../authz/authorize.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { idOf } from '../../cluster/object.ts'
import { type Binding, type Subject, subjectId } from '../../cluster/rbac.ts'
import { type AccessBehaviour, OTHERS, type Who } from '../../engines/access/used/behaviour.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { bindingOf } from '../../engines/access/used/held.ts'

const RBAC = 'rbac.authorization.k8s.io'
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])
const HANDED_ON = 'it wrote roles or bindings that are not in your files, and may have handed on any of this'
const TOO_MUCH = 'more was recorded of it than is told apart'

/** Why all that a binding gives a subject must stay, since the log does not show what of it was needed. */
export function mustStay(
  facts: AccessFacts,
  policy: RbacPolicy,
): (binding: Binding, subject: Subject) => string | undefined {
  const tooMuch = new Set<string>()
  /** By subject, where it wrote what nobody can look up. */
  const handedOn = new Map<string, Set<string>>()
  for (const who of facts.whos) {
    if (who.subject === OTHERS || who.dropped) for (const id of who.ids) tooMuch.add(id)
    for (const behaviour of who.behaviours) {
      const place = handsOn(who, behaviour, policy)
      if (place === undefined) continue
      for (const id of who.ids) {
        const places = handedOn.get(id) ?? new Set()
        handedOn.set(id, places.add(place))
      }
    }
  }
  return (binding, subject) => {
    const id = subjectId(subject)
    if (tooMuch.has(id)) return TOO_MUCH
    const places = handedOn.get(id)
    const isThere = binding.kind === 'ClusterRoleBinding' || places?.has(binding.namespace)
    return places && isThere ? HANDED_ON : undefined
  }
}

/** The namespace in which a role or binding was written of which no file tells what it gives, by what the writer holds itself. */
function handsOn(who: Who, { request, outcome, object }: AccessBehaviour, policy: RbacPolicy): string | undefined {
  if (outcome !== 'used' || 'path' in request || request.group !== RBAC || request.subresource !== '') return undefined
  const { resource, namespace, verb } = request
  if (!WRITES.has(verb)) return undefined
  const isBinding = resource === 'rolebindings' || resource === 'clusterrolebindings'
  const isNamespaced = resource === 'roles' || resource === 'rolebindings'
  const isKnown = isBinding
    ? bindingOf(policy, idOf(isNamespaced ? 'RoleBinding' : 'ClusterRoleBinding', namespace, object)) !== undefined
    : policy.role(isNamespaced ? 'Role' : 'ClusterRole', namespace, object) !== undefined
  if (isKnown) return undefined
  const may = (right: string, of: string): boolean =>
    authorize(policy, who, { ...request, verb: right, resource: of, name: '' }).allowed
  // Whoever may bind or escalate any needs nothing else; it is kept as a use of its own.
  const isFree = isBinding ? may('bind', 'clusterroles') || may('bind', 'roles') : may('escalate', resource)
  return isFree ? undefined : namespace
}
