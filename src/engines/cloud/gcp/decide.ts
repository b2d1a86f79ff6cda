import { type Answer, both, either, not } from '../aws/answer.ts'
import { conditionHolds } from './condition.ts'
import { type GcpWho, isAmong } from './members.ts'
import { type CustomRoles, grants } from './roles.ts'

export interface GcpBinding {
  readonly role: string
  readonly members: readonly string[]
  /** The expression of its condition. */
  readonly condition?: string
  /** The reader’s own, handed back untouched. */
  readonly origin?: unknown
}

/** A rule of a deny policy; principals and permissions in the forms of IAM v2. */
export interface GcpDeny {
  readonly deniedPrincipals: readonly string[]
  readonly exceptionPrincipals?: readonly string[]
  readonly deniedPermissions: readonly string[]
  readonly exceptionPermissions?: readonly string[]
  readonly condition?: string
  readonly origin?: unknown
}

export interface GcpWorld {
  /** By resource, the last part of whose path is its own: `projects/p`, `folders/1`, `organizations/2`. */
  readonly bindings: ReadonlyMap<string, readonly GcpBinding[]>
  readonly denies?: ReadonlyMap<string, readonly GcpDeny[]>
  /** The resource above: a project’s folder, a folder’s organisation. */
  readonly parents: ReadonlyMap<string, string>
  readonly roles?: CustomRoles
}

export interface GcpDecision {
  readonly answer: Answer
  readonly because: readonly {
    readonly resource: string
    readonly answer: 'yes' | 'maybe'
    readonly rule: GcpBinding | GcpDeny
  }[]
  /** Resources above whose policies were not given. */
  readonly unseen: readonly string[]
}

export interface GcpAsked {
  readonly who: GcpWho
  /** `container.pods.exec`. */
  readonly permission: string
  readonly resource: string
  /** Milliseconds since 1970, for conditions that expire. */
  readonly time?: number
}

/** Folders nest ten deep; a world that leads in circles ends here. */
const DEPTH = 32

/** `//container.googleapis.com/projects/p/…` without the service, and from it the resources above, the nearest first. */
export function ancestry(resource: string, parents: ReadonlyMap<string, string>): readonly string[] {
  let at: string | undefined = resource.replace(/^\/\/[^/]+\//, '')
  const found: string[] = []
  while (at !== undefined && found.length < DEPTH && !found.includes(at)) {
    found.push(at)
    at = parents.get(at) ?? above(at)
  }
  return found
}

/** The path of a resource goes through what holds it, down to its project. */
function above(resource: string): string | undefined {
  const parts = resource.split('/')
  return parts.length > 2 && parts[0] === 'projects' ? parts.slice(0, parts.length - 2).join('/') : undefined
}

/**
 * Whether Google Cloud would allow it: a deny rule of the resource or of any above it denies; then one binding of the
 * resource or of any above it suffices. Policies that were not given are not asked, which `unseen` tells.
 */
export function gcpDecide(asked: GcpAsked, world: GcpWorld): GcpDecision {
  const { who, permission, resource } = asked
  const because: { resource: string; answer: 'yes' | 'maybe'; rule: GcpBinding | GcpDeny }[] = []
  const unseen: string[] = []
  let denied: Answer = 'no'
  let granted: Answer = 'no'
  const path = ancestry(resource, world.parents)
  const request = { name: resource.replace(/^\/\/[^/]+\//, ''), ...(asked.time !== undefined && { time: asked.time }) }
  for (const each of path) {
    for (const rule of world.denies?.get(each) ?? []) {
      const answer = denies(rule, who, permission, request)
      if (answer === 'no') continue
      because.push({ resource: each, answer, rule })
      denied = either(denied, answer)
    }
    const bindings = world.bindings.get(each)
    if (bindings === undefined && /^(projects|folders|organizations)\/[^/]+$/.test(each)) unseen.push(each)
    for (const rule of bindings ?? []) {
      const holds = rule.condition === undefined ? 'yes' : conditionHolds(rule.condition, request)
      const answer = both(both(isAmong(rule.members, who), grants(rule.role, permission, world.roles)), holds)
      if (answer === 'no') continue
      because.push({ resource: each, answer, rule })
      granted = either(granted, answer)
    }
  }
  const top = path.at(-1) ?? ''
  if (!top.startsWith('organizations/')) unseen.push(`what is above ${top}`)
  if (denied === 'yes')
    return { answer: 'no', because: because.filter(({ rule }) => 'deniedPrincipals' in rule), unseen }
  return { answer: both(granted, not(denied)), because, unseen }
}

function denies(
  rule: GcpDeny,
  who: GcpWho,
  permission: string,
  request: { readonly name: string; readonly time?: number },
): Answer {
  const named = both(
    isAmong(rule.deniedPrincipals.map(oldForm), who),
    holdsPermission(rule.deniedPermissions, permission),
  )
  if (named === 'no') return 'no'
  const excepted = either(
    isAmong((rule.exceptionPrincipals ?? []).map(oldForm), who),
    holdsPermission(rule.exceptionPermissions ?? [], permission),
  )
  const holds = rule.condition === undefined ? 'yes' : conditionHolds(rule.condition, request)
  return both(both(named, not(excepted)), holds)
}

/** Permissions of deny rules are `container.googleapis.com/pods.exec`, or a service and `*`. */
function holdsPermission(written: readonly string[], permission: string): Answer {
  const dot = permission.indexOf('.')
  const service = `${permission.slice(0, dot)}.googleapis.com`
  const rest = permission.slice(dot + 1)
  const full = `${service}/${rest}`
  const [resource] = rest.split('.', 1)
  const verb = rest.slice(rest.lastIndexOf('.') + 1)
  const forms = new Set([full, `${service}/*`, `${service}/*.*`, `${service}/${resource}.*`, `${service}/*.${verb}`])
  return written.some((each) => forms.has(each)) ? 'yes' : 'no'
}

/** Principals of deny rules in the form of bindings. */
function oldForm(principal: string): string {
  if (principal === 'principalSet://goog/public:all') return 'allUsers'
  for (const [prefix, kind] of [
    ['principal://goog/subject/', 'user:'],
    ['principalSet://goog/group/', 'group:'],
    ['principal://iam.googleapis.com/projects/-/serviceAccounts/', 'serviceAccount:'],
  ] as const)
    if (principal.startsWith(prefix)) return `${kind}${principal.slice(prefix.length)}`
  return principal
}
