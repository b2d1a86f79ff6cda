import { resolveApplications } from '../../../cluster/application/resolve.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import { parseSubject, subjectText } from '../../../cluster/subject-text.ts'
import { whatCapBreaks } from '../../../engines/traffic/apiserver/breaks.ts'
import { capOf, DEFAULT_SHARES, sharesFor } from '../../../engines/traffic/apiserver/cap.ts'
import { replayCapped } from '../../../engines/traffic/apiserver/capped.ts'
import { whyCostly } from '../../../engines/traffic/apiserver/costly.ts'
import { type Demand, demandOf } from '../../../engines/traffic/apiserver/demand.ts'
import { classify, type FlowControl, flowControlOf } from '../../../engines/traffic/apiserver/flow-control.ts'
import { type Identity, IdentityFold } from '../../../engines/traffic/apiserver/identity-fold.ts'
import type { Load } from '../../../engines/traffic/apiserver/load.ts'
import { LoadFold } from '../../../engines/traffic/apiserver/load-fold.ts'
import { ownersOf } from '../../../engines/traffic/apiserver/owners.ts'
import { SERVER_SEATS, seatsOf } from '../../../engines/traffic/apiserver/seats.ts'
import { storedIn } from '../../../engines/traffic/apiserver/stored.ts'
import { judgeCap } from '../../../engines/traffic/apiserver/verdict.ts'
import type { Coverage } from '../../../history/history.ts'
import { podsOf } from '../../../prove/pods.ts'
import { csvLines } from '../../../report/access/csv.ts'
import { timeText } from '../../../report/access/window.ts'
import { jsonLines } from '../../../report/json.ts'
import { API_VERSION } from '../../../report/report.ts'
import { counted } from '../../../report/text.ts'
import {
  type ApiServerCap,
  capItem,
  levelsOf,
  loadItem,
  rounded,
  subjectItems,
  type TrafficApiServer,
} from '../../../report/traffic/apiserver.ts'
import { capYaml } from '../../../report/traffic/apiserver-cap.ts'
import { hiddenOf, tellsTime } from '../../../report/traffic/apiserver-hidden.ts'
import { apiserverScreen } from '../../../report/traffic/apiserver-screen.ts'
import { yamlText } from '../../../report/yaml.ts'
import { UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import { replayed } from '../access/sources.ts'
import { today } from '../access/today.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv'] as const
const MOST_ITEMS = 1000
const MIN_DAYS = 7
const HEADROOM = 2

interface ApiServerFlags extends TrafficFlags {
  readonly cap?: string
  readonly shares?: string
  readonly serverSeats?: string
}

/** Who loads the API server, from its audit log; `--cap`: the objects that cap one identity. */
export async function apiserver(given: TrafficFlags): Promise<number> {
  const flags = given as ApiServerFlags
  const targets = targetsOf(flags, FORMATS, flags.cap === undefined ? 'table' : 'yaml')
  const subject = flags.cap === undefined ? undefined : subjectOf(flags.cap)
  const shares = wholeOf('--shares', flags.shares, 0, 1_000_000)
  const serverSeats = wholeOf('--server-seats', flags.serverSeats, 1, 1_000_000) ?? SERVER_SEATS
  if (shares !== undefined && !subject) throw new UsageError('--shares is for a cap: name its subject with --cap')
  if ((flags.history ?? []).length === 0 && !subject)
    throw new UsageError('name what was recorded: --history PATH, an audit log of the API server')
  readOnce({ '-f': flags.filename, '--history': flags.history })

  const { cluster, code: read } = await today(flags, 'Reading')
  const { minor } = cluster.version
  if (shares === 0 && minor < 30)
    throw new UsageError('--shares 0: before 1.30 a priority level has at least one share')
  const control = flowControlOf(cluster)
  const seats = seatsOf(control.levels.values(), serverSeats)
  const stored = storedIn(cluster)
  const fold = new LoadFold({ minor, control, seats, stored })
  const identity = subject && new IdentityFold(userOf(subject), { minor, stored })
  const folds = identity ? [fold, identity] : [fold]
  const { coverage, code: recorded } =
    (flags.history ?? []).length === 0 ? { coverage: { sources: [] }, code: 0 } : await replayed(flags, cluster, folds)
  const loaded = fold.finish()
  const owners = ownersOf(cluster, resolveApplications(cluster), podsOf(cluster).workloadOf)
  const isTimed = tellsTime(coverage, loaded)
  const context = {
    tellsTime: isTimed,
    loaded,
    owners,
    classified: (load: Load) => classify(control, { ...load, namespace: load.namespace ?? 'default', path: '' }),
    why: (load: Load) => whyCostly(load, loaded.loopsOf(load), minor),
  }
  const shown = loaded.loads.slice(0, MOST_ITEMS)
  const left = loaded.loads.slice(MOST_ITEMS)
  const { rest } = loaded
  const hidden = hiddenOf(coverage, loaded)
  const audit = coverage.sources.find(({ kind }) => kind === 'audit')
  const cap =
    subject && identity
      ? capFor({
          subject,
          identity: identity.finish(),
          control,
          cluster,
          serverSeats,
          shares,
          tellsTime: isTimed,
          blind: blindOf(coverage),
        })
      : undefined
  const document: TrafficApiServer = {
    apiVersion: API_VERSION,
    kind: 'TrafficApiServer',
    kubernetes: { version: cluster.version.text, from: cluster.version.from },
    window: {
      from: timeText(audit?.outlying ? audit.from : loaded.from),
      to: timeText(audit?.outlying ? audit.to : loaded.to),
      requests: loaded.requests,
      seconds: rounded(loaded.latencyMs),
      seatSeconds: rounded(loaded.seatMs),
      untimed: isTimed ? 0 : loaded.instant,
      longRunning: loaded.longRunning,
      sources: audit?.files ?? [],
    },
    serverSeats,
    levels: levelsOf(control, seats),
    subjects: subjectItems(context),
    items: shown.map((load) => loadItem(load, context)),
    more: {
      clients: left.length,
      requests: left.reduce((sum, each) => sum + each.requests, 0),
      seatSeconds: rounded(left.reduce((sum, each) => sum + each.seatMs, 0)),
    },
    ...(rest
      ? {
          merged: {
            requests: rest.requests,
            seconds: rounded(rest.latencyMs),
            seatSeconds: rounded(rest.seatMs),
            mostSeatSeconds: rounded(rest.mostSeatMs),
          },
        }
      : {}),
    ...(cap ? { cap } : {}),
    hidden,
  }
  for (const each of targets) await write(piecesOf(document, each.format, each.file !== undefined), each)
  return Math.max(read, recorded)
}

function piecesOf(document: TrafficApiServer, format: string, isFile: boolean): Iterable<string> {
  switch (format) {
    case 'json':
      return jsonLines(document)
    case 'yaml':
      return document.cap ? capYaml(document.cap) : [yamlText(document)]
    case 'csv':
      return csvLines(document.items)
    default: {
      const term = terminal(process.stdout, isFile)
      return [...apiserverScreen(document, term, format === 'wide')].map((line) => `${line}\n`)
    }
  }
}

interface CapInput {
  readonly subject: Subject
  readonly identity: Identity
  readonly control: FlowControl
  readonly cluster: Cluster
  readonly serverSeats: number
  readonly shares: number | undefined
  readonly tellsTime: boolean
  readonly blind: readonly string[]
}

function capFor({
  subject,
  identity,
  control,
  cluster,
  serverSeats,
  shares,
  tellsTime: isTimed,
  blind,
}: CapInput): ApiServerCap {
  const { minor } = cluster.version
  const user = userOf(subject)
  const groups = identity.requests > 0 ? identity.groups : groupsOf(subject)
  const seats = seatsOf(control.levels.values(), serverSeats)
  const most = identity.kinds.reduce(
    (widest, kind) => Math.max(widest, seats.get(classify(control, kind).level.name)?.most ?? 0),
    0,
  )
  const demand = demandOf(identity.spans, most, serverSeats)
  const chosen = sharesOf(shares, demand, control, serverSeats)
  const cap = capOf({
    subject,
    user,
    groups,
    kinds: identity.kinds,
    control,
    serverSeats,
    minor,
    shares: chosen.shares,
  })
  if (!cap)
    throw new UsageError(
      `${subjectText(subject)}: its requests are exempt from flow control or come first already, and nothing can cap them`,
    )
  const limits = { seats: cap.seats.nominal, most: cap.seats.most, queueLengthLimit: cap.queuing.queueLengthLimit }
  const capped = replayCapped(identity.spans, limits, demand.isFlood)
  const breaks = whatCapBreaks(user)
  const verdict = judgeCap(identity, demand, capped, { minDays: MIN_DAYS, breaks, tellsTime: isTimed, blind })
  const warnings = [
    ...(breaks === '' ? [] : [`take care: ${breaks}`]),
    ...(identity.renewsLeases
      ? ['it renews a lease: while it floods, its leader election waits in the same queue, and it may lose its lead']
      : []),
    ...(cap.exempt > 0 ? [`${cap.exempt} kinds of its requests are exempt, and are not capped (probes)`] : []),
    ...(cap.noLongerExempt > 0
      ? [`${cap.noLongerExempt} kinds of its requests are exempt today, and come under the cap`]
      : []),
    ...(cap.shares === 0 ? ['with no shares it has no seat: every request waits 15 seconds and is refused'] : []),
    'while it floods, its clients get 429 with Retry-After: client-go waits and asks again, others may fail',
    'authentication is done before, and is not capped',
  ]
  const requests = identity.spans.count
  return capItem({
    ...{ subject: subjectText(subject), cap, from: chosen.from, demand, capped, requests, verdict, warnings },
  })
}

function sharesOf(
  asked: number | undefined,
  { needSeats, floodSeats }: Demand,
  control: FlowControl,
  serverSeats: number,
): { readonly shares: number; readonly from: ApiServerCap['from'] } {
  if (asked !== undefined) return { shares: asked, from: 'flag' }
  if (needSeats === undefined) return { shares: DEFAULT_SHARES, from: 'default' }
  const seats = Math.min(Math.max(1, Math.ceil(needSeats * HEADROOM)), floodSeats)
  return { shares: sharesFor(seats, control, serverSeats), from: 'need' }
}

/** What leaves parts of the window unseen. */
function blindOf({ sources }: Coverage): readonly string[] {
  return sources.flatMap(({ kind, gaps, lost, hides }) =>
    kind !== 'audit'
      ? []
      : [
          ...(gaps.length === 0 ? [] : [`the log has ${counted(gaps.length, 'gap')}`]),
          ...(lost.length === 0 ? [] : ['the log says that records were lost']),
          ...(hides.verbs.length === 0 ? [] : [`this form of log holds no ${hides.verbs.join(', ')}`]),
        ],
  )
}

function subjectOf(text: string): Subject {
  const subject = parseSubject(text)
  if (!subject || subject.kind === 'Group')
    throw new UsageError(`--cap ${text}: expected sa:NAMESPACE/NAME or user:NAME`)
  return subject
}

function userOf({ kind, namespace, name }: Subject): string {
  return kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name
}

function groupsOf({ kind, namespace }: Subject): readonly string[] {
  return kind === 'ServiceAccount'
    ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    : ['system:authenticated']
}

function wholeOf(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < least || count > most)
    throw new UsageError(`${flag} ${text}: expected a whole number from ${least} to ${most}`)
  return count
}
