import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, type Path, string } from '../../../cluster/json.ts'
import { plainSelector, type Selector, selects } from '../../../cluster/labels.ts'
import { idOf, type KubeObject, labelsOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'

/** A reference from a rule to a Service (or what stands for one), and where it stands. */
export interface Backend {
  readonly namespace: string
  readonly name: string
  /** As written: a number, a name, nothing. */
  readonly port: Json | undefined
  /** The port is one of the pods (OpenShift). */
  readonly byTarget?: true
  readonly path: Path
  /** Of what is no Service of this cluster: its kind, or why nothing can be known of it. */
  readonly other?: string
}

/** Which workloads stand behind Services; every answer is found once. */
export interface Behind {
  service(namespace: string, name: string): KubeObject | undefined
  workloadsOf(service: KubeObject): readonly string[]
  selectedBy(namespace: string, selector: Selector): readonly string[]
}

const done = new WeakMap<Cluster, Behind>()

export function behindOf(cluster: Cluster): Behind {
  const known = done.get(cluster)
  if (known) return known
  const made = makeBehind(cluster)
  done.set(cluster, made)
  return made
}

/** Names that stand for names: more of them is no one's intent. */
const MOST_ALIASES = 4

function makeBehind(cluster: Cluster): Behind {
  const byLabel = indexByLabel(cluster.workloads)
  const answers = new Map<string, readonly string[]>()
  const written = writtenEndpoints(cluster)
  const service = (namespace: string, name: string): KubeObject | undefined =>
    cluster.get(idOf('Service', namespace, name))
  const selectedBy = (namespace: string, selector: Selector): readonly string[] => {
    const first = smallest(byLabel, namespace, selector)
    const found = first.filter(({ specs }) => specs.some(({ pod }) => selects(selector, pod.labels)))
    return found.map(({ id }) => id)
  }
  const find = (object: KubeObject, most: number): readonly string[] => {
    if (string(at(object.body, 'spec', 'type')) === 'ExternalName') {
      const [name = '', namespace = '', svc] = (string(at(object.body, 'spec', 'externalName')) ?? '').split('.')
      const meant = svc === 'svc' && most > 0 ? service(namespace, name) : undefined
      return meant ? find(meant, most - 1) : []
    }
    const selector = plainSelector(at(object.body, 'spec', 'selector'))
    return selector ? selectedBy(object.namespace, selector) : (written.get(`${object.namespace}/${object.name}`) ?? [])
  }
  return {
    service,
    selectedBy,
    workloadsOf(object) {
      const known = answers.get(object.id) ?? [...new Set(find(object, MOST_ALIASES))].sort()
      answers.set(object.id, known)
      return known
    },
  }
}

type ByLabel = ReadonlyMap<string, ReadonlyMap<string, readonly Workload[]>>

function indexByLabel(workloads: readonly Workload[]): ByLabel {
  const all = new Map<string, Map<string, Workload[]>>()
  for (const workload of workloads) {
    if (workload.finished) continue
    const own = all.get(workload.namespace) ?? new Map<string, Workload[]>()
    all.set(workload.namespace, own)
    const labels = new Set(
      workload.specs.flatMap(({ pod }) => [...pod.labels].map(([key, value]) => `${key}=${value}`)),
    )
    for (const label of labels) {
      const same = own.get(label)
      if (same) same.push(workload)
      else own.set(label, [workload])
    }
  }
  return all
}

/** Of the labels that a selector of a Service asks for, the workloads with the rarest. */
function smallest(byLabel: ByLabel, namespace: string, selector: Selector): readonly Workload[] {
  const own = byLabel.get(namespace)
  if (!own) return []
  const lists = selector.map(({ key, values }) => own.get(`${key}=${values[0] ?? ''}`) ?? [])
  return lists.reduce((a, b) => (b.length < a.length ? b : a), lists[0] ?? [])
}

const OF_SERVICE = 'kubernetes.io/service-name'

/** Endpoints that people or controllers write, where they name pods of the input. */
function writtenEndpoints(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>()
  const add = (key: string, namespace: string, target: Json | undefined): void => {
    if (string(field(target, 'kind')) !== 'Pod') return
    const pod = idOf('Pod', string(field(target, 'namespace')) ?? namespace, string(field(target, 'name')) ?? '')
    const workload = cluster.workloadOf(pod)
    if (workload !== undefined) all.set(key, [...(all.get(key) ?? []), workload])
  }
  for (const slice of cluster.ofKind('EndpointSlice', 'discovery.k8s.io')) {
    const name = labelsOf(slice.body).get(OF_SERVICE)
    if (name === undefined) continue
    for (const each of list(field(slice.body, 'endpoints')))
      add(`${slice.namespace}/${name}`, slice.namespace, field(each, 'targetRef'))
  }
  for (const object of cluster.ofKind('Endpoints'))
    for (const subset of list(field(object.body, 'subsets')))
      for (const address of list(field(subset, 'addresses')))
        add(`${object.namespace}/${object.name}`, object.namespace, field(address, 'targetRef'))
  return all
}
