import type { Json } from '../../../cluster/json.ts'
import { TEXT } from '../key.ts'
import { type Caller, callerOf, textsOf } from '../native.ts'
import { hashedEnd, lastHash } from './bytes.ts'
import { Latest } from './latest.ts'
import { QUOTE } from './signs.ts'
import { addedAt, Spans } from './spans.ts'
import type { Texts } from './texts.ts'
import { Users } from './users.ts'

/** What stands from `user` to `userAgent` in an event, of which the same identity says mostly the same. */
interface Said {
  readonly caller: Caller
  readonly hash: number
  readonly sources: readonly string[]
  readonly agent: string
}

const USER_NAME = '{"username":"'.length
const NOBODY = callerOf(undefined)

/** Who asks, from where, with what. */
export class Actors {
  readonly #users: Users
  readonly #sources = new Spans<readonly string[]>((text) => textsOf(JSON.parse(text) as Json))
  readonly #agents = new Spans<string>((text) => JSON.parse(text) as string)
  readonly #last = new Latest<Said>(4096, 1024)
  #lastHash = 0
  caller: Caller = NOBODY
  impersonated: Caller | undefined = undefined
  sources: readonly string[] = NOBODY.groups
  agent = ''
  /** Of the name of who asks: what else an event says of them is mostly one of few things. */
  hash = 0

  constructor(texts: Texts) {
    this.#users = new Users(texts)
  }

  clear(): void {
    this.caller = NOBODY
    this.impersonated = undefined
    this.sources = NOBODY.groups
    this.agent = ''
    this.hash = 0
  }

  /** Behind the user agent, where from the user to it stands what was last said of the same user; else negative. */
  readKnown(bytes: Buffer, view: DataView, at: number): number {
    const end = hashedEnd(bytes, view, at + USER_NAME, TEXT)
    this.#lastHash = lastHash()
    const said = end < 0 ? undefined : this.#last.find(view, at, bytes.length, this.#lastHash)
    if (!said) return -1
    this.caller = said.caller
    this.hash = said.hash
    this.sources = said.sources
    this.agent = said.agent
    return at + this.#last.length
  }

  /** What was read last, where between two places stand a user, its sources and its agent and nothing else. */
  keep(bytes: Buffer, from: number, to: number): void {
    const { caller, hash, sources, agent } = this
    this.#last.put(bytes, from, to, this.#lastHash, { caller, hash, sources, agent })
  }

  // Each reads from the first byte of a value to behind its last, negative where it takes a parser to tell.

  readUser(bytes: Buffer, view: DataView, at: number): number {
    const end = this.#users.read(bytes, view, at)
    this.caller = this.#users.caller
    this.hash = this.#users.hash
    return end
  }

  readImpersonated(bytes: Buffer, view: DataView, at: number): number {
    const end = this.#users.read(bytes, view, at)
    if (this.#users.caller.user !== '') this.impersonated = this.#users.caller
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
