import type { CheckItem, CheckResults } from '../../checks.ts'
import type { Locate } from '../../cluster/origin.ts'
import type { Problem } from '../../errors.ts'
import { type Witness, witness } from '../evidence.ts'

/** A run of checks with what its outputs say besides: every output of `policy eval` is a function of it. */
export interface Judged {
  readonly results: CheckResults
  readonly inputs: {
    readonly files: number
    readonly objects: number
    readonly problems: readonly Problem[]
  }
  readonly locate: Locate
  readonly profile?: string
  /** Ids of the checks that have a fix. */
  readonly fixable: ReadonlySet<string>
  /** Whether passes are shown where a format may leave them out. */
  readonly withPasses: boolean
}

/** The items that are shown, in their order. */
export function* shownItems({ results, withPasses }: Judged): Generator<CheckItem> {
  for (const item of results.items) if (withPasses || item.result !== 'pass') yield item
}

/** A witness that keeps the places of one object at a time: items come object by object, and there may be many. */
export function witnessOf(locate: Locate): (item: CheckItem) => Witness {
  let last: { object: CheckItem['object']; seen: Witness } | undefined
  return ({ object }) => {
    if (last?.object !== object) last = { object, seen: witness(locate) }
    return last.seen
  }
}

/** The gravest first; `danger` and `warning` are Polaris’ words. */
export const SEVERITIES = ['critical', 'high', 'danger', 'medium', 'warning', 'low'] as const

/** Three levels, as SARIF and code hosts have them. */
export function levelOf(severity: string): 'error' | 'warning' | 'note' {
  if (severity === 'critical' || severity === 'high' || severity === 'danger') return 'error'
  return severity === 'low' ? 'note' : 'warning'
}
