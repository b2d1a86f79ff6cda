import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Exposed } from '../../known.ts'
import type { NodeBill } from './bill.ts'
import { isEndless } from './extent.ts'
import type { Cap, Load } from './loads.ts'
import type { Monthly } from './monthly.ts'
import { scalersOf } from './scalers.ts'

interface PathInput {
  readonly cluster: Cluster
  readonly exposed: readonly Exposed[]
  readonly nodes: NodeBill | undefined
  readonly caps: readonly Cap[]
  readonly unbounded: boolean
  readonly monthly: Monthly
}

/** From whatever makes a controller grow, over what lets it, to the money: each step with the object that says it. */
export function pathOf(load: Load, input: PathInput): readonly Because[] {
  const { growth, vertical } = load
  const steps = [...trigger(load, input), ...growth.because, ...vertical]
  if (input.caps.length > 0) return [...steps, ...input.caps.map((cap) => cap.because)]
  if (!input.unbounded) return steps
  const { namespace } = load.workload
  const quota =
    load.quotas.length === 0
      ? because(
          `no ResourceQuota counts the pods of namespace ${namespace}`,
          input.cluster.namespaces.get(namespace)?.object,
        )
      : because('its quotas leave room for any number', load.quotas[0]?.object, ['spec', 'hard'])
  return [...steps, quota, ...supplyOf(input)]
}

function trigger({ workload }: Load, { exposed, cluster }: PathInput): readonly Because[] {
  const [first] = [...exposed].sort((a, b) => (a.truth === b.truth ? 0 : a.truth === 'yes' ? -1 : 1))
  const by = (scalersOf(cluster).get(workload.id) ?? []).map((scaler) => scaler.by).find((each) => each !== undefined)
  const steps: Because[] = []
  if (first) {
    const how = first.truth === 'yes' ? 'the internet reaches it' : 'the internet may reach it'
    const object = cluster.get(first.rule)
    steps.push(because(`${how} by ${first.rule}`, object ?? workload.object))
  } else if (workload.kind === 'CronJob')
    steps.push(because('the clock starts it', workload.object, ['spec', 'schedule']))
  else if (by !== undefined) steps.push(because(`whoever moves ${by}`, workload.object))
  if (first && by !== undefined) steps.push(because(`and moves ${by}, by which it is scaled`, workload.object))
  return steps
}

function supplyOf({ nodes }: PathInput): readonly Because[] {
  if (!nodes) return []
  if (nodes.nodes.billed === 'pods') return [because('each pod is billed for what it asks')]
  const price = nodes.quote
    ? `${nodes.nodes.id}: each node is billed`
    : `${nodes.nodes.id}: each node is billed, at a price not known`
  return [...(nodes.open && isEndless(nodes.worst) ? [nodes.open] : []), because(price)]
}
