import { isTokenRequest, mayAskInBody } from '../request.ts'
import { isReview } from '../review.ts'

/** Whether bodies of such a request say something that is kept of it. */
export function saysMore(verb: string, group: string, resource: string, subresource: string): boolean {
  return (
    mayAskInBody(verb, subresource) ||
    isTokenRequest(verb, resource, subresource) ||
    (verb === 'create' && isReview(group, resource))
  )
}
