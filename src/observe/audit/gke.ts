import { field, isObject, type Json, type JsonObject, list, object, string } from '../../cluster/json.ts'
import type { Access } from '../record.ts'
import { instant } from '../time.ts'
import { bodySize, ParsedAccess, rawText } from './event.ts'
import { codeOfStatus } from './grpc.ts'
import { parsedKey } from './key.ts'
import { targetOf } from './method.ts'
import { authorizationOf, expiryOf, groupsOf, textOf } from './native.ts'
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
    const target = targetOf(methodOf(entry), textOf(payload.resourceName) || resourceOf(entry))
    if (target === undefined) {
      sink.unread('a log entry of no method of Kubernetes', place)
      return
    }
    const { verb, group, resource, subresource, namespace, name, path } = target
    const authentication = object(payload.authenticationInfo)
    const asker = textOf(authentication.principalEmail)
    const selected = textOf(authentication.authoritySelector)
    const user = selected === '' ? asker : selected
    const groups = groupsOf(undefined, user)
    const granted = authorizationOf(entry.labels)
    const request = payload.request
    const review =
      verb === 'create' && request !== undefined && isReview(group, resource)
        ? decodeReview(resource, { user, groups }, request, payload.response)
        : undefined
    const metadata = object(payload.requestMetadata)
    const source = textOf(metadata.callerIp) || textOf(metadata.callerIP)
    const code = codeOfStatus(payload.status)
    const operation = object(entry.operation)
    const id = textOf(operation.id) || textOf(entry.insertId)
    const isFirst = operation.first === true
    const isLast = operation.last === true
    const access = new ParsedAccess(
      {
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
        decision: granted.decision === 'untold' ? decisionOf(entry, code) : granted.decision,
        reason: granted.reason,
        credential: '',
        session: '',
        issued: granted.issued,
        sources: source === '' ? [] : [source],
        code,
        dryRun: bodyAsksDryRun(verb, subresource, request),
        userAgent: textOf(metadata.callerSuppliedUserAgent),
        place,
        impersonator:
          selected !== '' && asker !== '' && selected !== asker
            ? { user: asker, groups: groupsOf(undefined, asker) }
            : undefined,
        review,
        issuedUntil: isTokenRequest(verb, resource, subresource) ? expiryOf(payload.response) : undefined,
      },
      () => rawText({ ...entry, protoPayload: withoutBodies(payload) }),
    )
    // The entries of a request that lasts have a time each; one alone is told from its like by its time.
    const isJoined = isFirst !== isLast
    sink.event({
      stage: isJoined && isFirst ? 'started' : 'done',
      level: request === undefined ? 'Metadata' : payload.response === undefined ? 'Request' : 'RequestResponse',
      form: isRead(entry, verb) ? 'gke-data-access' : 'gke-activity',
      ...parsedKey(
        id,
        isJoined ? user : `${user} ${entry.timestamp}`,
        verb,
        namespace,
        `${group}/${resource}/${subresource}`,
        name,
      ),
      body: bodySize(request),
      access,
    })
  },
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
function decisionOf(entry: JsonObject, code: number): Access['decision'] {
  if (code === 403) return 'forbid'
  const granted = authorizationsOf(entry).map((each) => field(each, 'granted'))
  if (granted.includes(false)) return 'forbid'
  return granted.length > 0 && granted.every((each) => each === true) ? 'allow' : 'untold'
}

function isRead(entry: JsonObject, verb: string): boolean {
  const log = textOf(entry.logName)
  if (log.endsWith('data_access')) return true
  if (log.endsWith('activity')) return false
  return verb === 'get' || verb === 'list' || verb === 'watch'
}

function timeOf(entry: JsonObject): number | undefined {
  return instant(entry.timestamp) ?? instant(field(entry.protoPayload, 'timestamp')) ?? instant(entry.receiveTimestamp)
}
