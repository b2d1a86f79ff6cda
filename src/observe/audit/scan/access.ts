import { type Json, type JsonObject, object } from '../../../cluster/json.ts'
import type { Access, Alike, RecordPlace } from '../../record.ts'
import { type AuditAccess, type AuditEvent, rawText, type Stage, withoutBodies } from '../event.ts'
import type { AuditForm } from '../form.ts'
import type { Caller } from '../native.ts'
import { pathOf, queryOf } from '../request.ts'
import { WAITED, waitedOf } from '../waited.ts'
import type { Same } from './alikes.ts'

const NO_BYTES = Buffer.alloc(0)
const NO_TEXTS: readonly string[] = []

/** What a scan found in an event, apart from what other events say as well, and where it stands. */
export interface Scanned {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly id: number
  readonly idEnd: number
  /** The text of requestURI; both 0 where there is none. */
  readonly uri: number
  readonly uriEnd: number
  readonly file: string
  readonly line: number
  readonly time: number
  readonly end: number
  readonly caller: Caller
  readonly issued: string
  readonly sources: readonly string[]
  readonly userAgent: string
  readonly stage: Stage
  readonly level: string
  readonly form: AuditForm
  readonly high: number
  readonly low: number
  readonly body: number
}

/** An event that was only scanned: the chunk that it stands in lives as long as this does, or as long as it is not filled anew. */
export class ScannedEvent implements AuditEvent, AuditAccess {
  stage: Stage = 'done'
  level = ''
  form: AuditForm = 'native'
  high = 0
  low = 0
  body = 0
  end = 0
  credential = ''
  session = ''
  issued = ''
  sources: readonly string[] = NO_TEXTS
  userAgent = ''
  /** Somebody holds it, so that it must not be filled again. */
  #isDetached = false
  #same: Same
  #time = 0
  #file = ''
  #line = 0
  #item = ''
  #bytes: Buffer = NO_BYTES
  #from = 0
  #to = 0
  #id = 0
  #idEnd = 0
  #uri = 0
  #uriEnd = 0

  constructor(found: Scanned, same: Same) {
    this.#same = same
    this.fill(found, same)
  }

  fill(found: Scanned, same: Same): void {
    this.stage = found.stage
    this.level = found.level
    this.form = found.form
    this.high = found.high
    this.low = found.low
    this.body = found.body
    this.end = found.end
    this.credential = found.caller.credential
    this.session = found.caller.session
    this.issued = found.issued
    this.sources = found.sources
    this.userAgent = found.userAgent
    this.#same = same
    this.#time = found.time
    this.#file = found.file
    this.#line = found.line
    this.#item = ''
    this.#bytes = found.bytes
    this.#from = found.from
    this.#to = found.to
    this.#id = found.id
    this.#idEnd = found.idEnd
    this.#uri = found.uri
    this.#uriEnd = found.uriEnd
  }

  get access(): this {
    return this
  }

  get isDetached(): boolean {
    return this.#isDetached
  }

  get alike(): Alike | undefined {
    return this.#same.slot < 0 ? undefined : this.#same
  }

  get user(): string {
    return this.#same.user
  }

  get groups(): readonly string[] {
    return this.#same.groups
  }

  get impersonator(): Access['impersonator'] {
    return this.#same.impersonator
  }

  get pod(): Access['pod'] {
    return this.#same.pod
  }

  get verb(): string {
    return this.#same.verb
  }

  get resource(): string {
    return this.#same.resource
  }

  get group(): string {
    return this.#same.group
  }

  get subresource(): string {
    return this.#same.subresource
  }

  get namespace(): string {
    return this.#same.namespace
  }

  get name(): string {
    return this.#same.name
  }

  get decision(): Access['decision'] {
    return this.#same.decision
  }

  get reason(): string {
    return this.#same.reason
  }

  get code(): number {
    return this.#same.code
  }

  get dryRun(): boolean {
    return this.#same.dryRun
  }

  get time(): number {
    return this.#time
  }

  get id(): string {
    return this.#bytes.toString('latin1', this.#id, this.#idEnd)
  }

  get path(): string {
    return pathOf(uriOf(this.#bytes, this.#uri, this.#uriEnd))
  }

  get query(): string {
    return queryOf(uriOf(this.#bytes, this.#uri, this.#uriEnd))
  }

  get waited(): number {
    if (!this.#bytes.subarray(this.#from, this.#to).includes(WAITED, 0, 'latin1')) return 0
    // The same words may stand in a body: the parser says where.
    return waitedOf(this.#parsed().annotations)
  }

  get place(): RecordPlace {
    const place = { file: this.#file, line: this.#line }
    return this.#item === '' ? place : { ...place, item: this.#item }
  }

  within(item: string): void {
    this.#item = this.#item === '' ? item : `${item}.${this.#item}`
  }

  began(time: number): void {
    if (time < this.#time) this.#time = time
  }

  detach(): number {
    this.#isDetached = true
    const from = this.#from
    this.#bytes = Buffer.from(this.#bytes.subarray(from, this.#to))
    this.#from = 0
    this.#to -= from
    this.#id -= from
    this.#idEnd -= from
    if (this.#uriEnd > 0) {
      this.#uri -= from
      this.#uriEnd -= from
    }
    return this.#to
  }

  raw(): string {
    return rawText(withoutBodies(this.#parsed()))
  }

  #parsed(): JsonObject {
    return object(JSON.parse(this.#bytes.toString('latin1', this.#from, this.#to)) as Json)
  }
}

/** Of the text of a requestURI, which may have escapes (encoding/json writes `&` as one). */
export function uriOf(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('latin1', from, to)
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}
