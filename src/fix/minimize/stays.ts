import { isDefaultBinding } from '../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type Binding, type Subject, subjectId } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import { isComponent } from '../access/components.ts'
import { isRestored } from '../access/evidence.ts'

/** Something of today that is left as it is, and why. */
export interface Kept {
  /** `sa:shop/web`; empty where it is of a binding as a whole. */
  readonly subject: string
  readonly what: string
  readonly why: string
}

export interface StaysContext {
  readonly cluster: Cluster
  readonly policy: RbacPolicy
  /** Whether a subject is to be minimised: it was asked for, and something was recorded of it. */
  readonly isWanted: (subject: Subject) => boolean
  /** Why all of it must stay, whatever was used of it. */
  readonly must: (binding: Binding, subject: Subject) => string | undefined
  /** `--keep`: names of bindings (`NAME`, `NAMESPACE/NAME`) and subjects. */
  readonly keep: ReadonlySet<string>
}

/** Why a binding goes on giving a subject what it gives; undefined where its rights are made anew. */
export function staysBecause(
  { cluster, policy, isWanted, must, keep }: StaysContext,
  binding: Binding,
  subject: Subject,
): string | undefined {
  if (binding.assumed || isDefaultBinding(binding, cluster.version.minor))
    return 'a default of Kubernetes, which it restores'
  if (isKept(keep, binding, subject)) return 'kept: --keep'
  if (isComponent(subject)) return 'a component of the control plane'
  if (isRestored(binding.object)) return 'an addon manager makes it again'
  if (!binding.object.origin) return 'no file holds it: what makes it is to be changed'
  if (!policy.roleOf(binding)) return 'its role does not exist'
  return isWanted(subject) ? must(binding, subject) : 'nothing of it was asked for, or recorded'
}

function isKept(keep: ReadonlySet<string>, binding: Binding, subject: Subject): boolean {
  return [...bindingNames(binding), ...subjectNames(subject)].some((each) => keep.has(each))
}

/** As what `--keep` may name a binding. */
function bindingNames({ namespace, name, kind }: Binding): readonly string[] {
  const binding = namespace === '' ? name : `${namespace}/${name}`
  return [name, binding, `${kind}/${binding}`]
}

function subjectNames(subject: Subject): readonly string[] {
  const own = subject.kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name
  return [subjectText(subject), own]
}

/** What of `keep` names no binding and none of its subjects. */
export function namesNothing(keep: readonly string[], { bindings }: RbacPolicy): readonly string[] {
  const known = new Set(
    bindings.flatMap((binding) => [...bindingNames(binding), ...binding.subjects.flatMap(subjectNames)]),
  )
  return keep.filter((each) => !known.has(each))
}

/** All bindings with the subjects that they name, each once. */
export function* grantsOf(
  policy: RbacPolicy,
): Generator<{ readonly binding: Binding; readonly subject: Subject; readonly id: string }> {
  for (const binding of policy.bindings)
    for (const [id, subject] of new Map(binding.subjects.map((each) => [subjectId(each), each])))
      yield { binding, subject, id }
}
