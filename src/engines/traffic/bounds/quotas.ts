import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, number, string, strings } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Shape } from '../../../cluster/workload.ts'
import { type Amounts, amountsIn } from './amounts.ts'
import { type ContainerAmounts, isBestEffort, type PodAmounts } from './pod-amounts.ts'

/** A ResourceQuota, as its admission counts (pkg/quota/v1/evaluator/core). */
export interface Quota {
  readonly object: KubeObject
  readonly hard: Amounts
  /** Whether it counts a pod. */
  tracks(shape: Shape, amounts: PodAmounts): boolean
  /** Whether it counts objects that are no pods: one with scopes of pods does not. */
  readonly tracksOthers: boolean
}

const known = new WeakMap<Cluster, ReadonlyMap<string, readonly Quota[]>>()

export function quotasOf(cluster: Cluster, namespace: string): readonly Quota[] {
  const found =
    known.get(cluster) ?? Map.groupBy(cluster.ofKind('ResourceQuota').map(decode), ({ object }) => object.namespace)
  known.set(cluster, found)
  return found.get(namespace) ?? []
}

interface Scope {
  readonly name: string
  readonly operator: string
  readonly values: readonly string[]
}

function decode(object: KubeObject): Quota {
  const { body } = object
  const scopes: readonly Scope[] = [
    ...strings(at(body, 'spec', 'scopes')).map((name) => ({ name, operator: 'Exists', values: [] })),
    ...list(at(body, 'spec', 'scopeSelector', 'matchExpressions')).map((item) => ({
      name: string(field(item, 'scopeName')) ?? '',
      operator: string(field(item, 'operator')) ?? '',
      values: strings(field(item, 'values')),
    })),
  ]
  return {
    object,
    hard: amountsIn(at(body, 'spec', 'hard')),
    tracks: (shape, amounts) => scopes.every((scope) => inScope(scope, shape, amounts)),
    tracksOthers: scopes.length === 0,
  }
}

/** pods.go podMatchesScopeFunc. */
function inScope({ name, operator, values }: Scope, { pod, object }: Shape, amounts: PodAmounts): boolean {
  const spec = at(object.body, ...pod.path)
  switch (name) {
    case 'Terminating':
      return (number(field(spec, 'activeDeadlineSeconds')) ?? -1) >= 0
    case 'NotTerminating':
      return !((number(field(spec, 'activeDeadlineSeconds')) ?? -1) >= 0)
    case 'BestEffort':
      return isBestEffort(amounts)
    case 'NotBestEffort':
      return !isBestEffort(amounts)
    case 'PriorityClass':
      return classMatches(operator, values, string(field(spec, 'priorityClassName')) ?? '')
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec)
    default:
      return false
  }
}

function classMatches(operator: string, values: readonly string[], own: string): boolean {
  switch (operator) {
    case 'Exists':
      return own !== ''
    case 'DoesNotExist':
      return own === ''
    case 'In':
      return own !== '' && values.includes(own)
    case 'NotIn':
      return !values.includes(own)
    default:
      return false
  }
}

function crossesNamespaces(spec: Json | undefined): boolean {
  return ['podAffinity', 'podAntiAffinity'].some((kind) => {
    const affinity = at(spec, 'affinity', kind)
    const terms = [
      ...list(field(affinity, 'requiredDuringSchedulingIgnoredDuringExecution')),
      ...list(field(affinity, 'preferredDuringSchedulingIgnoredDuringExecution')).flatMap(
        (each) => field(each, 'podAffinityTerm') ?? [],
      ),
    ]
    return terms.some(
      (term) => list(field(term, 'namespaces')).length > 0 || field(term, 'namespaceSelector') !== undefined,
    )
  })
}

/** Amounts that a container must name where a quota is on them (pods.go validationSet). */
const MANDATORY: ReadonlyMap<string, readonly ['requests' | 'limits', string]> = new Map([
  ['cpu', ['requests', 'cpu']],
  ['memory', ['requests', 'memory']],
  ['requests.cpu', ['requests', 'cpu']],
  ['requests.memory', ['requests', 'memory']],
  ['limits.cpu', ['limits', 'cpu']],
  ['limits.memory', ['limits', 'memory']],
])

/** The name of the first amount without which the quota refuses the pod; one with resources of its own need name none. */
export function missingFor(quota: Quota, amounts: PodAmounts): string | undefined {
  if (amounts.podLevel) return undefined
  for (const resource of quota.hard.keys()) {
    const asked = MANDATORY.get(resource)
    if (!asked) continue
    const [which, name] = asked
    const lacks = (container: ContainerAmounts): boolean => !container[which].has(name)
    if (amounts.containers.some(lacks)) return resource
  }
  return undefined
}

/** What a pod takes of a resource that a quota names; undefined where the quota does not count pods by it. */
export function usedOf(resource: string, { requests, limits }: PodAmounts): bigint | undefined {
  if (resource === 'pods' || resource === 'count/pods') return ONE
  if (resource.startsWith('limits.')) return limits.get(resource.slice('limits.'.length)) ?? 0n
  const name = resource.startsWith('requests.') ? resource.slice('requests.'.length) : resource
  if (name === 'storage') return undefined
  if (resource.startsWith('requests.') || COMPUTE.has(name) || name.startsWith('hugepages-'))
    return requests.get(name) ?? 0n
  return undefined
}

export const ONE = 1000n
const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** The resource that a pod's own amount is counted under: `requests.cpu` and `cpu` count `cpu`. */
export function countedName(resource: string): string | undefined {
  if (resource.startsWith('limits.') || resource.startsWith('count/')) return undefined
  return resource.startsWith('requests.') ? resource.slice('requests.'.length) : resource
}
