import type { Cluster } from '../../cluster/cluster.ts'
import { at, list, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { instant } from '../time.ts'

/** How long an address is taken to stay with its pod before and after a record that names both. */
const SKEW_MS = 10_000
const MOST_ADDRESSES = 100_000
const MOST_SEEN = 16

export interface PodEnd {
  readonly kind: 'workload'
  readonly workload: string
  readonly pod: string
}

interface Lease {
  readonly end: PodEnd
  from: number
  to: number
  /** Of a pod that has ended it is not known when it gave its address back. */
  readonly sure: boolean
}

/**
 * Which pod had an address when, from the pods of the snapshot and from records that name both. A pod that runs has its
 * address since it started; what is only seen in records is known for the time between them.
 */
export class Leases {
  readonly #known: ReadonlyMap<string, readonly Lease[]>
  readonly #seen = new Map<string, Lease[]>()

  constructor(cluster: Cluster) {
    this.#known = leasesOf(cluster)
  }

  saw(address: string, end: PodEnd, time: number): void {
    let seen = this.#seen.get(address)
    if (!seen) {
      if (this.#seen.size >= MOST_ADDRESSES) this.#seen.delete(this.#seen.keys().next().value as string)
      seen = []
      this.#seen.set(address, seen)
    }
    const last = seen.at(-1)
    const lease = last && isSame(last.end, end) ? last : seen.find((each) => isSame(each.end, end))
    if (lease) {
      if (time < lease.from) lease.from = time
      if (time > lease.to) lease.to = time
      return
    }
    if (seen.length === MOST_SEEN) seen.shift()
    seen.push({ end, from: time, to: time, sure: true })
  }

  /** The pod that alone can have had the address then; undefined when no pod ever had it. */
  at(address: string, time: number): PodEnd | 'reused' | undefined {
    const known = this.#known.get(address)
    const seen = this.#seen.get(address)
    if (!known && !seen) return undefined
    let found: Lease | undefined
    for (const lease of known ?? []) {
      if (time < lease.from || time >= lease.to) continue
      if (!lease.sure || (found && !isSame(found.end, lease.end))) return 'reused'
      found = lease
    }
    for (const lease of seen ?? []) {
      if (time < lease.from - SKEW_MS || time > lease.to + SKEW_MS) continue
      if (found && !isSame(found.end, lease.end)) return 'reused'
      found = lease
    }
    return found?.end ?? 'reused'
  }
}

/** The id of a workload has the namespace. */
function isSame(a: PodEnd, b: PodEnd): boolean {
  return a.pod === b.pod && a.workload === b.workload
}

function leasesOf(cluster: Cluster): ReadonlyMap<string, readonly Lease[]> {
  const byAddress = new Map<string, Lease[]>()
  for (const pod of cluster.ofKind('Pod')) {
    const workload = cluster.workloadOf(pod.id)
    const from = startOf(pod)
    if (workload === undefined || from === undefined || at(pod.body, 'spec', 'hostNetwork') === true) continue
    const phase = string(at(pod.body, 'status', 'phase'))
    const sure = phase !== 'Succeeded' && phase !== 'Failed'
    const to = instant(at(pod.body, 'metadata', 'deletionTimestamp')) ?? Number.POSITIVE_INFINITY
    const end: PodEnd = { kind: 'workload', workload, pod: pod.name }
    for (const address of addressesOf(pod)) {
      const lease = { end, from, to, sure }
      const same = byAddress.get(address)
      if (same) same.push(lease)
      else byAddress.set(address, [lease])
    }
  }
  for (const leases of byAddress.values()) {
    leases.sort((a, b) => a.from - b.from)
    // Two pods that started at once share what neither can be said to have alone.
    leases.forEach((lease, index) => {
      const next = leases[index + 1]
      if (next && next.from > lease.from && !lease.sure) lease.to = Math.min(lease.to, next.from)
    })
  }
  return byAddress
}

function startOf(pod: KubeObject): number | undefined {
  return instant(at(pod.body, 'status', 'startTime')) ?? instant(at(pod.body, 'metadata', 'creationTimestamp'))
}

function addressesOf(pod: KubeObject): ReadonlySet<string> {
  const all = list(at(pod.body, 'status', 'podIPs')).map((each) => string(at(each, 'ip')))
  const found = [string(at(pod.body, 'status', 'podIP')), ...all].filter((each) => each !== undefined && each !== '')
  return new Set(found as string[])
}
