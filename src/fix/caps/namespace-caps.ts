import { formatQuantity } from '../../cluster/admitted/quantity.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { JsonObject } from '../../cluster/json.ts'
import { isEndless } from '../../engines/traffic/bounds/extent.ts'
import { rangesOf } from '../../engines/traffic/bounds/limit-ranges.ts'
import { isEndlessLoad, type Load } from '../../engines/traffic/bounds/loads.ts'
import { ONE, quotasOf } from '../../engines/traffic/bounds/quotas.ts'
import type { CapObject } from './cap.ts'
import { judge, type Record } from './replay.ts'

const NAME = 'bulkhead-bounds'
/** What a pod asks for that says nothing; small, so that it is placed, and not nothing, so that it is counted. */
const DEFAULTS: ReadonlyMap<string, bigint> = new Map([
  ['cpu', 100n],
  ['memory', 128n * 1024n ** 2n * ONE],
])

/**
 * A ResourceQuota for a namespace that something may fill without an end: room for all that has bounds of its own, and
 * for the recorded peak of what has none, times the headroom. A quota on requests makes them mandatory, so where pods do
 * not say theirs a LimitRange comes with it.
 */
export function namespaceCaps(
  cluster: Cluster,
  namespace: string,
  loads: readonly Load[],
  headroom: number,
  record: Record | undefined,
): readonly CapObject[] {
  const defaults = defaultsFor(loads)
  const silent = loads.filter((load) => [...defaults.keys()].some((name) => lacking(load, name) > 0))
  const unsized: string[] = []
  let pods = 0n
  const requests = new Map([...DEFAULTS.keys()].map((name) => [name, 0n]))
  for (const load of loads) {
    const count = roomFor(load, headroom, record, unsized)
    pods += count
    for (const name of DEFAULTS.keys())
      requests.set(name, (requests.get(name) ?? 0n) + count * askedOf(load, name, defaults))
  }
  const peak = record?.peaks.namespace(namespace)?.pods
  const others = peak === undefined ? 0n : scaled(peak, headroom) - pods
  const strangers = peak === undefined ? 0 : Math.max(0, peak - Number(pods))
  if (others > 0n) {
    pods += others
    // Whose they were and what they asked for no log tells: as much as the greatest of the namespace.
    for (const [name, amount] of requests) {
      const most = loads.map((load) => askedOf(load, name, defaults)).reduce((a, b) => (a > b ? a : b), 0n)
      requests.set(name, amount + others * most)
    }
  }
  const verdict = judge(
    Number(pods),
    peak,
    record,
    strangers > 0 ? [`of ${strangers} of the pods that were there at once it does not tell what they asked for`] : [],
  )
  const quota: JsonObject = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: NAME, namespace },
    spec: {
      hard: {
        pods: String(pods),
        'requests.cpu': quantity(requests.get('cpu') ?? 0n, 'decimal'),
        'requests.memory': quantity(requests.get('memory') ?? 0n, 'binary'),
      },
    },
  }
  const notes = [
    'room for all that has a bound of its own, rollouts included',
    ...unsized.map((id) => `${id} was never seen to run: sized from what is there now`),
    ...(quotasOf(cluster, namespace).length > 0 ? ['the quotas that are there stay: the least of them counts'] : []),
    ...(silent.length > 0 ? ['apply the LimitRange first: a quota on requests refuses pods that say none'] : []),
  ]
  const range = silent.length > 0 ? [limitRange(cluster, namespace, silent, defaults)] : []
  return [...range, { body: quota, title: `Bound what namespace ${namespace} may run`, notes, verdict }]
}

/** Pods that a controller must have room for. */
function roomFor(load: Load, headroom: number, record: Record | undefined, unsized: string[]): bigint {
  const { workload, now, capped, growth } = load
  const rollout = BigInt(growth.rollout ?? 0)
  if (!isEndlessLoad(load) && !isEndless(capped)) return (capped > BigInt(now) ? capped : BigInt(now)) + rollout
  const peak = record?.peaks.workload(workload.id)?.pods ?? 0
  if (peak === 0) unsized.push(workload.id)
  return scaled(Math.max(peak, now, 1), headroom)
}

function scaled(count: number, headroom: number): bigint {
  // Floats of a factor such as 1.1 must not round a whole product up.
  return BigInt(Math.ceil(Number((count * headroom).toFixed(6))))
}

function askedOf(load: Load, name: string, defaults: ReadonlyMap<string, bigint>): bigint {
  const own = load.amounts.requests.get(name) ?? 0n
  return own + BigInt(lacking(load, name)) * (defaults.get(name) ?? 0n)
}

/** Containers that a quota would refuse; those of a pod with resources of its own need say nothing. */
function lacking({ amounts }: Load, name: string): number {
  return amounts.podLevel ? 0 : amounts.containers.filter(({ requests }) => !requests.has(name)).length
}

/**
 * Only what some container lacks: of several LimitRanges any may come first, and one that is there may have a minimum. A
 * LimitRange fills containers of pods with resources of their own as well, which may then not exceed these.
 */
function defaultsFor(loads: readonly Load[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>()
  for (const [name, amount] of DEFAULTS) {
    if (loads.every((load) => lacking(load, name) === 0)) continue
    let least = amount
    for (const { amounts } of loads) {
      const silent = BigInt(amounts.containers.filter(({ requests }) => !requests.has(name)).length)
      const whole = amounts.podLevel?.requests.get(name)
      if (whole === undefined || silent === 0n) continue
      const said = amounts.containers.reduce((sum, { requests }) => sum + (requests.get(name) ?? 0n), 0n)
      const left = (whole - said) / silent
      if (left < least) least = left
    }
    found.set(name, least > 0n ? least : name === 'cpu' ? 1n : ONE)
  }
  return found
}

function limitRange(
  cluster: Cluster,
  namespace: string,
  silent: readonly Load[],
  defaults: ReadonlyMap<string, bigint>,
): CapObject {
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: NAME, namespace },
    spec: {
      limits: [
        {
          type: 'Container',
          defaultRequest: Object.fromEntries(
            [...defaults].map(([name, amount]) => [
              name,
              name === 'cpu' ? quantity(amount, 'decimal') : quantity(amount - (amount % ONE), 'binary'),
            ]),
          ),
        },
      ],
    },
  }
  const ids = silent.map(({ workload }) => workload.id)
  return {
    body,
    title: `Give requests to containers of namespace ${namespace} that have none`,
    notes: [
      `so that the quota admits ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`,
      ...(rangesOf(cluster, namespace).length > 0 ? ['the LimitRanges that are there apply as well'] : []),
    ],
    verdict: { verdict: 'holds', reasons: ['it refuses nothing: it has no maximum'] },
  }
}

export function quantity(thousandths: bigint, format: 'decimal' | 'binary'): string {
  return formatQuantity(
    thousandths % ONE === 0n
      ? { value: thousandths / ONE, scale: 0, format }
      : { value: thousandths, scale: -3, format: 'decimal' },
  )
}
