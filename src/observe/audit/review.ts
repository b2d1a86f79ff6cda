import { at, field, type Json, string, strings } from '../../cluster/json.ts'
import type { Review } from '../record.ts'

const ACCESS_REVIEWS: ReadonlySet<string> = new Set([
  'subjectaccessreviews',
  'localsubjectaccessreviews',
  'selfsubjectaccessreviews',
])

export function isReview(group: string, resource: string): boolean {
  return (
    (group === 'authorization.k8s.io' && ACCESS_REVIEWS.has(resource)) ||
    (group === 'authentication.k8s.io' && resource === 'tokenreviews')
  )
}

/**
 * What was asked, and about whom. The token of a TokenReview is never kept; who it belongs to is in the answer only,
 * so that without one there is nothing to tell.
 */
export function decodeReview(
  resource: string,
  asker: { readonly user: string; readonly groups: readonly string[] },
  request: Json | undefined,
  response: Json | undefined,
): Review | undefined {
  if (resource === 'tokenreviews') {
    const status = field(response, 'status')
    const user = string(at(status, 'user', 'username'))
    if (user === undefined) return undefined
    const allowed = field(status, 'authenticated') === true
    return { ...NOTHING, user, groups: strings(at(status, 'user', 'groups')), allowed }
  }
  const spec = field(request, 'spec') ?? field(response, 'spec')
  const asked = field(spec, 'resourceAttributes')
  const path = field(spec, 'nonResourceAttributes')
  if (asked === undefined && path === undefined) return undefined
  const isOwn = resource === 'selfsubjectaccessreviews'
  const text = (value: Json | undefined, key: string): string => string(field(value, key)) ?? ''
  const allowed = at(response, 'status', 'allowed')
  return {
    user: isOwn ? asker.user : text(spec, 'user'),
    // v1beta1 has them as `group`.
    groups: isOwn ? asker.groups : strings(field(spec, 'groups') ?? field(spec, 'group')),
    verb: text(asked ?? path, 'verb'),
    resource: text(asked, 'resource'),
    group: text(asked, 'group'),
    subresource: text(asked, 'subresource'),
    namespace: text(asked, 'namespace'),
    name: text(asked, 'name'),
    path: text(path, 'path'),
    ...(typeof allowed === 'boolean' ? { allowed } : { allowed: true, unanswered: true as const }),
  }
}

const NOTHING = { verb: '', resource: '', group: '', subresource: '', namespace: '', name: '', path: '' }
