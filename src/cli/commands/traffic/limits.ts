import { applyEdits } from '../../../cluster/edit/apply.ts'
import type { JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Written } from '../../../engines/traffic/dialects/dialect.ts'
import { measureOf, sustained } from '../../../engines/traffic/suggest/fit.ts'
import { Needs } from '../../../engines/traffic/suggest/needs.ts'
import { outliersOf } from '../../../engines/traffic/suggest/outliers.ts'
import { Profile } from '../../../engines/traffic/suggest/profile.ts'
import type { Writable } from '../../../engines/traffic/write/writer.ts'
import type { AccessLogs } from '../../../history/access-logs.ts'
import type { AccessLogCoverage } from '../../../observe/access-log/told.ts'
import type { Input } from '../../../observe/files/read.ts'
import { LimitReplay } from '../../../prove/limits/replay.ts'
import { NO_ROUTE, routeOf } from '../../../prove/limits/route-of.ts'
import { limitProof } from '../../../prove/limits/verdict.ts'
import { PROOF_OPTIONS } from '../../../prove/prove.ts'
import { jsonLines } from '../../../report/json.ts'
import { API_VERSION } from '../../../report/report.ts'
import { escapeUnsafe } from '../../../report/text.ts'
import { type LimitsItem, limitText, type TrafficLimits } from '../../../report/traffic/limits.ts'
import { limitsScreen } from '../../../report/traffic/limits-screen.ts'
import { reportLogs } from '../../../report/traffic/logs.ts'
import { replayItem } from '../../../report/traffic/replay.ts'
import { yamlText } from '../../../report/yaml.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { type LogFlags, openLogs } from './access-logs.ts'
import { limitPatches } from './limit-patches.ts'
import { standInOf } from './stand-in.ts'
import {
  annotationEdits,
  type Group,
  groupsOf,
  replaced,
  type Suggested,
  shapeOf,
  stagingNotes,
  writable,
  writtenOf,
} from './suggestion.ts'

const FORMATS = ['table', 'json', 'yaml', 'diff'] as const
const HEADROOM = 2
/** One address that speaks for all (a load balancer, a node) looks like a route of few clients. */
const LEAST_CLIENTS = 10

export interface LimitsFlags extends LogFlags {
  readonly headroom?: number
  readonly to?: string
  readonly enforce?: boolean
}

/** Limits from recorded traffic, each replayed over it before it is shown. */
export async function limits(flags: LimitsFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const to = writable(flags.to as Writable | undefined)
  if (flags.to !== undefined && to === undefined)
    throw new UsageError(
      `--to ${flags.to}: expected ingress-nginx, f5-nginx, envoy-gateway, haproxy, haproxy-ingress or traefik`,
    )
  const isOfCluster = (flags.filename ?? []).length > 0
  if (!isOfCluster && to === undefined)
    throw new UsageError('name the cluster with -f, or for which engine: --to ingress-nginx')
  if ((flags.history ?? []).length === 0) throw new UsageError('name what was recorded: --history PATH')
  const { groups, classify, input, objects, code: read } = await groupsOfInput(flags, to, isOfCluster)
  const { logs, finish } = await openLogs(flags, classify)
  const headroom = flags.headroom ?? HEADROOM
  const made = await suggested(groups, logs, headroom, flags.enforce !== true)
  const recorded = finish()
  const { patches, all, unpatched } = input
    ? limitPatches(made, objects, input)
    : { patches: [], all: [], unpatched: [] }
  const items = made.flatMap(({ item }) => item ?? [])
  const document: TrafficLimits = {
    apiVersion: API_VERSION,
    kind: 'TrafficLimits',
    logs: reportLogs(logs.coverage()),
    headroom,
    items: items.map((item, at) => ({ ...item, patches: patches[at] ?? [] })).sort((a, b) => b.requests - a.requests),
    unseen: made.flatMap(({ group, item }) => (item || !group.object ? [] : [group.object.id])),
    unpatched,
  }
  for (const each of targets) {
    const lines = (): Iterable<string> =>
      [...limitsScreen(document, terminal(process.stdout, each.file !== undefined))].map((line) => `${line}\n`)
    const pieces =
      each.format === 'json'
        ? jsonLines(document)
        : each.format === 'yaml'
          ? yamlDocuments(made)
          : each.format === 'diff'
            ? all.map(({ diff }) => escapeUnsafe(diff))
            : lines()
    await write(pieces, each)
  }
  const code = Math.max(read, recorded)
  if (code !== EXIT.ok) return code
  return items.some(({ proof }) => proof?.verdict === 'breaks') ? EXIT.breaks : EXIT.ok
}

interface Grouped {
  readonly groups: readonly Group[]
  readonly classify?: ReturnType<typeof routeOf>
  readonly input?: Input
  readonly objects: readonly KubeObject[]
  readonly code: number
}

async function groupsOfInput(flags: LimitsFlags, to: Writable | undefined, isOfCluster: boolean): Promise<Grouped> {
  if (!isOfCluster) return { groups: [{ object: undefined, routes: [], product: to }], objects: [], code: EXIT.ok }
  const { readRoutes } = await import('./log-routes.ts')
  const { routes, cluster, input, code } = await readRoutes(flags)
  const { groups, of } = groupsOf(routes, to)
  const route = routeOf(routes)
  return { groups, classify: (request) => of[route(request)] ?? NO_ROUTE, input, objects: cluster.objects, code }
}

/** Three readings of the log: how clients behave; what each needs at the rate that follows; and the proof. */
async function suggested(
  groups: readonly Group[],
  logs: AccessLogs,
  headroom: number,
  isStaged: boolean,
): Promise<readonly Suggested[]> {
  const profile = new Profile(groups.length)
  for await (const batch of logs.requests()) profile.add(batch)
  const options = groups.map((group, at) => {
    const own = profile.routes[at] as Profile['routes'][number]
    const seconds = profile.resolutionMs > 1 ? (own.timed > 0 ? 2 : 1) : 0
    return { shape: shapeOf(group), headroom, outliers: outliersOf(own), coarseSeconds: seconds }
  })
  const found = options.map((each, at) => sustained(profile.routes[at] as Profile['routes'][number], each))
  const needs = new Needs(
    found.map((each, at) => each && measureOf(each, options[at] as (typeof options)[number])),
    profile.pairs,
  )
  for await (const batch of logs.requests()) needs.add(batch)
  const written = groups.map((group, at) => {
    const rate = found[at]
    const need = needs.routes[at]
    if (!rate || !need) return undefined
    return writtenOf(
      group,
      rate,
      need,
      profile.routes[at] as Profile['routes'][number],
      options[at] as (typeof options)[number],
      isStaged,
    )
  })
  const folded = new LimitReplay(
    written.map((each, at) => {
      const kept = each?.kept ?? []
      const body = kept.find(({ kind }) => kind === 'body')
      return { id: String(at), limits: kept.filter(({ kind }) => kind !== 'body'), ...(body ? { body } : {}) }
    }),
    (client) => logs.clients.name(client),
  )
  for await (const batch of logs.requests()) folded.add(batch)
  const coverage = logs.coverage()
  return groups.map((group, at) => {
    const each = written[at]
    const rate = found[at]
    if (!each || !rate) return { group }
    return {
      group,
      written: each,
      item: itemOf(group, each, rate, at, { profile, folded, coverage, options, isStaged }),
    }
  })
}

interface Measured {
  readonly profile: Profile
  readonly folded: LimitReplay
  readonly coverage: AccessLogCoverage
  readonly options: readonly Parameters<typeof measureOf>[1][]
  readonly isStaged: boolean
}

function itemOf(
  group: Group,
  written: Written,
  rate: NonNullable<ReturnType<typeof sustained>>,
  at: number,
  { profile, folded, coverage, options, isStaged }: Measured,
): Omit<LimitsItem, 'patches'> {
  const own = profile.routes[at] as Profile['routes'][number]
  const { shape, outliers } = options[at] as Measured['options'][number]
  const trial = folded.trials[at] as LimitReplay['trials'][number]
  const nameOf = folded.namesOf(at)
  const id = group.object?.id ?? ''
  // The numbers of `Pairs` hang on the order of first appearance, which is that of every reading.
  const meant = new Set(outliers.map(({ client }) => client))
  const proof = limitProof(trial, folded.bodies[at], coverage, {
    route: id,
    nameOf,
    minDays: PROOF_OPTIONS.minDays,
    minClients: LEAST_CLIENTS,
    standIn: standInOf(group.object !== undefined),
    replicas: undefined,
    meant,
  })
  const replayed = replayItem(
    { route: id, target: '', limits: written.kept, trial, body: folded.bodies[at], nameOf, proof },
    coverage,
  )
  const { requests, clients, refused } = replayed
  return {
    object: id,
    routes: group.routes.map((route) => route.id),
    product: group.product ?? group.routes[0]?.controller?.product ?? 'any',
    requests,
    clients,
    seen: {
      p999PerMinute: rate.p999,
      peakPerSecond: own.together.second,
      peakPerMinute: own.together.minute,
      largestBody: own.sized > 0 ? own.largest : null,
    },
    limits: written.kept.map(limitText),
    outliers: outliers.map(({ client, requests: count, peakMinute, share }) => ({
      client: nameOf(client),
      requests: count,
      peakPerMinute: peakMinute,
      share,
      refused: trial.tally.refusedOf(client),
    })),
    refused,
    ...(replayed.proof ? { proof: replayed.proof } : {}),
    objects: written.objects as readonly JsonObject[],
    annotations: written.annotations,
    settings: written.settings,
    losses: written.losses.map(({ field, severity, message }) => ({ field, severity, message })),
    notes: [
      ...replaced(written, group).map((key) => `${key} of today is taken out: the engine would enforce both`),
      ...stagingNotes(group, shape, isStaged),
    ],
  }
}

/** Objects to apply: new ones, and the object of the routes whole, with its annotations. */
function* yamlDocuments(made: readonly Suggested[]): Iterable<string> {
  let count = 0
  for (const { group, written } of made) {
    if (!written) continue
    const edits = annotationEdits(written, group)
    const changed =
      group.object && edits.length > 0
        ? [applyEdits(group.object.body, edits) as JsonObject]
        : edits.length > 0
          ? [{ metadata: { annotations: { ...written.annotations } } }]
          : []
    for (const object of [...changed, ...(written.objects as readonly JsonObject[])])
      yield `${count++ === 0 ? '' : '---\n'}${yamlText(object)}`
  }
}
