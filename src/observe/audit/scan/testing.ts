import type { AuditEvent } from '../event.ts'
import type { AuditSink } from '../sink.ts'

/** What a sink was told, in all that can be asked of it. */
export interface Heard extends AuditSink {
  readonly told: object[]
}

export function heard(): Heard {
  const told: object[] = []
  return {
    told,
    event: ({ access, body, ...rest }: AuditEvent) => {
      const { id, path, query, waited, place, time, impersonator, pod, review, issuedUntil } = access
      const { user, groups, end, verb, resource, group, subresource, namespace, name, decision, reason } = access
      const { credential, session, issued, sources, code, dryRun, userAgent } = access
      const who = { id, user, groups: [...groups], impersonator, pod, credential, session, sources: [...sources] }
      const what = { verb, resource, group, subresource, namespace, name, path, query, review }
      const how = { time, end, waited, decision, reason, issued, issuedUntil, code, dryRun, userAgent, place }
      told.push({ ...rest, ...who, ...what, ...how, raw: access.raw() })
    },
    unread: (why, place) => told.push({ why, place }),
    leftOut: (what, time) => told.push({ what, time }),
  }
}
