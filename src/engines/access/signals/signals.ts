import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Directory } from '../../../cluster/directory.ts'
import type { Access } from '../../../history/history.ts'
import { Addresses } from './addresses.ts'
import type { Asked, Caller } from './asked.ts'
import { Departed } from './departed.ts'
import { addImpersonation, impersonationSignals } from './impersonation.ts'
import { Kept } from './kept.ts'
import { LastSeen } from './last-seen.ts'
import { accountOf, agentOf, callerOf, isAllowed, isDenied, networkOf, sourceOf } from './origin.ts'
import { poolsOf } from './places.ts'
import { addDenials, denialSignals } from './reconnaissance.ts'
import { addSweep, sweepSignals } from './secret-sweep.ts'
import { addShared, sharedSignals } from './shared-credential.ts'
import type { Signal } from './signal.ts'
import { addPodless, podlessSignals } from './stolen-account.ts'
import { PodTokens } from './stolen-token.ts'

/** Users of whom signals are kept; as many again have been seen before the oldest half goes. */
const MOST_CALLERS = 16_000
const MOST_DAYS = 400
const DAY_MS = 86_400_000

/** Names of the control plane, of clouds’ own services, and of nobody. */
const SYSTEM = /^(system:|kube-apiserver|eks:)|^(aksService|aksProblemDetector)$/

/** All signals, folded from one reading of the records: what is kept grows with who asks, up to a bound, and not with the log. */
export class SignalFold {
  readonly seen: LastSeen
  readonly #callers = new Kept<Caller>(MOST_CALLERS)
  readonly #addresses = new Addresses()
  readonly #pods = new PodTokens()
  readonly #departed: Departed | undefined
  #asked: Asked | undefined
  records = 0
  from = Number.POSITIVE_INFINITY
  to = 0

  constructor(policy: RbacPolicy, directory: Directory | undefined) {
    this.seen = new LastSeen(policy)
    this.#departed = directory && new Departed(directory)
  }

  /** Users and pods that were seen when there was no more room: of them nothing is told. */
  get dropped(): { readonly users: number; readonly pods: number } {
    return { users: this.#callers.dropped, pods: this.#pods.dropped }
  }

  add(access: Access): void {
    this.records++
    const { time } = access
    if (time < this.from) this.from = time
    if (time > this.to) this.to = time
    // Of nobody: a token or certificate that was refused.
    if (access.code === 401) return
    const user = callerOf(access)
    let caller = this.#callers.get(user)
    if (!caller) {
      caller = callerNamed(user, time)
      this.#callers.set(user, caller)
    }
    caller.times++
    if (time < caller.first) caller.first = time
    if (time > caller.last) caller.last = time
    caller.groups = access.impersonator?.groups ?? access.groups
    addDay(caller.days, time)
    const source = sourceOf(access)
    const network = source === '' ? '' : networkOf(source)
    const agent = agentOf(access.userAgent)
    const allowed = isAllowed(access)
    const denied = isDenied(access)
    const asked = this.#asked ?? { access, caller, source, network, agent, allowed, denied }
    this.#asked = asked
    asked.access = access
    asked.caller = caller
    asked.source = source
    asked.network = network
    asked.agent = agent
    asked.allowed = allowed
    asked.denied = denied
    if (source !== '') this.#addresses.add(asked)
    addShared(asked)
    this.#pods.add(asked)
    addPodless(asked)
    addSweep(asked)
    addImpersonation(asked)
    addDenials(asked)
    this.seen.add(access, allowed)
    this.#departed?.add(access)
  }

  /** The groups that a user was last seen in. */
  groupsOf(user: string): readonly string[] {
    return this.#callers.get(user)?.groups ?? []
  }

  users(): Iterable<string> {
    return [...this.#callers.values()].map(({ user }) => user)
  }

  /** All but who is dormant, which hangs on the source as well. */
  *signals(cluster: Cluster, policy: RbacPolicy, asOf: number): Generator<Signal> {
    const callers = [...this.#callers.values()]
    yield* sharedSignals(callers, poolsOf(callers), this.#addresses)
    yield* this.#pods.signals(cluster, this.#addresses)
    yield* podlessSignals(callers, this.#addresses)
    const restarts = this.#pods.restarts()
    yield* sweepSignals(callers, restarts, this.to)
    yield* impersonationSignals(callers, this.to - this.from)
    yield* denialSignals(callers, restarts, this.to)
    if (this.#departed) yield* this.#departed.signals(asOf, policy.bindingsOf, policy.subjects)
  }
}

function callerNamed(user: string, time: number): Caller {
  const account = accountOf(user)
  const isNode = user.startsWith('system:node:')
  return {
    user,
    account,
    isNode,
    isSystem: account === undefined && SYSTEM.test(user),
    times: 0,
    first: time,
    last: time,
    days: [],
    groups: [],
  }
}

function addDay(days: number[], time: number): void {
  const day = Math.floor(time / DAY_MS)
  if (days[days.length - 1] !== day && days.length < MOST_DAYS && !days.includes(day)) days.push(day)
}
