// Recorded requests, made again as whoever made them: all that counts is whether the authorizer lets them through.

import type { AuditJson } from '../../bench/audit/events.ts'
import type { Request } from '../../src/authz/rules.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import type { JsonObject } from '../../src/cluster/json.ts'
import type { Api, Method } from '../policy/api.ts'
import { as } from './held.ts'

const METHODS: Readonly<Record<string, Method>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

export interface Recorded {
  readonly requester: Requester
  readonly event: AuditJson
  readonly allowed: boolean
}

/** What differs to the authorizer, once each. */
export function recorded(events: Iterable<AuditJson>): readonly Recorded[] {
  const found = new Map<string, Recorded>()
  for (const event of events) {
    const { username, groups = [] } = event.impersonatedUser ?? event.user
    const allowed = event.annotations?.['authorization.k8s.io/decision'] === 'allow'
    const path = event.requestURI.replace(/\?.*/, '')
    const key = JSON.stringify([username, groups, event.verb, path, event.objectRef?.name, allowed])
    if (!found.has(key)) found.set(key, { requester: { user: username, groups }, event, allowed })
  }
  return [...found.values()]
}

/** False: 403. Nothing is stored, and no watch begins: its version is none, which is seen after the authorizer has been asked. */
export async function isLetThrough(api: Api, { requester, event }: Recorded): Promise<boolean> {
  const url = new URL(event.requestURI, 'https://e2e')
  const method = METHODS[event.verb] ?? 'GET'
  if (method !== 'GET') url.searchParams.set('dryRun', 'All')
  if (url.searchParams.has('watch')) url.searchParams.set('resourceVersion', 'none')
  const body: JsonObject | undefined = method === 'GET' ? undefined : {}
  const { code, body: answer } = await api.request(method, `${url.pathname}${url.search}`, body, {
    headers: as(requester),
    ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
  })
  const isNoVersion = event.verb === 'watch' && code === 500
  if (code === 401 || code === 429 || (code >= 500 && !isNoVersion))
    throw new Error(`${event.verb} ${event.requestURI}: ${code} ${JSON.stringify(answer)}`)
  return code !== 403
}

/** As the authorizer saw it. */
export function requestOf({ verb, objectRef, requestURI }: AuditJson): Request {
  if (!objectRef) return { verb, path: requestURI.replace(/\?.*/, '') }
  const { apiGroup = '', resource = '', subresource = '', namespace = '', name = '' } = objectRef
  const isNamed = (verb !== 'create' || subresource !== '') && verb !== 'deletecollection'
  return { verb, group: apiGroup, resource, subresource, namespace, name: isNamed ? name : '' }
}
