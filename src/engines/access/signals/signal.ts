import type { Because } from '../../../cluster/because.ts'
import type { Severity } from '../../engine.ts'
import type { Sample } from './tally.ts'

/** The rules of `access findings` (docs/reference/access-findings.md). */
export type RuleId =
  | 'shared-credential'
  | 'stolen-token'
  | 'dormant-subject'
  | 'dormant-binding'
  | 'departed'
  | 'secret-sweep'
  | 'impersonation'
  | 'reconnaissance'
  | 'dangling-subject'
  | 'dangling-role'
  | 'wide-group'
  | 'wildcard-grant'
  | 'escalation-grant'
  | 'sensitive-grant'

/** Something that a record or an object shows, before it is weighed by what its subject may do. */
export interface Signal {
  readonly rule: RuleId
  /** The id of the subject: `User//alice`. */
  readonly subject: string
  /** Before weighing. */
  readonly severity: Severity
  readonly title: string
  readonly message: string
  readonly credential?: string
  readonly first?: number
  readonly last?: number
  readonly samples: readonly Sample[]
  readonly because: readonly Because[]
  /** Tells two of one rule and subject apart. */
  readonly part?: string
}
