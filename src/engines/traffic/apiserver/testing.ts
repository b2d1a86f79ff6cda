import type { Access } from '../../../history/history.ts'

/** A request as a log tells of it; for tests. */
export function access(fields: Partial<Access> = {}): Access {
  const time = fields.time ?? Date.UTC(2026, 4, 1, 10)
  return {
    ...{ id: '', time, end: time + 100, user: 'system:serviceaccount:a:app', groups: [], verb: 'get' },
    ...{ resource: 'configmaps', group: '', subresource: '', namespace: 'a', name: '', path: '', query: '', waited: 0 },
    ...{ decision: 'allow', reason: '', credential: '', session: '', issued: '', sources: ['10.0.0.1'], code: 200 },
    ...{ dryRun: false, userAgent: 'app/1', place: { file: 'audit.log', line: 1 } },
    raw: () => '',
    ...fields,
  }
}
