import type { Limit } from '../../engines/traffic/limit.ts'
import type { Limiter, Verdict } from '../../engines/traffic/models/limiter.ts'
import { ADMITTED, REFUSED } from '../../engines/traffic/models/limiter.ts'
import { limiterOf } from '../../engines/traffic/models/limiter-of.ts'
import { Together } from '../../engines/traffic/models/together.ts'

/** Decides requests of a route in the order in which they came. */
export interface Machine {
  admit(client: number, startMs: number, endMs: number, lane: number): Verdict
}

/** What cannot be replayed of a limit, for people; undefined where it can. */
export function unreplayable(limit: Limit): string | undefined {
  const { key, only, algorithm } = limit
  if (only !== undefined) return `the limit holds only for some requests (${only})`
  if (key.kind === 'header') return `access logs do not tell the header ${key.name}, by which it counts`
  if (key.kind === 'identity' || key.kind === 'expression')
    return `it counts by ${keyWords(limit)}, which access logs do not tell`
  if (limit.kind === 'connections')
    return (limit.connections ?? -1) >= 0 ? undefined : 'it has no number of connections'
  if (limit.kind !== 'requests') return undefined
  if (algorithm === 'unknown') return 'nobody has said how it counts'
  return limiterOf(limit) === undefined ? 'its rate is not known' : undefined
}

function keyWords({ key }: Limit): string {
  return key.kind === 'identity' ? key.of : key.kind === 'expression' ? key.text : key.kind
}

/**
 * The limits of one route together, as its engine asks them. Replicas that count alone are told apart by the lane in which
 * a request was logged.
 */
export function machineOf(limits: readonly Limit[]): Machine {
  const apart = limits.filter(({ scope }) => scope === 'replica')
  const whole = limits.filter(({ scope }) => scope !== 'replica')
  if (apart.length === 0) return single(whole)
  const lanes: Machine[] = []
  const laneOf = (lane: number): Machine => {
    while (lanes.length <= lane) lanes.push(single(apart))
    return lanes[lane] as Machine
  }
  if (whole.length === 0)
    return { admit: (client, start, end, lane) => (lanes[lane] ?? laneOf(lane)).admit(client, start, end, 0) }
  const shared = single(whole)
  return {
    admit(client, start, end, lane) {
      const verdict = (lanes[lane] ?? laneOf(lane)).admit(client, start, end, 0)
      return verdict === REFUSED ? verdict : shared.admit(client, start, end, 0) || verdict
    },
  }
}

function single(limits: readonly Limit[]): Machine {
  const [only] = limits
  if (only === undefined) return { admit: () => ADMITTED }
  const limiter: Limiter | undefined = limits.length === 1 ? limiterOf(only) : undefined
  return limiter ?? new Together(limits)
}
