import type { Access } from '../../record.ts'
import type { AuditEvent, Stage } from '../event.ts'
import { HIGH, keyOf, LOW, TEXT } from '../key.ts'
import { type Caller, stageOf } from '../native.ts'
import { asksDryRun, authorizedName, isTokenRequest, mayAskInBody } from '../request.ts'
import { isReview } from '../review.ts'
import { type Scanned, ScannedAccess, uriOf } from './access.ts'
import { Actors } from './actors.ts'
import { Annotations } from './annotations.ts'
import {
  EMPTY_HASH,
  hasHump,
  hashBytes,
  hashedEnd,
  lastHash,
  lastOpened,
  plainEnd,
  skipSpace,
  skipValue,
  stringEnd,
} from './bytes.ts'
import {
  AGENT,
  ANNOTATED,
  ANSWER,
  AUDIT_ID,
  BODY,
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
import { Reference } from './reference.ts'
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE } from './signs.ts'
import { lastCode, readStatus } from './status.ts'
import { Texts } from './texts.ts'
import { Times } from './times.ts'

/** From a user to its agent. */
const ACTOR = (1 << USER) | (1 << SOURCES) | (1 << AGENT)

/**
 * Reads events of the API server's own form from their bytes, without parsing them: of a log of ordinary size most that
 * an event says was said before, and is known again. What is in any way unusual (escapes in names, other characters than
 * ASCII, a key twice, another type, a fault) is left to JSON.parse and native.ts, which say what it means; what is read
 * here is what they would say.
 */
export class Scanner implements Scanned {
  readonly #texts = new Texts()
  readonly #actors = new Actors(this.#texts)
  readonly #reference = new Reference(this.#texts)
  readonly #annotations = new Annotations(this.#texts)
  readonly #times = new Times()
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
  #level = ''
  #stage: Stage = 'done'
  #seen = 0
  #opened = 0
  /** The query may say something beside the path. */
  #asks = false
  #began = -1
  #beganFrom = 0
  #beganTo = 0
  #staged = -1
  #verbHash = EMPTY_HASH

  get caller(): Caller {
    return this.#actors.caller
  }

  get impersonated(): Caller | undefined {
    return this.#actors.impersonated
  }

  get sources(): readonly string[] {
    return this.#actors.sources
  }

  get userAgent(): string {
    return this.#actors.agent
  }

  get resource(): string {
    return this.#reference.resource
  }

  get group(): string {
    return this.#reference.group
  }

  get subresource(): string {
    return this.#reference.subresource
  }

  get namespace(): string {
    return this.#reference.namespace
  }

  get decision(): Access['decision'] {
    return this.#annotations.decision
  }

  get reason(): string {
    return this.#annotations.reason
  }

  get issued(): string {
    return this.#annotations.issued
  }

  /** The event that stands between two places and fills what is between them; undefined where it takes a parser to tell. */
  read(bytes: Buffer, from: number, to: number, file: string, line: number): AuditEvent | undefined {
    if (bytes[from] !== OPEN_OBJECT) return undefined
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.from = from
    this.to = to
    this.file = file
    this.line = line
    this.#clear()
    const end = this.#readFields(bytes, this.#view, from + 1)
    if (end < 0 || end > to || (end < to && skipSpace(bytes, end) < to)) return undefined
    return this.#event()
  }

  #clear(): void {
    this.#actors.clear()
    this.#reference.clear()
    this.#annotations.clear()
    this.id = 0
    this.idEnd = 0
    this.uri = 0
    this.uriEnd = 0
    this.verb = ''
    this.code = 0
    this.#level = ''
    this.#stage = 'done'
    this.#seen = 0
    this.#opened = 0
    this.#asks = false
    this.#began = -1
    this.#beganFrom = 0
    this.#beganTo = 0
    this.#staged = -1
    this.#verbHash = EMPTY_HASH
  }

  #event(): AuditEvent | undefined {
    const { verb } = this
    const { subresource, group, resource, name } = this.#reference
    if (this.id === 0 || this.idEnd === this.id || verb === '') return undefined
    // Bodies are read where they say something of the request.
    const hasBody = (this.#seen & ((1 << BODY) | (1 << ANSWER))) !== 0
    if (hasBody && saysMore(verb, group, resource, subresource)) return undefined
    const began = this.#began >= 0 ? this.#began : this.#staged
    if (began < 0) return undefined
    this.time = began
    this.end = Math.max(began, this.#staged)
    const isCollection = verb === 'list' || verb === 'watch'
    const needsUri = this.#asks || (isCollection && name !== '')
    const uri = needsUri ? uriOf(this.bytes, this.uri, this.uriEnd) : ''
    this.dryRun = this.#asks && asksDryRun(uri)
    this.name = isCollection && !needsUri ? '' : authorizedName(verb, subresource, name, uri)
    const time = hashBytes(this.#view, this.#beganFrom, this.#beganTo, TEXT)
    return {
      stage: this.#stage,
      level: this.#level,
      form: 'native',
      high: this.#key(HIGH, time),
      low: this.#key(LOW, time),
      body: this.#opened,
      access: new ScannedAccess(this),
    }
  }

  #key(seed: number, time: number): number {
    const { namespaceHash, resourceHash, nameHash } = this.#reference
    const id = hashBytes(this.#view, this.id, this.idEnd, seed)
    return keyOf(seed, id, time, this.#verbHash, namespaceHash, resourceHash, nameHash)
  }

  #readFields(bytes: Buffer, view: DataView, from: number): number {
    let at = skipSpace(bytes, from)
    let expected = 0
    let user = 0
    /** Fields since the user. */
    let since = 0
    if (bytes[at] === CLOSE_OBJECT) return -1
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const end = hashedEnd(bytes, view, at + 1, TEXT)
      // A key with escapes may be one of these after all.
      if (end < 0) return -1
      const field = fieldOf(view, at + 1, end, lastHash(), expected)
      at = end + 1
      if (bytes[at] !== COLON) at = skipSpace(bytes, at)
      if (bytes[at] !== COLON) return -1
      at++
      if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at)
      since++
      if (field >= 0) {
        if ((this.#seen & (1 << field)) !== 0) return -1
        this.#seen |= 1 << field
        expected = field + 1
      }
      if (field === USER) {
        user = at
        since = 0
        const known = (this.#seen & ACTOR) === 1 << USER ? this.#actors.readKnown(bytes, view, at) : -1
        if (known < 0) at = this.#actors.readUser(bytes, view, at)
        else {
          at = known
          expected = OBJECT_REF
          this.#seen |= ACTOR
        }
      } else at = field < 0 ? skipValue(bytes, view, at) : this.#readValue(field, bytes, view, at)
      if (at < 0) return -1
      if (field === AGENT && since === 2 && (this.#seen & ACTOR) === ACTOR) this.#actors.keep(bytes, user, at)
      if (bytes[at] !== COMMA && bytes[at] !== CLOSE_OBJECT) at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
      if (bytes[at] !== QUOTE) at = skipSpace(bytes, at)
    }
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
        const end = bytes[at] === QUOTE ? stringEnd(bytes, view, at + 1) : -1
        if (end < 0) return -1
        this.uri = at + 1
        this.uriEnd = end
        // `fieldSelector` and `dryRun`, looked for by the two letters at their humps.
        this.#asks = hasHump(bytes, view, at + 1, end)
        return end + 1
      }
      case IMPERSONATED:
        return this.#actors.readImpersonated(bytes, view, at)
      case SOURCES:
        return this.#actors.readSources(bytes, view, at)
      case AGENT:
        return this.#actors.readAgent(bytes, view, at)
      case OBJECT_REF:
        return this.#reference.read(bytes, view, at)
      case STATUS: {
        const end = readStatus(bytes, view, at)
        this.code = lastCode()
        return end
      }
      case BODY: {
        const end = skipValue(bytes, view, at)
        this.#opened = lastOpened()
        return end
      }
      case RECEIVED:
      case TIMESTAMP:
      case STAGED:
        return this.#readTime(field, bytes, view, at)
      case ANNOTATED: {
        const { resourceHash, namespaceHash } = this.#reference
        return this.#annotations.read(bytes, view, at, this.#actors.hash, resourceHash ^ namespaceHash)
      }
      default:
        return skipValue(bytes, view, at)
    }
  }

  #readWord(field: number, bytes: Buffer, view: DataView, at: number): number {
    const end = bytes[at] === QUOTE ? hashedEnd(bytes, view, at + 1, TEXT) : -1
    if (end < 0) return -1
    const hash = lastHash()
    const word = this.#texts.of(bytes, view, at + 1, end, hash)
    if (field === LEVEL) this.#level = word
    else if (field === STAGE) this.#stage = stageOf(word)
    else {
      this.verb = word
      this.#verbHash = hash
    }
    return end + 1
  }

  #readTime(field: number, bytes: Buffer, view: DataView, at: number): number {
    const end = bytes[at] === QUOTE ? plainEnd(bytes, view, at + 1) : -1
    if (end < 0) return -1
    const time = this.#times.at(bytes, view, at + 1, end)
    if (field === STAGED) this.#staged = time
    // The other time counts where there is one, wherever it stands.
    else if (field === RECEIVED || (this.#seen & (1 << RECEIVED)) === 0) {
      this.#began = time
      this.#beganFrom = at + 1
      this.#beganTo = end
    }
    return end + 1
  }
}

function saysMore(verb: string, group: string, resource: string, subresource: string): boolean {
  return (
    mayAskInBody(verb, subresource) ||
    isTokenRequest(verb, resource, subresource) ||
    (verb === 'create' && isReview(group, resource))
  )
}
