import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, type Path, string, strings } from '../../../cluster/json.ts'
import { currentGroup, typeName } from '../../../cluster/kinds.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { addTo, amountsIn } from './amounts.ts'
import { type Extent, INFINITE, most, plus } from './extent.ts'
import { rangesOf } from './limit-ranges.ts'
import type { PodAmounts } from './pod-amounts.ts'

/** A VerticalPodAutoscaler that changes requests of pods. */
export interface Vertical {
  readonly object: KubeObject
  readonly target: string
}

/** Modes that change nothing. */
const IDLE: ReadonlySet<string> = new Set(['Off'])

export function verticalsOf(cluster: Cluster): ReadonlyMap<string, readonly Vertical[]> {
  const found = known.get(cluster) ?? Map.groupBy(all(cluster), ({ target }) => target)
  known.set(cluster, found)
  return found
}

const known = new WeakMap<Cluster, ReadonlyMap<string, readonly Vertical[]>>()

function all(cluster: Cluster): readonly Vertical[] {
  const objects = ['autoscaling.k8s.io', 'poc.autoscaling.k8s.io'].flatMap((group) =>
    cluster.ofKind('VerticalPodAutoscaler', group),
  )
  return objects.flatMap((object) => {
    const { body, namespace } = object
    if (IDLE.has(string(at(body, 'spec', 'updatePolicy', 'updateMode')) ?? 'Auto')) return []
    const reference = at(body, 'spec', 'targetRef')
    const kind = string(field(reference, 'kind')) ?? ''
    const apiVersion = string(field(reference, 'apiVersion')) ?? ''
    const slash = apiVersion.lastIndexOf('/')
    const group = currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
    return [{ object, target: idOf(typeName(group, kind), namespace, string(field(reference, 'name')) ?? '') }]
  })
}

const RESOURCES = ['cpu', 'memory'] as const

/** How far requests of CPU and memory of a pod may grow, and what lets or stops them. */
export function grownRequests(
  cluster: Cluster,
  namespace: string,
  amounts: PodAmounts,
  verticals: readonly Vertical[],
): { readonly requests: ReadonlyMap<string, Extent>; readonly because: readonly Because[] } {
  const requests = new Map<string, Extent>(amounts.requests)
  if (verticals.length === 0) return { requests, because: [] }
  const reasons: Because[] = []
  const ranges = rangesOf(cluster, namespace).filter(({ type }) => type === 'Container')
  for (const { object } of verticals) {
    const grown = new Map<string, Extent>()
    for (const container of amounts.containers) {
      const policy = policyOf(object, container.name)
      if (policy.off) {
        addTo(grown as Map<string, bigint>, container.requests)
        continue
      }
      const max = amountsIn(at(object.body, ...policy.path, 'maxAllowed'))
      for (const resource of RESOURCES) {
        const own = container.requests.get(resource) ?? 0n
        const isControlled = policy.controlled.length === 0 || policy.controlled.includes(resource)
        // Its recommendations keep to the LimitRange (vertical-pod-autoscaler/pkg/utils/vpa/capping.go).
        const allowed = [max, ...ranges.map((range) => range.max)].flatMap((each) => each.get(resource) ?? [])
        const bound = allowed.length === 0 ? undefined : allowed.reduce((a, b) => (a < b ? a : b))
        const to = !isControlled ? own : bound === undefined ? INFINITE : most(bound, own)
        grown.set(resource, plus(grown.get(resource) ?? 0n, to))
        if (isControlled)
          reasons.push(
            bound === undefined
              ? because(`${object.kind} ${object.name} sets no maxAllowed of ${resource}`, object, policy.path)
              : because(
                  `${object.kind} ${object.name} may raise ${resource} up to its maxAllowed`,
                  object,
                  policy.path,
                ),
          )
      }
    }
    for (const [name, amount] of grown) requests.set(name, most(requests.get(name) ?? 0n, amount))
  }
  return { requests, because: reasons.slice(0, MOST_REASONS) }
}

const MOST_REASONS = 4

function policyOf(object: KubeObject, container: string) {
  const path: Path = ['spec', 'resourcePolicy', 'containerPolicies']
  const policies = list(at(object.body, ...path))
  const named = policies.findIndex((each) => string(field(each, 'containerName')) === container)
  const index = named >= 0 ? named : policies.findIndex((each) => string(field(each, 'containerName')) === '*')
  const policy = policies[index]
  return {
    path: index < 0 ? (['spec'] as Path) : [...path, index],
    off: string(field(policy, 'mode')) === 'Off',
    controlled: strings(field(policy, 'controlledResources')),
  }
}
