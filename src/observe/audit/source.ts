import type { Json, JsonObject } from '../../cluster/json.ts'
import type { RecordPlace } from '../record.ts'
import type { Envelope } from './native.ts'
import type { AuditSink } from './sink.ts'

/** Where a value was met, and how to go on with what it carries. */
export interface Reading {
  readonly place: RecordPlace
  readonly sink: AuditSink
  /** Reads what lies inside of an envelope, or says that it is no event. */
  inner(value: Json, envelope: Envelope): void
}

/** A form in which audit logs are handed out, told by what a value holds. */
export interface AuditSource {
  recognises(value: JsonObject): boolean
  /** Where it begins, for sorting files; 0 where it does not say. */
  time(value: JsonObject): number
  read(value: JsonObject, reading: Reading): void
}
