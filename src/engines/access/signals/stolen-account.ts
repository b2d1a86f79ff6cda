import type { Addresses } from './addresses.ts'
import type { Asked, Caller } from './asked.ts'
import { isPrivate } from './origin.ts'
import type { Signal } from './signal.ts'
import { count, type Tally, tally } from './tally.ts'
import { userId } from './user-id.ts'

const MOST_NETWORKS = 16
const HOUR_MS = 3_600_000
/** Requests in the cluster, before one from elsewhere means something. */
const LEAST_HOME = 20

interface Source extends Tally {
  readonly address: string
  isHuman: boolean
  family: string
  credential: string
}

/** Of a service account whose tokens do not say of which pod they are: the networks that it was used from. */
export interface AccountState {
  readonly networks: Map<string, Source>
  humanAtHome: boolean
}

export function addPodless({ access, caller, source, network, agent }: Asked): void {
  if (caller.account === undefined || access.pod || source === '') return
  caller.podless ??= { networks: new Map(), humanAtHome: false }
  const { networks } = caller.podless
  const seen = networks.get(network)
  if (seen) {
    count(seen, access)
    if (agent.isHuman && !seen.isHuman) {
      seen.isHuman = true
      seen.family = agent.family
    }
  } else if (networks.size < MOST_NETWORKS)
    networks.set(network, {
      ...tally(access),
      address: source,
      isHuman: agent.isHuman,
      family: agent.family,
      credential: access.credential,
    })
}

/** A service account that works in the cluster, and all at once from where people are, or from outside. */
export function* podlessSignals(callers: readonly Caller[], addresses: Addresses): Generator<Signal> {
  for (const { podless, user, account, first } of callers) {
    if (!podless || podless.networks.size < 2) continue
    const all = [...podless.networks]
    const home = all.filter(
      ([network, { address }]) =>
        addresses.isOfCluster(address, network) || (isPrivate(address) && !addresses.isOfPeople(address, network)),
    )
    const atHome = home.reduce((sum, [, { times }]) => sum + times, 0)
    if (atHome < LEAST_HOME) continue
    const isHumanAtHome = home.some(([, each]) => each.isHuman)
    const away = all.filter(([network, seen]) => {
      if (addresses.isOfCluster(seen.address, network) || seen.first < first + HOUR_MS || seen.times * 2 > atHome)
        return false
      if (!isPrivate(seen.address)) return home.every(([, each]) => isPrivate(each.address))
      return (
        addresses.isOfPeople(seen.address, network) ||
        (seen.isHuman && !isHumanAtHome && !home.some(([each]) => each === network))
      )
    })
    if (away.length === 0) continue
    const seen = away.map(([, each]) => each)
    const [head] = seen
    yield {
      rule: 'stolen-token',
      subject: userId(user),
      severity: 'high',
      title: `a token of service account ${account} is used outside of the cluster`,
      message: `service account ${account} was used from ${away
        .map(([, { address, family }]) => (family === '' ? address : `${address} (${family})`))
        .slice(0, 4)
        .join(', ')}, where no other of the cluster is; its ${atHome} other requests come from within`,
      ...(head && head.credential !== '' ? { credential: head.credential } : {}),
      first: Math.min(...seen.map((each) => each.first)),
      last: Math.max(...seen.map((each) => each.last)),
      samples: seen.slice(0, 4).map(({ place }) => place),
      because: [],
    }
  }
}
