import { at, field, isObject, type Json, type JsonObject, list, string } from '../../cluster/json.ts'
import { type AuditSource, each } from './source.ts'

/**
 * Messages of Pub/Sub, which carry a log entry as Base64 in `data`: as pushed (`message`), as pulled (`receivedMessages` of
 * the API, or the array that `gcloud pubsub subscriptions pull` prints), or alone.
 */
export const PUBSUB: AuditSource = {
  recognises: (value) => messagesOf(value).some((each) => dataOf(each) !== undefined),

  time(value, times) {
    const datas = messagesOf(value).map(dataOf)
    for (const data of datas.filter((each) => each !== undefined).slice(0, MOST_TRIES)) {
      const time = times.packed(data)
      if (time !== undefined) return time
    }
    return undefined
  },

  read(value, reading) {
    for (const [message, its] of each(messagesOf(value), reading)) {
      const data = dataOf(message)
      if (data === undefined) its.sink.unread('a message without data', its.place)
      else its.packed(data)
    }
  },
}

/** Of the messages of one value, when files are told apart: a topic may have entries of other services. */
const MOST_TRIES = 16

function messagesOf(value: JsonObject): readonly Json[] {
  return Array.isArray(value.receivedMessages) ? list(value.receivedMessages) : [value]
}

function dataOf(value: Json): string | undefined {
  const message = isObject(field(value, 'message')) ? field(value, 'message') : value
  const isMessage = ['messageId', 'message_id', 'publishTime', 'publish_time'].some(
    (key) => field(message, key) !== undefined,
  )
  return isMessage || field(value, 'subscription') !== undefined ? string(at(message, 'data')) : undefined
}
