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
  const silent = loads.filter(({ amounts }) =>
    amounts.containers.some(({ requests }) => [...DEFAULTS.keys()].some((name) => !requests.has(name))),
  )
  const unsized: string[] = []
  let pods = 0n
  const requests = new Map([...DEFAULTS.keys()].map((name) => [name, 0n]))
  for (const load of loads) {
    const count = roomFor(load, headroom, record, unsized)
    pods += count
    for (const name of DEFAULTS.keys()) requests.set(name, (requests.get(name) ?? 0n) + count * askedOf(load, name))
  }
  const peak = record?.peaks.namespace(namespace)?.pods
  if (peak !== undefined) {
    const least = scaled(peak, headroom)
    if (least > pods) pods = least
  }
  const verdict = judge(Number(pods), peak, record)
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
  const range = silent.length > 0 ? [limitRange(cluster, namespace, silent)] : []
  return [...range, { body: quota, title: `Bound what namespace ${namespace} may run`, notes, verdict }]
}

/** Pods that a controller must have room for. */
function roomFor(load: Load, headroom: number, record: Record | undefined, unsized: string[]): bigint {
  const { workload, now, capped } = load
  if (!isEndlessLoad(load) && !isEndless(capped)) return capped > BigInt(now) ? capped : BigInt(now)
  const peak = record?.peaks.workload(workload.id)?.pods ?? 0
  if (peak === 0) unsized.push(workload.id)
  return scaled(Math.max(peak, now, 1), headroom)
}

function scaled(count: number, headroom: number): bigint {
  // Floats of a factor such as 1.1 must not round a whole product up.
  return BigInt(Math.ceil(Number((count * headroom).toFixed(6))))
}

function askedOf({ amounts }: Load, name: string): bigint {
  const own = amounts.requests.get(name) ?? 0n
  const silent = amounts.containers.filter(({ requests }) => !requests.has(name)).length
  return own + BigInt(silent) * (DEFAULTS.get(name) ?? 0n)
}

function limitRange(cluster: Cluster, namespace: string, silent: readonly Load[]): CapObject {
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: NAME, namespace },
    spec: {
      limits: [
        {
          type: 'Container',
          defaultRequest: {
            cpu: quantity(DEFAULTS.get('cpu') ?? 0n, 'decimal'),
            memory: quantity(DEFAULTS.get('memory') ?? 0n, 'binary'),
          },
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
