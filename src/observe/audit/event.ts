import type { Json, JsonObject } from '../../cluster/json.ts'
import { type Access, itemWithin, RAW_CHARACTERS, type RecordPlace, type Review } from '../record.ts'
import type { AuditForm } from './form.ts'

export type Stage = 'received' | 'started' | 'done'

/** One event of an audit log: a request at one of its stages. */
export interface AuditEvent {
  readonly stage: Stage
  readonly level: string
  readonly form: AuditForm
  /** What joins the stages of a request and tells a copy (key.ts). */
  readonly high: number
  readonly low: number
  /** How many objects and arrays the body of the request is made of; 0 where none was recorded. */
  readonly body: number
  readonly access: AuditAccess
}

export interface AuditAccess extends Access {
  /** Some forms give only the time of the stage: the first one tells when the request came. */
  began(time: number): void
  /** Lets go of the record but for what `raw` shows; how many characters are held from then on. */
  detach(): number
  /** It is one of several of its line, or stands in one of them (`RecordPlace.item`); from the innermost out. */
  within(item: string): void
}

/** All that an `Access` tells. */
export type Told = Omit<Access, 'raw'>

/** Of a record that was parsed. */
export class ParsedAccess implements AuditAccess {
  readonly id: string
  readonly end: number
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly query: string
  readonly waited: number
  readonly decision: Access['decision']
  readonly reason: string
  readonly credential: string
  readonly session: string
  readonly issued: string
  readonly sources: readonly string[]
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
  place: RecordPlace
  readonly impersonator?: NonNullable<Access['impersonator']> | undefined
  readonly pod?: NonNullable<Access['pod']> | undefined
  readonly review?: Review | undefined
  readonly issuedUntil?: number | undefined
  #time: number
  #raw: string | (() => string)

  /** `raw` holds the record until it is told or `detach`ed. */
  constructor(told: Told, raw: () => string) {
    this.id = told.id
    this.#time = told.time
    this.end = told.end
    this.user = told.user
    this.groups = told.groups
    this.verb = told.verb
    this.resource = told.resource
    this.group = told.group
    this.subresource = told.subresource
    this.namespace = told.namespace
    this.name = told.name
    this.path = told.path
    this.query = told.query
    this.waited = told.waited
    this.decision = told.decision
    this.reason = told.reason
    this.credential = told.credential
    this.session = told.session
    this.issued = told.issued
    this.sources = told.sources
    this.code = told.code
    this.dryRun = told.dryRun
    this.userAgent = told.userAgent
    this.place = told.place
    this.impersonator = told.impersonator
    this.pod = told.pod
    this.review = told.review
    this.issuedUntil = told.issuedUntil
    this.#raw = raw
  }

  get time(): number {
    return this.#time
  }

  began(time: number): void {
    if (time < this.#time) this.#time = time
  }

  detach(): number {
    this.#raw = this.raw()
    return this.#raw.length
  }

  within(item: string): void {
    this.place = itemWithin(this.place, item)
  }

  raw(): string {
    return typeof this.#raw === 'string' ? this.#raw : this.#raw()
  }
}

/** Empty where it is nested deeper than can be written. */
export function rawText(record: Json): string {
  try {
    return JSON.stringify(record).slice(0, RAW_CHARACTERS)
  } catch {
    return ''
  }
}

/** Counts what `AuditEvent.body` counts. */
export function bodySize(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 0
  const open: Json[] = [value]
  let count = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    count++
    for (const each of Object.values(next as object) as Json[])
      if (typeof each === 'object' && each !== null) open.push(each)
  }
  return count
}

export function withoutBodies({ requestObject: _, responseObject: __, ...rest }: JsonObject): JsonObject {
  return rest
}
