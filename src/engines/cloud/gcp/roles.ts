import type { Answer } from '../aws/answer.ts'
import { answerOf } from '../aws/answer.ts'
import data from './roles.json' with { type: 'json' }

/** Permissions of a role that the project or organisation made, by its full name. */
export type CustomRoles = ReadonlyMap<string, readonly string[]>

/** Of nodes, as Google Cloud describes them: they write logs and metrics. */
const OF_NODES = {
  'autoscaling.sites': 'writeMetrics',
  'logging.logEntries': 'create',
  'monitoring.timeSeries': 'create list',
}

const ROLES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ...Object.entries(data.roles as Readonly<Record<string, Readonly<Record<string, string>>>>),
  ['roles/container.defaultNodeServiceAccount', OF_NODES],
])
const made = new Map<string, readonly string[]>()

function predefined(role: string): readonly string[] | undefined {
  const known = made.get(role)
  if (known !== undefined) return known
  const written = ROLES.get(role)
  if (written === undefined) return undefined
  const permissions = Object.entries(written).flatMap(([of, verbs]) => verbs.split(' ').map((verb) => `${of}.${verb}`))
  made.set(role, permissions)
  return permissions
}

/** By which an instance is told what to run, and runs it. */
const OF_MACHINES = [
  'compute.instances.setMetadata',
  'compute.instances.reset',
  'compute.projects.setCommonInstanceMetadata',
]
const LOGIN = 'compute.instances.osAdminLogin'

/** Which of these predefined roles surely hold that are in no table; of what is not named here it may. */
const COMPUTE: ReadonlyMap<string, readonly string[]> = new Map([
  ['roles/compute.admin', [...OF_MACHINES, LOGIN]],
  ['roles/compute.osAdminLogin', [LOGIN]],
  ...[
    'osLogin',
    'osLoginExternalUser',
    'viewer',
    'networkAdmin',
    'networkUser',
    'networkViewer',
    'securityAdmin',
    'loadBalancerAdmin',
    'loadBalancerServiceUser',
    'storageAdmin',
    'imageUser',
    'publicIpAdmin',
  ].map((each): [string, readonly string[]] => [`roles/compute.${each}`, []]),
])
/** Of these some are sure, and the others may be. */
const INSTANCE_ADMINS: ReadonlySet<string> = new Set(['roles/compute.instanceAdmin', 'roles/compute.instanceAdmin.v1'])

/**
 * The basic roles hold thousands of permissions; of these those of clusters are in the table, under the role that has the
 * same ones. A service account that one of them names acts as them besides.
 */
const BASIC: ReadonlyMap<string, { readonly like: string; readonly also: readonly string[] }> = new Map([
  [
    'roles/owner',
    {
      like: 'roles/container.admin',
      also: [
        'resourcemanager.projects.setIamPolicy',
        'iam.serviceAccounts.actAs',
        'iam.serviceAccounts.setIamPolicy',
        ...OF_MACHINES,
      ],
    },
  ],
  ['roles/editor', { like: 'roles/container.developer', also: ['iam.serviceAccounts.actAs', ...OF_MACHINES] }],
  ['roles/viewer', { like: 'roles/container.viewer', also: [] }],
])

/**
 * The permissions that a role surely holds: of an export, or of the table of predefined roles. Undefined for a role that
 * is in neither. Of the basic roles only permissions of clusters and service accounts are told.
 */
export function permissionsOf(role: string, custom?: CustomRoles): readonly string[] | undefined {
  const own = custom?.get(role) ?? predefined(role)
  if (own !== undefined) return own
  const basic = BASIC.get(role)
  return basic && [...(predefined(basic.like) ?? []), ...basic.also]
}

/** Whether a role holds a permission. Of a role that is not known, and of what a basic role may hold besides, `maybe`. */
export function grants(role: string, permission: string, custom?: CustomRoles): Answer {
  const permissions = permissionsOf(role, custom)
  if (permissions === undefined) return 'maybe'
  if (permissions.includes(permission)) return 'yes'
  return BASIC.has(role) && custom?.get(role) === undefined ? 'maybe' : answerOf(false)
}

/** Services of which no predefined role holds a permission of another service that is asked about (Google Cloud, IAM roles and permissions index). */
const ALONE: ReadonlySet<string> = new Set(
  (
    'artifactregistry autoscaling bigtable billing browser cloudkms cloudprofiler cloudsql cloudtrace compute container ' +
    'containeranalysis dns errorreporting file iam iap logging memcache meshconfig monitoring networkmanagement ' +
    'opsconfigmonitoring orgpolicy pubsub recommender redis resourcemanager secretmanager servicedirectory serviceusage ' +
    'spanner stackdriver storage telemetry'
  ).split(' '),
)

const SET_POLICY = ['organizations', 'folders', 'projects'].map((each) => `resourcemanager.${each}.setIamPolicy`)

/** Which policies of the hierarchy roles set that are in no table, whatever else they hold. */
const SURELY: ReadonlyMap<string, readonly string[]> = new Map([
  // It changes what there is, and not who may (Google Cloud, Basic roles).
  ['roles/editor', []],
  ['roles/resourcemanager.organizationAdmin', SET_POLICY],
  ['roles/resourcemanager.folderAdmin', SET_POLICY.slice(1)],
  ['roles/resourcemanager.folderIamAdmin', SET_POLICY.slice(1, 2)],
  ['roles/resourcemanager.projectIamAdmin', SET_POLICY.slice(2)],
  ...[
    'folderViewer',
    'folderCreator',
    'folderMover',
    'organizationViewer',
    'projectCreator',
    'projectDeleter',
    'projectMover',
  ].map((each): [string, readonly string[]] => [`roles/resourcemanager.${each}`, []]),
  ['roles/iam.securityAdmin', SET_POLICY],
])

/** Roles of those services that reach into the others all the same, by a part of what they hold. */
const ACROSS: ReadonlyMap<string, (permission: string) => boolean> = new Map([
  ['roles/iam.securityAdmin', (permission) => /\.(setIamPolicy|list)$/.test(permission)],
  ['roles/iam.securityReviewer', (permission) => permission.endsWith('.list')],
  ['roles/iam.securityAuditor', (permission) => /\.(list|get)$/.test(permission)],
  ['roles/iam.supportUser', (permission) => /\.(list|get)$/.test(permission)],
])

/** What `viewer` may read of what is asked, in Google’s table or by what buckets and datasets give to viewers of their project. */
const VIEWED: ReadonlySet<string> = new Set([
  'storage.objects.get',
  'cloudsql.instances.export',
  'bigquery.tables.getData',
  'spanner.databases.select',
  'datastore.entities.get',
  'artifactregistry.repositories.downloadArtifacts',
])

/**
 * The same, where a role that is not known is not thought to hold everything: predefined roles of many services hold
 * permissions of their own service alone, and `viewer` changes nothing. Any other may hold anything.
 */
export function mayGrant(role: string, permission: string, custom?: CustomRoles): Answer {
  const answer = grants(role, permission, custom)
  if (answer !== 'maybe') return answer
  if (role === 'roles/viewer') return VIEWED.has(permission) ? 'maybe' : 'no'
  const set = SET_POLICY.includes(permission) ? SURELY.get(role) : undefined
  if (set) return answerOf(set.includes(permission))
  if (OF_MACHINES.includes(permission) || permission === LOGIN) {
    if (INSTANCE_ADMINS.has(role) && permission.startsWith('compute.instances.') && permission !== LOGIN) return 'yes'
    const held = COMPUTE.get(role)
    if (held) return answerOf(held.includes(permission))
  }
  const [, service] = /^roles\/([a-z0-9]{1,60})\.(?!.*[aA]gent)/.exec(role) ?? []
  if (service === undefined || !ALONE.has(service) || permission.startsWith(`${service}.`)) return 'maybe'
  return ACROSS.get(role)?.(permission) === true ? 'maybe' : 'no'
}

/** Whether a role is in no export and in no table, so that what it holds is guessed by its name at most. */
export function isUntoldRole(role: string, custom?: CustomRoles): boolean {
  return permissionsOf(role, custom) === undefined
}
