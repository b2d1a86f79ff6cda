import { closeSync, openSync, writeSync } from 'node:fs'
import type { AuditJson } from './events.ts'

export type Form = 'v1' | 'eks' | 'gke' | 'aks'

/** Writes a log in one of the forms in which clusters hand it out; what a form cannot tell is left out, as by its cloud. */
export function writeAudit(path: string, form: Form, events: Iterable<AuditJson>): void {
  const file = openSync(path, 'w')
  let buffer = ''
  for (const line of linesOf(form, events)) {
    buffer += `${line}\n`
    if (buffer.length < 1 << 20) continue
    writeSync(file, buffer)
    buffer = ''
  }
  writeSync(file, buffer)
  closeSync(file)
}

const BATCH = 50

export function* linesOf(form: Form, events: Iterable<AuditJson>): Generator<string> {
  if (form !== 'eks') {
    const make = { v1: goJson, gke: gkeLine, aks: aksLine }[form]
    for (const event of events) {
      const line = make(event)
      if (line !== undefined) yield line
    }
    return
  }
  let batch: AuditJson[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < BATCH) continue
    yield eksLine(batch)
    batch = []
  }
  if (batch.length > 0) yield eksLine(batch)
}

/** encoding/json writes these three as escapes. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[&<>]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
}

/** What a subscription of the log group delivers. */
function eksLine(events: readonly AuditJson[]): string {
  return JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/aws/eks/bench/cluster',
    logStream: 'kube-apiserver-audit-0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    subscriptionFilters: ['audit'],
    logEvents: events.map((event) => ({
      id: event.auditID.replaceAll('-', ''),
      timestamp: Date.parse(event.stageTimestamp),
      message: goJson(event),
    })),
  })
}

/** As storage accounts and event hubs have it. */
function aksLine(event: AuditJson): string {
  return JSON.stringify({
    time: event.stageTimestamp,
    category: 'kube-audit',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    resourceId: '/SUBSCRIPTIONS/0/RESOURCEGROUPS/BENCH/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/BENCH',
    properties: { log: `${goJson(event)}\n`, stream: 'stdout', pod: 'kube-apiserver-6d4cf56db6-bcdf4' },
  })
}

const GRPC: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 409: 6 }

/** A path has no entry; a request that lasts has two, which its operation joins. */
function gkeLine(event: AuditJson): string | undefined {
  const { objectRef: ref, verb, stage, user, impersonatedUser, annotations = {}, responseStatus } = event
  if (!ref) return undefined
  const group = ref.apiGroup ?? ''
  const service = group === '' ? 'core' : group
  const method =
    group === '' ? 'io.k8s.core' : group.includes('.') ? group.split('.').reverse().join('.') : `io.k8s.${group}`
  const parts = [ref.resource, ...(ref.subresource === undefined ? [] : [ref.subresource])]
  const resourceName = [
    service,
    ref.apiVersion,
    ...(ref.namespace === undefined ? [] : ['namespaces', ref.namespace]),
    ref.resource,
    ...(ref.name === undefined ? [] : [ref.name]),
    ...(ref.subresource === undefined ? [] : [ref.subresource]),
  ].join('/')
  const isRead = verb === 'get' || verb === 'list' || verb === 'watch'
  const isLong = verb === 'watch'
  const code = (responseStatus?.code as number | undefined) ?? 0
  const isGranted = annotations['authorization.k8s.io/decision'] !== 'forbid'
  const methodName = `${method}.${ref.apiVersion}.${parts.join('.')}.${verb}`
  return JSON.stringify({
    insertId: isLong && stage === 'ResponseComplete' ? `${event.auditID}-last` : event.auditID,
    labels: annotations,
    logName: `projects/bench/logs/cloudaudit.googleapis.com%2F${isRead ? 'data_access' : 'activity'}`,
    operation: {
      id: event.auditID,
      producer: 'k8s.io',
      ...(isLong && stage === 'ResponseComplete' ? {} : { first: true }),
      ...(isLong && stage === 'ResponseStarted' ? {} : { last: true }),
    },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: {
        principalEmail: user.username,
        ...(impersonatedUser ? { authoritySelector: impersonatedUser.username } : {}),
      },
      authorizationInfo: [{ ...(isGranted ? { granted: true } : {}), permission: methodName, resource: resourceName }],
      methodName,
      requestMetadata: { callerIp: event.sourceIPs.at(-1), callerSuppliedUserAgent: event.userAgent },
      resourceName,
      serviceName: 'k8s.io',
      status: code < 400 ? { code: 0 } : { code: GRPC[code] ?? 2, message: String(responseStatus?.message ?? '') },
    },
    receiveTimestamp: event.stageTimestamp,
    resource: {
      labels: { cluster_name: 'bench', location: 'europe-west1', project_id: 'bench' },
      type: 'k8s_cluster',
    },
    timestamp: stage === 'ResponseComplete' && isLong ? event.stageTimestamp : event.requestReceivedTimestamp,
  })
}
