import { field, type Json, type JsonObject, list, object, string, strings } from '../../cluster/json.ts'
import { type Access, RAW_CHARACTERS, type RecordPlace, type Review } from '../record.ts'
import { instant } from '../time.ts'
import { asksDryRun, authorizedName, pathOf } from './request.ts'
import { decodeReview, isReview } from './review.ts'

export type Stage = 'received' | 'started' | 'done'

/** One event of an audit log: a request at one of its stages. */
export interface AuditEvent {
  readonly stage: Stage
  readonly level: string
  readonly access: Access
  /** Characters that are held in memory as long as `access` is. */
  readonly size: number
}

/**
 * Whether a JSON value is an event of an audit log. Those of 2018 may have no apiVersion; core Events have no auditID.
 */
export function isAuditEvent(value: Json): value is JsonObject {
  const event = value as { auditID?: unknown; verb?: unknown }
  return (
    typeof value === 'object' && value !== null && typeof event.auditID === 'string' && typeof event.verb === 'string'
  )
}

/**
 * The members of an EventList (one POST of the webhook backend), or the value itself. They may leave out what the list
 * says of them.
 */
export function auditEvents(value: Json): readonly Json[] {
  if (isAuditEvent(value)) return [value]
  const items = field(value, 'items')
  return Array.isArray(items) && string(field(value, 'kind')) !== 'Event' ? (items as readonly Json[]) : [value]
}

const POD_NAME = 'authentication.kubernetes.io/pod-name'
const POD_UID = 'authentication.kubernetes.io/pod-uid'
const NODE_NAME = 'authentication.kubernetes.io/node-name'
const CREDENTIAL = 'authentication.kubernetes.io/credential-id'
const ISSUED = 'authentication.kubernetes.io/issued-credential-id'
const SERVICE_ACCOUNT = 'system:serviceaccount:'
const NO_GROUPS: readonly string[] = Object.freeze([])

/**
 * Reads fields by their names, none of which any object inherits; every value may be of any type.
 * Undefined for what is no audit event, or has no time.
 */
export function decodeAuditEvent(value: Json, text: string, place: RecordPlace): AuditEvent | undefined {
  if (!isAuditEvent(value)) return undefined
  const staged = instant(value.stageTimestamp)
  // `timestamp` was the time of the request, in all of its stages, before it had two.
  const time = instant(value.requestReceivedTimestamp) ?? instant(value.timestamp) ?? staged
  if (time === undefined) return undefined
  const ref = object(value.objectRef)
  const annotations = object(value.annotations)
  const verb = value.verb as string
  const group = textOf(ref.apiGroup)
  const resource = textOf(ref.resource)
  const subresource = textOf(ref.subresource)
  const uri = textOf(value.requestURI)
  const caller = object(value.user)
  const impersonated = value.impersonatedUser
  const actor = isUser(impersonated) ? impersonated : caller
  const user = textOf(actor.username)
  const groups = groupsOf(actor, user)
  const pod = podOf(caller.extra)
  const code = object(value.responseStatus).code
  const decision = annotations['authorization.k8s.io/decision']
  const access = new AuditAccess(
    {
      id: value.auditID as string,
      time,
      end: Math.max(time, staged ?? time),
      user,
      groups,
      verb,
      resource,
      group,
      subresource,
      namespace: textOf(ref.namespace),
      name: authorizedName(verb, subresource, textOf(ref.name), uri),
      path: pathOf(uri),
      decision: decision === 'allow' || decision === 'forbid' ? decision : 'untold',
      reason: textOf(annotations['authorization.k8s.io/reason']),
      credential: credentialOf(caller.extra),
      session: sessionOf(caller.extra),
      issued: textOf(annotations[ISSUED]),
      sources: textsOf(value.sourceIPs),
      code: typeof code === 'number' ? code : 0,
      dryRun: asksDryRun(uri) || bodyAsksDryRun(value.requestObject),
      userAgent: textOf(value.userAgent),
      place,
    },
    text,
  )
  if (actor !== caller) {
    const asker = textOf(caller.username)
    access.impersonator = { user: asker, groups: groupsOf(caller, asker) }
  }
  if (pod) access.pod = pod
  if (verb === 'create' && value.requestObject !== undefined && isReview(group, resource)) {
    const review = decodeReview(resource, access, value.requestObject, value.responseObject)
    if (review) access.review = review
  }
  return { stage: stageOf(value.stage), level: textOf(value.level), access, size: text.length }
}

type Told = Omit<Access, 'impersonator' | 'pod' | 'review' | 'raw'>

/** Holds the text of its event: whoever keeps many of these keeps the log. */
class AuditAccess implements Access {
  readonly id: string
  readonly time: number
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
  readonly decision: Access['decision']
  readonly reason: string
  readonly credential: string
  readonly session: string
  readonly issued: string
  readonly sources: readonly string[]
  readonly code: number
  readonly dryRun: boolean
  readonly userAgent: string
  readonly place: RecordPlace
  declare impersonator?: NonNullable<Access['impersonator']>
  declare pod?: NonNullable<Access['pod']>
  declare review?: Review
  readonly #text: string

  constructor(told: Told, text: string) {
    this.id = told.id
    this.time = told.time
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
    this.#text = text
  }

  raw(): string {
    return withoutBodies(this.#text, this.id)
  }
}

/** Of a list, its event `id`. Empty where what is left is nested deeper than can be written. */
function withoutBodies(text: string, id: string): string {
  const value = JSON.parse(text) as Json
  const event = auditEvents(value).find((each) => field(each, 'auditID') === id)
  const { requestObject: _, responseObject: __, ...rest } = object(event)
  try {
    return JSON.stringify(rest).slice(0, RAW_CHARACTERS)
  } catch {
    return ''
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isUser(value: Json | undefined): value is JsonObject {
  const user = value as { username?: unknown } | null | undefined
  return typeof user === 'object' && user !== null && typeof user.username === 'string' && user.username !== ''
}

/** A log that was stripped of groups leaves those that every token of a service account carries. */
function groupsOf(user: JsonObject, name: string): readonly string[] {
  const groups = user.groups
  if (Array.isArray(groups)) return groups.every((each) => typeof each === 'string') ? groups : strings(groups)
  if (!name.startsWith(SERVICE_ACCOUNT)) return NO_GROUPS
  const namespace = name.slice(SERVICE_ACCOUNT.length, name.lastIndexOf(':'))
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

const NO_SOURCES: readonly string[] = Object.freeze([])

function textsOf(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return NO_SOURCES
  return value.every((each) => typeof each === 'string') ? value : strings(value)
}

/** EKS has the access key where others have a credential-id (kubernetes-sigs/aws-iam-authenticator pkg/server/server.go). */
function credentialOf(extra: Json | undefined): string {
  const told = object(extra)
  const id = first(told[CREDENTIAL])
  if (id !== '') return id
  const key = first(told.accessKeyId)
  return key === '' ? '' : `AKID=${key}`
}

function sessionOf(extra: Json | undefined): string {
  const told = object(extra)
  return first(told.sessionName) || first(told.arn)
}

function podOf(extra: Json | undefined): NonNullable<Access['pod']> | undefined {
  const told = object(extra)
  const name = first(told[POD_NAME])
  if (name === '') return undefined
  return { name, uid: first(told[POD_UID]), node: first(told[NODE_NAME]) }
}

function first(values: Json | undefined): string {
  return Array.isArray(values) ? textOf(values[0]) : ''
}

/** DeleteOptions are the body of a `delete`, and part of that of an eviction. */
function bodyAsksDryRun(body: Json | undefined): boolean {
  if (body === undefined || body === null) return false
  const kind = field(body, 'kind')
  const options = kind === 'DeleteOptions' ? body : kind === 'Eviction' ? field(body, 'deleteOptions') : undefined
  return list(field(options, 'dryRun')).includes('All')
}

function stageOf(stage: Json | undefined): Stage {
  return stage === 'RequestReceived' ? 'received' : stage === 'ResponseStarted' ? 'started' : 'done'
}
