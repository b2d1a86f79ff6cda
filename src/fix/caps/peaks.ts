import type { Access } from '../../history/history.ts'

/** The most pods that were there at once. */
export interface Peak {
  readonly pods: number
  /** When, in milliseconds since 1970. */
  readonly at: number
}

export interface Peaks {
  namespace(name: string): Peak | undefined
  workload(id: string): Peak | undefined
  readonly from: number
  readonly to: number
  /** Pods that were seen to be placed; without any the log shows no pod at all. */
  readonly placed: number
  /** Pods of a namespace whose workload their name does not tell. */
  unnamed(namespace: string): number
}

interface Count {
  now: number
  most: number
  at: number
  /** Pods of which only the end was seen: they were there all the time before it. */
  before: number
}

interface Pod {
  readonly namespace: string
  readonly workload: string
  ends: number
}

/** A pod that is deleted is there until its kubelet says that it is gone; where none does, as long as it takes at most. */
const ENDING_MS = 60_000
/** What is open at once; more pods than any cluster runs. */
const MOST_OPEN = 500_000

/**
 * Counts the pods of each namespace and workload over an audit log: one more when the scheduler binds a pod (`create
 * pods/binding` names it; `create pods` does not), one less when it is gone. Memory grows with the pods that are there.
 */
export class PeaksFold {
  readonly #workloadOf: (namespace: string, pod: string) => string
  readonly #open = new Map<string, Pod>()
  #ending: { readonly key: string; readonly until: number }[] = []
  readonly #namespaces = new Map<string, Count>()
  readonly #workloads = new Map<string, Count>()
  #placed = 0
  readonly #unnamed = new Map<string, number>()
  #from = Number.POSITIVE_INFINITY
  #to = 0

  constructor(workloadOf: (namespace: string, pod: string) => string) {
    this.#workloadOf = workloadOf
  }

  add(access: Access): void {
    const { time, resource, group, verb, dryRun, code } = access
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
    if (resource !== 'pods' || group !== '' || dryRun || code >= 300 || access.name === '') return
    this.#end(time)
    const key = `${access.namespace}/${access.name}`
    if (verb === 'create' && access.subresource === 'binding') this.#placedAt(key, access, time)
    else if (verb === 'delete' && access.subresource === '') this.#deleted(key, access, time)
  }

  #placedAt(key: string, { namespace, name }: Access, time: number): void {
    if (this.#open.has(key) || this.#open.size >= MOST_OPEN) return
    const workload = this.#workloadOf(namespace, name)
    if (workload === '') this.#unnamed.set(namespace, (this.#unnamed.get(namespace) ?? 0) + 1)
    this.#placed++
    this.#open.set(key, { namespace, workload, ends: 0 })
    more(this.#namespaces, namespace, time)
    if (workload !== '') more(this.#workloads, workload, time)
  }

  #deleted(key: string, { namespace, name, user }: Access, time: number): void {
    const pod = this.#open.get(key)
    const isGone = user.startsWith('system:node:')
    if (!pod) {
      // The first of a pod's deletions is its controller's; the kubelet's follows it.
      if (isGone) this.#wasBefore(namespace, this.#workloadOf(namespace, name), time)
      return
    }
    if (isGone) this.#gone(key, pod)
    else if (pod.ends === 0) {
      pod.ends = time + ENDING_MS
      this.#ending.push({ key, until: pod.ends })
    }
  }

  #wasBefore(namespace: string, workload: string, time: number): void {
    countOf(this.#namespaces, namespace, time).before++
    if (workload !== '') countOf(this.#workloads, workload, time).before++
  }

  #gone(key: string, { namespace, workload }: Pod): void {
    this.#open.delete(key)
    const there = this.#namespaces.get(namespace)
    if (there) there.now--
    const own = this.#workloads.get(workload)
    if (own) own.now--
  }

  #end(time: number): void {
    let ended = 0
    for (const { key, until } of this.#ending) {
      if (until > time) break
      ended++
      const pod = this.#open.get(key)
      if (pod?.ends === until) this.#gone(key, pod)
    }
    if (ended > 0) this.#ending = this.#ending.slice(ended)
  }

  /** `standing`: pods of the input that were running all along, by namespace or workload. */
  peaks(standing: (of: string) => number): Peaks {
    const peakOf = (counts: ReadonlyMap<string, Count>, of: string): Peak | undefined => {
      const count = counts.get(of)
      const still = standing(of)
      if (!count) return still > 0 ? { pods: still, at: this.#to } : undefined
      // Pods of the input may be among those that were counted; none is counted twice that was seen to be placed.
      const others = Math.max(0, still - count.now)
      return { pods: count.most + count.before + others, at: count.at }
    }
    return {
      namespace: (name) => peakOf(this.#namespaces, name),
      workload: (id) => peakOf(this.#workloads, id),
      from: this.#from,
      to: this.#to,
      placed: this.#placed,
      unnamed: (name) => this.#unnamed.get(name) ?? 0,
    }
  }
}

function countOf(counts: Map<string, Count>, of: string, at: number): Count {
  const known = counts.get(of) ?? { now: 0, most: 0, at, before: 0 }
  counts.set(of, known)
  return known
}

function more(counts: Map<string, Count>, of: string, time: number): void {
  const count = countOf(counts, of, time)
  count.now++
  if (count.now <= count.most) return
  count.most = count.now
  count.at = time
}
