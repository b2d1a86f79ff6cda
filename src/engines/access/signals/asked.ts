import type { Access } from '../../../history/history.ts'
import type { ActingState } from './impersonation.ts'
import type { Agent } from './origin.ts'
import type { SweepState } from './secret-sweep.ts'
import type { SharedState } from './shared-credential.ts'
import type { AccountState } from './stolen-account.ts'
import type { Windows } from './windows.ts'

/** A request as the signals see it, each question about it asked once. The object is used again for the next. */
export interface Asked {
  access: Access
  /** Who asked. */
  caller: Caller
  /** The last address, and its network. */
  source: string
  network: string
  agent: Agent
  allowed: boolean
  denied: boolean
}

/** Somebody who asks, with what each signal keeps of it. */
export interface Caller {
  readonly user: string
  /** `namespace/name` of a service account. */
  readonly account: string | undefined
  readonly isNode: boolean
  /** Of the control plane, of a node or of everybody: by its name. */
  readonly isSystem: boolean
  times: number
  first: number
  last: number
  /** Days since 1970 on which it asked, the first of them. */
  readonly days: number[]
  /** As last seen. */
  groups: readonly string[]
  shared?: SharedState
  podless?: AccountState
  acting?: ActingState
  sweep?: SweepState
  denials?: Windows
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/**
 * Whether a service account had just begun. A controller reads what it is for then, and what it lacks is told by its own log;
 * it goes on with something. One that did this and never anything after, in a log that does go on, was no controller.
 */
export function hasJustBegun(
  { account, first, last }: Caller,
  peak: { first: number; last: number },
  to: number,
): boolean {
  if (account === undefined || peak.first - first >= HOUR_MS) return false
  return last - peak.last >= HOUR_MS || to - peak.last < DAY_MS
}
