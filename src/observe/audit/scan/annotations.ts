import type { Access } from '../../record.ts'
import { TEXT } from '../key.ts'
import { hashedEnd, lastHash, skipValue } from './bytes.ts'
import { Latest } from './latest.ts'
import { named, nameOf } from './names.ts'
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE } from './signs.ts'
import { addedAt, Spans } from './spans.ts'
import type { Texts } from './texts.ts'

const NAMES = [
  'authorization.k8s.io/decision',
  'authorization.k8s.io/reason',
  'authentication.kubernetes.io/issued-credential-id',
].map(named)
const DECISION = 0
const REASON = 1

const DECIDED = (1 << DECISION) | (1 << REASON)

/** What the authorizer said of a request, and what a TokenRequest made. */
export class Annotations {
  readonly #texts: Texts
  readonly #reasons = new Spans<string>((text) => JSON.parse(text) as string)
  /** Of what was allowed: decision and reason as one piece, which mean the reason. */
  readonly #last = new Latest<string>(4096, 1024 ** 2, 512)
  decision: Access['decision'] = 'untold'
  reason = ''
  issued = ''

  constructor(texts: Texts) {
    this.#texts = texts
  }

  clear(): void {
    this.decision = 'untold'
    this.reason = ''
    this.issued = ''
  }

  /**
   * From the first byte of annotations to behind its last; negative where it takes a parser to tell. `user` and `what` are
   * hashes of who asks and for what: mostly one binding allows what one user does with one kind of object in one place.
   */
  read(bytes: Buffer, view: DataView, from: number, user: number, what: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let seen = 0
    /** Where the decision stands, if it is that one and its reason is next. */
    let allowed = -1
    for (;;) {
      const said = this.#last.find(view, at, bytes.length, user ^ what)
      if (said !== undefined && (seen & DECIDED) === 0) {
        seen |= DECIDED
        this.decision = 'allow'
        this.reason = said
        at += this.#last.length
      } else {
        if (bytes[at] !== QUOTE) return -1
        const start = at
        const end = hashedEnd(bytes, view, at + 1, TEXT)
        if (end < 0 || bytes[end + 1] !== COLON) return -1
        const name = nameOf(view, at + 1, end, lastHash(), NAMES)
        at = end + 2
        if (name < 0) at = skipValue(bytes, view, at)
        else {
          if ((seen & (1 << name)) !== 0 || bytes[at] !== QUOTE) return -1
          seen |= 1 << name
          at = name === REASON ? this.#readReason(bytes, view, at, user) : this.#readText(name, bytes, view, at)
        }
        if (at < 0) return -1
        if (name === REASON && allowed >= 0) this.#last.put(bytes, allowed, at, user ^ what, this.reason)
        allowed = name === DECISION && this.decision === 'allow' ? start : -1
      }
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #readReason(bytes: Buffer, view: DataView, at: number, user: number): number {
    if (bytes[at + 1] === QUOTE) return at + 2
    const span = this.#reasons.find(view, at, bytes.length, user) ?? addedAt(this.#reasons, bytes, view, at, user)
    if (!span) return -1
    this.reason = span.value
    return at + span.length
  }

  #readText(name: number, bytes: Buffer, view: DataView, at: number): number {
    const end = hashedEnd(bytes, view, at + 1, TEXT)
    if (end < 0) return -1
    if (name === DECISION) {
      const decision = this.#texts.of(bytes, view, at + 1, end, lastHash())
      if (decision === 'allow' || decision === 'forbid') this.decision = decision
    } else this.issued = bytes.toString('latin1', at + 1, end)
    return end + 1
  }
}
