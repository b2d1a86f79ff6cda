import type { JudgedLimit, LimitState, Route } from '../../engines/traffic/routes/route.ts'
import { stateOf } from '../../engines/traffic/routes/state.ts'
import { limitWords } from './limit-words.ts'
import { withoutAny } from './routes.ts'

/** Routes of one object that are alike, with what somebody wrote of their limits. */
export interface RouteBlock {
  readonly route: string
  readonly target: string
  /** `yes`, `perhaps`. */
  readonly exposed: string
  readonly state: LimitState
  readonly lines: readonly { readonly limit: string; readonly state: string; readonly why: string }[]
}

const ORDER: readonly LimitState[] = ['bypassable', 'inert', 'unknown', 'none', 'effective']

/** What is worst first. `wide`: every route alone, with the defaults of engines. */
export function blocksOf(routes: readonly Route[], wide: boolean): readonly RouteBlock[] {
  const groups = wide ? routes.map((route) => [route]) : grouped(routes)
  return groups.toSorted(([a], [b]) => rank(a as Route) - rank(b as Route)).map((own) => block(own, wide))
}

function rank(route: Route): number {
  return ORDER.indexOf(stateOf(route)) * 2 + (route.exposed === 'yes' ? 0 : 1)
}

function grouped(routes: readonly Route[]): readonly (readonly Route[])[] {
  const groups = Map.groupBy(routes, (route) =>
    JSON.stringify([
      route.object.id,
      route.target,
      route.exposed,
      route.missing,
      shown(route, false).map(({ limit, state, rule }) => [limit, state, rule]),
    ]),
  )
  return [...groups.values()]
}

function block(own: readonly Route[], wide: boolean): RouteBlock {
  const [first] = own as [Route]
  const unseen = withoutAny(first).flatMap(({ missing }) => missing ?? [])
  return {
    route: own.length === 1 ? first.id : `${first.id} and ${own.length - 1} more`,
    target: first.target.service,
    exposed: first.exposed === 'yes' ? 'yes' : 'perhaps',
    state: stateOf(first),
    lines: [
      ...unseen.map((missing) => ({ limit: 'no limit of requests is seen', state: 'unknown', why: settled(missing) })),
      ...shown(first, wide).map((each) => ({ limit: limitText(each), state: each.state, why: whyText(each) })),
    ],
  }
}

function settled(missing: string): string {
  return `not in the input: ${missing}`
}

/** What somebody wrote: limits of requests and connections, and whatever of other kinds does not work. */
function shown({ limits }: Route, wide: boolean): readonly JudgedLimit[] {
  if (wide) return limits
  return limits.filter(({ limit, state, byDefault, rule }) => {
    if (byDefault || (rule === 'unlimited' && limit.kind !== 'body')) return false
    const isShared = limit.kind === 'connections' && (limit.key.kind === 'everyone' || limit.key.kind === 'expression')
    if (isShared && rule !== 'unreferenced' && state !== 'inert') return false
    return limit.kind === 'requests' || limit.kind === 'connections' || (state !== 'effective' && rule !== 'unread')
  })
}

function limitText({ limit, total, byDefault }: JudgedLimit): string {
  const many =
    !total || total.most === total.least
      ? ''
      : total.most === undefined
        ? ', in each replica'
        : `; over the replicas ${total.least} to ${total.most === Number.POSITIVE_INFINITY ? 'no end' : total.most}`
  return `${limitWords(limit)}${limit.only === undefined ? '' : `, of ${limit.only}`}${many}${byDefault ? ' (by default)' : ''}`
}

/** Rules as people say them; the letters are those of docs/reference/traffic-routes.md. */
const TITLES: Readonly<Record<string, string>> = {
  R1: 'R1 client address lost',
  R2: 'R2 clients choose their address',
  R3: 'R3 one count behind a CDN',
  R4: 'R4 allow list refuses every user',
  R5: 'R5 each replica counts alone',
  R7: 'R7 more than the workload holds',
  'second-door': 'another way in',
}

const MOST_REASONS = 3

function whyText({ rule, state, unknown, decided, because }: JudgedLimit): string {
  if (state === 'unknown') return settled(unknown?.missing ?? 'more input')
  const reason = (decided ?? because.slice(0, 1))
    .slice(0, MOST_REASONS)
    .map(({ text }) => text)
    .join('; ')
  const title = rule === undefined ? undefined : TITLES[rule]
  return title === undefined ? reason : `${title}: ${reason}`
}
