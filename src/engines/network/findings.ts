import { type Because, because } from '../../cluster/because.ts'
import { formatPath } from '../../cluster/json.ts'
import { formatSelector } from '../../cluster/labels.ts'
import type { Finding } from '../engine.ts'
import { admitsAll } from './admits-all.ts'
import type { PodMember } from './members.ts'
import type { NetworkModel } from './model.ts'
import type { Policy } from './policy.ts'
import { selectsNothing } from './selects-nothing.ts'
import { EMPTY } from './sets.ts'

/** What is wrong with policies and the workloads that they select, or do not. */
export function* networkFindings(model: NetworkModel): Iterable<Finding> {
  yield* unisolated(model)
  const there = Map.groupBy(
    model.members.filter((member) => member.kind !== 'node'),
    ({ namespace }) => namespace.name,
  )
  for (const policy of model.policies) yield* ofPolicy(model, policy, there.get(policy.namespace)?.length ?? 0)
  for (const { object, refusals } of model.invalid) {
    const first = refusals[0]
    yield {
      check: 'network-policy-invalid',
      severity: 'medium',
      object,
      message: `the API server refuses this policy, so what it was written for is not in force: ${formatPath(first?.path ?? [])}: ${first?.why}`,
      because: refusals.map(({ path, why }) => because(why, object, path)),
    }
  }
}

/** Namespaces in which every workload accepts connections from everyone. */
function* unisolated(model: NetworkModel): Iterable<Finding> {
  const pods = model.members.filter((member): member is PodMember => member.kind === 'pod')
  for (const [name, members] of Map.groupBy(pods, (member) => member.namespace.name)) {
    if (members.some((member) => model.sets.has(model.isolated.ingress.may, member.index))) continue
    const workloads = [...new Map(members.map((member) => [member.id, member])).values()]
    const object = members[0]?.namespace.object ?? workloads[0]?.object
    if (!object) continue
    const count = workloads.length === 1 ? 'its one workload accepts' : `its ${workloads.length} workloads accept`
    yield {
      check: 'network-unisolated',
      severity: 'medium',
      object,
      part: name,
      message: `no network policy isolates namespace ${name} for ingress: ${count} connections from every pod of the cluster, on every port`,
      because: [
        ...whyNone(model, name),
        ...workloads.slice(0, 3).map((member) => because('is not isolated', member.object, member.pod.path)),
      ],
    }
  }
}

function whyNone(model: NetworkModel, namespace: string): readonly Because[] {
  if (model.enforcement.truth === 'no') return model.enforcement.because
  const others = model.policiesIn(namespace)
  if (others.length === 0) return [because(`namespace ${namespace} has no network policy`)]
  return others
    .slice(0, 3)
    .map(({ object, ingress }) => because(ingress ? 'selects none of them' : 'isolates egress only', object, ['spec']))
}

function* ofPolicy(model: NetworkModel, policy: Policy, population: number): Iterable<Finding> {
  const { object, namespace, pods } = policy
  const nothing = selectsNothing(model.selection, policy, population)
  if (nothing !== undefined) {
    yield {
      check: 'network-policy-selects-nothing',
      severity: 'low',
      object,
      message: `selects ${nothing}, so it does nothing`,
      because: [because(`asks for ${formatSelector(pods)}`, object, ['spec', 'podSelector'])],
    }
    return
  }
  const selected = model.selection.inNamespace(namespace, pods)
  if (selected.may === EMPTY) return
  const open = policy.ingress?.find(admitsAll)
  if (open) {
    const count = new Set(model.sets.members(selected.may).map((index) => model.members[index]?.id)).size
    yield {
      check: 'network-policy-allows-all',
      severity: 'low',
      object,
      message: `admits everyone to every port of the ${count} workload${count === 1 ? '' : 's'} it selects, whatever other policies say`,
      because: [because('admits everyone', object, open.path)],
    }
  }
}
