import type { Cluster } from '../../cluster/cluster.ts'
import { field } from '../../cluster/json.ts'
import { mayMatch, parseSelector, plainSelector, type Selector, selects } from '../../cluster/labels.ts'
import { idOf } from '../../cluster/object.ts'
import { generatedLabel, type Workload } from '../../cluster/workload.ts'

type Labels = ReadonlyMap<string, string>

/** k8s.io/apimachinery/pkg/util/rand: neither vowels nor 0, 1 and 3. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]'
const HASH = `(?:${SAFE}{1,10}|\\d{8,10})`
const BUILT_IN: ReadonlySet<string> = new Set(['', 'apps', 'batch'])

/** How controllers name their pods. Controllers that Kubernetes does not have may follow any of them. */
const NAMINGS: readonly { readonly form: RegExp; readonly kinds: readonly string[] }[] = [
  { form: new RegExp(`^(.+)-${HASH}-${SAFE}{5}$`), kinds: ['Deployment'] },
  { form: new RegExp(`^(.+)-${SAFE}{5}$`), kinds: ['DaemonSet', 'ReplicaSet', 'Job', 'ReplicationController'] },
  { form: /^(.+)-\d+$/, kinds: ['StatefulSet'] },
  { form: new RegExp(`^(.+)-\\d+-${SAFE}{5}$`), kinds: ['Job'] },
  { form: new RegExp(`^(.+)-\\d{8,10}(?:-\\d+)?-${SAFE}{5}$`), kinds: ['CronJob'] },
]
const OBJECT_OF_POD = new RegExp(`^(.+)-${SAFE}{5}$`)
const JOB_OF_CRON_JOB = /^(.+)-\d{8,10}$/

/** Finds the workload of a pod that may be long gone, by what its name and labels still say. */
export class Owners {
  readonly #cluster: Cluster
  readonly #byName = new Map<string, Workload[]>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    for (const workload of cluster.workloads) {
      const key = `${workload.namespace}/${workload.name}`
      const same = this.#byName.get(key)
      if (same) same.push(workload)
      else this.#byName.set(key, [workload])
    }
  }

  /** A workload that a record names by kind and name; it need not exist any more. */
  named(namespace: string, kind: string, name: string): string {
    const same = this.#byName.get(`${namespace}/${name}`)?.filter((each) => each.kind === kind) ?? []
    if (same.length === 1) return (same[0] as Workload).id
    const id = idOf(kind, namespace, name)
    const owner = this.#cluster.workloadOf(id)
    if (owner !== undefined) return owner
    const cronJob = kind === 'Job' ? JOB_OF_CRON_JOB.exec(name)?.[1] : undefined
    const byCron = cronJob === undefined ? undefined : this.#cluster.workload(idOf('CronJob', namespace, cronJob))
    return byCron?.id ?? id
  }

  /** The one workload that fits the name of a pod, and its labels where they are known; none when several do. */
  ofPod(namespace: string, pod: string, labels: Labels): string | undefined {
    const live = this.#cluster.workloadOf(idOf('Pod', namespace, pod))
    if (live !== undefined) return live
    const fitting = new Set<string>()
    const above = OBJECT_OF_POD.exec(pod)?.[1]
    for (const kind of above === undefined ? [] : ['ReplicaSet', 'Job', 'ReplicationController']) {
      const owner = this.#cluster.workloadOf(idOf(kind, namespace, above as string))
      if (owner !== undefined) fitting.add(owner)
    }
    for (const { form, kinds } of NAMINGS) {
      const name = form.exec(pod)?.[1]
      if (name === undefined) continue
      for (const workload of this.#byName.get(`${namespace}/${name}`) ?? []) {
        const follows = kinds.includes(workload.kind) || !BUILT_IN.has(workload.group)
        if (follows) fitting.add(workload.id)
      }
    }
    const left = [...fitting].filter((id) => {
      const workload = this.#cluster.workload(id)
      return workload !== undefined && mayCarry(workload, labels)
    })
    return left.length === 1 ? left[0] : undefined
  }

  /**
   * The one workload of a namespace whose selector a security identity satisfies, and whose pods run as its service
   * account; none when several do.
   */
  ofLabels(namespace: string, labels: Labels, serviceAccount: string): string | undefined {
    const fitting = this.#cluster.workloads.filter((workload) => {
      if (workload.namespace !== namespace || workload.specs.length === 0) return false
      const selector = selectorOf(workload).filter(({ key }) => generatedLabel(workload, key) === 'never')
      if (selector.length === 0 || !selects(selector, labels)) return false
      return serviceAccount === '' || workload.specs.some(({ pod }) => pod.serviceAccountName === serviceAccount)
    })
    return fitting.length === 1 ? (fitting[0] as Workload).id : undefined
  }
}

/** Selectors do not change, templates do. A record need not have all labels of its pod. */
function mayCarry(workload: Workload, labels: Labels): boolean {
  if (labels.size === 0) return true
  const selector = selectorOf(workload).filter(({ key }) => generatedLabel(workload, key) === 'never')
  return mayMatch(selector, labels, false) !== 'no'
}

function selectorOf(workload: Workload): Selector {
  const written = field(field(workload.object?.body, 'spec'), 'selector')
  if (workload.kind === 'ReplicationController') return plainSelector(written) ?? []
  const parsed = parseSelector(written)
  if (parsed !== undefined && typeof parsed !== 'string') return parsed
  const template = workload.specs[0]?.pod.labels ?? new Map<string, string>()
  return [...template].map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }))
}
