import { areSame } from './bytes.ts'
import { named, nameOf } from './names.ts'

/** The fields of an event, in the order in which the API server writes them. */
const NAMES = [
  'kind',
  'apiVersion',
  'metadata',
  'level',
  'timestamp',
  'auditID',
  'stage',
  'requestURI',
  'verb',
  'user',
  'impersonatedUser',
  'authenticationMetadata',
  'sourceIPs',
  'userAgent',
  'objectRef',
  'responseStatus',
  'requestObject',
  'responseObject',
  'requestReceivedTimestamp',
  'stageTimestamp',
  'annotations',
].map(named)

/** How many there are. */
export const FIELDS = NAMES.length

export const KIND = 0
export const VERSION = 1
export const METADATA = 2
export const LEVEL = 3
export const TIMESTAMP = 4
export const AUDIT_ID = 5
export const STAGE = 6
export const REQUEST_URI = 7
export const VERB = 8
export const USER = 9
export const IMPERSONATED = 10
export const SOURCES = 12
export const AGENT = 13
export const OBJECT_REF = 14
export const STATUS = 15
export const BODY = 16
export const ANSWER = 17
export const RECEIVED = 18
export const STAGED = 19
export const ANNOTATED = 20

/** Which field stands between two places, by the hash of what stands there; they come in their order, with some left out. */
export function fieldOf(view: DataView, from: number, to: number, hash: number, expected: number): number {
  const next = NAMES[expected]
  if (next && next.hash === hash && next.length === to - from && areSame(view, from, next.view, 0, next.length))
    return expected
  return nameOf(view, from, to, hash, NAMES)
}

/** From a user to its agent. */
export const ACTOR = (1 << USER) | (1 << SOURCES) | (1 << AGENT)

/** What says the same in many events, apart from fields of which nothing is asked. */
export const FIXED =
  (1 << KIND) | (1 << VERSION) | (1 << METADATA) | (1 << LEVEL) | (1 << STAGE) | (1 << VERB) | (1 << STATUS)
