import type { Access } from '../../../history/history.ts'

export const START = Date.parse('2026-11-02T08:00:00Z')
export const MINUTE = 60_000
let ids = 0
/** That somebody lists pods, so many minutes after the start. */
export function access(user: string, minutes: number, more: Partial<Access> = {}): Access {
  const time = START + minutes * MINUTE
  return {
    id: `id-${ids++}`,
    time,
    end: time,
    user,
    groups: ['system:authenticated'],
    verb: 'list',
    resource: 'pods',
    group: '',
    subresource: '',
    namespace: 'shop',
    name: '',
    path: '/api/v1/namespaces/shop/pods',
    query: '',
    waited: 0,
    decision: 'allow',
    reason: '',
    credential: '',
    session: '',
    issued: '',
    sources: ['198.51.100.7'],
    code: 200,
    dryRun: false,
    userAgent: 'kubectl/v1.36.0 (darwin/arm64)',
    place: { file: 'audit.log', line: ids },
    raw: () => '',
    ...more,
  }
}
