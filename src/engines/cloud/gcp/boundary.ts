import { type Answer, both, either, not } from '../aws/answer.ts'
import { conditionHolds, type GcpPrincipal } from './condition.ts'
import type { GcpWho } from './members.ts'

/** A principal access boundary policy as it is bound to a set of principals. */
export interface GcpBoundaryRule {
  readonly principalSet: string
  /** What they may use at all, with all that is below it; undefined: the policy was not given. */
  readonly resources: readonly string[] | undefined
  /** The enforcement version, which tells what is blocked elsewhere; undefined: not known. */
  readonly version: number | undefined
  readonly condition?: string
  readonly origin?: unknown
}

/** How resources lie in the hierarchy, for those who ask about sets of principals. */
export interface Hierarchy {
  /** The resources above one, itself first. */
  ancestry(resource: string): readonly string[]
  isWhole(path: readonly string[]): boolean
  /** Whether a place that is not on a path may be above it all the same. */
  mayBeAbove(place: string, path: readonly string[]): boolean
  /** The resource of a service account, below its project. */
  accountOf(email: string): string
}

/**
 * Permissions by the first enforcement version that blocks them, as far as they are asked about (Google Cloud, Permissions
 * that principal access boundary policies block, of 2026-04-08): version 4 and those before it.
 */
const BLOCKED: readonly (readonly [version: number, pattern: RegExp])[] = [
  [1, /^storage\.(buckets\.(get|getIamPolicy|list|setIamPolicy|update)|objects\.(delete|get|setRetention))$/],
  [1, /^run\.(services\.(create|delete|get|list|update)|jobs\.(create|delete|get|list|run))$/],
  [1, /^bigquery\.datasets\.(create|delete|get|setIamPolicy|update)$/],
  [1, /^pubsub\.(?!.*\.(getIamPolicy|setIamPolicy)$|schemas\.(delete|validate)$|subscriptions\.consume$)/],
  [2, /^storage\.(buckets|objects|managedFolders|folders|hmacKeys)\./],
  [2, /^bigquery\.(datasets|jobs|models|routines|rowAccessPolicies|tables)\./],
  [2, /^(cloudbuild|iap)\./],
  [2, /^resourcemanager\.(?!.*PolicyBindings?$)/],
  [3, /^iam\.(denypolicies|roles|serviceAccountKeys|serviceAccounts)\./],
  [3, /^(cloudsql|artifactregistry|pubsub|dns|cloudfunctions|spanner|container)\./],
  [3, /^datastore\.(databases|entities|indexes|operations|backupSchedules|userCreds)\./],
  [
    3,
    /^cloudkms\.(keyRings\.|importJobs\.|cryptoKeyVersions\.(create|destroy|get|list|restore|update|useTo|viewPublicKey))/,
  ],
  [4, /^(cloudkms\.(?!locations\.(get|list)$)|secretmanager\.)/],
]
const NEWEST = 4

function blocks(permission: string, version: number | undefined): Answer {
  const from = BLOCKED.find(([, pattern]) => pattern.test(permission))?.[0]
  if (version === undefined || version > NEWEST) return from !== undefined && from <= 3 ? 'yes' : 'maybe'
  return from !== undefined && from <= version ? 'yes' : 'no'
}

type Applying = readonly (readonly [GcpBoundaryRule, 'yes' | 'maybe'])[]

const kept = new WeakMap<readonly GcpBoundaryRule[], WeakMap<GcpWho, Applying>>()

export interface Blocked {
  readonly answer: Answer
  readonly by: readonly GcpBoundaryRule[]
}

const NOTHING: Blocked = { answer: 'no', by: [] }

/**
 * Whether boundaries keep somebody from using a permission on a resource: whoever is subject to any may use those resources
 * alone that one of them names, as far as the enforcement version blocks the permission elsewhere.
 */
export function boundaryBlocks(
  who: GcpWho,
  permission: string,
  path: readonly string[],
  rules: readonly GcpBoundaryRule[],
  hierarchy: Hierarchy,
): Blocked {
  if (rules.length === 0) return NOTHING
  const byWho = kept.get(rules) ?? new WeakMap<GcpWho, Applying>()
  kept.set(rules, byWho)
  const applying = byWho.get(who) ?? applyingTo(who, rules, hierarchy)
  byWho.set(who, applying)
  if (applying.length === 0) return NOTHING
  const asked = applying.map(([rule, applies]) => ({
    rule,
    applies,
    eligible: eligible(rule, path, hierarchy),
    blocks: blocks(permission, rule.resources === undefined ? undefined : rule.version),
  }))
  if (asked.every((each) => each.eligible === 'yes')) return NOTHING
  const subject = asked.some(({ applies }) => applies === 'yes') ? 'yes' : 'maybe'
  const mayUse = asked.reduce<Answer>((found, each) => either(found, both(each.applies, each.eligible)), 'no')
  const all = new Set(asked.map((each) => each.blocks))
  const isBlocked = all.size === 1 ? ([...all][0] as Answer) : 'maybe'
  const answer = both(both(subject, not(mayUse)), isBlocked)
  return answer === 'no'
    ? NOTHING
    : { answer, by: asked.flatMap((each) => (each.eligible === 'yes' ? [] : [each.rule])) }
}

function eligible({ resources }: GcpBoundaryRule, path: readonly string[], hierarchy: Hierarchy): Answer {
  if (resources === undefined) return 'maybe'
  if (resources.some((each) => path.includes(each))) return 'yes'
  return resources.some((each) => hierarchy.mayBeAbove(each, path)) ? 'maybe' : 'no'
}

function applyingTo(who: GcpWho, rules: readonly GcpBoundaryRule[], hierarchy: Hierarchy): Applying {
  const principal = principalOf(who)
  return rules.flatMap((rule): Applying => {
    const holds = rule.condition === undefined ? 'yes' : conditionHolds(rule.condition, { principal })
    const answer = both(isInSet(who, rule.principalSet, hierarchy), holds)
    return answer === 'no' ? [] : [[rule, answer]]
  })
}

function principalOf(who: GcpWho): GcpPrincipal {
  switch (who.kind) {
    case 'serviceAccount':
      return { type: 'iam.googleapis.com/ServiceAccount', subject: who.email }
    case 'user':
      return { type: 'iam.googleapis.com/WorkspaceIdentity', subject: who.email }
    case 'workload':
      return { type: 'iam.googleapis.com/WorkloadPoolIdentity' }
    default:
      return {}
  }
}

const PLACE = /^\/\/cloudresourcemanager\.googleapis\.com\/((projects|folders|organizations)\/[^/]+)$/
const POOL = /^\/\/iam\.googleapis\.com\/projects\/([^/]+)\/locations\/global\/workloadIdentityPools\/([^/]+)$/

/** Of bindings that were not looked at. */
export const UNTOLD = ''

/** Whether somebody is of a principal set; of a group or a domain some of its members may be. */
function isInSet(who: GcpWho, set: string, hierarchy: Hierarchy): Answer {
  if (who.kind === 'anonymous') return 'no'
  if (set === UNTOLD) return 'maybe'
  const [, place, kind] = PLACE.exec(set) ?? []
  if (place !== undefined) {
    // Of persons an organisation has those of its domains, which no export tells; projects and folders have none.
    if (who.kind === 'user' || who.kind === 'member') return kind === 'organizations' ? 'maybe' : mayBePool(who)
    const resource =
      who.kind === 'workload' ? `projects/${who.pool.replace(/\.svc\.id\.goog$/, '')}` : hierarchy.accountOf(who.email)
    const path = hierarchy.ancestry(resource)
    if (path.includes(place)) return 'yes'
    return resource.startsWith('projects/-') || hierarchy.mayBeAbove(place, path) ? 'maybe' : 'no'
  }
  const [, number, pool] = POOL.exec(set) ?? []
  if (pool !== undefined) {
    if (who.kind !== 'workload') return mayBePool(who)
    if (pool !== who.pool) return 'no'
    return who.projectNumber === undefined || !/^\d+$/.test(number ?? '')
      ? 'maybe'
      : number === who.projectNumber
        ? 'yes'
        : 'no'
  }
  // Workforce pools and domains of Workspace hold persons.
  return who.kind === 'workload' || who.kind === 'serviceAccount' ? 'no' : 'maybe'
}

const mayBePool = (who: GcpWho): Answer =>
  who.kind === 'member' && /^(principal|all)/.test(who.member) ? 'maybe' : 'no'
