import type { Cluster } from '../../../cluster/cluster.ts'
import { at, list, string } from '../../../cluster/json.ts'
import { dateText } from '../dates.ts'
import type { Addresses } from './addresses.ts'
import type { Asked } from './asked.ts'
import { Kept } from './kept.ts'
import { isPrivate, networkOf } from './origin.ts'
import { type Habits, habitsOf, ownAddresses } from './own-addresses.ts'
import type { Signal } from './signal.ts'
import { count, type Tally, tally } from './tally.ts'
import { userId } from './user-id.ts'
import type { Skipped } from './windows.ts'

const MOST_PODS = 25_000
const MOST_SOURCES = 8
const MOST_DELETED = 25_000
/** Clocks of several API servers differ so much, and a request takes its time. */
const SKEW_MS = 60_000
/** A token is refused a minute after its pod is gone; a pod that was asked to go takes its time (terminationGracePeriod). */
const KUBELET_GRACE_MS = 600_000
const ASKED_GRACE_MS = 3_600_000
/** So long after its first request a pod is still beginning. */
const START_MS = 600_000
const HOUR_MS = 3_600_000
/** How many of the pods that are known must be seen at their own addresses, for another address to mean something. */
const MOSTLY = 0.8
const LEAST_KNOWN = 3

interface Source extends Tally {
  isHuman: boolean
  family: string
}

interface Pod {
  readonly user: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly node: string
  readonly credentials: string[]
  readonly sources: Map<string, Source>
  first: number
  last: number
}

interface Deleted {
  readonly times: { readonly time: number; readonly isFinal: boolean }[]
  last: number
}

/** Tokens that say of which pod they are, and whence they came. */
export class PodTokens {
  readonly #pods = new Kept<Pod>(MOST_PODS)
  readonly #deleted = new Kept<Deleted>(MOST_DELETED)

  get dropped(): number {
    return this.#pods.dropped
  }

  add({ access, caller, source, agent, allowed }: Asked): void {
    const { pod, time, credential } = access
    if (access.verb === 'delete' && access.resource === 'pods' && access.subresource === '' && access.group === '')
      if (allowed && access.code < 300 && !access.dryRun)
        this.#delete(access.namespace, access.name, time, caller.isNode)
    if (!pod || caller.account === undefined || source === '') return
    const namespace = caller.account.slice(0, caller.account.indexOf('/'))
    const key = pod.uid !== '' ? pod.uid : `${namespace}/${pod.name}@${pod.node}`
    let known = this.#pods.get(key)
    if (!known) {
      known = {
        user: caller.user,
        namespace,
        ...pod,
        credentials: [],
        sources: new Map(),
        first: time,
        last: time,
      }
      this.#pods.set(key, known)
    }
    if (time < known.first) known.first = time
    if (time > known.last) known.last = time
    const seen = known.sources.get(source)
    if (seen) {
      count(seen, access)
      if (agent.isHuman) seen.isHuman = true
      return
    }
    if (known.sources.size >= MOST_SOURCES) return
    known.sources.set(source, { ...tally(access), isHuman: agent.isHuman, family: agent.family })
    if (credential !== '' && known.credentials.length < MOST_SOURCES) known.credentials.push(credential)
  }

  #delete(namespace: string, name: string, time: number, isFinal: boolean): void {
    if (name === '') return
    const key = `${namespace}/${name}`
    let known = this.#deleted.get(key)
    if (!known) {
      known = { times: [], last: time }
      this.#deleted.set(key, known)
    }
    known.last = Math.max(known.last, time)
    if (known.times.length < MOST_SOURCES) known.times.push({ time, isFinal })
  }

  *signals(cluster: Cluster, addresses: Addresses): Generator<Signal> {
    const own = addressesOfPods(cluster)
    const pods = [...this.#pods.values()]
    const isKnown = (pod: Pod, address: string): boolean =>
      own.get(pod.uid)?.has(address) === true || addresses.isOfNode(pod.node, address)
    const known = pods.filter(({ uid }) => own.has(uid))
    const atHome = known.filter((pod) => [...pod.sources.keys()].some((address) => isKnown(pod, address)))
    const mostlyAtHome = known.length >= LEAST_KNOWN && atHome.length >= MOSTLY * known.length
    const habits = habitsOf(pods, addresses)
    for (const pod of pods) {
      const found = elsewhere(pod, own.has(pod.uid), mostlyAtHome, isKnown, addresses, habits) ?? this.#afterwards(pod)
      if (!found) continue
      const [credential] = pod.credentials
      yield {
        rule: 'stolen-token',
        subject: userId(pod.user),
        severity: 'high',
        title: `a token of pod ${pod.namespace}/${pod.name} is used elsewhere`,
        ...found,
        ...(credential === undefined ? {} : { credential }),
        because: [],
        part: pod.uid || pod.name,
      }
    }
  }

  /**
   * Whether these pods had just begun, each in the place of another of its account and workload that was there before: a
   * controller that is started again does what it does when it starts.
   */
  restarts(): Skipped {
    const byWorkload = new Map<string, number>()
    const keyOf = ({ user, name }: Pod): string => `${user} ${workloadName(name)}`
    for (const pod of this.#pods.values())
      byWorkload.set(keyOf(pod), Math.min(pod.first, byWorkload.get(keyOf(pod)) ?? pod.first))
    return (uids, first) =>
      uids.every((uid) => {
        const pod = this.#pods.get(uid)
        if (!pod || pod.first < first - START_MS) return false
        return (byWorkload.get(keyOf(pod)) ?? first) < pod.first - HOUR_MS
      })
  }

  /** A token whose pod is gone is refused, unless the one who deleted the pod knew better. */
  #afterwards(pod: Pod): Found | undefined {
    const deleted = this.#deleted.get(`${pod.namespace}/${pod.name}`)
    const gone = deleted?.times.find(
      ({ time, isFinal }) => pod.first < time && pod.last > time + (isFinal ? KUBELET_GRACE_MS : ASKED_GRACE_MS),
    )
    if (!gone) return undefined
    const late = [...pod.sources].filter(([, { last }]) => last > gone.time)
    return {
      message: `the token of pod ${pod.namespace}/${pod.name} was used from ${late.map(([address]) => address).join(', ')} after the pod was deleted at ${dateText(gone.time)}`,
      first: gone.time,
      last: pod.last,
      samples: late.map(([, { lastPlace }]) => lastPlace),
    }
  }
}

/** A pod’s name without what its ReplicaSet or DaemonSet put behind it. */
function workloadName(name: string): string {
  return name.replace(/(-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, '')
}

type Found = Pick<Signal, 'message' | 'first' | 'last' | 'samples'>

function elsewhere(
  pod: Pod,
  isInInput: boolean,
  mostlyAtHome: boolean,
  isKnown: (pod: Pod, address: string) => boolean,
  addresses: Addresses,
  habits: Habits,
): Found | undefined {
  const sources = [...pod.sources].sort((a, b) => b[1].times - a[1].times || a[1].first - b[1].first)
  const home = sources.filter(([address]) => isKnown(pod, address))
  const others = sources.filter(([address]) => !isKnown(pod, address) && !addresses.isShared(address))
  if (others.length === 0) return undefined
  const inside = others.filter(([address]) => isPrivate(address))
  const [main] = isInInput && home.length > 0 ? home : [...home, ...inside, ...others]
  if (!main) return undefined
  const own =
    isInInput && home.length > 0 ? new Set<string>() : ownAddresses(pod, main[0], home.length > 0, inside, habits)
  const foreign = others.filter(
    ([address, seen]) => address !== main[0] && !own.has(address) && isForeign(address, seen, main[0], main[1]),
  )
  // The only address is not its own, where pods are seen at theirs; or it is outside, where pods are inside.
  const isOutside = habits.areInside && sources.every(([address]) => !isPrivate(address)) && home.length === 0
  const isAlone = (isInInput && mostlyAtHome && home.length === 0) || (isOutside && !others.some(isOfCluster))
  const lone = isAlone ? others.slice(0, 1) : []
  const told = foreign.length > 0 ? foreign : lone
  if (told.length === 0) return undefined
  const seen = told.map(([, each]) => each)
  const where = told.map(([address, { family }]) => (family === '' ? address : `${address} (${family})`))
  const why =
    foreign.length > 0
      ? `, while the pod is at ${main[0]}`
      : isInInput
        ? ', which is no address of the pod or its node'
        : ', while pods are inside'
  return {
    message: `a token of pod ${pod.namespace}/${pod.name} was used from ${where.slice(0, 4).join(', ')}${why}`,
    first: Math.min(...seen.map((each) => each.first)),
    last: Math.max(...seen.map((each) => each.last)),
    samples: seen.slice(0, 4).map(({ place }) => place),
  }

  function isOfCluster([address]: readonly [string, Source]): boolean {
    return addresses.isOfCluster(address, networkOf(address))
  }
}

/** A pod whose sandbox is made again has another address from then on: it never goes back. */
function isForeign(address: string, seen: Source, home: string, own: Source): boolean {
  if (seen.first < own.last - SKEW_MS && seen.last > own.first + SKEW_MS) return true
  if (!isPrivate(address) && isPrivate(home)) return true
  return seen.isHuman && !own.isHuman && networkOf(address) !== networkOf(home)
}

/** By uid: the addresses of the pods of the input, and of their nodes. */
function addressesOfPods(cluster: Cluster): ReadonlyMap<string, ReadonlySet<string>> {
  const nodes = new Map(cluster.placement.nodes.map((node) => [node.name, node.addresses]))
  const found = new Map<string, Set<string>>()
  for (const { body } of cluster.ofKind('Pod')) {
    const uid = string(at(body, 'metadata', 'uid'))
    if (uid === undefined) continue
    const node = string(at(body, 'spec', 'nodeName')) ?? ''
    const told = [
      string(at(body, 'status', 'podIP')),
      string(at(body, 'status', 'hostIP')),
      ...list(at(body, 'status', 'podIPs')).map((each) => string(at(each, 'ip'))),
      ...(nodes.get(node) ?? []),
    ].filter((each): each is string => each !== undefined && each !== '')
    if (string(at(body, 'status', 'podIP'))) found.set(uid, new Set(told))
  }
  return found
}
