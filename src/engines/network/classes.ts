import { hash8, hash53 } from '../../cluster/hash.ts'
import { idOf } from '../../cluster/object.ts'
import type { Member } from './members.ts'
import type { NetworkModel } from './model.ts'
import type { SetId } from './sets.ts'

export type Role = 'from' | 'to'

/** Ids of the nodes that stand for sets of members: equal for equal members, in every scan. */
export function classNames(model: NetworkModel): (role: Role, set: SetId) => string {
  const hashes = model.members.map((member) => hash53(member.key))
  const total = countBy(model.members, (member) => (member.kind === 'node' ? '' : member.namespace.name))
  const known = { from: new Map<SetId, string>(), to: new Map<SetId, string>() }
  return (role, set) => {
    const name = known[role].get(set)
    if (name !== undefined) return name
    const members = model.sets.members(set).map((index) => model.members[index] as Member)
    const id = idOf(
      'Reach',
      '',
      `${role} ${describe(members, total)}#${hash8(members.map((member) => hashes[member.index] as number))}`,
    )
    known[role].set(set, id)
    return id
  }
}

function describe(members: readonly Member[], total: ReadonlyMap<string, number>): string {
  const pods = members.filter((member) => member.kind !== 'node')
  const nodes = members.length - pods.length
  if (pods.length === 0) return nodes === 1 ? (members[0] as Member).id : 'nodes'
  const workloads = new Set(pods.map((member) => member.id))
  const namespaces = countBy(pods, (member) => member.namespace.name)
  const [namespace] = namespaces.keys()
  const whole = [...namespaces].every(([name, count]) => count === total.get(name))
  const few = pods[0]?.workload
  const text =
    workloads.size === 1 && few
      ? `${few.namespace}/${few.name}`
      : namespaces.size > 1
        ? whole && namespaces.size === total.size - (total.has('') ? 1 : 0)
          ? 'every workload'
          : `${workloads.size} workloads of ${namespaces.size} namespaces`
        : whole
          ? `namespace ${namespace}`
          : `${workloads.size} workloads of namespace ${namespace}`
  return nodes === 0 ? text : `nodes and ${text}`
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
  return counts
}
