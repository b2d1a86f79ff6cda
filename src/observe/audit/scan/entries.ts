import type { Json } from '../../../cluster/json.ts'
import { object } from '../../../cluster/json.ts'
import { type AuditAccess, type AuditEvent, ParsedAccess, type Told } from '../event.ts'
import { eventOf, levelOf, rawEntry } from '../gke.ts'
import { httpOf } from '../grpc.ts'
import { TEXT } from '../key.ts'
import { type Target, targetOf } from '../method.ts'
import { Annotations } from './annotations.ts'
import { EMPTY_HASH, hashedEnd, lastHash, lastOpened, plainEnd, skipSpace, skipValue } from './bytes.ts'
import { type Name, named, nameOf } from './names.ts'
import { saysMore } from './says-more.ts'
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE, ZERO } from './signs.ts'
import { Texts } from './texts.ts'
import { Times } from './times.ts'

const ENTRY = [
  'insertId',
  'labels',
  'logName',
  'operation',
  'protoPayload',
  'receiveTimestamp',
  'resource',
  'timestamp',
  'severity',
].map(named)
const PAYLOAD = [
  'authenticationInfo',
  'authorizationInfo',
  'methodName',
  'requestMetadata',
  'resourceName',
  'serviceName',
  'status',
  'request',
  'response',
].map(named)
const REQUEST = 7
const RESPONSE = 8
const AUTHENTICATION = ['principalEmail', 'authoritySelector'].map(named)
const AUTHORIZATION = ['granted'].map(named)
const METADATA = ['callerIp', 'callerSuppliedUserAgent', 'callerIP'].map(named)
const OPERATION = ['id', 'first', 'last'].map(named)
const STATUS = ['code'].map(named)
const TARGETS = 1 << 13

interface Known {
  readonly method: string
  readonly resource: string
  readonly target: Target | undefined
}

/**
 * Reads entries of Cloud Audit Logs from their bytes. What is in any way unusual is left to JSON.parse and gke.ts, which
 * also make the event of what is read here.
 */
export class Entries {
  readonly #words = new Texts(1 << 10)
  readonly #names = new Texts(1 << 14)
  readonly #annotations = new Annotations(this.#words)
  readonly #times = new Times()
  readonly #targets = new Array<Known | undefined>(TARGETS).fill(undefined)
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Of the object that was walked over last. */
  #seen = 0
  /** Of the text that was read last. */
  #hash = EMPTY_HASH

  #time = -1
  #timestamp = 0
  #timestampEnd = 0
  #labels = 0
  #insertId = ''
  #log = ''
  #operation = ''
  #isFirst = false
  #isLast = false
  #asker = ''
  #askerHash = EMPTY_HASH
  #selected = ''
  #denials = 0
  #grants = 0
  #authorizations = 0
  #method = ''
  #methodHash = EMPTY_HASH
  #resource = ''
  #resourceHash = EMPTY_HASH
  #service = ''
  #code = 0
  #source = ''
  #agent = ''
  #payload = 0
  #body = 0

  /** The event that stands between two places; undefined where it takes a parser to tell. */
  read(bytes: Buffer, from: number, to: number, file: string, line: number): AuditEvent | undefined {
    if (bytes[from] !== OPEN_OBJECT) return undefined
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#clear()
    const end = this.#walk(from, ENTRY, this.#entry, false)
    if (end < 0 || end > to || (end < to && skipSpace(bytes, end) < to)) return undefined
    const target = this.#time < 0 || this.#service !== 'k8s.io' ? undefined : this.#target()
    if (target === undefined) return undefined
    const { verb, group, resource, subresource } = target
    const hasRequest = (this.#payload & (1 << REQUEST)) !== 0
    const hasResponse = (this.#payload & (1 << RESPONSE)) !== 0
    if ((hasRequest || hasResponse) && saysMore(verb, group, resource, subresource)) return undefined
    const annotations = this.#annotations
    annotations.clear()
    if (this.#labels > 0) {
      const { length } = bytes
      const read = annotations.read(bytes, this.#view, this.#labels, this.#askerHash, this.#resourceHash)
      if (read < 0 || read > length) return undefined
    }
    const { decision, reason, issued } = annotations
    const isAllowed = this.#authorizations > 0 && this.#grants === this.#authorizations
    return eventOf(
      {
        time: this.#time,
        timestamp: bytes.toString('latin1', this.#timestamp, this.#timestampEnd),
        target,
        asker: this.#asker,
        selected: this.#selected,
        labels: { decision, reason, issued },
        granted: this.#denials > 0 ? 'forbid' : isAllowed ? 'allow' : 'untold',
        code: this.#code,
        id: this.#operation || this.#insertId,
        isFirst: this.#isFirst,
        isLast: this.#isLast,
        source: this.#source,
        agent: this.#agent,
        log: this.#log,
        level: levelOf(hasRequest, hasResponse),
        body: this.#body,
      },
      undefined,
      undefined,
      (told) => new EntryAccess(told, bytes, from, to),
      { file, line },
    )
  }

  #clear(): void {
    this.#time = -1
    this.#labels = 0
    this.#insertId = ''
    this.#log = ''
    this.#operation = ''
    this.#isFirst = false
    this.#isLast = false
    this.#asker = ''
    this.#askerHash = EMPTY_HASH
    this.#selected = ''
    this.#denials = 0
    this.#grants = 0
    this.#authorizations = 0
    this.#method = ''
    this.#resource = ''
    this.#service = ''
    this.#code = 0
    this.#source = ''
    this.#agent = ''
    this.#payload = 0
    this.#body = 0
  }

  /** Undefined for what is no method of Kubernetes, and for older entries, which have a permission instead. */
  #target(): Target | undefined {
    const method = this.#method
    const resource = this.#resource
    if (method === '' || resource === '') return undefined
    const hash = this.#methodHash ^ (this.#resourceHash << 1)
    const slot = (hash ^ (hash >>> 16)) & (TARGETS - 1)
    const known = this.#targets[slot]
    if (known && known.resource === resource && known.method === method) return known.target
    const target = targetOf(method, resource)
    this.#targets[slot] = { method, resource, target }
    return target
  }

  // Each goes from the first byte of a value to behind its last; negative where it takes a parser to tell.

  /** An object; `isOpen`: with other keys than these. */
  #walk(from: number, names: readonly Name[], read: (key: number, at: number) => number, isOpen = true): number {
    const bytes = this.#bytes
    const view = this.#view
    if (bytes[from] !== OPEN_OBJECT) return -1
    let seen = 0
    let at = skipSpace(bytes, from + 1)
    this.#seen = 0
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const end = hashedEnd(bytes, view, at + 1, TEXT)
      if (end < 0) return -1
      const key = nameOf(view, at + 1, end, lastHash(), names)
      at = end + 1
      if (bytes[at] !== COLON) at = skipSpace(bytes, at)
      if (bytes[at] !== COLON) return -1
      at = skipSpace(bytes, at + 1)
      if (key < 0) {
        if (!isOpen) return -1
        at = skipValue(bytes, view, at)
      } else {
        if ((seen & (1 << key)) !== 0) return -1
        seen |= 1 << key
        at = read(key, at)
      }
      if (at < 0) return -1
      if (bytes[at] !== COMMA && bytes[at] !== CLOSE_OBJECT) at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_OBJECT) {
        this.#seen = seen
        return at + 1
      }
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }

  readonly #entry = (key: number, at: number): number => {
    switch (key) {
      case 0:
        this.#insertId = this.#plainAt(at)
        return textEnd
      case 1:
        this.#labels = at
        return skipValue(this.#bytes, this.#view, at)
      case 2:
        this.#log = this.#wordAt(at, this.#words)
        return textEnd
      case 3:
        return this.#walk(at, OPERATION, this.#ofOperation)
      case 4: {
        const end = this.#walk(at, PAYLOAD, this.#ofPayload)
        this.#payload = this.#seen
        return end
      }
      case 7:
        return this.#readTime(at)
      default:
        return skipValue(this.#bytes, this.#view, at)
    }
  }

  readonly #ofOperation = (key: number, at: number): number => {
    if (key === 0) {
      this.#operation = this.#plainAt(at)
      return textEnd
    }
    const end = skipValue(this.#bytes, this.#view, at)
    const isTrue = this.#bytes[at] === 0x74
    if (key === 1) this.#isFirst = isTrue
    else this.#isLast = isTrue
    return end
  }

  readonly #ofPayload = (key: number, at: number): number => {
    switch (key) {
      case 0:
        return this.#walk(at, AUTHENTICATION, this.#ofAuthentication)
      case 1:
        return this.#readAuthorizations(at)
      case 2:
        this.#method = this.#wordAt(at, this.#words)
        this.#methodHash = this.#hash
        return textEnd
      case 3:
        return this.#walk(at, METADATA, this.#ofMetadata)
      case 4:
        this.#resource = this.#wordAt(at, this.#names)
        this.#resourceHash = this.#hash
        return textEnd
      case 5:
        this.#service = this.#wordAt(at, this.#words)
        return textEnd
      case 6:
        // Without a code it is 0, which is success.
        this.#code = 200
        return this.#walk(at, STATUS, this.#ofStatus)
      default: {
        const end = skipValue(this.#bytes, this.#view, at)
        if (key === REQUEST) this.#body = lastOpened()
        return end
      }
    }
  }

  readonly #ofAuthentication = (key: number, at: number): number => {
    const text = this.#wordAt(at, this.#names)
    if (key === 0) {
      this.#asker = text
      this.#askerHash = this.#hash
    } else this.#selected = text
    return textEnd
  }

  readonly #ofMetadata = (key: number, at: number): number => {
    const text = this.#wordAt(at, this.#names)
    if (key === 1) this.#agent = text
    else if (key === 0 || this.#source === '') this.#source = text || this.#source
    return textEnd
  }

  readonly #ofStatus = (_: number, at: number): number => {
    const end = skipValue(this.#bytes, this.#view, at)
    if (end < 0 || end - at > 3) return -1
    let code = 0
    for (let index = at; index < end; index++) {
      const digit = (this.#bytes[index] as number) - ZERO
      if (digit < 0 || digit > 9) return -1
      code = code * 10 + digit
    }
    this.#code = httpOf(code)
    return end
  }

  readonly #ofAuthorization = (_: number, at: number): number => {
    if (this.#bytes[at] === 0x74) this.#grants++
    else if (this.#bytes[at] === 0x66) this.#denials++
    return skipValue(this.#bytes, this.#view, at)
  }

  #readAuthorizations(from: number): number {
    const bytes = this.#bytes
    if (bytes[from] !== OPEN_ARRAY) return -1
    let at = skipSpace(bytes, from + 1)
    for (;;) {
      at = this.#walk(at, AUTHORIZATION, this.#ofAuthorization)
      if (at < 0) return -1
      this.#authorizations++
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_ARRAY) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }

  #readTime(at: number): number {
    const end = this.#bytes[at] === QUOTE ? plainEnd(this.#bytes, this.#view, at + 1) : -1
    if (end < 0) return -1
    this.#time = this.#times.read(this.#bytes, this.#view, at + 1, end) ? this.#times.time : -1
    this.#timestamp = at + 1
    this.#timestampEnd = end
    return end + 1
  }

  /** A string without escapes that comes again; `textEnd` is behind it, or negative. */
  #wordAt(at: number, texts: Texts): string {
    const end = this.#bytes[at] === QUOTE ? hashedEnd(this.#bytes, this.#view, at + 1, TEXT) : -1
    textEnd = end < 0 ? -1 : end + 1
    this.#hash = lastHash()
    return end < 0 ? '' : texts.of(this.#bytes, this.#view, at + 1, end, this.#hash)
  }

  /** The same of one that does not. */
  #plainAt(at: number): string {
    const end = this.#bytes[at] === QUOTE ? plainEnd(this.#bytes, this.#view, at + 1) : -1
    textEnd = end < 0 ? -1 : end + 1
    return end < 0 ? '' : this.#bytes.toString('latin1', at + 1, end)
  }
}

let textEnd = -1

const NO_TEXT = (): string => ''

/** The chunk that it stands in lives as long as this does. */
class EntryAccess extends ParsedAccess implements AuditAccess {
  #bytes: Buffer
  #from: number
  #to: number

  constructor(told: Told, bytes: Buffer, from: number, to: number) {
    super(told, NO_TEXT)
    this.#bytes = bytes
    this.#from = from
    this.#to = to
  }

  override detach(): number {
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#from, this.#to))
    this.#from = 0
    this.#to = this.#bytes.length
    return this.#to
  }

  override raw(): string {
    return rawEntry(object(JSON.parse(this.#bytes.toString('latin1', this.#from, this.#to)) as Json))
  }
}
