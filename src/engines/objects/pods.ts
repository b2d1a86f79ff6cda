import type { Cluster } from '../../cluster/cluster.ts'
import { both, mayMatch, type Requirement, type Selector, type Truth } from '../../cluster/labels.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { generatedLabel, isGeneratedLabel, type Shape, type Workload } from '../../cluster/workload.ts'

/** A workload that a selector matches, or may match. */
export interface Match {
  readonly workload: Workload
  readonly truth: Exclude<Truth, 'no'>
}

export interface Pods {
  /** Those that run, each with the object that a verdict on it is about. */
  readonly workloads: readonly (Workload & { readonly about: KubeObject })[]
  selectedBy(namespace: string, selector: Selector): readonly Match[]
  /** Whether the input shows a workload of the namespace. */
  isPopulated(namespace: string): boolean
}

interface NamespaceIndex {
  readonly all: Set<Workload>
  /** By `key=value` of the pods’ labels. */
  readonly byLabel: Map<string, Set<Workload>>
  /** Those to which a controller that Kubernetes does not have may add labels. */
  readonly incomplete: Set<Workload>
}

const found = new WeakMap<Cluster, Pods>()

/** The pods of a cluster by their labels; made once. */
export function podsOf(cluster: Cluster): Pods {
  const known = found.get(cluster) ?? make(cluster)
  found.set(cluster, known)
  return known
}

function make(cluster: Cluster): Pods {
  const running = cluster.workloads.filter(({ finished, specs }) => !finished && specs.length > 0)
  const there = Map.groupBy(running, ({ namespace }) => namespace)
  const indices = new Map<string, NamespaceIndex>()
  const indexOf = (namespace: string): NamespaceIndex => {
    const index = indices.get(namespace) ?? made(there.get(namespace) ?? [])
    indices.set(namespace, index)
    return index
  }
  const selected = new Map<string, readonly Match[]>()
  const matchOf =
    (selector: Selector) =>
    (workload: Workload): readonly Match[] => {
      const truth = matches(workload, selector)
      return truth === 'no' ? [] : [{ workload, truth }]
    }
  return {
    workloads: running.flatMap((workload) => {
      const about = workload.object ?? workload.specs[0]?.object
      return about ? [{ ...workload, about }] : []
    }),
    selectedBy: (namespace, selector) => {
      const key = `${namespace} ${JSON.stringify(selector)}`
      const known = selected.get(key) ?? candidates(indexOf(namespace), selector).flatMap(matchOf(selector))
      selected.set(key, known)
      return known
    },
    isPopulated: (namespace) => there.has(namespace),
  }
}

function made(workloads: readonly Workload[]): NamespaceIndex {
  const index: NamespaceIndex = { all: new Set(), byLabel: new Map(), incomplete: new Set() }
  for (const workload of workloads) add(index, workload)
  return index
}

function add(entry: NamespaceIndex, workload: Workload): void {
  entry.all.add(workload)
  for (const { pod, object } of workload.specs) {
    if (!isComplete(object)) entry.incomplete.add(workload)
    for (const [key, value] of pod.labels) {
      const label = `${key}=${value}`
      const same = entry.byLabel.get(label)
      if (same) same.add(workload)
      else entry.byLabel.set(label, new Set([workload]))
    }
  }
}

function isComplete({ group }: KubeObject): boolean {
  return group === '' || group === 'apps' || group === 'batch'
}

/** A superset of what the selector matches: by the requirement of values that leaves the fewest. */
function candidates(entry: NamespaceIndex, selector: Selector): readonly Workload[] {
  let best: readonly ReadonlySet<Workload>[] = [entry.all]
  for (const { key, operator, values } of selector) {
    if (operator !== 'In' || isGeneratedLabel(key)) continue
    const found = values.flatMap((value) => entry.byLabel.get(`${key}=${value}`) ?? [])
    if (sizeOf(found) < sizeOf(best)) best = found
  }
  if (best[0] === entry.all) return [...entry.all]
  return [...new Set([...best.flatMap((each) => [...each]), ...entry.incomplete])]
}

function sizeOf(sets: readonly ReadonlySet<Workload>[]): number {
  return sets.reduce((sum, { size }) => sum + size, 0)
}

/** One shape of its pods is enough. */
function matches(workload: Workload, selector: Selector): Truth {
  let best: Truth = 'no'
  for (const shape of workload.specs) {
    const truth = shapeMatches(workload, shape, selector)
    if (truth === 'yes') return 'yes'
    if (truth === 'unknown') best = 'unknown'
  }
  return best
}

function shapeMatches(workload: Workload, { pod, object }: Shape, selector: Selector): Truth {
  return selector.reduce<Truth>((truth, each) => {
    if (truth === 'no') return 'no'
    const generated = generatedLabel(workload, each.key)
    if (generated === 'never') return both(truth, mayMatch([each], pod.labels, isComplete(object)))
    return both(truth, ofGenerated(each, generated))
  }, 'yes')
}

function ofGenerated(requirement: Requirement, generated: ReturnType<typeof generatedLabel>): Truth {
  if (typeof generated === 'object') return mayMatch([requirement], new Map([[requirement.key, generated.value]]), true)
  if (generated === 'unknown' || requirement.operator === 'In' || requirement.operator === 'NotIn') return 'unknown'
  return requirement.operator === 'Exists' ? 'yes' : 'no'
}
