import { at, field, type Json, type JsonObject, object, strings } from '../../cluster/json.ts'
import type { Access, RecordPlace } from '../record.ts'
import { instant } from '../time.ts'
import { type AuditEvent, bodySize, ParsedAccess, rawText, type Stage, withoutBodies } from './event.ts'
import type { AuditForm } from './form.ts'
import { parsedKey } from './key.ts'
import { asksDryRun, authorizedName, bodyAsksDryRun, isTokenRequest, pathOf, queryOf } from './request.ts'
import { decodeReview, isReview } from './review.ts'
import { waitedOf } from './waited.ts'

/**
 * Whether a JSON value is an event of an audit log. Those of 2018 may have no apiVersion; core Events have neither a verb
 * nor an auditID; what was cut down for an example may have no auditID.
 */
export function isAuditEvent(value: Json | undefined): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false
  const event = value as {
    auditID?: unknown
    verb?: unknown
    kind?: unknown
    objectRef?: unknown
    requestURI?: unknown
  }
  if (typeof event.verb !== 'string') return false
  if (typeof event.auditID === 'string') return true
  return event.kind === 'Event' && (event.objectRef !== undefined || event.requestURI !== undefined)
}

const POD_NAME = 'authentication.kubernetes.io/pod-name'
const POD_UID = 'authentication.kubernetes.io/pod-uid'
const NODE_NAME = 'authentication.kubernetes.io/node-name'
const CREDENTIAL = 'authentication.kubernetes.io/credential-id'
const ISSUED = 'authentication.kubernetes.io/issued-credential-id'
const DECISION = 'authorization.k8s.io/decision'
const REASON = 'authorization.k8s.io/reason'
const SERVICE_ACCOUNT = 'system:serviceaccount:'
const NO_TEXTS: readonly string[] = Object.freeze([])

/** What carries an event tells of it. */
export interface Envelope {
  readonly form: AuditForm
  /** When the event has no time of its own. */
  readonly time?: number | undefined
}

export const NATIVE: Envelope = { form: 'native' }

/**
 * Reads fields by their names, none of which any object inherits; every value may be of any type.
 * Undefined for what is no audit event, or has no time.
 */
export function decodeAuditEvent(value: Json, place: RecordPlace, envelope: Envelope = NATIVE): AuditEvent | undefined {
  if (!isAuditEvent(value)) return undefined
  const staged = instant(value.stageTimestamp)
  // `timestamp` was the time of the request, in all of its stages, before it had two.
  const began = value.requestReceivedTimestamp ?? value.timestamp
  const time = instant(began) ?? staged ?? envelope.time
  if (time === undefined) return undefined
  const ref = object(value.objectRef)
  const verb = value.verb as string
  const group = textOf(ref.apiGroup)
  const resource = textOf(ref.resource)
  const subresource = textOf(ref.subresource)
  const namespace = textOf(ref.namespace)
  const name = textOf(ref.name)
  const uri = textOf(value.requestURI)
  const caller = callerOf(value.user)
  const impersonated = isUser(value.impersonatedUser) ? callerOf(value.impersonatedUser) : undefined
  const { user, groups } = impersonated ?? caller
  const granted = authorizationOf(value.annotations)
  const asked = value.requestObject
  const review =
    verb === 'create' && asked !== undefined && isReview(group, resource)
      ? decodeReview(resource, { user, groups }, asked, value.responseObject)
      : undefined
  const id = textOf(value.auditID)
  const access = new ParsedAccess(
    {
      id,
      time,
      end: Math.max(time, staged ?? time),
      user,
      groups,
      verb,
      resource,
      group,
      subresource,
      namespace,
      name: authorizedName(verb, subresource, name, uri),
      path: pathOf(uri),
      query: queryOf(uri),
      waited: waitedOf(value.annotations),
      decision: granted.decision,
      reason: granted.reason,
      credential: caller.credential,
      session: caller.session,
      issued: granted.issued,
      sources: textsOf(value.sourceIPs),
      code: codeOf(value.responseStatus),
      dryRun: asksDryRun(uri) || bodyAsksDryRun(verb, subresource, asked),
      userAgent: textOf(value.userAgent),
      place,
      impersonator: impersonated ? { user: caller.user, groups: caller.groups } : undefined,
      pod: caller.pod,
      review,
      issuedUntil: isTokenRequest(verb, resource, subresource) ? expiryOf(value.responseObject) : undefined,
    },
    () => rawText(withoutBodies(value)),
  )
  return {
    stage: stageOf(value.stage),
    level: textOf(value.level),
    form: envelope.form,
    ...parsedKey(id, textOf(began), verb, namespace, resource, name),
    body: bodySize(asked),
    access,
  }
}

/** What an event tells of a user, whether it asks or is impersonated. */
export interface Caller {
  readonly user: string
  readonly groups: readonly string[]
  readonly credential: string
  readonly session: string
  readonly pod: Access['pod']
}

export function callerOf(value: Json | undefined): Caller {
  const caller = object(value)
  const user = textOf(caller.username)
  const groups = groupsOf(caller.groups, user)
  const extra = object(caller.extra)
  return { user, groups, credential: credentialOf(extra), session: sessionOf(extra), pod: podOf(extra) }
}

export interface Authorization {
  readonly decision: Access['decision']
  readonly reason: string
  readonly issued: string
}

/** Of the annotations of an event, or of what a form keeps of them. */
export function authorizationOf(value: Json | undefined): Authorization {
  const annotations = object(value)
  const decision = annotations[DECISION]
  return {
    decision: decision === 'allow' || decision === 'forbid' ? decision : 'untold',
    reason: textOf(annotations[REASON]),
    issued: textOf(annotations[ISSUED]),
  }
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function textsOf(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return NO_TEXTS
  return value.every((each) => typeof each === 'string') ? value : strings(value)
}

export function codeOf(status: Json | undefined): number {
  const code = field(status, 'code')
  return typeof code === 'number' ? code : 0
}

/** Of the TokenRequest that the server answered with (authentication.k8s.io/v1). */
export function expiryOf(answer: Json | undefined): number | undefined {
  return instant(at(answer, 'status', 'expirationTimestamp'))
}

export function stageOf(stage: Json | undefined): Stage {
  return stage === 'RequestReceived' ? 'received' : stage === 'ResponseStarted' ? 'started' : 'done'
}

function isUser(value: Json | undefined): boolean {
  const name = field(value, 'username')
  return typeof name === 'string' && name !== ''
}

/** A log that was stripped of groups leaves those that every token of a service account carries. */
export function groupsOf(groups: Json | undefined, name: string): readonly string[] {
  if (Array.isArray(groups)) return textsOf(groups)
  if (!name.startsWith(SERVICE_ACCOUNT)) return NO_TEXTS
  const namespace = name.slice(SERVICE_ACCOUNT.length, name.lastIndexOf(':'))
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

/** EKS has the access key where others have a credential-id (kubernetes-sigs/aws-iam-authenticator pkg/server/server.go). */
function credentialOf(extra: JsonObject): string {
  const id = first(extra[CREDENTIAL])
  if (id !== '') return id
  const key = first(extra.accessKeyId)
  return key === '' ? '' : `AKID=${key}`
}

function sessionOf(extra: JsonObject): string {
  return first(extra.sessionName) || first(extra.arn)
}

function podOf(extra: JsonObject): Access['pod'] | undefined {
  const name = first(extra[POD_NAME])
  if (name === '') return undefined
  return { name, uid: first(extra[POD_UID]), node: first(extra[NODE_NAME]) }
}

function first(values: Json | undefined): string {
  return Array.isArray(values) ? textOf(values[0]) : ''
}
