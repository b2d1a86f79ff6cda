import { ruleGrants } from '../authz/rules.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { idOf, idParts, labelsOf } from '../cluster/object.ts'
import { type Binding, type Subject, subjectId } from '../cluster/rbac.ts'
import type { Workload } from '../cluster/workload.ts'
import { mountedToken } from '../engines/access/rules/token.ts'
import type { FixContext } from './fix.ts'

/** Who runs as a service account, and whether it lives on what it is bound to. */

const runners = new WeakMap<readonly Workload[], ReadonlyMap<string, readonly Workload[]>>()

/** The workloads that hold the token of a service account. A change of roles and bindings leaves them as they are. */
export function runnersOf({ cluster }: FixContext, account: string): readonly Workload[] {
  const known = runners.get(cluster.workloads) ?? allRunners(cluster)
  runners.set(cluster.workloads, known)
  return known.get(account) ?? []
}

function allRunners(cluster: Cluster): ReadonlyMap<string, readonly Workload[]> {
  const found = new Map<string, Workload[]>()
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const shapes = workload.specs.filter((shape) => mountedToken(cluster, workload, shape).truth === 'yes')
    for (const name of new Set(shapes.map(({ pod }) => pod.serviceAccountName))) {
      const id = idOf('ServiceAccount', workload.namespace, name)
      found.set(id, [...(found.get(id) ?? []), workload])
    }
  }
  return found
}

/**
 * Whether a subject must be taken to live on what a binding gives it, since nothing was recorded of it: a service
 * account of its own that runs, or that an operator of the same application may give to the pods it makes, in a binding
 * of that application alone. `default` has what it has by accident, and what several applications share is nobody's own.
 */
export function livesOn(context: FixContext, binding: Binding, subject: Subject): boolean {
  const id = subjectId(subject)
  const { type, namespace, name } = idParts(id)
  if (type !== 'ServiceAccount' || name === 'default' || context.used?.rights(id) !== undefined) return false
  const others = binding.subjects.map(subjectId)
  if (!others.every((each) => isAlike(context, id, each))) return false
  return runnersOf(context, id).length > 0 || mayBeGiven(context, id, namespace)
}

/** Whether any of the bindings of an account is one that it lives on. */
export function livesOnItsRights(context: FixContext, account: string): boolean {
  const { namespace, name } = idParts(account)
  const subject: Subject = { kind: 'ServiceAccount', namespace, name }
  return context.policy.bindingsOf(account).some((binding) => livesOn(context, binding, subject))
}

const APPLICATION: readonly string[] = [
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/name',
  'app',
  'operator',
]

/** Of one application, as far as objects without pods tell it: by namespace, label, or the first words of the name. */
function isAlike({ cluster }: FixContext, one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [idParts(one), idParts(other)]
  if (a.type !== 'ServiceAccount' || b.type !== 'ServiceAccount') return false
  return a.namespace === b.namespace || isNamedAlike({ cluster }, one, other)
}

function isNamedAlike({ cluster }: Pick<FixContext, 'cluster'>, one: string, other: string): boolean {
  if (stemOf(idParts(one).name) === stemOf(idParts(other).name)) return true
  const [labels, others] = [labelsOf(cluster.get(one)?.body ?? {}), labelsOf(cluster.get(other)?.body ?? {})]
  return APPLICATION.some((key) => labels.has(key) && labels.get(key) === others.get(key))
}

function stemOf(name: string): string {
  return name.split(/[-.:]/).slice(0, 2).join('-')
}

const MAKING: readonly (readonly [group: string, resource: string])[] = [
  ['', 'pods'],
  ['apps', 'deployments'],
  ['apps', 'daemonsets'],
  ['apps', 'statefulsets'],
  ['batch', 'jobs'],
]

/** Operators make pods that no manifest shows, and give them accounts that somebody made for it. */
function mayBeGiven(context: FixContext, account: string, namespace: string): boolean {
  return operatorsOf(context).some(
    ({ id, places }) => (places === 'all' || places.has(namespace)) && isNamedAlike(context, id, account),
  )
}

interface Operator {
  readonly id: string
  readonly places: 'all' | ReadonlySet<string>
}

const operators = new WeakMap<FixContext['policy'], readonly Operator[]>()

function operatorsOf(context: FixContext): readonly Operator[] {
  const { policy } = context
  const known = operators.get(policy)
  if (known) return known
  const made = [...policy.subjects.keys()].flatMap((id): readonly Operator[] => {
    if (!id.startsWith('ServiceAccount/') || runnersOf(context, id).length === 0) return []
    const making = policy
      .bindingsOf(id)
      .filter((binding) =>
        policy
          .roleOf(binding)
          ?.rules.some((rule) => MAKING.some(([group, resource]) => ruleGrants(rule, 'create', group, resource, ''))),
      )
    if (making.length === 0) return []
    const isEverywhere = making.some(({ kind }) => kind === 'ClusterRoleBinding')
    return [{ id, places: isEverywhere ? 'all' : new Set(making.map((each) => each.namespace)) }]
  })
  operators.set(policy, made)
  return made
}
