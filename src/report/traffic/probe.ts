import type { Answering, Comparison } from '../../engines/traffic/capacity/compare.ts'
import type { Found } from '../../engines/traffic/capacity/found.ts'
import type { Measured } from '../../engines/traffic/capacity/measured.ts'
import type { Caps } from '../../observe/probe/step.ts'
import type { Pinned } from '../../observe/probe/target.ts'
import { API_VERSION } from '../report.ts'
import { probeSentence } from './probe-sentence.ts'

/** A whole load test, as it was made. */
export interface Probed {
  readonly target: Pinned
  /** ISO 8601. */
  readonly time: string
  readonly found: Found
  readonly caps: Caps
  readonly used: { readonly requests: number; readonly seconds: number; readonly bytes: number }
  /** Whether each step was held; undefined where it says nothing of that. */
  readonly held: ReadonlyMap<Measured, boolean | undefined>
  /** Of the machine that sent: the 1-minute load average and its processors. */
  readonly machine: { readonly load: number; readonly cpus: number }
  readonly answering: Answering | undefined
  readonly against:
    | {
        readonly route: string
        readonly workloads: readonly string[]
        readonly comparison: Comparison
        readonly podsNow: number | undefined
      }
    | undefined
}

export interface RateRange {
  readonly low: number
  readonly best?: number
  readonly high?: number
}

export interface ProbeStep {
  readonly kind: 'closed' | 'open'
  readonly concurrency?: number
  readonly rate?: number
  /** Seconds since the first. */
  readonly at: number
  readonly seconds: number
  readonly sent: number
  readonly served: number
  readonly failed: number
  readonly limited: number
  readonly refused: number
  readonly offered: number
  readonly answered: number
  readonly inFlight: number
  readonly latencyMs?: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number }
  readonly held?: boolean
  readonly answers: Readonly<Record<string, number>>
  readonly sender: { readonly cpu: number; readonly busy: number; readonly latenessMs: number }
}

/** The document TrafficProbe (docs/reference/v1alpha1.schema.json). Rates are requests a second. */
export interface TrafficProbe {
  readonly apiVersion: string
  readonly kind: 'TrafficProbe'
  readonly target: {
    readonly url: string
    readonly address: string
    readonly loopback: boolean
  }
  readonly time: string
  readonly verdict: Found['verdict']
  readonly sentence: string
  readonly confidence: Found['confidence']
  readonly cause?: string
  readonly reasons: readonly string[]
  readonly capacity?: RateRange
  /** Of `unknown`: the lowest and the highest that was seen. */
  readonly seen?: { readonly low: number; readonly high: number }
  readonly limit?: {
    readonly rate: RateRange
    readonly burst?: number
    readonly punishes: boolean
    readonly codes: readonly string[]
  }
  readonly unloadedMs?: number
  readonly pods?: { readonly count: number; readonly from: Answering['from'] }
  readonly perPod?: RateRange
  readonly against?: {
    readonly route: string
    readonly workloads: readonly string[]
    readonly limits: readonly {
      readonly least: number
      readonly most: number | 'unbounded'
      readonly key: string
      readonly state: string
    }[]
    readonly podsNow?: number
    readonly mostPods?: number | 'unbounded'
    readonly mostHeld?: number | 'unbounded'
    readonly protected: Comparison['isProtected']
  }
  readonly budget: {
    readonly requests: { readonly used: number; readonly most: number }
    readonly seconds: { readonly used: number; readonly most: number }
    readonly bytes: { readonly used: number; readonly most: number }
  }
  readonly sender: {
    readonly cpu: number
    readonly busy: number
    readonly latenessMs: number
    readonly sameMachine: boolean
    readonly loadAverage: number
    readonly cpus: number
  }
  readonly steps: readonly ProbeStep[]
}

export function probeDocument(probed: Probed): TrafficProbe {
  const { target, found, caps, used, against, answering, machine } = probed
  const { low, best, high, verdict, limit } = found
  const perPod = against?.comparison.perPod ?? (answering ? perPodOf(found, answering.count) : undefined)
  const steps = found.steps
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficProbe',
    target: { url: shownUrl(target), address: target.address, loopback: target.isLoopback },
    time: probed.time,
    verdict,
    sentence: probeSentence(probed),
    confidence: found.confidence,
    ...(found.cause === undefined ? {} : { cause: found.cause }),
    reasons: found.reasons,
    ...(verdict === 'unknown' || low === undefined ? {} : { capacity: range(low, best, high) }),
    ...(verdict === 'unknown' && low !== undefined && high !== undefined
      ? { seen: { low: figure(low), high: figure(high) } }
      : {}),
    ...(limit
      ? {
          limit: {
            rate: range(limit.rate.low, limit.rate.best, limit.rate.high),
            ...(limit.burst === undefined ? {} : { burst: limit.burst }),
            punishes: limit.punishes,
            codes: limit.codes,
          },
        }
      : {}),
    ...(found.unloaded === undefined ? {} : { unloadedMs: figure(found.unloaded * 1000) }),
    ...(answering ? { pods: answering } : {}),
    ...(perPod ? { perPod: range(perPod.low, perPod.best, perPod.high) } : {}),
    ...(against ? { against: againstDocument(against) } : {}),
    budget: {
      requests: { used: used.requests, most: caps.requests },
      seconds: { used: figure(used.seconds), most: caps.seconds },
      bytes: { used: used.bytes, most: caps.bytes },
    },
    sender: {
      cpu: figure(Math.max(0, ...steps.map(({ load }) => load.cpu))),
      busy: figure(Math.max(0, ...steps.map(({ load }) => load.busy))),
      latenessMs: figure(1000 * Math.max(0, ...steps.map(({ load }) => load.lateness))),
      sameMachine: target.isLoopback,
      loadAverage: figure(machine.load),
      cpus: machine.cpus,
    },
    steps: steps.map((step) => stepDocument(step, probed.held.get(step))),
  }
}

function perPodOf({ low, best, high, verdict }: Found, pods: number): Comparison['perPod'] {
  if (low === undefined || verdict === 'unknown') return undefined
  const divided = (rate: number | undefined): number | undefined => (rate === undefined ? undefined : rate / pods)
  return { low: low / pods, best: divided(best), high: divided(high) }
}

/** Without its query, which may hold a credential. */
export function shownUrl({ protocol, hostname, port, path }: Pinned): string {
  const usual = protocol === 'https:' ? 443 : 80
  return `${protocol}//${hostname}${port === usual ? '' : `:${port}`}${path.split('?')[0]}`
}

/** Three digits that count. */
export function figure(value: number): number {
  if (!Number.isFinite(value) || value === 0) return 0
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

function range(low: number, best: number | undefined, high: number | undefined): RateRange {
  return {
    low: figure(low),
    ...(best === undefined ? {} : { best: figure(best) }),
    ...(high === undefined ? {} : { high: figure(high) }),
  }
}

function againstDocument({
  route,
  workloads,
  comparison,
  podsNow,
}: NonNullable<Probed['against']>): NonNullable<TrafficProbe['against']> {
  const { limits, mostPods, mostHeld, isProtected } = comparison
  const bounded = (value: number): number | 'unbounded' => (Number.isFinite(value) ? figure(value) : 'unbounded')
  return {
    route,
    workloads,
    limits: limits.map(({ least, most, key, state }) => ({
      least: figure(least),
      most: most === undefined ? 'unbounded' : bounded(most),
      key,
      state,
    })),
    ...(podsNow === undefined ? {} : { podsNow }),
    ...(mostPods === undefined ? {} : { mostPods: bounded(mostPods) }),
    ...(mostHeld === undefined ? {} : { mostHeld: bounded(mostHeld) }),
    protected: isProtected,
  }
}

function stepDocument(measured: Measured, held: boolean | undefined): ProbeStep {
  const { step, latency, load } = measured
  const ms = (seconds: number): number => Number((seconds * 1000).toPrecision(3))
  return {
    kind: step.kind,
    ...(step.kind === 'closed' ? { concurrency: step.concurrency } : { rate: figure(step.rate) }),
    at: Number(measured.at.toFixed(3)),
    seconds: Number(measured.seconds.toFixed(3)),
    sent: measured.sent,
    served: measured.served,
    failed: measured.failed,
    limited: measured.limited,
    refused: measured.refused,
    offered: figure(measured.offered),
    answered: figure(measured.rate),
    inFlight: measured.inFlight,
    ...(Number.isNaN(latency.p50)
      ? {}
      : { latencyMs: { p50: ms(latency.p50), p90: ms(latency.p90), p99: ms(latency.p99), max: ms(latency.max) } }),
    ...(held === undefined ? {} : { held }),
    answers: Object.fromEntries(measured.answers),
    sender: { cpu: figure(load.cpu), busy: figure(load.busy), latenessMs: ms(load.lateness) },
  }
}
