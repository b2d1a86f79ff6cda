import { dateText } from '../dates.ts'
import type { Addresses } from './addresses.ts'
import type { Asked, Caller } from './asked.ts'
import { isPrivate } from './origin.ts'
import { type Place, type Pools, pairsOf } from './places.ts'
import type { Signal } from './signal.ts'
import { Slots } from './slots.ts'
import { count, type Sample, type Tally, tally } from './tally.ts'
import { userId } from './user-id.ts'

const MOST_NETWORKS = 12
const MOST_SYSTEMS = 6
const MOST_CREDENTIALS = 32
const MOST_SESSIONS = 32
/** Changes between two places within two hours from which on it is more than a laptop that moves. */
const ENOUGH = 4
/** The same where the machines differ as well: a laptop that moves stays what it is. */
const ENOUGH_OF_OTHERS = 2
/** Of places that follow each other without end, which are together one. */
const ENOUGH_OF_MANY = 6
/** Longer than two certificates are in use while one takes the place of the other. */
const ROTATION_MS = 86_400_000
const MOST_FAST = 256
/** From one place to another in this time goes no laptop. */
const FAST_MS = 60_000

export interface SharedState {
  /** Networks, and beyond some one for all others. */
  readonly places: Map<string, Place>
  /** Client certificates; of tokens each is soon another. */
  certificates: Map<string, Tally> | undefined
  sessions: Map<string, Tally> | undefined
  /** Quick changes between two networks: when, and which. */
  fast: { readonly time: number; readonly from: string; readonly to: string }[] | undefined
  lastNetwork: string
  lastTime: number
}

/** Whoever asks once or twice is not kept: it may be one of a million. */
const LEAST = 3

const OTHERS = 'other networks'

export function addShared({ access, caller, network, agent, source }: Asked): void {
  if (caller.account !== undefined || network === '' || caller.times < LEAST) return
  caller.shared ??= {
    places: new Map(),
    certificates: undefined,
    sessions: undefined,
    fast: undefined,
    lastNetwork: '',
    lastTime: 0,
  }
  const state = caller.shared
  const { time, credential, session } = access
  const key = state.places.has(network) || state.places.size < MOST_NETWORKS ? network : OTHERS
  let place = state.places.get(key)
  if (!place) {
    place = {
      network: key,
      isPrivate: isPrivate(source),
      slots: new Slots(),
      systems: [],
      machines: undefined,
      families: [],
      addresses: [],
      credentials: [],
      seen: tally(access),
    }
    state.places.set(key, place)
  } else count(place.seen, access)
  place.slots.add(time)
  addFew(place.addresses, source)
  addFew(place.families, agent.family)
  addFew(place.credentials, credential)
  addMachine(place, agent.system, time)
  if (credential.startsWith('X509SHA256=')) {
    state.certificates ??= new Map()
    tallyIn(state.certificates, credential, MOST_CREDENTIALS, access)
  }
  if (session !== '') {
    state.sessions ??= new Map()
    tallyIn(state.sessions, session, MOST_SESSIONS, access)
  }
  if (state.lastNetwork !== '' && state.lastNetwork !== key && Math.abs(time - state.lastTime) <= FAST_MS) {
    state.fast ??= []
    if (state.fast.length < MOST_FAST) state.fast.push({ time, from: state.lastNetwork, to: key })
  }
  state.lastNetwork = key
  state.lastTime = time
}

function addFew(all: string[], text: string): void {
  if (text !== '' && all.length < MOST_SYSTEMS && !all.includes(text)) all.push(text)
}

function addMachine(place: Place, system: string, time: number): void {
  addFew(place.systems, system)
  if (place.systems.length < 2 || system === '' || system.startsWith('linux/')) return
  place.machines ??= new Map()
  const slots = place.machines.get(system)
  if (slots) slots.add(time)
  else if (place.machines.size < MOST_SYSTEMS) {
    const made = new Slots()
    made.add(time)
    place.machines.set(system, made)
  }
}

function tallyIn(all: Map<string, Tally>, key: string, most: number, access: Asked['access']): void {
  const seen = all.get(key)
  if (seen) count(seen, access)
  else if (all.size < most) all.set(key, tally(access))
}

/** One credential, or one user, from several places or machines at once; several people behind one name. */
export function* sharedSignals(callers: readonly Caller[], pools: Pools, addresses: Addresses): Generator<Signal> {
  for (const caller of callers) {
    const { shared, user } = caller
    if (!shared || user === '' || user === 'system:anonymous') continue
    const found =
      atOnce(caller, shared, pools, addresses) ??
      sideBySide(caller, shared) ??
      people(shared) ??
      machines(caller, shared)
    if (!found) continue
    yield {
      rule: 'shared-credential',
      subject: userId(user),
      severity: found.severity,
      title: `${user} is used by several at once`,
      message: found.message,
      ...(found.credential === undefined ? {} : { credential: found.credential }),
      first: found.first,
      last: found.last,
      samples: found.samples,
      because: [],
    }
  }
}

interface Found {
  readonly severity: Signal['severity']
  readonly message: string
  readonly credential?: string
  readonly first: number
  readonly last: number
  readonly samples: readonly Sample[]
}

function atOnce({ user, isSystem }: Caller, state: SharedState, pools: Pools, addresses: Addresses): Found | undefined {
  const isOfNodes = ({ addresses: all, network }: Place): boolean =>
    all.every((address) => addresses.hasNodes(address, network))
  const pairs = pairsOf(state)
    // The control plane has several machines; one outside of where it is, and where no node is, has no part in it.
    .filter(({ a, b }) => !isSystem || (a.isPrivate !== b.isPrivate && !isOfNodes(a.isPrivate ? b : a)))
    .filter(
      (pair) =>
        pair.changes >=
        (differ(pair.a, pair.b) && sharesOne(pair.a, pair.b)
          ? ENOUGH_OF_OTHERS
          : pair.isOfMany
            ? ENOUGH_OF_MANY
            : ENOUGH),
    )
    .filter(({ a, b }) => !pools.isOne(a, b) || (differ(a, b) && sharesOne(a, b)))
    .sort((x, y) => y.changes - x.changes)
  const [most] = pairs
  if (!most) return undefined
  const places = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))]
  const same = most.a.credentials.find((each) => most.b.credentials.includes(each))
  return {
    severity: 'medium',
    message: `${same === undefined ? user : `one credential of ${user}`} was used from ${places.slice(0, 4).map(placeText).join(' and ')} at once: ${most.changes} changes between them within two hours from ${dateText(most.from)}`,
    ...(same === undefined ? {} : { credential: same }),
    first: Math.min(...places.map(({ seen }) => seen.first)),
    last: Math.max(...places.map(({ seen }) => seen.last)),
    samples: places.slice(0, 4).map(({ seen }) => seen.place),
  }
}

/** What runs on two machines of which neither is the other. */
function differ(a: Place, b: Place): boolean {
  return a.systems.length > 0 && b.systems.length > 0 && a.systems.every((each) => !b.systems.includes(each))
}

function sharesOne(a: Place, b: Place): boolean {
  return a.credentials.some((each) => b.credentials.includes(each))
}

function placeText({ network, families }: Place): string {
  return families.length === 0 ? network : `${network} (${families.slice(0, 3).join(', ')})`
}

/** Two certificates of one user, in use beside each other for longer than one takes to replace the other. */
function sideBySide({ isSystem, user }: Caller, state: SharedState): Found | undefined {
  if (isSystem) return undefined
  const certificates = [...(state.certificates ?? [])]
    .filter(([, { times }]) => times >= 3)
    .sort((a, b) => b[1].last - a[1].last)
  for (const [at, [id, one]] of certificates.entries()) {
    for (const [, other] of certificates.slice(at + 1)) {
      const overlap = Math.min(one.last, other.last) - Math.max(one.first, other.first)
      if (overlap <= ROTATION_MS) continue
      return {
        severity: 'medium',
        message: `${certificates.length} certificates of ${user} are in use beside each other for ${Math.floor(overlap / ROTATION_MS)} days: none replaces the other`,
        credential: id,
        first: Math.min(one.first, other.first),
        last: Math.max(one.last, other.last),
        samples: [one.place, other.place],
      }
    }
  }
  return undefined
}

/** Names that programs make up for a session, of which each run has another. */
const MADE_UP =
  /^(\d+|i-[0-9a-f]{8,}|botocore-session-\d+|aws-(go-)?sdk-.*|[0-9a-f-]{20,}|EKSGetTokenAuth|GitHubActions.*|gha-.*|session-?\d*|.*[-_]\d{9,}|terraform.*|tf-.*)$/i

/** EKS tells who is behind a role that several may take on. */
function people({ sessions }: SharedState): Found | undefined {
  const named = [...(sessions ?? [])].filter(([session]) => !MADE_UP.test(session.slice(session.lastIndexOf('/') + 1)))
  if (named.length < 2) return undefined
  const seen = named.map(([, each]) => each)
  const names = named.map(([session]) => session.slice(session.lastIndexOf('/') + 1))
  return {
    severity: 'medium',
    message: `${named.length} sessions stand behind one user name: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' and more' : ''}`,
    first: Math.min(...seen.map(({ first }) => first)),
    last: Math.max(...seen.map(({ last }) => last)),
    samples: seen.slice(0, 4).map(({ place }) => place),
  }
}

/** One network, and machines of kinds that no one desk has at once: a container or a VM on a laptop is Linux. */
function machines({ user, isSystem }: Caller, { places }: SharedState): Found | undefined {
  if (isSystem) return undefined
  for (const place of places.values()) {
    const kinds = [...(place.machines ?? [])]
    for (const [at, [one, slots]] of kinds.entries()) {
      for (const [other, others] of kinds.slice(at + 1)) {
        if (one.split('/')[0] === other.split('/')[0]) continue
        const both = new Set(others.list())
        const shared = slots.list().filter((slot) => both.has(slot)).length
        if (shared < ENOUGH) continue
        return {
          severity: 'low',
          message: `${user} is used on ${one} and ${other} at once, from ${place.network}`,
          first: place.seen.first,
          last: place.seen.last,
          samples: [place.seen.place, place.seen.lastPlace],
        }
      }
    }
  }
  return undefined
}
