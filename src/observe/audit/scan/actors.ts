import type { Json } from '../../../cluster/json.ts'
import { mixed, TEXT } from '../key.ts'
import { type Caller, callerOf, textsOf } from '../native.ts'
import { hashedEnd, lastHash } from './bytes.ts'
import { Latest } from './latest.ts'
import { QUOTE } from './signs.ts'
import { addedAt, Spans } from './spans.ts'
import { Texts } from './texts.ts'
import { Users } from './users.ts'

/** What stands from `user` to `userAgent` in an event, of which the same identity says mostly the same. */
interface Said {
  readonly caller: { -readonly [Key in keyof Caller]: Caller[Key] }
  readonly hash: number
  readonly who: number
  readonly sources: readonly string[]
  readonly agent: string
  /** Where in it the text of the credential stands; both 0 where there is none. */
  readonly credential: number
  credentialEnd: number
}

const USER_NAME = '{"username":"'.length
const NOBODY = callerOf(undefined)

/** Who asks, from where, with what. */
export class Actors {
  readonly #users: Users
  readonly #sources = new Spans<readonly string[]>((text) => textsOf(JSON.parse(text) as Json))
  readonly #agents = new Spans<string>((text) => JSON.parse(text) as string)
  readonly #last = new Latest<Said>(4096, 2 * 1024 ** 2, 1024)
  readonly #credentials = new Texts(1 << 12)
  #lastHash = 0
  caller: Caller = NOBODY
  impersonated: Caller | undefined = undefined
  sources: readonly string[] = NOBODY.groups
  agent = ''
  /** One object for what stands from `user` to `userAgent`, whatever the credential; undefined where it is not known. */
  said: object | undefined
  /** Of the name of who asks: what else an event says of them is mostly one of few things. */
  hash = 0
  /** The same with its pod, and who is impersonated. */
  who = 0

  constructor(texts: Texts) {
    this.#users = new Users(texts)
  }

  clear(): void {
    this.caller = NOBODY
    this.impersonated = undefined
    this.sources = NOBODY.groups
    this.agent = ''
    this.said = undefined
    this.hash = 0
    this.who = 0
  }

  /**
   * Behind the user agent, where from the user to it stands what was last said of the same user, perhaps with another
   * credential (tokens are renewed by the hour); else negative.
   */
  readKnown(bytes: Buffer, view: DataView, at: number): number {
    const end = hashedEnd(bytes, view, at + USER_NAME, TEXT)
    const hash = lastHash()
    this.#lastHash = hash
    if (end < 0) return -1
    const last = this.#last
    const said = last.last(hash)
    if (!said) return -1
    const { length } = last
    const limit = bytes.length
    const { caller, credential, credentialEnd } = said
    if (credential === 0) {
      if (!last.hasPart(view, at, limit, hash, 0, length)) return -1
      this.caller = caller
    } else {
      if (!last.hasPart(view, at, limit, hash, 0, credential)) return -1
      if (last.hasPart(view, at + credential, limit, hash, credential, length)) this.caller = caller
      else return this.#readRenewed(bytes, view, at, said, length - credentialEnd)
    }
    this.#say(said)
    return at + length
  }

  /** `rest`: how much stands behind the credential. */
  #readRenewed(bytes: Buffer, view: DataView, at: number, said: Said, rest: number): number {
    const from = at + said.credential
    const to = hashedEnd(bytes, view, from, TEXT)
    const hash = lastHash()
    const { credentialEnd } = said
    if (to <= from) return -1
    if (!this.#last.hasPart(view, to, bytes.length, this.#lastHash, credentialEnd, credentialEnd + rest)) return -1
    if (!this.#last.put(bytes, at, to + rest, this.#lastHash, said)) return -1
    // In place: so many new ones would outlive their use by far.
    said.caller.credential = this.#credentials.of(bytes, view, from, to, hash)
    said.credentialEnd = to - at
    this.caller = said.caller
    this.#say(said)
    return to + rest
  }

  #say(said: Said): void {
    const { hash, who, sources, agent } = said
    this.said = said
    this.hash = hash
    this.who = who
    this.sources = sources
    this.agent = agent
  }

  /** What was read last, where between two places stand a user, its sources and its agent and nothing else. */
  keep(bytes: Buffer, from: number, to: number): void {
    const { caller, hash, who, sources, agent } = this
    const { credentialEnd: end } = this.#users
    const credential = end === 0 ? 0 : this.#users.credential - from
    const credentialEnd = end === 0 ? 0 : end - from
    this.#last.put(bytes, from, to, this.#lastHash, { caller, hash, who, sources, agent, credential, credentialEnd })
  }

  // Each reads from the first byte of a value to behind its last, negative where it takes a parser to tell.

  readUser(bytes: Buffer, view: DataView, at: number): number {
    const end = this.#users.read(bytes, view, at)
    this.caller = this.#users.caller
    this.hash = this.#users.hash
    this.who = this.#users.who
    return end
  }

  readImpersonated(bytes: Buffer, view: DataView, at: number): number {
    const end = this.#users.read(bytes, view, at)
    if (this.#users.caller.user !== '') {
      this.impersonated = this.#users.caller
      this.who = mixed(this.who, this.#users.who)
    }
    return end
  }

  readSources(bytes: Buffer, view: DataView, at: number): number {
    const { hash } = this
    const span = this.#sources.find(view, at, bytes.length, hash) ?? addedAt(this.#sources, bytes, view, at, hash)
    if (!span) return -1
    this.sources = span.value
    return at + span.length
  }

  readAgent(bytes: Buffer, view: DataView, at: number): number {
    if (bytes[at] !== QUOTE) return -1
    const { hash } = this
    const span = this.#agents.find(view, at, bytes.length, hash) ?? addedAt(this.#agents, bytes, view, at, hash)
    if (!span) return -1
    this.agent = span.value
    return at + span.length
  }
}
