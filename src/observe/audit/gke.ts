import { field, isObject, type Json, type JsonObject, list, object, string } from '../../cluster/json.ts'
import type { Access, RecordPlace } from '../record.ts'
import { instant } from '../time.ts'
import { type AuditAccess, type AuditEvent, bodySize, ParsedAccess, rawText, type Told } from './event.ts'
import { codeOfStatus } from './grpc.ts'
import { parsedKey } from './key.ts'
import { type Target, targetOf } from './method.ts'
import { type Authorization, authorizationOf, expiryOf, groupsOf, textOf } from './native.ts'
import { authorizedName, bodyAsksDryRun, isTokenRequest } from './request.ts'
import { decodeReview, isReview } from './review.ts'
import type { AuditSource } from './source.ts'

/**
 * Cloud Audit Logs of GKE: log entries whose protoPayload is an AuditLog of `k8s.io`, as `gcloud logging read` prints them
 * and as sinks write them. They tell no groups, no credential and no request URI.
 */
export const GKE: AuditSource = {
  recognises: (value) => isObject(value.protoPayload) && isKubernetes(value.protoPayload),

  time: (value) => timeOf(value) ?? 0,

  read(entry, { place, sink }) {
    const payload = object(entry.protoPayload)
    const time = timeOf(entry)
    if (time === undefined) {
      sink.unread('an event without a time', place)
      return
    }
    const authentication = object(payload.authenticationInfo)
    const labels = authorizationOf(entry.labels)
    const { request, response } = payload
    const metadata = object(payload.requestMetadata)
    const operation = object(entry.operation)
    const target = targetOf(methodOf(entry), textOf(payload.resourceName) || resourceOf(entry))
    if (target === undefined) {
      sink.unread('a log entry of no method of Kubernetes', place)
      return
    }
    const said: Entry = {
      time,
      timestamp: `${entry.timestamp}`,
      target,
      asker: textOf(authentication.principalEmail),
      selected: textOf(authentication.authoritySelector),
      labels,
      granted: grantedOf(authorizationsOf(entry).map((each) => field(each, 'granted'))),
      code: codeOfStatus(payload.status),
      id: textOf(operation.id) || textOf(entry.insertId),
      isFirst: operation.first === true,
      isLast: operation.last === true,
      source: textOf(metadata.callerIp) || textOf(metadata.callerIP),
      agent: textOf(metadata.callerSuppliedUserAgent),
      log: textOf(entry.logName),
      level: levelOf(request !== undefined, response !== undefined),
      body: bodySize(request),
    }
    sink.event(eventOf(said, request, response, (told) => new ParsedAccess(told, () => rawEntry(entry)), place))
  },
}

/** What is read of an entry. */
export interface Entry {
  readonly time: number
  /** As it was written. */
  readonly timestamp: string
  readonly target: Target
  readonly asker: string
  /** Whom it was done as; empty where that is the same. */
  readonly selected: string
  readonly labels: Authorization
  /** By `authorizationInfo` alone. */
  readonly granted: Access['decision']
  readonly code: number
  readonly id: string
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly source: string
  readonly agent: string
  readonly log: string
  readonly level: string
  /** As `AuditEvent.body`. */
  readonly body: number
}

/** The event that an entry tells; `request` and `response` where they say something of it. */
export function eventOf(
  said: Entry,
  request: Json | undefined,
  response: Json | undefined,
  accessOf: (told: Told) => AuditAccess,
  place: RecordPlace,
): AuditEvent {
  const { time, id, asker, selected, code, labels, source } = said
  const { verb, group, resource, subresource, namespace, name, path } = said.target
  const user = selected === '' ? asker : selected
  const groups = groupsOf(undefined, user)
  const review =
    verb === 'create' && request !== undefined && isReview(group, resource)
      ? decodeReview(resource, { user, groups }, request, response)
      : undefined
  const access = accessOf({
    id,
    time,
    end: time,
    user,
    groups,
    verb,
    resource,
    group,
    subresource,
    namespace,
    name: authorizedName(verb, subresource, name, ''),
    path,
    query: '',
    waited: 0,
    decision: labels.decision === 'untold' ? decisionOf(said.granted, code) : labels.decision,
    reason: labels.reason,
    credential: '',
    session: '',
    issued: labels.issued,
    sources: source === '' ? [] : [source],
    code,
    dryRun: bodyAsksDryRun(verb, subresource, request),
    userAgent: said.agent,
    place,
    impersonator:
      selected !== '' && asker !== '' && selected !== asker
        ? { user: asker, groups: groupsOf(undefined, asker) }
        : undefined,
    review,
    issuedUntil: isTokenRequest(verb, resource, subresource) ? expiryOf(response) : undefined,
  })
  // The entries of a request that lasts have a time each; one alone is told from its like by its time.
  const isJoined = said.isFirst !== said.isLast
  return {
    stage: isJoined && said.isFirst ? 'started' : 'done',
    level: said.level,
    form: isRead(said.log, verb) ? 'gke-data-access' : 'gke-activity',
    ...parsedKey(
      id,
      isJoined ? user : `${user} ${toMicrosecond(said.timestamp)}`,
      verb,
      namespace,
      `${group}/${resource}/${subresource}`,
      name,
    ),
    body: said.body,
    access,
  }
}

const DOT = 'YYYY-MM-DDTHH:MM:SS'.length
const MICROSECOND = DOT + '.123456'.length

/** The same for all ways of writing one time: BigQuery keeps microseconds, and zeros at the end may be left out. */
function toMicrosecond(timestamp: string): string {
  let end = timestamp.length - 1
  if (timestamp.charCodeAt(DOT) !== 0x2e || timestamp.charCodeAt(end) !== 0x5a) return timestamp
  if (end > MICROSECOND) end = MICROSECOND
  while (timestamp.charCodeAt(end - 1) === 0x30) end--
  return timestamp.slice(0, end === DOT + 1 ? DOT : end)
}

export function levelOf(hasRequest: boolean, hasResponse: boolean): string {
  return hasRequest ? (hasResponse ? 'RequestResponse' : 'Request') : 'Metadata'
}

export function rawEntry(entry: JsonObject): string {
  return rawText({ ...entry, protoPayload: withoutBodies(object(entry.protoPayload)) })
}

function withoutBodies({ request: _, response: __, ...rest }: JsonObject): JsonObject {
  return rest
}

function isKubernetes(payload: JsonObject): boolean {
  const service = string(payload.serviceName)
  if (service !== undefined) return service === 'k8s.io'
  const method = string(payload.methodName)
  return method?.startsWith('io.k8s.') === true
}

/** Older entries have the permission only, beside or inside of the payload. */
function methodOf(entry: JsonObject): string {
  const method = textOf(field(entry.protoPayload, 'methodName'))
  return method === '' ? textOf(field(authorizationsOf(entry)[0], 'permission')) : method
}

function resourceOf(entry: JsonObject): string {
  return textOf(field(authorizationsOf(entry)[0], 'resource'))
}

function authorizationsOf(entry: JsonObject): readonly Json[] {
  return list(field(entry.protoPayload, 'authorizationInfo') ?? entry.authorizationInfo)
}

/**
 * A denial is a denial wherever it shows: as `granted: false`, or as the status PERMISSION_DENIED. Entries leave out what
 * is false, so that one without `granted` was granted only where it was answered.
 */
function decisionOf(granted: Access['decision'], code: number): Access['decision'] {
  return code === 403 ? 'forbid' : granted
}

function grantedOf(granted: readonly (Json | undefined)[]): Access['decision'] {
  if (granted.includes(false)) return 'forbid'
  return granted.length > 0 && granted.every((each) => each === true) ? 'allow' : 'untold'
}

function isRead(log: string, verb: string): boolean {
  if (log.endsWith('data_access')) return true
  if (log.endsWith('activity')) return false
  return verb === 'get' || verb === 'list' || verb === 'watch'
}

function timeOf(entry: JsonObject): number | undefined {
  return instant(entry.timestamp) ?? instant(field(entry.protoPayload, 'timestamp')) ?? instant(entry.receiveTimestamp)
}
