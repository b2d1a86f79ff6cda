import type { AuditEvent, Stage } from '../event.ts'
import type { AuditForm } from '../form.ts'
import { HIGH, keyOf, LOW, mixed, TEXT } from '../key.ts'
import { type Caller, stageOf } from '../native.ts'
import { asksDryRun, authorizedName } from '../request.ts'
import { type Scanned, uriOf } from './access.ts'
import { Actors } from './actors.ts'
import { Alikes, type Repeated } from './alikes.ts'
import { Annotations } from './annotations.ts'
import {
  EMPTY_HASH,
  hashBytes,
  hashedEnd,
  hashTwice,
  lastHash,
  lastHump,
  lastOpened,
  otherHash,
  plainEnd,
  skipSpace,
  skipValue,
  uriEnd,
} from './bytes.ts'
import {
  ACTOR,
  AGENT,
  ANNOTATED,
  ANSWER,
  AUDIT_ID,
  BODY,
  FIELDS,
  FIXED,
  fieldOf,
  IMPERSONATED,
  LEVEL,
  OBJECT_REF,
  RECEIVED,
  REQUEST_URI,
  SOURCES,
  STAGE,
  STAGED,
  STATUS,
  TIMESTAMP,
  USER,
  VERB,
} from './fields.ts'
import { Moments } from './moments.ts'
import { Records } from './records.ts'
import { Reference, type Target } from './reference.ts'
import { saysMore } from './says-more.ts'
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE } from './signs.ts'
import { lastCode, readStatus } from './status.ts'
import { type Stretch, Stretches } from './stretches.ts'
import { Texts } from './texts.ts'

/**
 * Reads events of the API server's own form from their bytes: most that one says was said before, and is known again. What
 * is in any way unusual (escapes in names, other characters than ASCII, a key twice, another type, a fault) is left to
 * JSON.parse and native.ts, which say what it means; what is read here is what they would say.
 */
export class Scanner implements Scanned, Repeated {
  /** Of kinds of things there are few, of things many. */
  readonly #words = new Texts(1 << 10)
  readonly #names = new Texts(1 << 12)
  readonly #actors = new Actors(this.#names)
  readonly #reference = new Reference(this.#words, this.#names)
  readonly decided = new Annotations(this.#words)
  readonly #stretches = new Stretches()
  readonly #moments = new Moments()
  readonly #alikes = new Alikes()
  readonly #records: Records
  #view: DataView = new DataView(new ArrayBuffer(0))

  // What is found in an event, until it is told.
  bytes: Buffer = Buffer.alloc(0)
  from = 0
  to = 0
  file = ''
  line = 0
  id = 0
  idEnd = 0
  uri = 0
  uriEnd = 0
  time = 0
  end = 0
  verb = ''
  name = ''
  code = 0
  dryRun = false
  form: AuditForm = 'native'
  level = ''
  stage: Stage = 'done'
  high = 0
  low = 0
  /** Objects and arrays in the body. */
  body = 0
  #seen = 0
  /** The query may say something beside the path: it has the two letters at the humps of `fieldSelector` and `dryRun`. */
  #asks = false
  #verbHash = EMPTY_HASH
  /** Of the path of the request line. */
  #uriHash = 0

  /** `isPassing`: what is read lives only until the next `begin`. */
  constructor(isPassing = false) {
    this.#records = new Records(isPassing)
  }

  /** A batch begins. */
  begin(): void {
    this.#records.begin()
  }

  get target(): Target {
    return this.#reference.target
  }

  get caller(): Caller {
    return this.#actors.caller
  }

  get impersonated(): Caller | undefined {
    return this.#actors.impersonated
  }

  get said(): object | undefined {
    return this.#actors.said
  }

  get sources(): readonly string[] {
    return this.#actors.sources
  }

  get userAgent(): string {
    return this.#actors.agent
  }

  get issued(): string {
    return this.decided.issued
  }

  /** The event that stands between two places and fills what is between them, which came in this form; undefined where it takes a parser to tell. */
  read(
    bytes: Buffer,
    from: number,
    to: number,
    file: string,
    line: number,
    form: AuditForm = 'native',
  ): AuditEvent | undefined {
    if (bytes[from] !== OPEN_OBJECT) return undefined
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.from = from
    this.to = to
    this.file = file
    this.form = form
    this.line = line
    this.#clear()
    const end = this.#readFields(bytes, this.#view, from + 1)
    if (end < 0 || end > to || (end < to && skipSpace(bytes, end) < to)) return undefined
    return this.#event()
  }

  #clear(): void {
    this.#actors.clear()
    this.#reference.clear()
    this.decided.clear()
    this.id = 0
    this.idEnd = 0
    this.uri = 0
    this.uriEnd = 0
    this.verb = ''
    this.code = 0
    this.level = ''
    this.stage = 'done'
    this.#seen = 0
    this.body = 0
    this.#asks = false
    this.#moments.clear()
    this.#verbHash = EMPTY_HASH
    this.#uriHash = 0
  }

  #event(): AuditEvent | undefined {
    const { verb } = this
    const { subresource, group, resource, name } = this.target
    if (this.id === 0 || this.idEnd === this.id || verb === '') return undefined
    // Bodies are read where they say something of the request.
    const hasBody = (this.#seen & ((1 << BODY) | (1 << ANSWER))) !== 0
    if (hasBody && saysMore(verb, group, resource, subresource)) return undefined
    const moments = this.#moments
    const began = moments.began >= 0 ? moments.began : moments.staged
    if (began < 0) return undefined
    this.time = began
    this.end = Math.max(began, moments.staged)
    const isCollection = verb === 'list' || verb === 'watch'
    const needsUri = this.#asks || (isCollection && name !== '')
    const uri = needsUri ? uriOf(this.bytes, this.uri, this.uriEnd) : ''
    this.dryRun = this.#asks && asksDryRun(uri)
    this.name = isCollection && !needsUri ? '' : authorizedName(verb, subresource, name, uri)
    const time = hashBytes(this.#view, moments.from, moments.to, TEXT)
    const { namespaceHash, resourceHash, nameHash } = this.target
    const high = hashTwice(this.#view, this.id, this.idEnd, HIGH, LOW)
    const low = otherHash()
    this.high = keyOf(HIGH, high, time, this.#verbHash, namespaceHash, resourceHash, nameHash)
    this.low = keyOf(LOW, low, time, this.#verbHash, namespaceHash, resourceHash, nameHash)
    return this.#records.of(this, this.#alikes.of(this, this.#likeness()))
  }

  /** The same for requests that say the same, and mostly not for others. */
  #likeness(): number {
    const { namespaceHash, resourceHash, subresourceHash, nameHash } = this.target
    const what = mixed(mixed(mixed(mixed(this.#verbHash, resourceHash), subresourceHash), namespaceHash), nameHash)
    return mixed(mixed(what, this.#actors.who), this.code)
  }

  #readFields(bytes: Buffer, view: DataView, from: number): number {
    let at = from
    /** The field that the stretch began behind, where, and what was read until then. */
    let after = FIELDS
    let began = from
    let before = 0
    let count = 0
    let expected = 0
    /** Where it stands, if its sources and its agent stand behind it. */
    let user = -1
    /** Fields since the user. */
    let since = 0
    if (bytes[skipSpace(bytes, at)] === CLOSE_OBJECT) return -1
    for (;;) {
      let field = -1
      const stretch = at === began ? this.#stretches.find(after, view, at) : undefined
      if (stretch && (stretch.fields & this.#seen) === 0) {
        at += stretch.length
        field = stretch.next
        count = stretch.count
        this.#take(stretch)
      } else {
        if (at === from) at = skipSpace(bytes, at)
        else {
          if (bytes[at] !== COMMA && bytes[at] !== CLOSE_OBJECT) at = skipSpace(bytes, at)
          if (bytes[at] === CLOSE_OBJECT) return at + 1
          if (bytes[at] !== COMMA) return -1
          at++
          if (bytes[at] !== QUOTE) at = skipSpace(bytes, at)
        }
        if (bytes[at] !== QUOTE) return -1
        const end = hashedEnd(bytes, view, at + 1, TEXT)
        // A key with escapes may be one of these after all.
        if (end < 0) return -1
        field = fieldOf(view, at + 1, end, lastHash(), expected)
        at = end + 1
        if (bytes[at] !== COLON) at = skipSpace(bytes, at)
        if (bytes[at] !== COLON) return -1
        at++
        if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at)
        count++
        if (field >= 0) {
          if ((this.#seen & (1 << field)) !== 0) return -1
          this.#seen |= 1 << field
        }
        if (field < 0 || (FIXED & (1 << field)) !== 0) {
          if (field >= 0) expected = field + 1
          at = field < 0 ? skipValue(bytes, view, at) : this.#readValue(field, bytes, view, at)
          if (at < 0) return -1
          continue
        }
        this.#keep(after, bytes, began, at, before, field, count)
      }
      expected = field + 1
      since += count
      count = 0
      if (field === USER) {
        user = (this.#seen & ACTOR) === 1 << USER ? at : -1
        since = 0
        const known = user >= 0 ? this.#actors.readKnown(bytes, view, at) : -1
        if (known < 0) at = this.#actors.readUser(bytes, view, at)
        else {
          at = known
          field = AGENT
          expected = OBJECT_REF
          this.#seen |= ACTOR
        }
      } else {
        at = this.#readValue(field, bytes, view, at)
        if (field === AGENT && at >= 0 && since === 2 && user >= 0 && (this.#seen & ACTOR) === ACTOR)
          this.#actors.keep(bytes, user, at)
      }
      if (at < 0) return -1
      after = field
      began = at
      before = this.#seen
    }
  }

  /** What the fields of a stretch say that was walked over before. */
  #take({ fields, level, stage, verb, verbHash, code }: Stretch): void {
    this.#seen |= fields
    if ((fields & (1 << LEVEL)) !== 0) this.level = level
    if ((fields & (1 << STAGE)) !== 0) this.stage = stage
    if ((fields & (1 << VERB)) !== 0) {
      this.verb = verb
      this.#verbHash = verbHash
    }
    if ((fields & (1 << STATUS)) !== 0) this.code = code
  }

  #keep(after: number, bytes: Buffer, from: number, to: number, before: number, next: number, count: number): void {
    const fields = this.#seen & ~before
    const { verb, code } = this
    const said = { level: this.level, stage: this.stage, verb, verbHash: this.#verbHash, code }
    this.#stretches.keep(after, bytes, from, to, { fields, next, count, ...said })
  }

  /** From the first byte of the value of a known field to behind its last. */
  #readValue(field: number, bytes: Buffer, view: DataView, at: number): number {
    switch (field) {
      case AUDIT_ID: {
        const end = bytes[at] === QUOTE ? plainEnd(bytes, view, at + 1) : -1
        this.id = at + 1
        this.idEnd = end
        return end < 0 ? -1 : end + 1
      }
      case LEVEL:
      case STAGE:
      case VERB:
        return this.#readWord(field, bytes, view, at)
      case REQUEST_URI: {
        const end = bytes[at] === QUOTE ? uriEnd(bytes, view, at + 1) : -1
        if (end < 0) return -1
        this.uri = at + 1
        this.uriEnd = end
        this.#uriHash = lastHash()
        this.#asks = lastHump()
        return end + 1
      }
      case IMPERSONATED:
        return this.#actors.readImpersonated(bytes, view, at)
      case SOURCES:
        return this.#actors.readSources(bytes, view, at)
      case AGENT:
        return this.#actors.readAgent(bytes, view, at)
      case OBJECT_REF:
        return this.#reference.read(bytes, view, at, this.#uriHash)
      case STATUS: {
        const end = readStatus(bytes, view, at)
        this.code = lastCode()
        return end
      }
      case BODY: {
        const end = skipValue(bytes, view, at)
        this.body = lastOpened()
        return end
      }
      case STAGED:
        return this.#moments.readStaged(bytes, view, at)
      case RECEIVED:
        return this.#moments.readBegan(bytes, view, at, true)
      case TIMESTAMP:
        // The other time counts where there is one, wherever it stands.
        return this.#moments.readBegan(bytes, view, at, (this.#seen & (1 << RECEIVED)) === 0)
      case ANNOTATED:
        return this.decided.read(bytes, view, at, this.#actors.hash, this.target.hash)
      default:
        return skipValue(bytes, view, at)
    }
  }

  #readWord(field: number, bytes: Buffer, view: DataView, at: number): number {
    const end = bytes[at] === QUOTE ? hashedEnd(bytes, view, at + 1, TEXT) : -1
    if (end < 0) return -1
    const hash = lastHash()
    const word = this.#words.of(bytes, view, at + 1, end, hash)
    if (field === LEVEL) this.level = word
    else if (field === STAGE) this.stage = stageOf(word)
    else {
      this.verb = word
      this.#verbHash = hash
    }
    return end + 1
  }
}
