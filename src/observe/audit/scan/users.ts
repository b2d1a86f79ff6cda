import type { Json } from '../../../cluster/json.ts'
import type { Access } from '../../record.ts'
import { mixed, TEXT } from '../key.ts'
import { type Caller, callerOf, groupsOf, textsOf } from '../native.ts'
import { hashedEnd, lastHash, skipValue } from './bytes.ts'
import { isNamed, type Name, named, nameOf } from './names.ts'
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './signs.ts'
import { addedAt, Spans } from './spans.ts'
import type { Texts } from './texts.ts'

const NAMES = ['username', 'uid', 'groups', 'extra'].map(named)
const USERNAME = 0
const GROUPS = 2
const EXTRA = 3
const KEYS = [
  'authentication.kubernetes.io/credential-id',
  'authentication.kubernetes.io/pod-name',
  'authentication.kubernetes.io/pod-uid',
  'authentication.kubernetes.io/node-name',
  'accessKeyId',
  'sessionName',
  'arn',
].map(named)
const CREDENTIAL = 0
const POD_NAME = 1
const POD_UID = 2
const NODE_NAME = 3
const ACCESS_KEY = 4
const SESSION = 5
const ARN = 6
const POD_SLOTS = 1 << 12

/** Reads users of events from their bytes; what one says is asked for after `read`. */
export class Users {
  readonly #texts: Texts
  readonly #groups = new Spans<readonly string[]>((text) => textsOf(JSON.parse(text) as Json))
  readonly #pods = new Array<Access['pod']>(POD_SLOTS).fill(undefined)
  readonly #extra: string[] = KEYS.map(() => '')
  #podHash = 0
  caller: Caller = callerOf(undefined)
  /** Of the name: what else an event says of a user is mostly one of few things. */
  hash = 0
  /** The same with its pod, by which who asks is told from its like. */
  who = 0
  /** Where the text of its credential stands; both 0 where it has none. */
  credential = 0
  credentialEnd = 0

  constructor(texts: Texts) {
    this.#texts = texts
  }

  /** From the first byte of a user to behind its last; negative where it takes a parser to tell. */
  read(bytes: Buffer, view: DataView, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return -1
    let user = ''
    let groups: readonly string[] | undefined
    for (let key = 0; key < KEYS.length; key++) this.#extra[key] = ''
    this.hash = 0
    this.#podHash = 0
    this.credential = 0
    this.credentialEnd = 0
    for (let expected = 0; ; at++) {
      if (bytes[at] !== QUOTE) return -1
      while (expected < NAMES.length && !isNamed(bytes, view, at + 1, NAMES[expected] as Name)) expected++
      // In another order than the API server’s, or with another field: for a parser.
      if (expected === NAMES.length) return -1
      const field = expected++
      at += (NAMES[field] as Name).length + 2
      if (bytes[at] !== COLON) return -1
      at++
      if (field === GROUPS) {
        if (bytes[at] !== OPEN_ARRAY) return -1
        const span =
          this.#groups.find(view, at, bytes.length, this.hash) ?? addedAt(this.#groups, bytes, view, at, this.hash)
        if (span === undefined) return -1
        groups = span.value
        at += span.length
      } else if (field === EXTRA) at = this.#readExtra(bytes, view, at)
      else {
        const end = bytes[at] === QUOTE ? hashedEnd(bytes, view, at + 1, TEXT) : -1
        if (end < 0) return -1
        if (field === USERNAME) {
          this.hash = lastHash()
          user = this.#texts.of(bytes, view, at + 1, end, this.hash)
        }
        at = end + 1
      }
      if (at < 0) return -1
      if (bytes[at] === CLOSE_OBJECT) break
      if (bytes[at] !== COMMA) return -1
    }
    this.who = mixed(this.hash, this.#podHash)
    this.caller = this.#callerOf(user, groups ?? groupsOf(undefined, user))
    return at + 1
  }

  /** Texts by their keys, each in an array, the first of which counts. */
  #readExtra(bytes: Buffer, view: DataView, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let seen = 0
    for (; ; at++) {
      if (bytes[at] !== QUOTE) return -1
      const end = hashedEnd(bytes, view, at + 1, TEXT)
      if (end < 0 || bytes[end + 1] !== COLON) return -1
      const key = nameOf(view, at + 1, end, lastHash(), KEYS)
      at = end + 2
      if (key < 0) at = skipValue(bytes, view, at)
      else {
        if ((seen & (1 << key)) !== 0 || bytes[at] !== OPEN_ARRAY) return -1
        seen |= 1 << key
        at = this.#readFirst(bytes, view, at, key)
      }
      if (at < 0) return -1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
    }
  }

  #readFirst(bytes: Buffer, view: DataView, from: number, key: number): number {
    if (bytes[from + 1] !== QUOTE) return skipEmpty(bytes, from)
    const end = hashedEnd(bytes, view, from + 2, TEXT)
    if (end < 0) return -1
    const hash = lastHash()
    this.#extra[key] = this.#texts.of(bytes, view, from + 2, end, hash)
    if (key === CREDENTIAL && end > from + 2) {
      this.credential = from + 2
      this.credentialEnd = end
    }
    if (key === POD_UID) this.#podHash = hash
    return bytes[end + 1] === CLOSE_ARRAY ? end + 2 : skipValue(bytes, view, from)
  }

  #callerOf(user: string, groups: readonly string[]): Caller {
    const extra = this.#extra
    const key = extra[ACCESS_KEY] as string
    return {
      user,
      groups,
      credential: extra[CREDENTIAL] || (key === '' ? '' : `AKID=${key}`),
      session: extra[SESSION] || (extra[ARN] as string),
      pod: extra[POD_NAME] === '' ? undefined : this.#pod(),
    }
  }

  /** One object for the same pod, as long as it is remembered. */
  #pod(): Access['pod'] {
    const name = this.#extra[POD_NAME] as string
    const uid = this.#extra[POD_UID] as string
    const node = this.#extra[NODE_NAME] as string
    const slot = this.#podHash & (POD_SLOTS - 1)
    const known = this.#pods[slot]
    if (known && known.uid === uid && known.name === name && known.node === node) return known
    const made = { name, uid, node }
    this.#pods[slot] = made
    return made
  }
}

/** An array that holds no text first; only an empty one says nothing. */
function skipEmpty(bytes: Buffer, from: number): number {
  return bytes[from + 1] === CLOSE_ARRAY ? from + 2 : -1
}
