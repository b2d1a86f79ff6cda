import type { Because } from '../../cluster/because.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import type { GcpDenyPolicy } from '../../cluster/cloud/gcp-exports.ts'
import { field, string } from '../../cluster/json.ts'
import { type GcpBoundaryRule, UNTOLD } from './gcp/boundary.ts'
import { ANYWHERE, type GcpBinding, type GcpDeny, type GcpUntold, type GcpWorld } from './gcp/decide.ts'
import { type GcpWho, isAmong } from './gcp/members.ts'

/** Google Cloud allows 500 deny rules of a resource; of a hostile export the others may deny anything. */
const MOST_RULES = 1_000
/** And 2,500 principals in all of them. */
const MOST_PRINCIPALS = 20_000

const known = new WeakMap<CloudExports['gcp'], GcpWorld>()

/** The world of the evaluator of Google Cloud as the exports tell it; `origin` is the sentence of who answers for it. */
export function gcpWorld({ gcp }: Pick<CloudExports, 'gcp'>): GcpWorld {
  const made = known.get(gcp) ?? worldOf(gcp)
  known.set(gcp, made)
  return made
}

function worldOf(gcp: CloudExports['gcp']): GcpWorld {
  const name = (resource: string): string => canonical(resource, gcp.projects)
  const bindings = new Map<string, GcpBinding[]>()
  const unplaced: GcpBinding[] = []
  for (const { resource, role, member, condition, from } of gcp.bindings) {
    const binding: GcpBinding = {
      role,
      members: [member],
      // A condition without an expression is one that is not known.
      ...(condition === undefined ? {} : { condition: string(field(condition, 'expression')) ?? '' }),
      origin: from,
    }
    if (resource === undefined) unplaced.push(binding)
    else push(bindings, name(resource), binding)
  }
  const denies = new Map<string, (GcpDeny | GcpUntold)[]>()
  let rules = 0
  let principals = 0
  for (const policy of newest(gcp.denies))
    for (const rule of policy.rules ?? [{ untold: true as const }]) {
      if ('deniedPrincipals' in rule) principals += rule.deniedPrincipals.length + rule.exceptionPrincipals.length
      if (++rules <= MOST_RULES && principals <= MOST_PRINCIPALS)
        push(denies, name(policy.resource), { ...rule, origin: policy.from })
    }
  if (rules > MOST_RULES || principals > MOST_PRINCIPALS) push(denies, ANYWHERE, { untold: true })
  const parents = new Map<string, string[]>()
  for (const [resource, above] of gcp.parents) for (const each of above) push(parents, name(resource), name(each))
  const numbered = [...gcp.projects.values()].map((id) => `projects/${id}`)
  return {
    bindings,
    denies,
    parents,
    roles: gcp.roles,
    unplaced,
    numbered: new Set(numbered),
    boundaries: boundariesOf(gcp),
    accountOf: (email) => serviceAccount(email, gcp.projects),
  }
}

/** Google Cloud allows ten bindings of a principal set; of a hostile export the rest may block anything. */
const MOST_BOUNDARIES = 2_000

function boundariesOf({ boundaries, boundaryBindings, projects }: CloudExports['gcp']): readonly GcpBoundaryRule[] {
  const policies = new Map(boundaries.map((each) => [each.name, each]))
  const found = boundaryBindings.slice(0, MOST_BOUNDARIES).map(({ policy, principalSet, condition, from }) => {
    const own = policies.get(policy)
    const prefix = '//cloudresourcemanager.googleapis.com/'
    const version = /^\d{1,3}$/.test(own?.version ?? '') ? Number(own?.version) : undefined
    return {
      principalSet: principalSet.startsWith(prefix) ? `${prefix}${canonical(principalSet, projects)}` : principalSet,
      resources: own?.resources.map((each) => canonical(each, projects)),
      version,
      ...(condition === undefined ? {} : { condition }),
      origin: from,
    }
  })
  if (boundaryBindings.length > MOST_BOUNDARIES)
    found.push({
      principalSet: UNTOLD,
      resources: undefined,
      version: undefined,
      origin: boundaryBindings[0]?.from as Because,
    })
  return found
}

/** A list names the policies alone; what describes one of them says the rest. */
function newest(policies: readonly GcpDenyPolicy[]): readonly GcpDenyPolicy[] {
  const found = new Map<string, GcpDenyPolicy>()
  for (const policy of policies) {
    const key = `${policy.resource} ${policy.name}`
    if (found.get(key)?.rules === undefined) found.set(key, policy)
  }
  return [...found.values()]
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const same = map.get(key)
  if (same) same.push(value)
  else map.set(key, [value])
}

/**
 * One name for a resource, as its path has it: projects by their ids where those are known, service accounts below their
 * own project, buckets as conditions name them.
 */
export function canonical(resource: string, projects: ReadonlyMap<string, string>): string {
  const [, service, rest] = /^\/\/([^/]{1,200})\/(.*)$/s.exec(resource) ?? []
  const path = rest ?? resource
  if (service === 'storage.googleapis.com' && !path.includes('/')) return `projects/_/buckets/${path}`
  const [, own = '-', email] = /^projects\/([^/]+)\/serviceAccounts\/([^/]{1,200})$/.exec(path) ?? []
  if (email !== undefined) return serviceAccount(email, projects, projects.get(own) ?? own)
  const number = /^projects\/(\d{1,30})(?=\/|$)/.exec(path)?.[1]
  const id = number === undefined ? undefined : projects.get(number)
  return id === undefined ? path : `projects/${id}${path.slice(`projects/${number}`.length)}`
}

const MADE = /^[^@]{1,100}@([^@]{1,150})\.iam\.gserviceaccount\.com$/
const OF_APPS = /^([^@]{1,100})@appspot\.gserviceaccount\.com$/
const OF_MACHINES = /^(\d{1,30})-compute@developer\.gserviceaccount\.com$/

/** A service account by its e-mail, which names its project; one of another form is of the project that is told, or `-`. */
export function serviceAccount(email: string, projects: ReadonlyMap<string, string>, told = '-'): string {
  const own = MADE.exec(email)?.[1] ?? OF_APPS.exec(email)?.[1]
  const number = OF_MACHINES.exec(email)?.[1]
  // The ids of projects of a domain are DOMAIN:ID, and ID.DOMAIN in e-mails.
  const dot = own?.indexOf('.') ?? -1
  const id = own === undefined || dot < 0 ? own : `${own.slice(dot + 1)}:${own.slice(0, dot)}`
  return `projects/${id ?? (number === undefined ? told : (projects.get(number) ?? number))}/serviceAccounts/${email}`
}

interface Members {
  /** Bindings of one person or service account, by the member in lower case. */
  readonly exact: ReadonlyMap<string, GcpWorld>
  readonly others: GcpWorld
}

const indexes = new WeakMap<GcpWorld, Members>()

/** The part of a world that may speak of somebody. */
export function worldFor(who: GcpWho, world: GcpWorld): GcpWorld {
  if (who.kind !== 'user' && who.kind !== 'serviceAccount') return narrowed(who, world)
  const { exact, others } = indexOf(world)
  const own = exact.get(`${who.kind}:${who.email}`.toLowerCase())
  const found = narrowed(who, others)
  if (!own) return found
  const bindings = new Map(found.bindings)
  for (const [resource, all] of own.bindings) bindings.set(resource, [...all, ...(bindings.get(resource) ?? [])])
  return { ...found, bindings, unplaced: [...(own.unplaced ?? []), ...(found.unplaced ?? [])] }
}

function narrowed(who: GcpWho, world: GcpWorld): GcpWorld {
  const bindings = new Map<string, readonly GcpBinding[]>()
  const speaks = ({ members }: GcpBinding): boolean => isAmong(members, who) !== 'no'
  for (const [resource, all] of world.bindings) {
    const own = all.filter(speaks)
    if (own.length > 0) bindings.set(resource, own)
  }
  return { ...world, bindings, unplaced: (world.unplaced ?? []).filter(speaks) }
}

const ONE = /^(user|serviceAccount):/

function indexOf(world: GcpWorld): Members {
  const done = indexes.get(world)
  if (done) return done
  interface Part {
    bindings: Map<string, GcpBinding[]>
    unplaced: GcpBinding[]
  }
  const exact = new Map<string, Part>()
  const others: Part = { bindings: new Map(), unplaced: [] }
  const partOf = ({ members: [member = '', ...more] }: GcpBinding): Part => {
    if (more.length > 0 || !ONE.test(member)) return others
    const key = member.toLowerCase()
    const part = exact.get(key) ?? { bindings: new Map(), unplaced: [] }
    exact.set(key, part)
    return part
  }
  for (const [resource, all] of world.bindings)
    for (const binding of all) push(partOf(binding).bindings, resource, binding)
  for (const binding of world.unplaced ?? []) partOf(binding).unplaced.push(binding)
  const made: Members = {
    exact: new Map([...exact].map(([key, part]) => [key, { ...world, ...part }])),
    others: { ...world, ...others },
  }
  indexes.set(world, made)
  return made
}
