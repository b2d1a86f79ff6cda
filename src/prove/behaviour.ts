import type { Request } from '../authz/rules.ts'
import type { End, RecordPlace } from '../history/history.ts'

/** Records that differ in nothing that a rule could tell apart, folded into one, with one of them as a sample. */
export interface Seen {
  readonly times: number
  readonly first: number
  readonly last: number
  /** Days since 1970 (UTC) on which it was seen, once each. */
  readonly days: readonly number[]
  /** Of the first record that was read. */
  readonly place: RecordPlace
  /** That record. Empty where too many samples were kept already; its place is always there. */
  readonly raw: string
}

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
}

/** `own-node`: the node that the pod runs on, from and to which traffic is always allowed. */
export type NodeEnd = 'own-node' | 'other-node' | 'some-node' | ''

export interface ConnectionBehaviour extends Seen {
  readonly source: End
  readonly destination: End
  /** Where one end is a node: which. */
  readonly node: NodeEnd
  /** Between two pods of one workload: a pod always reaches itself, and not always another. */
  readonly samePod: boolean
  readonly protocol: string
  /** 0 where it may be the client's. */
  readonly port: number
  /** False where the record does not tell the client from the server. */
  readonly told: boolean
  /** A connection of untold verdict was seen and counts as made. */
  readonly used: boolean
}

export const DAY_MS = 86_400_000

export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
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

export function formatEnd(end: End): string {
  switch (end.kind) {
    case 'workload':
      return end.workload
    case 'address':
      return end.address
    case 'node':
      return `node ${end.name}`
    case 'api-server':
      return 'the API server'
    case 'unresolved':
      return end.address === '' ? `an unresolved peer (${end.why})` : `${end.address} (unresolved: ${end.why})`
    default:
      return end satisfies never
  }
}

export function formatConnection({ source, destination, protocol, port }: ConnectionBehaviour): string {
  return `${formatEnd(source)} to ${formatEnd(destination)} ${protocol} ${port}`
}

export function formatPlace({ file, line }: RecordPlace): string {
  return `${file}:${line}`
}
