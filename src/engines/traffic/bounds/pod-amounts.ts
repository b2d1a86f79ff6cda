import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Shape } from '../../../cluster/workload.ts'
import { type Amounts, addTo, amountsIn, fillFrom, raiseTo } from './amounts.ts'
import { type Range, rangesOf } from './limit-ranges.ts'

/** What one pod asks for, as admission leaves it and as the scheduler and quotas count it. */
export interface PodAmounts {
  readonly requests: Amounts
  readonly limits: Amounts
  /** By container: what quotas look for when they make requests mandatory. */
  readonly containers: readonly ContainerAmounts[]
  /** Of the pod itself (`spec.resources`), which stand for all containers together. */
  readonly podLevel: { readonly requests: Amounts; readonly limits: Amounts } | undefined
}

export interface ContainerAmounts {
  readonly name: string
  readonly requests: Amounts
  readonly limits: Amounts
}

interface Draft {
  readonly name: string
  readonly requests: Map<string, bigint>
  readonly limits: Map<string, bigint>
}

/**
 * Containers together, or the init container that needs more beside the sidecars that started before it; pod-level
 * resources instead of both; the overhead of the runtime class on top (component-helpers/resource/helpers.go).
 */
export function podAmounts(cluster: Cluster, namespace: string, { pod, object }: Shape): PodAmounts {
  const spec = at(object.body, ...pod.path)
  const ranges = rangesOf(cluster, namespace).filter(({ type }) => type === 'Container')
  const app = list(field(spec, 'containers')).map((each) => containerOf(each, ranges))
  const init = list(field(spec, 'initContainers')).map((each) => ({
    ...containerOf(each, ranges),
    isSidecar: field(each, 'restartPolicy') === 'Always',
  }))
  const podLevel = podLevelOf(spec)
  const overhead = overheadOf(cluster, pod.runtimeClassName, spec)
  const requests = together(app, init, 'requests')
  const limits = together(app, init, 'limits')
  for (const [name, amount] of podLevel?.requests ?? []) requests.set(name, amount)
  for (const [name, amount] of podLevel?.limits ?? []) limits.set(name, amount)
  addTo(requests, overhead)
  // Of limits only those that are set.
  addTo(limits, new Map([...overhead].filter(([name]) => limits.has(name))))
  return { requests, limits, containers: [...app, ...init], podLevel }
}

function containerOf(container: Json, ranges: readonly Range[]): Draft {
  const limits = amountsIn(at(container, 'resources', 'limits'))
  const requests = amountsIn(at(container, 'resources', 'requests'))
  // What is limited and not requested is requested as it is limited; LimitRanges come after that.
  fillFrom(requests, limits)
  for (const range of ranges) {
    fillFrom(limits, range.defaultLimits)
    fillFrom(requests, range.defaultRequests)
  }
  return { name: string(field(container, 'name')) ?? '', requests, limits }
}

function podLevelOf(spec: Json | undefined): PodAmounts['podLevel'] {
  const given = field(spec, 'resources')
  if (given === undefined) return undefined
  const limits = amountsIn(field(given, 'limits'))
  const requests = amountsIn(field(given, 'requests'))
  fillFrom(requests, limits)
  return limits.size + requests.size === 0 ? undefined : { requests, limits }
}

function overheadOf(cluster: Cluster, runtimeClass: string | undefined, spec: Json | undefined): Amounts {
  const own = field(spec, 'overhead')
  if (own !== undefined || runtimeClass === undefined) return amountsIn(own)
  return amountsIn(at(cluster.get(idOf('RuntimeClass', '', runtimeClass))?.body, 'overhead', 'podFixed'))
}

function together(
  app: readonly Draft[],
  init: readonly (Draft & { readonly isSidecar: boolean })[],
  which: 'requests' | 'limits',
): Map<string, bigint> {
  const total = new Map<string, bigint>()
  for (const container of app) addTo(total, container[which])
  const sidecars = new Map<string, bigint>()
  const starting = new Map<string, bigint>()
  for (const container of init) {
    if (container.isSidecar) {
      addTo(total, container[which])
      addTo(sidecars, container[which])
      raiseTo(starting, sidecars)
    } else {
      const own = new Map(container[which])
      addTo(own, sidecars)
      raiseTo(starting, own)
    }
  }
  raiseTo(total, starting)
  return total
}

/** core/v1 QOS: no request or limit of CPU or memory anywhere. */
export function isBestEffort({ requests, limits, podLevel }: PodAmounts): boolean {
  const counts = (amounts: Amounts): boolean => ['cpu', 'memory'].some((name) => (amounts.get(name) ?? 0n) > 0n)
  return !counts(requests) && !counts(limits) && !(podLevel && (counts(podLevel.requests) || counts(podLevel.limits)))
}
