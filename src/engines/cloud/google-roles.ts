import type { Because } from '../../cluster/because.ts'
import { cloudIdentity } from '../../cluster/cloud/identity.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import type { Certainty, CloudContext } from './context.ts'
import { permissionsOf } from './gcp/roles.ts'

/** A role of Google Cloud that lets a principal into the cluster; its rules stand beside those of RBAC. */
export interface ClusterRoleOf {
  readonly role: string
  /** The member without its type: an e-mail, a principal. */
  readonly member: string
  readonly to: string
  readonly truth: Certainty
  /** Undefined where the permissions of the role are not known. */
  readonly rules: readonly PolicyRule[] | undefined
  readonly because: Because
}

/** Bindings of roles with container permissions, on projects and what holds them. */
export function* clusterRolesOf({
  exports,
  project,
}: Pick<CloudContext, 'exports' | 'project'>): Generator<ClusterRoleOf> {
  const { bindings, roles } = exports.gcp
  const rulesByRole = new Map<string, readonly PolicyRule[] | undefined>()
  for (const { resource, role, member, condition, from } of bindings) {
    if (resource?.includes('/serviceAccounts/') === true) continue
    const own = /(?:^|\/)projects\/([^/]+)$/.exec(resource ?? '')?.[1]
    if (own !== undefined && project !== undefined && own !== project) continue
    if (!rulesByRole.has(role)) {
      const permissions = permissionsOf(role, roles)
      rulesByRole.set(role, permissions && rulesOf(permissions))
    }
    const rules = rulesByRole.get(role)
    // Of a role that is not known only its name says whether it is about clusters.
    if (rules ? rules.length === 0 : !/container|kubernetes/i.test(role)) continue
    const name = member.slice(member.indexOf(':') + 1)
    yield {
      role,
      member: name,
      to: cloudIdentity('gcp', name),
      truth: rules && own !== undefined && own === project && condition === undefined ? 'yes' : 'unknown',
      rules,
      because: from,
    }
  }
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
