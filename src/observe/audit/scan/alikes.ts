import type { Access, Alike } from '../../record.ts'
import type { Caller } from '../native.ts'

const SLOTS = 1 << 15
/** Of all that are remembered together, and of one. */
const MOST_CHARACTERS = 8 * 1024 ** 2
const LONGEST = 4096

/** What a scan found of a request that other requests say as well. */
export interface Repeated {
  readonly caller: Caller
  readonly impersonated: Caller | undefined
  /** One object for the same caller with or without another credential, where it is known. */
  readonly said: object | undefined
  readonly verb: string
  readonly target: Pick<Access, 'resource' | 'group' | 'subresource' | 'namespace'>
  readonly name: string
  readonly decided: Pick<Access, 'decision' | 'reason'>
  readonly code: number
  readonly dryRun: boolean
}

/** A request without what is its own: its times, its credential, where it stands. */
export class Same implements Alike {
  // First what is mostly all that is asked for, so that it touches little memory. `said`: of who is no other.
  #said: object | undefined
  #target: Repeated['target']
  readonly name: string
  readonly verb: string
  readonly reason: string
  readonly code: number
  readonly decision: Access['decision']
  readonly dryRun: boolean
  /** Negative where it is not remembered. */
  readonly slot: number
  readonly user: string
  readonly groups: readonly string[]
  readonly impersonator: Access['impersonator']
  readonly pod: Access['pod']
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string

  constructor(slot: number, found: Repeated) {
    const { caller, impersonated, target, decided } = found
    const actor = impersonated ?? caller
    this.#said = impersonated ? undefined : found.said
    this.#target = target
    this.name = found.name
    this.verb = found.verb
    this.reason = decided.reason
    this.code = found.code
    this.decision = decided.decision
    this.dryRun = found.dryRun
    this.slot = slot
    this.user = actor.user
    this.groups = actor.groups
    this.impersonator = impersonated ? { user: caller.user, groups: caller.groups } : undefined
    this.pod = caller.pod
    this.resource = target.resource
    this.group = target.group
    this.subresource = target.subresource
    this.namespace = target.namespace
  }

  says(found: Repeated): boolean {
    const { impersonated, target, decided } = found
    const isSame =
      this.name === found.name &&
      this.verb === found.verb &&
      this.code === found.code &&
      this.decision === decided.decision &&
      this.dryRun === found.dryRun &&
      this.reason === decided.reason
    if (!isSame) return false
    const said = impersonated ? undefined : found.said
    const isSaid = said !== undefined && this.#said === said
    if (!isSaid && !this.#isOf(found)) return false
    if (this.#target !== target && !this.#isOn(target)) return false
    this.#said = said
    this.#target = target
    return true
  }

  #isOn(target: Repeated['target']): boolean {
    return (
      this.namespace === target.namespace &&
      this.resource === target.resource &&
      this.subresource === target.subresource &&
      this.group === target.group
    )
  }

  #isOf({ caller, impersonated }: Repeated): boolean {
    const actor = impersonated ?? caller
    return (
      this.user === actor.user &&
      // The reader of users makes one object for the same groups, and for the same pod.
      this.groups === actor.groups &&
      this.pod === caller.pod &&
      this.#isBy(impersonated === undefined ? undefined : caller)
    )
  }

  #isBy(caller: Caller | undefined): boolean {
    const { impersonator } = this
    if (impersonator === undefined || caller === undefined) return impersonator === caller
    return impersonator.user === caller.user && impersonator.groups === caller.groups
  }
}

/** Remembers what requests say, so that the same is one object. A log in which nothing comes again makes nothing of it grow. */
export class Alikes {
  readonly #known = new Array<Same | undefined>(SLOTS).fill(undefined)
  /** Of what came last to a slot: only what comes a second time is remembered. */
  readonly #hashes = new Int32Array(SLOTS)
  #characters = 0

  /** `hash`: of what is found, or of the most telling part of it. */
  of(found: Repeated, hash: number): Same {
    const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1)
    const known = this.#known[slot]
    if (known?.says(found)) return known
    const beside = this.#known[slot ^ 1]
    if (beside?.says(found)) return beside
    if (this.#hashes[slot] !== hash) {
      this.#hashes[slot] = hash
      return new Same(-1, found)
    }
    return this.#remember(known === undefined || beside !== undefined ? slot : slot ^ 1, found)
  }

  #remember(slot: number, found: Repeated): Same {
    const made = new Same(slot, found)
    const size = sizeOf(made)
    if (size > LONGEST) return new Same(-1, found)
    this.#characters += size
    if (this.#characters > MOST_CHARACTERS) {
      this.#known.fill(undefined)
      this.#characters = size
    }
    this.#known[slot] = made
    return made
  }
}

/** In characters; what it shares with others is counted as its own. */
function sizeOf({ user, groups, name, namespace, resource, subresource, group, verb, reason, pod }: Same): number {
  let size = user.length + name.length + namespace.length + resource.length + subresource.length + group.length
  size += verb.length + reason.length + (pod ? pod.name.length + pod.uid.length + pod.node.length : 0)
  for (const each of groups) size += each.length + 16
  return size
}
