import type { Path } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Location } from '../../cluster/origin.ts'
import type { Door } from '../../engines/traffic/front/doors.ts'
import type { Evidence as Sign } from '../../engines/traffic/front/evidence.ts'
import type { Front, FrontState } from '../../engines/traffic/front/front.ts'
import type { Provider } from '../../engines/traffic/front/provider.ts'
import { ageInDays, OLD_DAYS, type Ranges } from '../../engines/traffic/front/ranges.ts'
import type { LockReplay } from '../../engines/traffic/front/shut-out.ts'
import type { Lets } from '../../engines/traffic/front/sources.ts'
import type { Fix } from '../../fix/fix.ts'
import { timeText } from '../access/window.ts'
import { type Evidence, type ResourceRef, resourceRef, type Witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import { todoOf } from './front-todo.ts'

export interface FrontItem {
  /** Empty for what is reached without a name. */
  readonly host: string
  readonly routes: readonly string[]
  readonly objects: readonly (ResourceRef & { readonly location?: Location })[]
  readonly inFront: readonly { readonly provider: Provider; readonly truth: 'yes' | 'unknown' }[]
  readonly evidence: readonly (Pick<Sign, 'provider' | 'by' | 'truth'> & { readonly because: readonly Evidence[] })[]
  readonly doors: readonly FrontDoor[]
  readonly state: FrontState
  readonly because: readonly Evidence[]
  readonly todo: readonly string[]
  /** Ids of the fixes that lock it. */
  readonly fixes: readonly string[]
}

export interface FrontDoor {
  readonly kind: Door['kind']
  readonly resource: ResourceRef
  readonly leadsTo: Door['leadsTo']
  readonly truth: 'yes' | 'unknown'
  readonly lets: Lets
  /** It leads around whoever is in front. */
  readonly around: boolean
  /** Of another route to the same backend. */
  readonly route?: string
  readonly because: readonly Evidence[]
}

export interface TrafficFront {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'TrafficFront'
  readonly ranges: readonly {
    readonly provider: Provider
    readonly count: number
    readonly date?: string
    readonly ageDays?: number
    /** Older than 90 days. */
    readonly old?: true
    readonly source: string
  }[]
  readonly items: readonly FrontItem[]
  readonly fixes: readonly { readonly id: string; readonly title: string; readonly notes: readonly string[] }[]
  /** Who of the recorded clients a lock would shut out; absent without --history. */
  readonly replay?: ReportReplay
}

export interface ReportReplay {
  readonly verdict: LockReplay['verdict']
  readonly reasons: readonly string[]
  readonly from: string
  readonly to: string
  readonly seen: number
  readonly inside: number
  readonly shutOut: readonly {
    readonly address: string
    readonly times: number
    readonly first: string
    readonly last: string
    readonly workload: string
  }[]
  readonly more?: true
  readonly sources: readonly string[]
}

export interface FrontAnswer {
  readonly fronts: readonly Front[]
  readonly fixes: readonly Fix[]
  readonly ranges: Ranges
  /** Milliseconds since 1970, by which lists are old. */
  readonly now: number
  readonly replay?: { readonly found: LockReplay; readonly files: readonly string[] }
}

const MOST_SHUT_OUT = 1_000

export function trafficFront({ fronts, fixes, ranges, now, replay }: FrontAnswer, seen: Witness): TrafficFront {
  const byObject = new Map<string, string[]>()
  for (const fix of fixes)
    for (const { object } of fix.changes) byObject.set(object.id, [...(byObject.get(object.id) ?? []), fix.id])
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficFront',
    ranges: [...ranges.values()].map((each) => {
      const age = ageInDays(each, now)
      return {
        provider: each.provider,
        count: each.cidrs.length,
        ...(each.date === undefined ? {} : { date: each.date }),
        ...(age === undefined ? {} : { ageDays: age }),
        ...(age !== undefined && age > OLD_DAYS ? { old: true as const } : {}),
        source: each.source,
      }
    }),
    items: fronts.map((front) => frontItem(front, byObject, seen)),
    fixes: fixes.map(({ id, title, notes }) => ({ id, title, notes })),
    ...(replay ? { replay: reportReplay(replay.found, replay.files) } : {}),
  }
}

function frontItem(front: Front, byObject: ReadonlyMap<string, readonly string[]>, seen: Witness): FrontItem {
  const touched = [
    ...front.objects,
    ...front.around.map(({ object }) => object),
    ...front.routes.flatMap(({ controller }) => controller?.settingsObject ?? []),
  ]
  return {
    host: front.host,
    routes: front.routes.map(({ id }) => id),
    objects: front.objects.map((object) => ({ ...resourceRef(object), ...located(object, seen) })),
    inFront: front.providers,
    evidence: front.evidence.map(({ provider, by, truth, because }) => ({
      provider,
      by,
      truth,
      because: seen.evidence(because),
    })),
    doors: front.doors.map((door) => ({
      kind: door.kind,
      resource: resourceRef(door.object),
      leadsTo: door.leadsTo,
      truth: door.truth,
      lets: door.lets,
      around: front.around.includes(door),
      ...(door.by === undefined ? {} : { route: door.by }),
      because: seen.evidence(door.because),
    })),
    state: front.state,
    because: seen.evidence(front.because),
    todo: todoOf(front),
    fixes: [...new Set(touched.flatMap(({ id }) => byObject.get(id) ?? []))].sort(),
  }
}

function located(
  object: KubeObject,
  seen: { locate(object: KubeObject, path?: Path): Location | undefined },
): { readonly location?: Location } {
  const location = seen.locate(object)
  return location ? { location } : {}
}

function reportReplay(found: LockReplay, files: readonly string[]): ReportReplay {
  return {
    verdict: found.verdict,
    reasons: found.reasons,
    from: timeText(found.from),
    to: timeText(found.to),
    seen: found.seen,
    inside: found.inside,
    shutOut: found.shutOut.slice(0, MOST_SHUT_OUT).map((each) => ({
      ...each,
      first: timeText(each.first),
      last: timeText(each.last),
    })),
    ...(found.more || found.shutOut.length > MOST_SHUT_OUT ? { more: true as const } : {}),
    sources: files,
  }
}
