import { hash8, hash53 } from '../../cluster/hash.ts'
import { at, type JsonObject, string } from '../../cluster/json.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import { type Binding, type Role, type Subject, subjectId } from '../../cluster/rbac.ts'
import type { Change, Fix, FixContext, Proposer } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { fitting } from '../titles.ts'
import { bindingsToFix, gives, nameOf } from './evidence.ts'
import { describe, placesOf } from './subjects.ts'

/** Gives a service account in one namespace what it has everywhere and was seen to use there alone. */
export const narrowBinding: Proposer = { kind: 'narrow-binding', propose }

function* propose(context: FixContext): Generator<Fix> {
  if (!context.used) return
  const idFor = fixIds(narrowBinding.kind)
  for (const { binding, role } of bindingsToFix(context)) {
    if (binding.kind !== 'ClusterRoleBinding') continue
    for (const subject of distinct(binding.subjects)) {
      const place = onlyNamespace(context, binding, role, subject)
      if (place === undefined) continue
      yield {
        id: idFor(`${binding.object.id} ${subjectId(subject)}`, binding.name, subject.namespace, subject.name),
        kind: narrowBinding.kind,
        title: fitting(
          `Give ${describe(subject)} ${role.kind} ${role.name} in ${place.namespace} only, not everywhere`,
          `Give ${nameOf(subject)} ${role.name} in ${place.namespace} only`,
        ),
        changes: [
          withdrawn(binding, subject),
          { action: 'add', object: roleBinding(context, binding, subject, place.namespace) },
        ],
        witness: 'access',
        notes: [
          `all ${place.times} recorded requests that ClusterRoleBinding ${binding.name} allows it were in ${place.namespace}`,
        ],
      }
    }
  }
}

function distinct(subjects: readonly Subject[]): readonly Subject[] {
  const accounts = subjects.filter(({ kind }) => kind === 'ServiceAccount')
  return [...new Map(accounts.map((each) => [subjectId(each), each])).values()]
}

/** What stands in no namespace, a list over all of them, or a URL, no RoleBinding can give. */
function onlyNamespace(
  { used }: FixContext,
  binding: Binding,
  role: Role,
  subject: Subject,
): { readonly namespace: string; readonly times: number } | undefined {
  const rights = used?.rights(subjectId(subject))?.filter((right) => gives(binding, role, right)) ?? []
  const [first] = rights
  if (!first || first.namespace === '' || rights.some((right) => right.namespace !== first.namespace)) return undefined
  if (rights.some(({ resource }) => resource === '')) return undefined
  return { namespace: first.namespace, times: rights.reduce((sum, right) => sum + right.times, 0) }
}

function withdrawn(binding: Binding, subject: Subject): Change {
  const { object, subjects } = binding
  if (new Set(subjects.map(subjectId)).size === 1) return { action: 'remove', object }
  const places = placesOf(binding, subject).toReversed()
  return { action: 'edit', object, edits: places.map((place) => ({ op: 'remove', path: ['subjects', place] })) }
}

function roleBinding({ cluster }: FixContext, binding: Binding, subject: Subject, namespace: string): KubeObject {
  const isFree = (each: string): boolean => cluster.get(idOf('RoleBinding', namespace, each)) === undefined
  const hash = hash8([hash53(`${binding.object.id} ${subjectId(subject)}`)])
  const name = isFree(binding.name) ? binding.name : `${binding.name}-${hash}`
  const account = cluster.get(subjectId(subject))
  const isPlaced =
    namespace !== subject.namespace ||
    account === undefined ||
    string(at(account.body, 'metadata', 'namespace')) !== undefined
  const body: JsonObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    // Beside an account that is placed by `-n` it is placed so too.
    metadata: { name, ...(isPlaced ? { namespace } : {}) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: binding.roleName },
    subjects: [{ kind: 'ServiceAccount', name: subject.name, namespace: subject.namespace }],
  }
  return {
    id: idOf('RoleBinding', namespace, name),
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'RoleBinding',
    namespace,
    name,
    body,
  }
}
