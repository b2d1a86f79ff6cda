import { type Answer, both, either, not } from '../aws/answer.ts'
import { boundaryBlocks, type GcpBoundaryRule, type Hierarchy } from './boundary.ts'
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

/** A deny policy whose rules were not given may deny anything. */
export interface GcpUntold {
  readonly untold: true
  readonly origin?: unknown
}

export interface GcpWorld {
  /** By resource, the last part of whose path is its own: `projects/p`, `folders/1`, `organizations/2`. */
  readonly bindings: ReadonlyMap<string, readonly GcpBinding[]>
  readonly denies?: ReadonlyMap<string, readonly (GcpDeny | GcpUntold)[]>
  /** What is above a resource, in any order: a project’s folders, a folder’s organisation. */
  readonly parents: ReadonlyMap<string, readonly string[]>
  readonly roles?: CustomRoles
  /** Whether a role holds a permission, where something better is known than the tables. */
  readonly holds?: (role: string, permission: string) => Answer
  /** Bindings of which is not told on what they are. */
  readonly unplaced?: readonly GcpBinding[]
  /** Principal access boundaries as they are bound. */
  readonly boundaries?: readonly GcpBoundaryRule[]
  /** The resource of a service account, below its project. */
  readonly accountOf?: (email: string) => string
  /** Projects of which both id and number are known, by their ids; a number may be of any other project. */
  readonly numbered?: ReadonlySet<string>
}

export interface GcpDecision {
  readonly answer: Answer
  readonly because: readonly {
    readonly resource: string
    readonly answer: 'yes' | 'maybe'
    readonly rule: GcpBinding | GcpDeny | GcpUntold | GcpBoundaryRule
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
export function ancestry(resource: string, parents: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set([resource.replace(/^\/\/[^/]+\//, '')])
  for (const at of found) {
    const own = above(at)
    for (const each of [...(own === undefined || parents.has(at) ? [] : [own]), ...(parents.get(at) ?? [])])
      if (found.size < DEPTH) found.add(each)
  }
  return [...found]
}

/** The path of a resource goes through what holds it, down to its project. */
function above(resource: string): string | undefined {
  const parts = resource.split('/')
  return parts.length > 2 && parts[0] === 'projects' ? parts.slice(0, parts.length - 2).join('/') : undefined
}

/** In a world: deny rules that may hang anywhere. */
export const ANYWHERE = '*'

const IN_HIERARCHY = /^(projects|folders|organizations)\/[^/]+$/

/** Who asks for what of which resource, as its ancestors stand. */
interface Place {
  readonly path: readonly string[]
  readonly request: { readonly name: string; readonly time?: number }
}

function placeOf({ resource, time }: Pick<GcpAsked, 'resource' | 'time'>, world: GcpWorld): Place {
  const name = resource.replace(/^\/\/[^/]+\//, '')
  return { path: ancestry(resource, world.parents), request: { name, ...(time !== undefined && { time }) } }
}

/**
 * Whether Google Cloud would allow it: a deny rule of the resource or of any above it denies, and a principal access
 * boundary that leaves the resource out; then one binding of the
 * resource or of any above it suffices. Policies that were not given are not asked, which `unseen` tells.
 */
export function gcpDecide(asked: GcpAsked, world: GcpWorld): GcpDecision {
  const { who, permission } = asked
  const because: Reason[] = []
  const unseen: string[] = []
  const place = placeOf(asked, world)
  const { path, request } = place
  const { answer: denied, because: denials } = takenAt(place, who, world)(permission)
  if (denied === 'yes') return { answer: 'no', because: denials.filter(({ answer }) => answer === 'yes'), unseen }
  because.push(...denials)
  let granted: Answer = 'no'
  const grant = (resource: string, rule: GcpBinding, most: Answer): void => {
    const named = both(
      isAmong(rule.members, who),
      world.holds?.(rule.role, permission) ?? grants(rule.role, permission, world.roles),
    )
    if (named === 'no') return
    const holds = rule.condition === undefined ? 'yes' : conditionHolds(rule.condition, request)
    const answer = both(both(named, holds), most)
    if (answer === 'no') return
    because.push({ resource, answer, rule })
    granted = either(granted, answer)
  }
  for (const each of path) {
    const bindings = world.bindings.get(each)
    if (bindings === undefined && IN_HIERARCHY.test(each)) unseen.push(each)
    for (const rule of bindings ?? []) grant(each, rule, 'yes')
  }
  for (const rule of world.unplaced ?? []) grant('', rule, 'maybe')
  if (!isWhole(path)) unseen.push(`what is above ${path.at(-1) ?? ''}`)
  return { answer: both(granted, not(denied)), because, unseen }
}

/** What deny policies take away from somebody on a resource, asked for one permission after another. */
export function gcpDenials(
  who: GcpWho,
  resource: string,
  world: GcpWorld,
): (permission: string) => Pick<GcpDecision, 'answer' | 'because'> {
  return takenAt(placeOf({ resource }, world), who, world)
}

/** Deny policies and principal access boundaries together: neither knows of the other. */
function takenAt(
  place: Place,
  who: GcpWho,
  world: GcpWorld,
): (permission: string) => { readonly answer: Answer; readonly because: readonly Reason[] } {
  const denies = denialsAt(place, who, world)
  const { boundaries } = world
  if (boundaries === undefined || boundaries.length === 0) return denies
  const hierarchy = hierarchyOf(world)
  return (permission) => {
    const denied = denies(permission)
    const { answer, by } = boundaryBlocks(who, permission, place.path, boundaries, hierarchy)
    if (answer === 'no') return denied
    const reasons = by.map((rule): Reason => ({ resource: rule.principalSet, answer, rule }))
    return { answer: either(denied.answer, answer), because: [...denied.because, ...reasons] }
  }
}

function hierarchyOf(world: GcpWorld): Hierarchy {
  return {
    ancestry: (resource) => ancestry(resource, world.parents),
    isWhole,
    mayBeAbove: (place, path) =>
      mayBeAbove(place, path, world) || (place.startsWith('projects/') && !path.some((each) => PROJECT.test(each))),
    accountOf: world.accountOf ?? ((email) => `projects/-/serviceAccounts/${email}`),
  }
}

const PROJECT = /^projects\/[^/]+$/

interface Reason {
  resource: string
  answer: 'yes' | 'maybe'
  rule: GcpBinding | GcpDeny | GcpUntold | GcpBoundaryRule
}

/** Up to its organisation, above which nothing is. */
export function isWhole(path: readonly string[]): boolean {
  return path.some((each) => each.startsWith('organizations/'))
}

interface Hung {
  readonly resource: string
  readonly rule: GcpDeny | GcpUntold
}

/** Deny rules by the permissions that they name, and those that are not told. */
interface Index {
  readonly named: ReadonlyMap<string, readonly Hung[]>
  readonly untold: readonly Hung[]
}

const indexes = new WeakMap<NonNullable<GcpWorld['denies']>, Index>()

function indexOf(denies: NonNullable<GcpWorld['denies']>): Index {
  const known = indexes.get(denies)
  if (known) return known
  const named = new Map<string, Hung[]>()
  const untold: Hung[] = []
  for (const [resource, rules] of denies)
    for (const rule of rules) {
      if ('untold' in rule) untold.push({ resource, rule })
      else
        for (const name of new Set(rule.deniedPermissions)) {
          const same = named.get(name)
          if (same) same.push({ resource, rule })
          else named.set(name, [{ resource, rule }])
        }
    }
  indexes.set(denies, { named, untold })
  return { named, untold }
}

function denialsAt(
  { path, request }: Place,
  who: GcpWho,
  world: GcpWorld,
): (permission: string) => { readonly answer: Answer; readonly because: readonly Reason[] } {
  if (world.denies === undefined || world.denies.size === 0) return () => NO_DENIAL
  const { named, untold } = indexOf(world.denies)
  const within = new Set(path)
  const most = new Map<Hung['rule'], Answer>()
  const mostOf = ({ resource, rule }: Hung): Answer => {
    const holds = within.has(resource) ? 'yes' : mayBeAbove(resource, path, world) ? 'maybe' : 'no'
    return holds === 'no' ? 'no' : both(holds, 'untold' in rule ? 'maybe' : namedBy(rule, who, request))
  }
  return (permission) => {
    const found = new Map<Hung['rule'], Reason>()
    let denied: Answer = 'no'
    const ask = (hung: Hung, isSure: boolean): void => {
      if (!most.has(hung.rule)) most.set(hung.rule, mostOf(hung))
      const answer = both(most.get(hung.rule) as Answer, isSure ? 'yes' : 'maybe')
      if (answer === 'no' || found.get(hung.rule)?.answer === 'yes' || excepts(hung.rule, permission)) return
      found.set(hung.rule, { resource: hung.resource, answer, rule: hung.rule })
      denied = either(denied, answer)
    }
    for (const [name, isSure] of namesOf(permission)) for (const hung of named.get(name) ?? []) ask(hung, isSure)
    for (const hung of untold) ask(hung, false)
    return { answer: denied, because: [...found.values()] }
  }
}

const NO_DENIAL = { answer: 'no', because: [] } as const

function excepts(rule: GcpDeny | GcpUntold, permission: string): boolean {
  const names = 'untold' in rule ? [] : (rule.exceptionPermissions ?? [])
  return names.length > 0 && namesOf(permission).some(([name]) => names.includes(name))
}

/** Where the way up is not told whole, any folder may be on it; a number may be of a project that is known by its id alone. */
function mayBeAbove(resource: string, path: readonly string[], { numbered }: GcpWorld): boolean {
  if (resource === ANYWHERE) return true
  if (!resource.startsWith('projects/')) return !isWhole(path)
  const project = path.find((each) => /^projects\/[^/]+$/.test(each))
  return isNumber(resource) && project !== undefined && !isNumber(project) && numbered?.has(project) !== true
}

const isNumber = (project: string): boolean => /^projects\/\d+$/.test(project)

/** Whether a rule is about somebody, whom it denies nothing that it does not except. */
function namedBy(rule: GcpDeny, who: GcpWho, request: Place['request']): Answer {
  const about = isAbout(rule, who)
  if (about === 'no' || rule.condition === undefined) return about
  return both(about, conditionHolds(rule.condition, request))
}

const about = new WeakMap<GcpWho, Map<GcpDeny, Answer>>()

/** The same whatever is asked. */
function isAbout(rule: GcpDeny, who: GcpWho): Answer {
  const own = about.get(who) ?? new Map<GcpDeny, Answer>()
  about.set(who, own)
  const known = own.get(rule)
  if (known !== undefined) return known
  const named = isAmong(rule.deniedPrincipals.map(oldForm), who)
  const excepted = rule.exceptionPrincipals ?? []
  // Of a set somebody may be excepted, who then still has what the set was granted.
  const others = who.kind === 'member' && excepted.length > 0 ? 'maybe' : 'no'
  const made = named === 'no' ? 'no' : both(named, not(either(isAmong(excepted.map(oldForm), who), others)))
  own.set(rule, made)
  return made
}

/** Permissions that deny policies are seen to name in public configurations; of others only their own name tells. */
const SUPPORTED: ReadonlySet<string> = new Set([
  'iam.roles.update',
  'iam.serviceAccountKeys.create',
  'iam.serviceAccounts.actAs',
  'iam.serviceAccounts.getAccessToken',
  'iam.serviceAccounts.getOpenIdToken',
  'iam.serviceAccounts.implicitDelegation',
  'iam.serviceAccounts.setIamPolicy',
  'iam.serviceAccounts.signBlob',
  'iam.serviceAccounts.signJwt',
])

/**
 * How deny rules name a permission, and whether it is surely meant: `container.googleapis.com/pods.exec`, or a service with
 * `*` for resources, verbs or both, which stands for those permissions that deny policies support; not all are.
 */
function namesOf(permission: string): readonly (readonly [name: string, isSure: boolean])[] {
  const dot = permission.indexOf('.')
  const own = permission.slice(0, dot)
  const service = `${own === 'resourcemanager' ? 'cloudresourcemanager' : own}.googleapis.com`
  const rest = permission.slice(dot + 1)
  const [resource] = rest.split('.', 1)
  const verb = rest.slice(rest.lastIndexOf('.') + 1)
  const isSure = SUPPORTED.has(permission)
  return [
    [`${service}/${rest}`, true],
    [`${service}/*`, isSure],
    [`${service}/*.*`, isSure],
    [`${service}/${resource}.*`, isSure],
    [`${service}/*.${verb}`, isSure],
  ]
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
