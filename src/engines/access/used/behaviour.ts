import type { Request } from '../../../authz/rules.ts'
import type { RecordPlace } from '../../../history/history.ts'
import type { Seen } from '../../seen.ts'
import type { Names } from './names.ts'
import type { ReasonSeen } from './reasons.ts'

/** Someone as the records show it: a user with exactly these groups and, of a service account, the workload whose pod asked. */
export interface Who {
  readonly user: string
  /** As recorded; those that follow from the name where the source records none (GKE). */
  readonly groups: readonly string[]
  /** The node id of the user or service account; empty where too many were seen to be told apart (`OTHERS`). */
  readonly subject: string
  /** All ids as which it is bound: its own first, then its groups'. */
  readonly ids: readonly string[]
  /** Empty where the record names no pod, or one that is of no known workload. */
  readonly workload: string
  /** Whether the records name the pod. */
  readonly namesPod: boolean
  readonly behaviours: readonly AccessBehaviour[]
  /** What others were made to do by it. */
  readonly impersonations: readonly AccessBehaviour[]
  /** Behaviour that was counted but not kept, because there was too much: its own, or what it made others do. */
  readonly dropped: Seen | undefined
  /** Of a detailed fold: it was refused more kinds of things than are told apart. */
  readonly refusedMore?: boolean
}

/** Subject of everyone together who was seen after too many others: only their ids are kept, and nothing that they did. */
export const OTHERS = ''

/**
 * `used`: authorized, whatever became of it (404 and 409 are of requests that the authorizer let through). `denied`: by
 * the authorizer. `dry-run`: never a use.
 */
export type Outcome = 'used' | 'denied' | 'dry-run'

export interface AccessBehaviour extends Seen {
  readonly who: Who
  readonly outcome: Outcome
  /** What the authorizer was asked. */
  readonly request: Request
  /** Requests for single objects, or URLs, whose names no rule of the cluster told apart, so that they were not kept. */
  readonly hidesNames: boolean
  /** Name of a role or binding that was written. */
  readonly object: string
  /** A patch or an update that created. */
  readonly created: boolean
  readonly impersonator: Who | undefined
  /** Asked about by another subject, who let it through elsewhere (a recorded SubjectAccessReview). */
  readonly delegated: boolean
  /** Of a detailed fold: the names that `hidesNames` hides. */
  readonly names?: Names
  /** Of a detailed fold: what the authorizer said, where it was asked. */
  readonly reasons?: readonly ReasonSeen[]
}

/** Ends a path of which the rest was not kept. */
export const NOT_KEPT = '…'

/** For people: `system:serviceaccount:shop:ci get secrets in shop`. */
export function formatAccess({ who, request, impersonator }: AccessBehaviour): string {
  const by = impersonator ? ` (impersonated by ${impersonator.user})` : ''
  return `${who.user}${by} ${formatRequest(request)}`
}

export function formatRequest(request: Request): string {
  if ('path' in request) return `${request.verb} ${request.path}`
  const { verb, group, resource, subresource, namespace, name } = request
  const what = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  return `${verb} ${what}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`
}

/** `audit.json:1#17`: the seventeenth in that line. */
export function formatPlace({ file, line, item }: RecordPlace): string {
  return `${file}:${line}${item === undefined ? '' : `#${item}`}`
}
