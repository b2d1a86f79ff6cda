import type { Json } from '../../cluster/json.ts'
import type { Access } from '../record.ts'
import type { AuditEvent } from './event.ts'
import { readAudit, readPrefixed } from './reader.ts'

export interface Read {
  readonly events: readonly AuditEvent[]
  readonly accesses: readonly Access[]
  readonly unread: readonly string[]
  readonly leftOut: readonly string[]
}

/** What the readers say of values, or of lines of text that are no JSON, stages not joined. */
export function readAll(...values: readonly Json[]): Read {
  const events: AuditEvent[] = []
  const unread: string[] = []
  const leftOut: string[] = []
  const sink = {
    event: (event: AuditEvent) => events.push(event),
    unread: (why: string) => unread.push(why),
    leftOut: (what: string) => leftOut.push(what),
  }
  for (const value of values) {
    const place = { file: 'audit.log', line: 1 }
    if (typeof value !== 'string') readAudit(value, place, sink)
    else if (!readPrefixed(value, place, sink)) unread.push('not JSON')
  }
  return { events, accesses: events.map(({ access }) => access), unread, leftOut }
}

/** An event at level Metadata. */
export function nativeEvent(fields: Readonly<Record<string, Json>> = {}): Readonly<Record<string, Json>> {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'a',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/secrets/db',
    verb: 'get',
    user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
    sourceIPs: ['198.51.100.7'],
    userAgent: 'kubectl',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: '2026-05-01T10:00:00.123456Z',
    stageTimestamp: '2026-05-01T10:00:00.223456Z',
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    ...fields,
  }
}
