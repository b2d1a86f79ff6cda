import type { Asked, Caller } from './asked.ts'
import type { Signal } from './signal.ts'
import { count, type Tally, tally } from './tally.ts'
import { userId } from './user-id.ts'

const MOST_TARGETS = 64
const DAY_MS = 86_400_000
/** Requests of its own before the first as somebody else, or a day of them. */
const PAST = 20
/** Of a log of two days or more: on one day alone, so few times, is no proxy’s work. */
const MOST_OF_ONCE = 20
/** Requests of its own by which somebody is known to be more than what asks for others. */
const KNOWN = 3
const GRAVE = /^(system:masters|system:kube-|system:node:|system:serviceaccount:kube-system:|kubernetes-admin)/

export interface ActingState {
  readonly targets: Map<string, Tally>
  readonly days: Set<number>
  /** What it did as others, the first of it. */
  readonly reached: Set<string>
  times: number
  first: number
  last: number
  /** Own requests before the first one. */
  before: number
  grave: string
}

export function addImpersonation({ access, caller }: Asked): void {
  const { impersonator, time, user, groups, verb, resource, namespace } = access
  if (!impersonator || user === impersonator.user) return
  caller.acting ??= {
    targets: new Map(),
    days: new Set(),
    reached: new Set(),
    times: 0,
    first: time,
    last: time,
    before: caller.times - 1,
    grave: '',
  }
  const state = caller.acting
  state.times++
  if (time < state.first) state.first = time
  if (time > state.last) state.last = time
  if (state.days.size < 400) state.days.add(Math.floor(time / DAY_MS))
  const seen = state.targets.get(user)
  if (seen) count(seen, access)
  else if (state.targets.size < MOST_TARGETS) state.targets.set(user, tally(access))
  if (state.grave === '') state.grave = groups.find((group) => GRAVE.test(group)) ?? (GRAVE.test(user) ? user : '')
  if (state.reached.size < 6 && resource !== '')
    state.reached.add(`${verb} ${resource}${namespace === '' ? '' : ` in ${namespace}`}`)
}

/**
 * Who acts as somebody else and never did: a proxy does so from its beginning and every day, a person who looks around
 * does so once.
 */
export function* impersonationSignals(callers: readonly Caller[], spanMs: number): Generator<Signal> {
  for (const { acting, user, times, first, days } of callers) {
    if (!acting) continue
    const hasPast = acting.before >= PAST || (acting.before > 0 && acting.first - first >= DAY_MS)
    const isRare = acting.days.size <= Math.max(1, days.length / 5) && acting.times * 2 < times
    const isOnce = spanMs >= 2 * DAY_MS && acting.days.size === 1 && acting.times <= MOST_OF_ONCE
    const isTold = (hasPast && isRare) || (isOnce && (acting.grave !== '' || acting.before >= KNOWN))
    if (!isTold) continue
    const targets = [...acting.targets]
    const names = targets.map(([name]) => name)
    yield {
      rule: 'impersonation',
      subject: userId(user),
      severity: acting.grave === '' ? 'medium' : 'high',
      title: `${user} acted as somebody else for the first time`,
      message: `${user} acted as ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}${acting.grave === '' || names.includes(acting.grave) ? '' : `, as a member of ${acting.grave}`}, ${acting.before === 0 ? 'and did nothing before' : `which it had never done in ${acting.before} requests before`}: ${[...acting.reached].join('; ')}`,
      first: acting.first,
      last: acting.last,
      samples: targets.slice(0, 4).map(([, { place }]) => place),
      because: [],
    }
  }
}
