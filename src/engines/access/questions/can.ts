import { reasonOf } from '../../../authz/authorize.ts'
import type { Granted } from '../../../authz/authorizers.ts'
import { isUrlRequest, type Request } from '../../../authz/rules.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import { type Told, toldOf, toldOfDenial } from './told.ts'
import type { AccessView, KnownRequester } from './view.ts'
import type { Question } from './words.ts'

/** Whether a subject may, and all that allows it. */
export interface Decision {
  readonly requester: KnownRequester
  /** The first request that was allowed, else the first that was asked. */
  readonly request: Request
  readonly allowed: boolean
  /** Every grant, the one that the API server comes to first at the beginning. */
  readonly grants: readonly Granted[]
  /** As the API server's audit log has it, where RBAC decides. */
  readonly reason: string
  readonly unknowns: readonly Told[]
}

/** As a member, for a group. */
export function can(view: AccessView, subject: Subject, question: Question): Decision {
  const requester = view.requesterOf(subject)
  const found = question.asked.flatMap(({ request }) =>
    view.authorizers.flatMap((authorizer) =>
      [...authorizer.grants(requester, request)].map((granted) => ({ granted, request })),
    ),
  )
  const grants = found.map(({ granted }) => granted)
  const request = found[0]?.request ?? (question.asked[0]?.request as Request)
  const [first] = grants
  const namespace = isUrlRequest(request) ? '' : request.namespace
  return {
    requester,
    request,
    allowed: first !== undefined,
    grants,
    reason: first ? wordsOf(first) : 'no authorizer allows it',
    unknowns: [
      ...toldOf(view, requester, namespace, grants, question),
      ...(first ? [] : toldOfDenial(view, requester, question)),
    ],
  }
}

function wordsOf({ authorizer, grant, because }: Granted): string {
  if (grant) return reasonOf(grant)
  return `${authorizer}: ${because.map(({ text }) => text).join(', ')}`
}
