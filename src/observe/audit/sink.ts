import type { RecordPlace } from '../record.ts'
import type { AuditEvent } from './event.ts'

/** Takes what a log holds, in its order. */
export interface AuditSink {
  event(event: AuditEvent): void
  /** Something that should be a request and could not be understood. */
  unread(why: string, place: RecordPlace): void
  /** Understood, and no request. `time` 0 where there is none. */
  leftOut(what: string, time: number): void
}
