import type { Cluster } from '../../../cluster/cluster.ts'
import { LABEL } from '../../../cluster/definitions/bodies.ts'
import { type Expansion, inOrder } from '../../../cluster/definitions/expand.ts'
import type { DefinitionCheck } from '../../../cluster/definitions/problem.ts'
import { type KubeObject, labelsOf } from '../../../cluster/object.ts'
import type { DefinitionChange, DefinitionChanges } from './changes.ts'
import { ownerOf } from './owner.ts'
import { roleText, subjectsText } from './words.ts'

/** Faults by which a definition says less than was meant: what it made before may be meant still. */
const SAYS_LESS: readonly DefinitionCheck[] = [
  'not-read',
  'invalid',
  'no-role',
  'no-namespace',
  'empty-selector',
  'invalid-selector',
  'invalid-name',
  'too-many',
]

export function saysLess({ faults }: Expansion, definition: string): boolean {
  const checks = faults.get(definition)
  return checks !== undefined && SAYS_LESS.some((each) => checks.has(each))
}

/** What is labelled and owned by a definition of that name, and not asked for any more. */
export function leftovers(
  expansion: Expansion,
  cluster: Cluster,
): { deleted: readonly DefinitionChange[]; kept: DefinitionChanges['kept'] } {
  const names = new Set(expansion.definitions.map(({ name }) => name))
  const wanted = new Set(expansion.objects.map(({ id }) => id))
  const ended = new Map(expansion.ended.map(({ object, state }) => [object.id, state]))
  const uses = usersOf(cluster)
  const deleted: DefinitionChange[] = []
  const kept: DefinitionChanges['kept'][number][] = []
  for (const object of [...owned(cluster)].sort(inOrder)) {
    const definition = ownerOf(object)?.name ?? ''
    if (!names.has(definition) || wanted.has(object.id)) continue
    const state = ended.get(object.id)
    const why = state === undefined ? doubtOf(object, definition, expansion, cluster) : undefined
    if (why === undefined) deleted.push({ action: 'delete', object, definition, what: deletion(object, uses, state) })
    else kept.push({ object, why })
  }
  return { deleted: deleted.reverse(), kept }
}

function doubtOf(object: KubeObject, definition: string, expansion: Expansion, cluster: Cluster): string | undefined {
  if (saysLess(expansion, definition)) return 'the definition has faults: what it says less may be meant still'
  const isSelected = expansion.faults.get(definition)?.has('unknown-namespaces') && object.kind === 'RoleBinding'
  if (!isSelected || cluster.namespaces.get(object.namespace)?.seen === true) return undefined
  return `the labels of namespace ${object.namespace} are not in the input`
}

function owned(cluster: Cluster): readonly KubeObject[] {
  return [...cluster.bindings.map(({ object }) => object), ...cluster.ofKind('ServiceAccount')].filter(({ body }) =>
    labelsOf(body).has(LABEL),
  )
}

function deletion(
  object: KubeObject,
  uses: ReadonlyMap<string, number>,
  state: Expansion['ended'][number]['state'] | undefined,
): readonly string[] {
  if (object.kind !== 'ServiceAccount') {
    const when = state === undefined ? [] : [state === 'expired' ? 'has expired' : 'has not begun']
    return [...when, `bound ${roleText(object.body)} to ${subjectsText(object.body)}`]
  }
  const count = uses.get(`${object.namespace}/${object.name}`) ?? 0
  const users = count === 0 ? '' : `; ${count} workload${count === 1 ? '' : 's'} of the input run as it`
  return [`every token of it dies${users}`]
}

function usersOf(cluster: Cluster): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { namespace, specs } of cluster.workloads)
    for (const name of new Set(specs.map(({ pod }) => pod.serviceAccountName)))
      counts.set(`${namespace}/${name}`, (counts.get(`${namespace}/${name}`) ?? 0) + 1)
  return counts
}
