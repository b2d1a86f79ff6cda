import type { Json } from '../../../cluster/json.ts'
import { itemOf } from '../../record.ts'
import { loggedAt, otherLog } from '../eks.ts'
import type { AuditForm } from '../form.ts'
import { TEXT } from '../key.ts'
import { readLogged } from '../reader.ts'
import type { AuditSink } from '../sink.ts'
import { hashedEnd, lastHash, lastWritten, skipSpace, skipValue, unescaped } from './bytes.ts'
import { isNamed, named, nameOf } from './names.ts'
import type { Scanner } from './scanner.ts'
import { Scratch } from './scratch.ts'
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './signs.ts'
import { Texts } from './texts.ts'

/** What is known to be written of envelopes. With any other key it takes the parser to tell what something is. */
const KEYS = [
  'message',
  'timestamp',
  'logStreamName',
  'ingestionTime',
  'id',
  'eventId',
  'logEvents',
  'messageType',
  'logStream',
  'owner',
  'logGroup',
  'subscriptionFilters',
  'properties',
  'category',
  'time',
  'operationName',
  'resourceId',
  'ccpNamespace',
  'serviceBuild',
  'Cloud',
  'Environment',
  'UnderlayClass',
  'UnderlayName',
].map(named)
const MESSAGE = 0
const TIMESTAMP = 1
const STREAM_NAME = 2
const INGESTED = 3
const LOG_EVENTS = 6
const MESSAGE_TYPE = 7
const STREAM = 8
const PROPERTIES = 12
const CATEGORY = 13

const bits = (from: number, to: number): number => 2 ** (to + 1) - 2 ** from
const OF_EVENT = bits(MESSAGE, LOG_EVENTS - 1)
const OF_SUBSCRIPTION = bits(LOG_EVENTS, PROPERTIES - 1)
const OF_RECORD = bits(PROPERTIES, KEYS.length - 1)
/** One of these tells a log event from whatever else has a message. */
const TIMED = (1 << TIMESTAMP) | (1 << STREAM_NAME) | (1 << INGESTED)

const RECORD = (1 << PROPERTIES) | (1 << CATEGORY)

const LOG = named('log')
const FORMS: ReadonlyMap<string, AuditForm> = new Map([
  ['kube-audit', 'aks'],
  ['kube-audit-admin', 'aks-admin'],
])
/** What is written and read ahead of what a string says. */
const SPARE = 8

/** A message that was unescaped, and where in the line its time stands; both 0 where it has none. */
interface Logged {
  readonly from: number
  readonly to: number
  /** Undefined where it does not name its own. */
  readonly stream: string | undefined
  readonly time: number
  readonly timeEnd: number
}

/**
 * Reads what carries events as strings, from its bytes: log events of CloudWatch and what subscriptions deliver of them,
 * and records of diagnostic logs of Azure. What is in any way unusual is left to JSON.parse, eks.ts and aks.ts.
 */
export class Envelopes {
  readonly #scanner: Scanner
  readonly #scratch: Scratch
  readonly #texts = new Texts(1 << 8)
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #logged: Logged[] = []
  /** Where in the scratch the next text goes. */
  #room = 0

  // What was walked over last.
  #seen = 0
  #from = 0
  #to = 0
  #stream = ''
  #streamName = ''
  #category = ''
  #time = 0
  #timeEnd = 0

  /** `isPassing`: what is told lives only until the next `begin`. */
  constructor(scanner: Scanner, isPassing: boolean) {
    this.#scanner = scanner
    this.#scratch = new Scratch(isPassing)
  }

  /** A batch begins. */
  begin(): void {
    this.#scratch.begin()
  }

  /** Tells what stands between two places; false where it takes a parser to tell, and nothing was told. */
  read(bytes: Buffer, from: number, to: number, file: string, line: number, sink: AuditSink): boolean {
    if (bytes[from] !== OPEN_OBJECT) return false
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#logged = []
    this.#stream = ''
    this.#room = this.#scratch.room(to - from + SPARE)
    const end = this.#walk(from, true)
    if (end < 0 || end > to || (end < to && skipSpace(bytes, end) < to)) return false
    const seen = this.#seen
    if ((seen & ~OF_RECORD) === 0) {
      const form = FORMS.get(this.#category)
      if ((seen & RECORD) !== RECORD || form === undefined) return false
      const event = this.#scanner.read(this.#scratch.bytes, this.#from, this.#to, file, line, form)
      if (!event) return false
      sink.event(event)
    } else {
      if ((seen & (1 << LOG_EVENTS)) !== 0) {
        if ((seen & ~OF_SUBSCRIPTION) !== 0) return false
      } else if ((seen & ~OF_EVENT) !== 0 || (seen & TIMED) === 0 || !this.#keep()) return false
      const logged = this.#logged
      for (let index = 0; index < logged.length; index++)
        this.#tell(logged[index] as Logged, logged.length > 1 ? index + 1 : 0, file, line, sink)
    }
    this.#scratch.take(this.#room)
    return true
  }

  /** Keeps the log event that was walked over last; false where it has no message. */
  #keep(): boolean {
    const seen = this.#seen
    if ((seen & (1 << MESSAGE)) === 0) return false
    const stream = (seen & (1 << STREAM_NAME)) === 0 ? undefined : this.#streamName
    const time = (seen & (1 << TIMESTAMP)) === 0 ? 0 : this.#time
    this.#logged.push({ from: this.#from, to: this.#to, stream, time, timeEnd: this.#timeEnd })
    return true
  }

  /** `index`: which of several, 1-based, or 0. */
  #tell(
    { from, to, stream = this.#stream, time, timeEnd }: Logged,
    index: number,
    file: string,
    line: number,
    sink: AuditSink,
  ): void {
    const { bytes } = this.#scratch
    const event = otherLog(stream) === undefined ? this.#scanner.read(bytes, from, to, file, line, 'eks') : undefined
    if (event) {
      if (index > 0) event.access.within(`${index}`)
      sink.event(event)
      return
    }
    const told = time === 0 ? undefined : (JSON.parse(this.#bytes.toString('latin1', time, timeEnd)) as Json)
    readLogged(bytes.toString('latin1', from, to), stream, loggedAt(told), itemOf({ file, line }, index), sink)
  }

  // Each goes from the first byte of a value to behind its last; negative where it takes a parser to tell.

  #walk(from: number, isOuter: boolean): number {
    const bytes = this.#bytes
    let seen = 0
    let at = skipSpace(bytes, from + 1)
    for (;;) {
      at = keyEnd(bytes, this.#view, at)
      if (at < 0) return -1
      const key = nameOf(this.#view, keyFrom, keyTo, keyHash, KEYS)
      if (key < 0 || (seen & (1 << key)) !== 0) return -1
      seen |= 1 << key
      at = this.#readValue(key, at, isOuter)
      if (at < 0) return -1
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_OBJECT) {
        this.#seen = seen
        return at + 1
      }
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }

  #readValue(key: number, at: number, isOuter: boolean): number {
    switch (key) {
      case MESSAGE:
        return this.#readText(at)
      case STREAM_NAME:
        this.#streamName = this.#wordAt(at)
        return wordEnd
      case STREAM:
        this.#stream = this.#wordAt(at)
        return wordEnd
      case CATEGORY:
        this.#category = this.#wordAt(at)
        return wordEnd
      case MESSAGE_TYPE:
        return this.#wordAt(at) === 'DATA_MESSAGE' ? wordEnd : -1
      case LOG_EVENTS:
        return isOuter ? this.#readEvents(at) : -1
      case PROPERTIES:
        return isOuter ? this.#readProperties(at) : -1
      case TIMESTAMP:
        this.#time = at
        this.#timeEnd = skipValue(this.#bytes, this.#view, at)
        return this.#timeEnd
      default:
        return skipValue(this.#bytes, this.#view, at)
    }
  }

  #readEvents(from: number): number {
    const bytes = this.#bytes
    if (bytes[from] !== OPEN_ARRAY) return -1
    for (let at = skipSpace(bytes, from + 1); ; at = skipSpace(bytes, at + 1)) {
      if (bytes[at] !== OPEN_OBJECT) return -1
      at = this.#walk(at, false)
      if (at < 0 || (this.#seen & ~OF_EVENT) !== 0 || !this.#keep()) return -1
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_ARRAY) return at + 1
      if (bytes[at] !== COMMA) return -1
    }
  }

  /** Of which only the log is read. */
  #readProperties(from: number): number {
    const bytes = this.#bytes
    if (bytes[from] !== OPEN_OBJECT) return -1
    let hasLog = false
    let at = skipSpace(bytes, from + 1)
    for (;;) {
      at = keyEnd(bytes, this.#view, at)
      if (at < 0) return -1
      if (keyTo - keyFrom === LOG.length && isNamed(bytes, this.#view, keyFrom, LOG)) {
        if (hasLog) return -1
        hasLog = true
        at = this.#readText(at)
      } else at = skipValue(bytes, this.#view, at)
      if (at < 0) return -1
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_OBJECT) return hasLog ? at + 1 : -1
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }

  /** What a string says goes into the scratch. */
  #readText(at: number): number {
    if (this.#bytes[at] !== QUOTE) return -1
    const end = unescaped(this.#bytes, this.#view, at + 1, this.#scratch.view, this.#room)
    if (end < 0) return -1
    this.#from = this.#room
    this.#room += lastWritten()
    this.#to = this.#room
    return end + 1
  }

  /** A string without escapes; `wordEnd` is behind it, or negative. */
  #wordAt(at: number): string {
    const end = this.#bytes[at] === QUOTE ? hashedEnd(this.#bytes, this.#view, at + 1, TEXT) : -1
    wordEnd = end < 0 ? -1 : end + 1
    return end < 0 ? '' : this.#texts.of(this.#bytes, this.#view, at + 1, end, lastHash())
  }
}

let wordEnd = -1
let keyFrom = 0
let keyTo = 0
let keyHash = 0

/** From the quote before a key to the first byte of its value; negative where it has escapes. */
function keyEnd(bytes: Buffer, view: DataView, at: number): number {
  if (bytes[at] !== QUOTE) return -1
  const end = hashedEnd(bytes, view, at + 1, TEXT)
  if (end < 0) return -1
  keyFrom = at + 1
  keyTo = end
  keyHash = lastHash()
  const colon = skipSpace(bytes, end + 1)
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1
}
