import { type Asked, type Caller, hasJustBegun } from './asked.ts'
import type { Signal } from './signal.ts'
import { type Sample, sampleOf } from './tally.ts'
import { userId } from './user-id.ts'
import { hashOf, type Skipped, Windows } from './windows.ts'

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
/** Different Secrets, or namespaces whose Secrets were listed, in ten minutes. */
const ENOUGH_SECRETS = 10
const ENOUGH_NAMESPACES = 5
/** So many times what is usual for the subject. */
const UNUSUAL = 3
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const LEAST_PAST = 100

export interface SweepState {
  readonly things: Windows
  readonly namespaces: Windows
  /** Reads of all Secrets of the cluster at once. */
  all: { times: number; first: number; last: number; watches: number; sample: Sample } | undefined
}

/** Release records of Helm are read one after another by whoever deploys: of a release they are one. */
const HELM = /^(sh\.helm\.release\.v1\..+)\.v\d+$/

export function addSweep({ access, caller, allowed }: Asked): void {
  if (access.resource !== 'secrets' || access.group !== '' || access.subresource !== '' || !allowed) return
  if (!READS.has(access.verb) || caller.isSystem || access.dryRun) return
  caller.sweep ??= { things: new Windows(), namespaces: new Windows(), all: undefined }
  const { namespace, time, verb } = access
  const name = HELM.exec(access.name)?.[1] ?? access.name
  const { sweep } = caller
  if (namespace === '') {
    sweep.all ??= { times: 0, first: time, last: time, watches: 0, sample: sampleOf(access) }
    sweep.all.times++
    sweep.all.first = Math.min(sweep.all.first, time)
    sweep.all.last = Math.max(sweep.all.last, time)
    if (verb === 'watch') sweep.all.watches++
    return
  }
  sweep.things.add(access, hashOf(namespace, name))
  sweep.namespaces.add(access, hashOf(namespace))
}

/** Many Secrets in a short time, by somebody of whom that is not usual. */
export function* sweepSignals(callers: readonly Caller[], skipped: Skipped, to: number): Generator<Signal> {
  for (const caller of callers) {
    const { sweep, user } = caller
    if (!sweep) continue
    const things = sweep.things.peak(skipped)
    const spaces = sweep.namespaces.peak(skipped)
    const hits = [
      things && things.count >= ENOUGH_SECRETS && things.count >= UNUSUAL * things.usual ? things : undefined,
      spaces && spaces.count >= ENOUGH_NAMESPACES && spaces.count >= UNUSUAL * spaces.usual ? spaces : undefined,
    ]
    const peak = hits[0] ?? hits[1]
    if (peak && !hasJustBegun(caller, peak, to)) {
      const count = things?.count ?? 0
      yield {
        rule: 'secret-sweep',
        subject: userId(user),
        severity: 'high',
        title: `${user} read many Secrets in a short time`,
        message: `${user} read ${count} different Secrets or lists of them in ${spaces?.count === 1 ? 'one namespace' : `${spaces?.count ?? 0} namespaces`} within ${minutes(peak.last - peak.first)}; at other times at most ${things?.usual ?? 0}`,
        first: peak.first,
        last: peak.last,
        samples: peak.samples,
        because: [],
      }
    } else if (sweep.all && isOnce(caller, sweep.all)) {
      yield {
        rule: 'secret-sweep',
        subject: userId(user),
        severity: 'medium',
        title: `${user} read all Secrets of the cluster at once`,
        message: `${user} listed the Secrets of all namespaces, which it did at no other time`,
        first: sweep.all.first,
        last: sweep.all.last,
        samples: [sweep.all.sample],
        because: [],
      }
    }
  }
}

/** A service account does today what it did yesterday; people look, and helm lists what it has deployed. */
function isOnce({ account, times, first, last }: Caller, all: NonNullable<SweepState['all']>): boolean {
  return (
    account !== undefined &&
    all.watches === 0 &&
    all.last - all.first < HOUR_MS &&
    all.first - first > DAY_MS &&
    last - first > 2 * DAY_MS &&
    times >= LEAST_PAST
  )
}

function minutes(span: number): string {
  const count = Math.max(1, Math.ceil(span / 60_000))
  return count === 1 ? 'a minute' : `${count} minutes`
}
