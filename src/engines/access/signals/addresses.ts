import type { Asked } from './asked.ts'
import { Kept } from './kept.ts'
import { isPrivate } from './origin.ts'

const HOUR_MS = 3_600_000
const MOST_ADDRESSES = 25_000
const MOST_NODES = 10_000
const MOST_OF_NODE = 16
/** Pods of different accounts that ask from one address within an hour: no pod has the address for itself. */
const SHARED = 3
const SEVERAL = 4

interface Address {
  last: number
  hour: number
  pods: string[]
  accounts: string[]
  isShared: boolean
}

interface Network {
  last: number
  /** Whose requests came from there, the first of them. */
  readonly accounts: string[]
  hasNodes: boolean
  hasPeople: boolean
}

interface Node {
  last: number
  readonly addresses: Set<string>
}

/** What the log itself shows of addresses: nodes’ own, ways out that many pods share, networks of people. */
export class Addresses {
  readonly #addresses = new Kept<Address>(MOST_ADDRESSES)
  readonly #networks = new Kept<Network>(MOST_ADDRESSES)
  readonly #nodes = new Kept<Node>(MOST_NODES)
  readonly #ofNodes = new Set<string>()

  add({ access, caller, source, network }: Asked): void {
    const { time, pod } = access
    const key = keyOf(source, network)
    let seen = this.#networks.get(key)
    if (!seen) {
      seen = { last: time, accounts: [], hasNodes: false, hasPeople: false }
      this.#networks.set(key, seen)
    }
    if (time > seen.last) seen.last = time
    if (caller.account !== undefined) {
      if (seen.accounts.length < SEVERAL && !seen.accounts.includes(caller.account)) seen.accounts.push(caller.account)
    } else if (caller.isNode) seen.hasNodes = true
    else if (!caller.isSystem) seen.hasPeople = true
    if (caller.isNode) this.#addNode(caller.user.slice('system:node:'.length), source, time)
    if (pod && caller.account !== undefined) this.#addPod(source, pod.uid || pod.name, caller.account, time)
  }

  #addNode(name: string, address: string, time: number): void {
    let node = this.#nodes.get(name)
    if (!node) {
      node = { last: time, addresses: new Set() }
      this.#nodes.set(name, node)
    }
    node.last = Math.max(node.last, time)
    if (node.addresses.size >= MOST_OF_NODE) return
    node.addresses.add(address)
    if (this.#ofNodes.size < MOST_ADDRESSES) this.#ofNodes.add(address)
  }

  #addPod(source: string, pod: string, account: string, time: number): void {
    const hour = Math.floor(time / HOUR_MS)
    let address = this.#addresses.get(source)
    if (!address) {
      address = { last: time, hour, pods: [], accounts: [], isShared: false }
      this.#addresses.set(source, address)
    }
    address.last = Math.max(address.last, time)
    if (address.isShared) return
    if (address.hour !== hour) {
      address.hour = hour
      address.pods = []
      address.accounts = []
    }
    if (!address.pods.includes(pod)) address.pods.push(pod)
    if (!address.accounts.includes(account)) address.accounts.push(account)
    if (address.pods.length >= SHARED && address.accounts.length >= 2) address.isShared = true
  }

  /** Whether an address is the way out of many pods: a NAT gateway, a load balancer, a node whose pods are hidden behind it. */
  isShared(address: string): boolean {
    return this.#addresses.get(address)?.isShared === true
  }

  /** Of a node without a name, whether any has the address: tokens before 1.30 do not tell where their pod is. */
  isOfNode(node: string, address: string): boolean {
    if (node === '') return this.#ofNodes.has(address)
    return this.#nodes.get(node)?.addresses.has(address) === true
  }

  /** Whether nodes ask from there: inside, from its network. */
  hasNodes(address: string, network: string): boolean {
    return this.#networks.get(keyOf(address, network))?.hasNodes === true
  }

  /** Whether people ask from there: no nodes, and no more service accounts than somebody may have taken the tokens of. */
  isOfPeople(address: string, network: string): boolean {
    const seen = this.#networks.get(keyOf(address, network))
    return seen?.hasPeople === true && !seen.hasNodes && seen.accounts.length < SEVERAL
  }

  /** Whether nodes, or several service accounts, ask from there. */
  isOfCluster(address: string, network: string): boolean {
    const seen = this.#networks.get(keyOf(address, network))
    return seen !== undefined && (seen.hasNodes || seen.accounts.length >= SEVERAL)
  }
}

/** Inside, neighbours are of one kind; outside, each address is another’s. */
function keyOf(address: string, network: string): string {
  return isPrivate(address) ? network : address
}
