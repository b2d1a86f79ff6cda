import type { Json } from '../../../cluster/json.ts'
import type { Access } from '../../record.ts'
import { instant } from '../../time.ts'
import type { AuditEvent, Stage } from '../event.ts'
import { HIGH, keyOf, LOW, TEXT } from '../key.ts'
import { type Caller, callerOf, stageOf, textsOf } from '../native.ts'
import { asksDryRun, authorizedName, mayAskInBody } from '../request.ts'
import { isReview } from '../review.ts'
import { ScannedAccess, uriOf } from './access.ts'
import {
  areSame,
  hashBytes,
  hashedEnd,
  lastHash,
  lastOpened,
  plainEnd,
  skipSpace,
  skipValue,
  stringEnd,
} from './bytes.ts'
import { isNamed, type Name, named, nameOf } from './names.ts'
import { Spans } from './spans.ts'
import { Texts } from './texts.ts'
import { Users } from './users.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const ZERO = 0x30

/** The fields of an event, in the order in which the API server writes them; those in between that are not read too. */
const FIELDS = [
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
] as const
type Field = (typeof FIELDS)[number]
const NAMES = FIELDS.map(named)

const REF = [
  'resource',
  'namespace',
  'name',
  'uid',
  'apiGroup',
  'apiVersion',
  'resourceVersion',
  'subresource',
] as const
const REF_NAMES = REF.map(named)
const CODE = named('code')
const ANNOTATIONS = [
  'authorization.k8s.io/decision',
  'authorization.k8s.io/reason',
  'authentication.kubernetes.io/issued-credential-id',
].map(named)

const NO_CALLER = callerOf(undefined)
const DATE_LENGTH = '"YYYY-MM-DDTHH:MM:'.length

/**
 * Reads events of the API server's own form from their bytes, without parsing them: of a log of ordinary size most that
 * an event says was said before, and is known again. What is in any way unusual (escapes in names, other characters than
 * ASCII, a key twice, another type, a fault) is left to JSON.parse and native.ts, which say what it means; what is read
 * here is what they would say.
 */
export class Scanner {
  readonly #texts = new Texts()
  readonly #users = new Users(this.#texts)
  readonly #sources = new Spans<readonly string[]>((text) => textsOf(JSON.parse(text) as Json))
  readonly #reasons = new Spans<string>((text) => JSON.parse(text) as string)
  readonly #agents = new Spans<string>((text) => JSON.parse(text) as string)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #of: Buffer | undefined
  // Of the time that was read last, up to its seconds.
  readonly #date = new Uint8Array(DATE_LENGTH)
  #dateTime = -1

  // What is found in an event, until it is told; `Scanned` of access.ts.
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
  caller: Caller = NO_CALLER
  impersonated: Caller | undefined = undefined
  verb = ''
  resource = ''
  group = ''
  subresource = ''
  namespace = ''
  name = ''
  decision: Access['decision'] = 'untold'
  reason = ''
  issued = ''
  sources: readonly string[] = []
  code = 0
  dryRun = false
  userAgent = ''
  #level = ''
  #stage: Stage = 'done'
  #seen = 0
  #user = 0
  #bodies = 0
  #asks = false
  #began = -1
  #beganFrom = 0
  #beganTo = 0
  #received = -1
  #staged = -1
  #verbHash = 0
  #namespaceHash = 0
  #resourceHash = 0
  #nameHash = 0

  /** The event that stands between two places and fills what is between them; undefined where it takes a parser to tell. */
  read(bytes: Buffer, from: number, to: number, file: string, line: number): AuditEvent | undefined {
    if (bytes[from] !== OPEN_OBJECT) return undefined
    if (this.#of !== bytes) {
      this.#of = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#reset()
    const end = this.#fields(bytes, from + 1)
    if (end < 0 || end > to || (end < to && skipSpace(bytes, end) < to)) return undefined
    this.bytes = bytes
    this.from = from
    this.to = to
    this.file = file
    this.line = line
    return this.#event()
  }

  #reset(): void {
    this.id = 0
    this.idEnd = 0
    this.uri = 0
    this.uriEnd = 0
    this.caller = NO_CALLER
    this.impersonated = undefined
    this.verb = ''
    this.resource = ''
    this.group = ''
    this.subresource = ''
    this.namespace = ''
    this.name = ''
    this.decision = 'untold'
    this.reason = ''
    this.issued = ''
    this.sources = NO_CALLER.groups
    this.code = 0
    this.userAgent = ''
    this.#level = ''
    this.#stage = 'done'
    this.#seen = 0
    this.#user = 0
    this.#bodies = 0
    this.#asks = false
    this.#began = -1
    this.#received = -1
    this.#staged = -1
    this.#beganFrom = 0
    this.#beganTo = 0
    this.#verbHash = EMPTY
    this.#namespaceHash = EMPTY
    this.#resourceHash = EMPTY
    this.#nameHash = EMPTY
  }

  #event(): AuditEvent | undefined {
    const { bytes, verb, subresource, group, resource } = this
    if (this.id === 0 || this.idEnd === this.id || verb === '') return undefined
    // Bodies are read where they say something of the request.
    const hasBody = (this.#seen & (1 << BODY)) !== 0
    if (hasBody && (mayAskInBody(verb, subresource) || (verb === 'create' && isReview(group, resource))))
      return undefined
    const began = this.#received >= 0 ? this.#received : this.#began >= 0 ? this.#began : this.#staged
    if (began < 0) return undefined
    this.time = began
    this.end = Math.max(began, this.#staged)
    this.dryRun = false
    if (this.#asks) {
      const uri = uriOf(bytes, this.uri, this.uriEnd)
      this.dryRun = asksDryRun(uri)
      this.name = authorizedName(verb, subresource, this.name, uri)
    } else if (verb === 'list' || verb === 'watch') {
      if (this.name !== '')
        this.name = authorizedName(verb, subresource, this.name, uriOf(bytes, this.uri, this.uriEnd))
    } else this.name = authorizedName(verb, subresource, this.name, '')
    const time = hashBytes(this.#view, this.#beganFrom, this.#beganTo, TEXT)
    const high = hashBytes(this.#view, this.id, this.idEnd, HIGH)
    const low = hashBytes(this.#view, this.id, this.idEnd, LOW)
    const [how, place, what, whose] = [this.#verbHash, this.#namespaceHash, this.#resourceHash, this.#nameHash]
    return {
      stage: this.#stage,
      level: this.#level,
      form: 'native',
      high: keyOf(HIGH, high, time, how, place, what, whose),
      low: keyOf(LOW, low, time, how, place, what, whose),
      body: this.#bodies,
      access: new ScannedAccess(this),
    }
  }

  #fields(bytes: Buffer, from: number): number {
    let at = skipSpace(bytes, from)
    let expected = 0
    if (bytes[at] === CLOSE_OBJECT) return -1
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const end = hashedEnd(bytes, this.#view, at + 1, TEXT)
      // A key with escapes may be one of these after all.
      if (end < 0) return -1
      const field = this.#fieldOf(at + 1, end, lastHash(), expected)
      if (field >= 0) {
        if ((this.#seen & (1 << field)) !== 0) return -1
        this.#seen |= 1 << field
        expected = field + 1
      }
      at = end + 1
      if (bytes[at] !== COLON) {
        at = skipSpace(bytes, at)
        if (bytes[at] !== COLON) return -1
      }
      at++
      const first = bytes[at]
      if (first === 0x20 || first === 0x0a || first === 0x0d || first === 0x09) at = skipSpace(bytes, at)
      at = field < 0 ? skipValue(bytes, this.#view, at) : this.#value(field, bytes, at)
      if (at < 0) return -1
      let next = bytes[at]
      if (next !== COMMA && next !== CLOSE_OBJECT) {
        at = skipSpace(bytes, at)
        next = bytes[at]
      }
      if (next === CLOSE_OBJECT) return at + 1
      if (next !== COMMA) return -1
      at++
      if (bytes[at] !== QUOTE) at = skipSpace(bytes, at)
    }
  }

  /** The fields come in their order, with some left out. */
  #fieldOf(from: number, to: number, hash: number, expected: number): number {
    const next = NAMES[expected]
    if (next && next.hash === hash && next.length === to - from && areSame(this.#view, from, next.view, 0, next.length))
      return expected
    return nameOf(this.#view, from, to, hash, NAMES)
  }

  /** From the first byte of the value of a known field to behind its last. */
  #value(field: number, bytes: Buffer, at: number): number {
    switch (FIELDS[field] as Field) {
      case 'auditID': {
        const end = bytes[at] === QUOTE ? plainEnd(bytes, this.#view, at + 1) : -1
        this.id = at + 1
        this.idEnd = end
        return end < 0 ? -1 : end + 1
      }
      case 'level': {
        const end = this.#textEnd(bytes, at)
        if (end > 0) this.#level = this.#text(bytes, at, end)
        return end
      }
      case 'stage': {
        const end = this.#textEnd(bytes, at)
        if (end > 0) this.#stage = stageOf(this.#text(bytes, at, end))
        return end
      }
      case 'verb': {
        const end = this.#textEnd(bytes, at)
        if (end < 0) return -1
        this.#verbHash = lastHash()
        this.verb = this.#text(bytes, at, end)
        return end
      }
      case 'requestURI':
        return this.#requestUri(bytes, at)
      case 'user': {
        const end = this.#users.read(bytes, this.#view, at)
        this.caller = this.#users.caller
        this.#user = this.#users.hash
        return end
      }
      case 'impersonatedUser': {
        const end = this.#users.read(bytes, this.#view, at)
        if (this.#users.caller.user !== '') this.impersonated = this.#users.caller
        return end
      }
      case 'sourceIPs': {
        const span = this.#sources.find(this.#view, at, bytes.length, this.#user) ?? this.#added(this.#sources, bytes, at, this.#user)
        if (!span) return -1
        this.sources = span.value
        return at + span.length
      }
      case 'userAgent': {
        if (bytes[at] !== QUOTE) return -1
        const span = this.#agents.find(this.#view, at, bytes.length, this.#user) ?? this.#added(this.#agents, bytes, at, this.#user)
        if (!span) return -1
        this.userAgent = span.value
        return at + span.length
      }
      case 'objectRef':
        return this.#objectRef(bytes, at)
      case 'responseStatus':
        return this.#responseStatus(bytes, at)
      case 'requestObject': {
        const end = skipValue(bytes, this.#view, at)
        this.#bodies = lastOpened()
        return end
      }
      case 'requestReceivedTimestamp': {
        const end = this.#textEnd(bytes, at)
        if (end < 0) return -1
        this.#received = this.#instant(bytes, at, end)
        this.#beganFrom = at + 1
        this.#beganTo = end - 1
        return end
      }
      case 'timestamp': {
        const end = this.#textEnd(bytes, at)
        if (end < 0) return -1
        this.#began = this.#instant(bytes, at, end)
        // The other time counts where there is one, wherever it stands.
        if ((this.#seen & (1 << RECEIVED)) === 0) {
          this.#beganFrom = at + 1
          this.#beganTo = end - 1
        }
        return end
      }
      case 'stageTimestamp': {
        const end = this.#textEnd(bytes, at)
        if (end > 0) this.#staged = this.#instant(bytes, at, end)
        return end
      }
      case 'annotations':
        return this.#annotations(bytes, at)
      default:
        return skipValue(bytes, this.#view, at)
    }
  }

  /** Behind the last quote of a plain string, whose hash is the last one then. */
  #textEnd(bytes: Buffer, at: number): number {
    if (bytes[at] !== QUOTE) return -1
    return hashedEnd(bytes, this.#view, at + 1, TEXT) + 1 || -1
  }

  /** Between the two places of `#textEnd`. */
  #text(bytes: Buffer, at: number, end: number): string {
    return this.#texts.of(bytes, this.#view, at + 1, end - 1, lastHash())
  }

  #requestUri(bytes: Buffer, at: number): number {
    if (bytes[at] !== QUOTE) return -1
    const end = stringEnd(bytes, this.#view, at + 1)
    if (end < 0) return -1
    this.uri = at + 1
    this.uriEnd = end
    // What asks for something beside the path: `fieldSelector` and `dryRun`, looked for by the two letters at their humps.
    for (let index = at + 2; index < end; index++) {
      const byte = bytes[index]
      if ((byte === 0x53 && bytes[index - 1] === 0x64) || (byte === 0x52 && bytes[index - 1] === 0x79)) {
        this.#asks = true
        break
      }
    }
    return end + 1
  }

  /** Undefined for what is no plain JSON. */
  #added<T>(spans: Spans<T>, bytes: Buffer, at: number, hash: number) {
    const end = skipValue(bytes, this.#view, at)
    return end < 0 ? undefined : spans.add(bytes, at, end, hash)
  }

  #objectRef(bytes: Buffer, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let expected = 0
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      while (expected < REF.length && !isNamed(bytes, this.#view, at + 1, REF_NAMES[expected] as Name)) expected++
      // In another order than the API server’s, or with another field: for a parser.
      if (expected === REF.length) return -1
      const field = expected++
      at += (REF_NAMES[field] as Name).length + 2
      if (bytes[at] !== COLON || bytes[at + 1] !== QUOTE) return -1
      const start = at + 2
      const end = hashedEnd(bytes, this.#view, start, TEXT)
      if (end < 0) return -1
      const hash = lastHash()
      switch (REF[field] as (typeof REF)[number]) {
        case 'resource':
          this.resource = this.#texts.of(bytes, this.#view, start, end, hash)
          this.#resourceHash = hash
          break
        case 'namespace':
          this.namespace = this.#texts.of(bytes, this.#view, start, end, hash)
          this.#namespaceHash = hash
          break
        case 'name':
          this.name = this.#texts.of(bytes, this.#view, start, end, hash)
          this.#nameHash = hash
          break
        case 'apiGroup':
          this.group = this.#texts.of(bytes, this.#view, start, end, hash)
          break
        case 'subresource':
          this.subresource = this.#texts.of(bytes, this.#view, start, end, hash)
          break
        default:
      }
      at = end + 1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #responseStatus(bytes: Buffer, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let hasCode = false
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const end = plainEnd(bytes, this.#view, at + 1)
      if (end < 0 || bytes[end + 1] !== COLON) return -1
      const isCode = end === at + 5 && isNamed(bytes, this.#view, at + 1, CODE)
      at = end + 2
      if (isCode) {
        // Three digits, or a parser has to say what it is.
        const [one = 0, two = 0, three = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]]
        const isNumber = one > ZERO && one <= 0x39 && two >= ZERO && two <= 0x39 && three >= ZERO && three <= 0x39
        if (hasCode || !isNumber) return -1
        hasCode = true
        this.code = (one - ZERO) * 100 + (two - ZERO) * 10 + (three - ZERO)
        at += 3
      } else {
        at = skipValue(bytes, this.#view, at)
        if (at < 0) return -1
      }
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #annotations(bytes: Buffer, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let seen = 0
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const end = hashedEnd(bytes, this.#view, at + 1, TEXT)
      if (end < 0 || bytes[end + 1] !== COLON) return -1
      const field = nameOf(this.#view, at + 1, end, lastHash(), ANNOTATIONS)
      at = end + 2
      if (field < 0) at = skipValue(bytes, this.#view, at)
      else {
        if ((seen & (1 << field)) !== 0 || bytes[at] !== QUOTE) return -1
        seen |= 1 << field
        at = this.#annotation(field, bytes, at)
      }
      if (at < 0) return -1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #annotation(field: number, bytes: Buffer, at: number): number {
    if (field === 1) {
      if (bytes[at + 1] === QUOTE) return at + 2
      const span = this.#reasons.find(this.#view, at, bytes.length, this.#user) ?? this.#added(this.#reasons, bytes, at, this.#user)
      if (!span) return -1
      this.reason = span.value
      return at + span.length
    }
    const end = this.#textEnd(bytes, at)
    if (end < 0) return -1
    if (field === 0) {
      const decision = this.#text(bytes, at, end)
      if (decision === 'allow' || decision === 'forbid') this.decision = decision
    } else this.issued = bytes.toString('latin1', at + 1, end - 1)
    return end
  }

  /** Of a time between quotes; negative where it is none. Records that follow each other are mostly of one minute. */
  #instant(bytes: Buffer, at: number, end: number): number {
    if (this.#dateTime >= 0 && end - at > DATE_LENGTH + 3 && bytes[end - 2] === 0x5a && this.#isOfDate(bytes, at)) {
      const tens = (bytes[at + DATE_LENGTH] as number) - ZERO
      const ones = (bytes[at + DATE_LENGTH + 1] as number) - ZERO
      if (tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9) {
        const rest = fraction(bytes, at + DATE_LENGTH + 2, end - 2)
        if (rest >= 0) return this.#dateTime + (tens * 10 + ones) * 1000 + rest
      }
    }
    const text = bytes.toString('latin1', at + 1, end - 1)
    const time = instant(text)
    if (time === undefined) return -1
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) {
      this.#date.set(bytes.subarray(at, at + DATE_LENGTH))
      this.#dateTime = Date.parse(`${text.slice(0, DATE_LENGTH - 1)}00Z`)
    }
    return time
  }

  #isOfDate(bytes: Buffer, at: number): boolean {
    // The minute changes first.
    for (let index = DATE_LENGTH - 1; index >= 0; index--) if (this.#date[index] !== bytes[at + index]) return false
    return true
  }
}

/** Of no text. */
const EMPTY = hashBytes(new DataView(new ArrayBuffer(0)), 0, 0, TEXT)
const BODY = FIELDS.indexOf('requestObject')
const RECEIVED = FIELDS.indexOf('requestReceivedTimestamp')

/** Milliseconds of `.digits`; negative when it is not that. */
function fraction(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return 0
  if (bytes[from] !== 0x2e || from + 1 === to) return -1
  let time = 0
  for (let at = from + 1, unit = 100; at < to; at++, unit /= 10) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    if (unit >= 1) time += digit * unit
  }
  return time
}
