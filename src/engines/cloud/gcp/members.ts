import { type Answer, answerOf, either } from '../aws/answer.ts'

/** Who asks, as Google Cloud names it. */
export type GcpWho =
  | { readonly kind: 'user' | 'serviceAccount'; readonly email: string; readonly groups?: readonly string[] }
  | {
      readonly kind: 'workload'
      /** `PROJECT.svc.id.goog`: the pool of all clusters of a project. */
      readonly pool: string
      /** The number of the project, by which direct principals are named; undefined: not known. */
      readonly projectNumber?: string
      readonly namespace: string
      readonly serviceAccount: string
      /** `https://container.googleapis.com/v1/projects/P/locations/L/clusters/C`. */
      readonly cluster?: string
    }
  | { readonly kind: 'anonymous' }
  /** All that a member of bindings stands for: a group, a domain, a set of principals; one of a pool of workforce identities. */
  | { readonly kind: 'member'; readonly member: string }

const POOL = /^\/\/iam\.googleapis\.com\/projects\/([^/]+)\/locations\/global\/workloadIdentityPools\/([^/]+)\/(.+)$/

/**
 * Whether a member of a binding is, or contains, who asks. Members of groups and domains that were not given are `maybe`.
 * Clusters of a project share one pool: the same namespace and service account in any of them are the same member.
 */
export function isMember(member: string, who: GcpWho): Answer {
  if (member === 'allUsers') return 'yes'
  if (member === 'allAuthenticatedUsers') return answerOf(who.kind !== 'anonymous')
  if (who.kind === 'anonymous' || member.startsWith('deleted:')) return 'no'
  if (who.kind === 'member') return holdsAll(member, who.member)
  const colon = member.indexOf(':')
  const kind = member.slice(0, colon)
  const name = member.slice(colon + 1)
  if (kind === 'principal' || kind === 'principalSet')
    return who.kind === 'workload' ? inPool(kind, name, who) : other(kind)
  if (who.kind === 'workload')
    return answerOf(
      kind === 'serviceAccount' &&
        name.toLowerCase() === `${who.pool}[${who.namespace}/${who.serviceAccount}]`.toLowerCase(),
    )
  const email = who.email.toLowerCase()
  switch (kind) {
    case 'user':
    case 'serviceAccount':
      return answerOf(kind === who.kind && name.toLowerCase() === email)
    case 'group':
      if (who.groups === undefined) return 'maybe'
      return answerOf(who.groups.some((group) => group.toLowerCase() === name.toLowerCase()))
    case 'domain':
      // A customer has several domains, and members of Google Groups outside of them; service accounts have none.
      if (who.kind === 'serviceAccount') return 'no'
      return email.endsWith(`@${name.toLowerCase()}`) ? 'yes' : 'maybe'
    case 'projectOwner':
    case 'projectEditor':
    case 'projectViewer':
      return 'maybe'
    default:
      return 'maybe'
  }
}

const ONE = /^(user|serviceAccount|principal):/

/** Whether all of a set is in a member: in itself, in nobody that is one alone; in another set maybe. */
function holdsAll(member: string, set: string): Answer {
  if (member.toLowerCase() === set.toLowerCase()) return 'yes'
  return ONE.test(member) ? 'no' : 'maybe'
}

/** A pool of workforce identities, or of workloads elsewhere, may hold anyone whose identity comes from outside. */
const other = (kind: 'principal' | 'principalSet'): Answer => (kind === 'principal' ? 'no' : 'maybe')

function inPool(kind: 'principal' | 'principalSet', name: string, who: GcpWho & { kind: 'workload' }): Answer {
  const [, number, pool, path] = POOL.exec(name) ?? []
  if (number === undefined || pool === undefined || path === undefined) return kind === 'principalSet' ? 'maybe' : 'no'
  if (pool !== who.pool) return 'no'
  if (who.projectNumber !== undefined && number !== who.projectNumber) return 'no'
  const { namespace, serviceAccount, cluster } = who
  if (kind === 'principal') return answerOf(path === `subject/ns/${namespace}/sa/${serviceAccount}`)
  if (path === '*') return 'yes'
  if (path.startsWith('namespace/')) return answerOf(path === `namespace/${namespace}`)
  if (path.startsWith('kubernetes.cluster/'))
    return cluster === undefined ? 'maybe' : answerOf(path === `kubernetes.cluster/${cluster}`)
  return 'maybe'
}

/** Whether any of the members is who asks. */
export function isAmong(members: readonly string[], who: GcpWho): Answer {
  let found: Answer = 'no'
  for (const member of members) found = either(found, isMember(member, who))
  return found
}
