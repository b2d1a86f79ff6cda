import { field, type Json, list } from '../../cluster/json.ts'

/** What the request line and the body say beside objectRef (apiserver/pkg/endpoints/request/requestinfo.go). */

export function pathOf(requestURI: string): string {
  const query = requestURI.indexOf('?')
  return query < 0 ? requestURI : requestURI.slice(0, query)
}

/** What `pathOf` leaves. */
export function queryOf(requestURI: string): string {
  const query = requestURI.indexOf('?')
  return query < 0 ? '' : requestURI.slice(query + 1)
}

function parameter(requestURI: string, key: string): string | undefined {
  const query = requestURI.indexOf('?')
  if (query < 0 || !requestURI.includes(key, query)) return undefined
  return new URLSearchParams(requestURI.slice(query + 1)).get(key) ?? undefined
}

/** Any value of `dryRun` but `All` is refused. */
export function asksDryRun(requestURI: string): boolean {
  return requestURI.includes('dryRun') && parameter(requestURI, 'dryRun') === 'All'
}

/** DeleteOptions are the body of a `delete`, and part of that of an eviction. */
export function bodyAsksDryRun(verb: string, subresource: string, body: Json | undefined): boolean {
  if (body === undefined || body === null || !mayAskInBody(verb, subresource)) return false
  const options = verb === 'create' ? field(body, 'deleteOptions') : body
  return list(field(options, 'dryRun')).includes('All')
}

export function mayAskInBody(verb: string, subresource: string): boolean {
  return verb === 'delete' || verb === 'deletecollection' || (verb === 'create' && subresource === 'eviction')
}

/** A TokenRequest: its answer says until when the token is good. */
export function isTokenRequest(verb: string, resource: string, subresource: string): boolean {
  return verb === 'create' && resource === 'serviceaccounts' && subresource === 'token'
}

/** The only names that one field selector can mean: `metadata.name=x`, perhaps among others. */
function selectedName(requestURI: string): string | undefined {
  // Most select by something else. Letters and the dot may be written by their codes.
  if (!requestURI.includes('metadata.name') && !/%(2e|[4-7])/i.test(requestURI)) return undefined
  const selector = parameter(requestURI, 'fieldSelector')
  for (const term of selector?.split(',') ?? []) {
    const name = /^\s*metadata\.name\s*==?\s*(\S+)\s*$/.exec(term)?.[1]
    if (name !== undefined) return name
  }
  return undefined
}

/**
 * The name that the authorizer saw. The log's own comes from the object where the request has none
 * (audit.LogRequestObject), as in every `create`; a subresource is always of a named object.
 */
export function authorizedName(verb: string, subresource: string, logged: string, requestURI: string): string {
  switch (verb) {
    case 'create':
      return subresource === '' ? '' : logged
    case 'deletecollection':
      return ''
    case 'list':
    case 'watch':
      if (requestURI === '') return logged
      // `/api/v1/watch/namespaces/shop/pods/web`: the old form of a watch has the name in its path.
      if (logged !== '' && pathOf(requestURI).endsWith(`/${logged}`) && requestURI.includes('/watch/')) return logged
      return selectedName(requestURI) ?? ''
    default:
      return logged
  }
}
