import type { JudgedLimit, LimitState, Route } from './route.ts'

/** The best first: a route is as guarded as the best of its limits. */
const ORDER: readonly LimitState[] = ['effective', 'unknown', 'bypassable', 'inert', 'none']

/** Limits of requests: what counts against a flood. */
export function requestLimits({ limits }: Pick<Route, 'limits'>): readonly JudgedLimit[] {
  return limits.filter(({ limit }) => limit.kind === 'requests')
}

/** Whether something holds back how often requests come to a route. */
export function stateOf(route: Pick<Route, 'limits' | 'controller' | 'missing' | 'object'>): LimitState {
  const states = new Set(requestLimits(route).map(({ state }) => state))
  const best = ORDER.find((each) => each !== 'none' && states.has(each))
  return best ?? (unseenLimits(route) === undefined ? 'none' : 'unknown')
}

/**
 * What might limit a route without any object of the input saying so: whoever serves it is not known, or may be set to
 * limit every route by settings that are not in the input.
 */
export function unseenLimits({
  controller,
  missing,
  object,
}: Pick<Route, 'controller' | 'missing' | 'object'>): string | undefined {
  const isPort = object.kind === 'Service' || object.kind === 'Pod' || object.group === 'apps'
  if (controller === undefined) return isPort || missing === undefined ? undefined : missing
  return controller.product === 'traefik' && !controller.settings.seen
    ? 'the flags of Traefik, whose entry points may name middlewares for every route'
    : undefined
}
