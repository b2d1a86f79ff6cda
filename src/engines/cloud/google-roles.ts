import type { Requester } from '../../authz/subjects.ts'
import type { Because } from '../../cluster/because.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { cloudIdentity } from '../../cluster/cloud/identity.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import type { Certainty, CloudContext } from './context.ts'
import { ancestry, gcpDenials, isWhole } from './gcp/decide.ts'
import type { GcpWho } from './gcp/members.ts'
import { mayGrant, permissionsOf } from './gcp/roles.ts'
import { canonical, gcpWorld } from './gcp-world.ts'
import { memberOf } from './rules/google.ts'

/** A role of Google Cloud that lets a principal into the cluster; its rules stand beside those of RBAC. */
export interface ClusterRoleOf {
  readonly role: string
  /** With its type: `user:E-MAIL`, `group:E-MAIL`, `principal://…`. */
  readonly member: string
  readonly to: string
  readonly truth: Certainty
  /** Undefined where the permissions of the role are not known. */
  readonly rules: readonly PolicyRule[] | undefined
  /** Those of which the rules are made, one of each. */
  readonly permissions: readonly string[]
  /** Whether deny policies take a part of the role away, so that it is not what others have of it. */
  readonly isCut: boolean
  readonly because: Because
}

/**
 * Bindings of roles with container permissions, on the project of the cluster and on what holds it, less what deny policies
 * take away. Where the way up from the project is not told whole, another folder may hold it.
 */
export function* clusterRolesOf({
  exports,
  project,
}: Pick<CloudContext, 'exports' | 'project'>): Generator<ClusterRoleOf> {
  const world = gcpWorld(exports)
  const own = project === undefined ? undefined : `projects/${project}`
  const path = own === undefined ? [] : ancestry(own, world.parents)
  for (const { resource, role, member, condition, from } of exports.gcp.bindings) {
    // Nobody is a member that was deleted.
    if (member.startsWith('deleted:')) continue
    const on = resource === undefined ? undefined : canonical(resource, exports.gcp.projects)
    if (on !== undefined && !IN_HIERARCHY.test(on)) continue
    const holds = on !== undefined && path.includes(on)
    if (on !== undefined && own !== undefined && !holds && (on.startsWith('projects/') || isWhole(path))) continue
    const permissions = containerPermissions(role, exports)
    if (permissions ? permissions.length === 0 : !mayBeOfClusters(role)) continue
    const who = whoOf(member)
    const denies = own === undefined ? undefined : gcpDenials(who, own, world)
    const left = permissions?.map((permission) => ({ permission, denied: denies?.(permission).answer ?? 'no' }))
    const surely = left?.filter(({ denied }) => denied === 'no') ?? []
    const perhaps = left?.filter(({ denied }) => denied === 'maybe') ?? []
    const isSure = holds && condition === undefined
    const name = member.slice(member.indexOf(':') + 1)
    const found = { role, member, to: cloudIdentity('gcp', name), because: from }
    const truth = isSure ? 'yes' : 'unknown'
    if (!left) yield { ...found, truth: 'unknown', rules: undefined, permissions: [], isCut: false }
    for (const [some, of] of [
      [surely, truth],
      [perhaps, 'unknown'],
    ] as const) {
      if (some.length === 0) continue
      const those = some.map(({ permission }) => permission)
      yield { ...found, truth: of, rules: rulesOf(those), permissions: those, isCut: some.length < (left?.length ?? 0) }
    }
  }
}

/** The rules that are surely left to somebody who has them by a group, since deny policies may name the person. */
export function rulesLeft(
  { rules, permissions }: ClusterRoleOf,
  { user, groups }: Requester,
  { exports, project }: Pick<CloudContext, 'exports' | 'project'>,
): readonly PolicyRule[] {
  const kind = user.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'
  const who: GcpWho = { kind, email: user, ...(groups.length === 0 ? {} : { groups }) }
  const denies = gcpDenials(who, `projects/${project ?? ''}`, gcpWorld(exports))
  return (rules ?? []).filter((_, index) => denies(permissions[index] ?? '').answer === 'no')
}

const kept = new WeakMap<CloudExports['gcp']['roles'], Map<string, readonly string[] | undefined>>()

/** Those of a role that are about what an API server serves. */
function containerPermissions(role: string, { gcp }: CloudExports): readonly string[] | undefined {
  const known = kept.get(gcp.roles) ?? new Map<string, readonly string[] | undefined>()
  kept.set(gcp.roles, known)
  if (!known.has(role))
    known.set(
      role,
      permissionsOf(role, gcp.roles)?.filter((each) => rulesOf([each]).length > 0),
    )
  return known.get(role)
}

/** Whether a role that is not known may hold any permission of what an API server serves. */
function mayBeOfClusters(role: string): boolean {
  return OF_CLUSTERS.some((permission) => mayGrant(role, permission) !== 'no')
}

/** One to change and one to read, by which roles that do the one alone are known. */
const OF_CLUSTERS: readonly string[] = ['container.pods.create', 'container.secrets.list', 'container.secrets.get']

const IN_HIERARCHY = /^(projects|folders|organizations)\/[^/]+$/

/** Who a member of a binding is, all that it stands for. */
export function whoOf(member: string): GcpWho {
  const [, kind, email] = /^(user|serviceAccount):([^[\]]+)$/.exec(member) ?? []
  if (kind !== undefined && email !== undefined) return { kind: kind as 'user' | 'serviceAccount', email }
  const { pool, namespace, account } = memberOf(member) ?? {}
  return pool !== undefined && namespace !== undefined && account !== undefined
    ? { kind: 'workload', pool, namespace, serviceAccount: account }
    : { kind: 'member', member }
}

/** `container.VERB` as permissions of Google Cloud have it: `container.pods.exec`, `container.secrets.get`. */
const PREFIX = 'container.'
const SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'portForward', 'proxy', 'getLogs', 'evict'])
const VERBS: Readonly<Record<string, readonly string[]>> = {
  create: ['create'],
  delete: ['delete', 'deletecollection'],
  get: ['get'],
  list: ['list', 'watch'],
  update: ['update', 'patch'],
  bind: ['bind'],
  escalate: ['escalate'],
  impersonate: ['impersonate'],
}
/** Of clusters as Google Cloud manages them, and not as the API server serves them. */
const NOT_SERVED: ReadonlySet<string> = new Set(['clusters', 'operations', 'hostServiceAgent'])

/** The words of permissions are those of resources, but for the case. */
export function rulesOf(permissions: readonly string[]): readonly PolicyRule[] {
  return permissions.flatMap((permission): readonly PolicyRule[] => {
    if (!permission.startsWith(PREFIX)) return []
    const [resource = '', verb = '', ...more] = permission.slice(PREFIX.length).split('.')
    if (more.length > 0 || NOT_SERVED.has(resource)) return []
    const verbs = SUBRESOURCES.has(verb) ? ['get', 'create'] : Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (!verbs) return []
    const name = resource.toLowerCase()
    const part = verb === 'getLogs' ? 'log' : verb === 'evict' ? 'eviction' : verb.toLowerCase()
    return [
      {
        verbs,
        apiGroups: ['*'],
        resources: [SUBRESOURCES.has(verb) ? `${name}/${part}` : name],
        resourceNames: [],
        nonResourceURLs: [],
      },
    ]
  })
}
