import { at, type Json, type JsonObject, object, string } from '../../cluster/json.ts'
import { looksPacked } from './packed.ts'
import { type AuditSource, each } from './source.ts'

/**
 * Base64 of what subscriptions of CloudWatch send: events of Lambda for Kinesis (`Records[].kinesis.data`), for CloudWatch
 * Logs (`awslogs.data`) and for transformations of Firehose (`records[].data`), and what `aws kinesis get-records` prints
 * (`Records[].Data`); each record of these alone too.
 */
export const KINESIS: AuditSource = {
  recognises: (value) => recordsOf(value).some((record) => dataOf(record) !== undefined),

  time(value, times) {
    let tries = 0
    for (const record of recordsOf(value)) {
      const data = dataOf(record)
      if (data === undefined) continue
      const time = times.packed(data)
      if (time !== undefined) return time
      if (++tries === MOST_TRIES) break
    }
    return undefined
  },

  read(value, reading) {
    for (const [record, its] of each(recordsOf(value), reading)) {
      const data = dataOf(record)
      if (data === undefined) its.sink.unread('a record without data', its.place)
      else its.packed(data)
    }
  },
}

/** Of the records of one value, when files are told apart: the first ones may be control messages or of other streams. */
const MOST_TRIES = 16

function recordsOf(value: JsonObject): readonly Json[] {
  const records = value.Records ?? value.records
  return Array.isArray(records) ? (records as readonly Json[]) : [value]
}

function dataOf(value: Json): string | undefined {
  const carried = string(at(value, 'kinesis', 'data')) ?? string(at(value, 'awslogs', 'data'))
  if (carried !== undefined) return carried
  const record = object(value)
  const data = string(record.data) ?? string(record.Data)
  if (data === undefined) return undefined
  const isRecord = typeof (record.recordId ?? record.SequenceNumber) === 'string'
  return isRecord || (Object.keys(record).length === 1 && looksPacked(data)) ? data : undefined
}
