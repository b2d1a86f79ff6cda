import { type Json, type JsonObject, object } from '../../../cluster/json.ts'
import type { Access, RecordPlace } from '../../record.ts'
import { type AuditAccess, rawText, withoutBodies } from '../event.ts'
import type { Caller } from '../native.ts'
import { pathOf, queryOf } from '../request.ts'
import { WAITED, waitedOf } from '../waited.ts'

/** The bytes of an event, and where in them stands what is told only when asked for. */
export interface Record {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly id: number
  readonly idEnd: number
  /** The text of requestURI; both 0 where there is none. */
  readonly uri: number
  readonly uriEnd: number
}

/** What a scan found in an event. */
export interface Scanned extends Record {
  readonly file: string
  readonly line: number
  readonly time: number
  readonly end: number
  readonly caller: Caller
  readonly impersonated: Caller | undefined
  readonly verb: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly decision: Access['decision']
  readonly reason: string
  readonly issued: string
  readonly sources: readonly string[]
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
}

/** Of a record that was only scanned: the chunk that it stands in lives as long as this does. */
export class ScannedAccess implements AuditAccess {
  readonly end: number
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly decision: Access['decision']
  readonly reason: string
  readonly credential: string
  readonly session: string
  readonly issued: string
  readonly sources: readonly string[]
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
  readonly impersonator: Access['impersonator']
  readonly pod: Access['pod']
  readonly review = undefined
  readonly issuedUntil = undefined
  readonly #file: string
  readonly #line: number
  #time: number
  #bytes: Buffer
  #from: number
  #to: number
  #id: number
  #idEnd: number
  #uri: number
  #uriEnd: number

  constructor(found: Scanned) {
    const { caller, impersonated } = found
    const actor = impersonated ?? caller
    this.#time = found.time
    this.end = found.end
    this.user = actor.user
    this.groups = actor.groups
    this.verb = found.verb
    this.resource = found.resource
    this.group = found.group
    this.subresource = found.subresource
    this.namespace = found.namespace
    this.name = found.name
    this.decision = found.decision
    this.reason = found.reason
    this.credential = caller.credential
    this.session = caller.session
    this.issued = found.issued
    this.sources = found.sources
    this.code = found.code
    this.dryRun = found.dryRun
    this.userAgent = found.userAgent
    this.impersonator = impersonated ? { user: caller.user, groups: caller.groups } : undefined
    this.pod = caller.pod
    this.#file = found.file
    this.#line = found.line
    this.#bytes = found.bytes
    this.#from = found.from
    this.#to = found.to
    this.#id = found.id
    this.#idEnd = found.idEnd
    this.#uri = found.uri
    this.#uriEnd = found.uriEnd
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
    return { file: this.#file, line: this.#line }
  }

  began(time: number): void {
    if (time < this.#time) this.#time = time
  }

  detach(): number {
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
