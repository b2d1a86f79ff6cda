import type { JsonObject } from '../../cluster/json.ts'
import type { Loss } from '../../engines/traffic/dialects/dialect.ts'
import type { Limit } from '../../engines/traffic/limit.ts'
import type { Patch } from '../../fix/patches.ts'
import type { ReportProof } from '../plan.ts'
import { limitWords } from './limit-words.ts'
import type { ReportLogs } from './logs.ts'
import type { Refused } from './replay.ts'

/** `traffic limits -o json`. */
export interface TrafficLimits {
  readonly apiVersion: string
  readonly kind: 'TrafficLimits'
  readonly logs: ReportLogs
  readonly headroom: number
  readonly items: readonly LimitsItem[]
  /** Objects with routes of which no request was logged: nothing is suggested for them. */
  readonly unseen: readonly string[]
  /** Changes that could not be made in the user's files, and why. */
  readonly unpatched: readonly string[]
}

/** What is suggested for all routes of one object, which share their limits. */
export interface LimitsItem {
  /** The object that carries the routes; empty where the whole log is one route. */
  readonly object: string
  readonly routes: readonly string[]
  readonly product: string
  readonly requests: number
  readonly clients: number
  readonly seen: {
    /** Requests in the busiest minute of the client that 99.9 % do not exceed. */
    readonly p999PerMinute: number
    /** Of all clients together. */
    readonly peakPerSecond: number
    readonly peakPerMinute: number
    /** Null where the log does not tell. */
    readonly largestBody: number | null
  }
  /** As the engine will enforce them. */
  readonly limits: readonly LimitText[]
  readonly outliers: readonly ReportOutlier[]
  readonly refused: Refused
  readonly proof?: ReportProof
  readonly objects: readonly JsonObject[]
  readonly annotations: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
  readonly losses: readonly Omit<Loss, 'limit'>[]
  readonly notes: readonly string[]
  readonly patches: readonly Patch[]
}

export type LimitText = Limit & { readonly text: string }

export interface ReportOutlier {
  readonly client: string
  readonly requests: number
  readonly peakPerMinute: number
  readonly share: number
  readonly refused: number
}

export function limitText(limit: Limit): LimitText {
  return { text: limitWords(limit), ...limit }
}
