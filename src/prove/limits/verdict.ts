import type { Limit } from '../../engines/traffic/limit.ts'
import type { AccessLogCoverage } from '../../observe/access-log/told.ts'
import type { BlindSpot, Counterexample, Proof, Verdict } from '../proof.ts'
import { plural } from '../words.ts'
import type { BodyTrial } from './bodies.ts'
import { unreplayable } from './machine.ts'
import type { RefusedClient, Tally } from './tally.ts'
import type { Trial } from './trial.ts'

export interface VerdictOptions {
  readonly route: string
  readonly nameOf: (client: number) => string
  /** Days below which the window is too short for a verdict. */
  readonly minDays: number
  /** Clients below which nothing follows for others: of a limit that is made of what they did. */
  readonly minClients?: number
  /** Who stands for many others under this address, for people: `Cloudflare`. Undefined for a client of its own. */
  readonly standIn?: (address: string) => string | undefined
  /** Replicas of the engine, where they are known: those of which no log was given are not seen. */
  readonly replicas?: number | undefined
  /** Clients whose refusal is meant: they break nothing. */
  readonly meant?: ReadonlySet<number>
  /** Why it is not known whether the limits work at all. */
  readonly doubts?: readonly string[]
}

const MOST_EXAMPLES = 100
/** Clients by requests of whom is looked whether they stand for others. */
const LOOKED_AT = 100
const MOST_STANDING_IN = 0.5

/** What the recorded requests of a route say of limits: whether any of them would have been refused. */
export function limitProof(
  trial: Trial,
  body: BodyTrial | undefined,
  coverage: AccessLogCoverage,
  options: VerdictOptions,
): Proof {
  const { doubts = [] } = options
  const counterexamples = [
    ...examplesOf(trial.tally, (each) => whyOf(trial.limits, each), coverage, options),
    ...(body ? examplesOf(body.tally, () => `a body larger than ${body.limit.body} bytes`, coverage, options) : []),
  ].sort((a, b) => b.times - a.times)
  const blindSpots = [...sourceSpots(coverage), ...clientSpots(trial, coverage, options)]
  const isCertain = certainRefusals(trial, options) > 0 || (body !== undefined && body.refused > 0)
  const replayed = trial.requests
  const reasons = [
    ...doubts,
    ...unexplained(trial),
    ...trial.limits.flatMap((limit) => unreplayable(limit) ?? []),
    ...(replayed === 0 ? ['no request of this route was recorded'] : []),
    ...(trial.mostRefused > trial.leastRefused && !isCertain
      ? [
          `the log tells seconds only: up to ${plural(trial.mostRefused, 'request')} would be refused if those of one second came at once`,
        ]
      : []),
    ...(coverage.days < options.minDays ? [`the window is ${coverage.days} of at least ${options.minDays} days`] : []),
    ...(trial.tally.clients < (options.minClients ?? 0)
      ? [
          `what ${plural(trial.tally.clients, 'client')} did says little of others: at least ${options.minClients} are needed`,
        ]
      : []),
    ...blindSpots.map(({ message }) => message),
  ]
  const isUnknowable =
    doubts.length > 0 ||
    unexplained(trial).length > 0 ||
    trial.limits.some((limit) => unreplayable(limit) !== undefined)
  const verdict: Verdict =
    isCertain && !isUnknowable && counterexamples.length > 0 ? 'breaks' : reasons.length > 0 ? 'unknown' : 'holds'
  return {
    verdict,
    reasons: verdict === 'breaks' ? [] : verdict === 'unknown' ? [...new Set(reasons)] : asTo(coverage),
    window: { from: coverage.from, to: coverage.to, days: coverage.days, sources: coverage.files },
    control: { explained: trial.logged.agreed, unexplained: trial.logged.compared - trial.logged.agreed },
    replayed,
    counterexamples: counterexamples.slice(0, MOST_EXAMPLES),
    blindSpots,
    unseenMass: undefined,
    recent: [],
  }
}

/** Share of the log that the limits of its own time must explain before anything is concluded from their model. */
const LEAST_AGREEMENT = 0.99
/** The same where the log tells seconds only, whose order within a second is a guess. */
const LEAST_OF_SECONDS = 0.95

/** The control: where the model of the limits in force does not say what the engine did, it says nothing of other requests. */
function unexplained({ isInForce, isCoarse, logged, limits }: Trial): readonly string[] {
  const least = isCoarse ? LEAST_OF_SECONDS : LEAST_AGREEMENT
  if (!isInForce || limits.length === 0 || logged.agreed >= least * logged.compared) return []
  const refused = logged.bothRefuse + logged.onlyLog
  return [
    `the limits do not explain the log: it shows ${plural(refused, 'refusal')}, they would have made ${logged.bothRefuse + logged.onlyModel}`,
  ]
}

/** Refusals whatever the times within their seconds were, but for those that are meant. */
function certainRefusals(trial: Trial, { meant }: VerdictOptions): number {
  if (!meant || meant.size === 0) return trial.leastRefused
  const others = trial.tally.worst(meant.size + 1).filter(({ client }) => !meant.has(client))
  return others.length > 0 ? trial.leastRefused : 0
}

function examplesOf(
  tally: Tally,
  why: (each: RefusedClient) => string,
  { files }: AccessLogCoverage,
  { nameOf, route, meant }: VerdictOptions,
): readonly Counterexample[] {
  return tally
    .worst(MOST_EXAMPLES + (meant?.size ?? 0))
    .filter(({ client }) => meant?.has(client) !== true)
    .map((each) => ({
      what: route === '' ? nameOf(each.client) : `${nameOf(each.client)} at ${route}`,
      why: why(each),
      times: each.refused,
      first: each.first,
      last: each.last,
      place: { file: files[each.file] ?? '', line: each.line },
      raw: `${each.refused} of ${plural(each.requests, 'request')} refused`,
    }))
}

function whyOf(limits: readonly Limit[], { refused, requests }: RefusedClient): string {
  const what = limits.length === 1 ? 'the limit refuses' : 'the limits refuse'
  return `${what} ${refused} of its ${plural(requests, 'request')}`
}

/** What holds only as far as the log tells. */
function asTo({ untimed }: AccessLogCoverage): readonly string[] {
  return untimed > 0 ? ['as to when requests ended: the log does not tell how long they took'] : []
}

function sourceSpots(coverage: AccessLogCoverage): readonly BlindSpot[] {
  const spots: BlindSpot[] = []
  const add = (kind: string, message: string, instance: string): void => {
    spots.push({ kind, message, instance, touches: [] })
  }
  const { unread, late, overflow, connections, nameless, requests, problems } = coverage
  const lost = problems.find(({ code }) => code !== 'BH_HISTORY')
  const [first] = problems
  if (lost) add('lost-records', `a log was not read to its end: ${lost.message}`, lost.file ?? '')
  if (unread > 0)
    add(
      'unread-lines',
      `${plural(unread, 'line')} of the log could not be read`,
      `${first?.file ?? ''}:${first?.line ?? 0}`,
    )
  if (late > 0)
    add('late', `${plural(late, 'request')} came to light after later ones had been judged`, `${late} of ${requests}`)
  if (overflow > 0)
    add('too-many-clients', 'there are more clients than are counted apart', `${overflow} requests of others`)
  if (nameless > 0)
    add('no-client', `of ${plural(nameless, 'request')} the log does not tell the client`, `${nameless} of ${requests}`)
  if (connections > 0 && requests === 0)
    add('connections', 'the log tells of connections, not of requests', plural(connections, 'line'))
  return spots
}

/** Rules R1 and R3: a limit by an address that many share cannot be judged by that address. */
function clientSpots(trial: Trial, coverage: AccessLogCoverage, options: VerdictOptions): readonly BlindSpot[] {
  const { standIn, nameOf, replicas } = options
  const spots: BlindSpot[] = []
  const byClient = trial.limits.some(({ key }) => key.kind === 'client-address' || key.kind === 'peer-address')
  if (byClient && coverage.relayed > 0)
    spots.push({
      kind: 'shared-address',
      message: `${coverage.relays[0] ?? 'a logged client'} speaks for many: X-Forwarded-For changes from request to request, so who would share a count is not known`,
      instance: `${plural(coverage.relayed, 'request')} of ${coverage.relays.join(', ')}`,
      touches: [],
    })
  if (byClient && standIn) {
    const busiest = trial.tally.busiest(LOOKED_AT)
    const others = busiest.flatMap((each) => {
      const who = standIn(nameOf(each.client))
      return who === undefined ? [] : [{ ...each, who }]
    })
    // Of the requests that were looked at: a CDN comes from more addresses than are.
    const sum = (of: readonly { readonly requests: number }[]): number =>
      of.reduce((all, each) => all + each.requests, 0)
    const [first] = others
    if (first && sum(others) > MOST_STANDING_IN * sum(busiest))
      spots.push({
        kind: 'shared-address',
        message: `most requests come from addresses of ${first.who}: who is behind them, and how many share one, the log does not tell`,
        instance: nameOf(first.client),
        touches: [],
      })
  }
  const isApart = trial.limits.some(({ scope }) => scope === 'replica')
  if (isApart && replicas !== undefined && replicas > coverage.lanes && coverage.requests > 0)
    spots.push({
      kind: 'replicas',
      message: `there are ${replicas} replicas, and the log does not tell which of them took a request`,
      instance: `${coverage.lanes} of ${replicas} logs`,
      touches: [],
    })
  return spots
}
