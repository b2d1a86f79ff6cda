import type { AuditJson } from './events.ts'
import type { Form } from './write.ts'

/** One way in which a log of a form leaves its cloud. */
export interface Export {
  readonly form: Form
  /** Whether it can only be read whole, by one line of any length. */
  readonly isWhole?: true
  write(events: readonly AuditJson[]): string | Buffer
}
