import { at, type Json, string } from './json.ts'

/** When the API server made an object, in milliseconds since 1970; undefined of one that was never in a cluster. */
export function createdAt(body: Json): number | undefined {
  const time = Date.parse(string(at(body, 'metadata', 'creationTimestamp')) ?? '')
  return Number.isNaN(time) ? undefined : time
}
