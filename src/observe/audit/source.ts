import type { Json, JsonObject } from '../../cluster/json.ts'
import type { RecordPlace } from '../record.ts'
import type { Envelope } from './native.ts'
import type { AuditSink } from './sink.ts'

/** Where a value was met, and how to go on with what it carries. */
export interface Reading {
  readonly place: RecordPlace
  readonly sink: AuditSink
  /** For one of several; `index` 1-based, 0 where it is the only one. */
  item(index: number): Reading
  /** Reads what lies inside of an envelope, or says that it is no event. */
  inner(value: Json, envelope: Envelope): void
  /** Reads what lies inside of Base64, compressed or not. */
  packed(data: string): void
}

/** Where begins what a value carries; undefined where that is no audit log. */
export interface Times {
  inner(value: Json): number | undefined
  packed(data: string): number | undefined
}

/** A form in which audit logs are handed out, told by what a value holds. */
export interface AuditSource {
  recognises(value: JsonObject): boolean
  /** Where it begins, for sorting files; 0 where it does not say, undefined for what is no audit log after all. */
  time(value: JsonObject, times: Times): number | undefined
  read(value: JsonObject, reading: Reading): void
}

/** Each of several with its reading. */
export function* each<T>(items: readonly T[], reading: Reading): Generator<readonly [item: T, reading: Reading]> {
  if (items.length === 1) yield [items[0] as T, reading]
  else for (const [index, item] of items.entries()) yield [item, reading.item(index + 1)]
}
