import { at, field, isObject, type Json, type JsonObject, list, object, string, strings } from '../../cluster/json.ts'
import { decodeAssociation, decodeEntry } from './aws-eks.ts'
import { nameOf } from './aws-iam.ts'
import { decodeControl } from './aws-organizations.ts'
import type { Decoder, Decoding } from './draft.ts'
import { decodeBinding } from './gcp.ts'
import { decodeDeny } from './gcp-deny.ts'
import { sayAbove, sayNumber } from './gcp-hierarchy.ts'
import { policyDocument } from './policy-text.ts'

/**
 * A Terraform (or OpenTofu) state of version 4. Of each resource the named attributes alone are read, and of these none
 * that the state marks as sensitive: a state holds passwords in the clear.
 */
export const terraform: Decoder = (value, decoding) => {
  if (field(value, 'version') !== 4 || !Array.isArray(field(value, 'resources'))) return false
  const roles = new Map<string, RoleParts>()
  for (const resource of list(field(value, 'resources'))) {
    const type = string(field(resource, 'type')) ?? ''
    if (field(resource, 'mode') !== 'managed') continue
    for (const instance of list(field(resource, 'instances'))) {
      const attributes = plain(instance)
      const take = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
      if (take) take(attributes, instance, decoding)
      else rolePart(type, attributes, instance, roles)
    }
  }
  for (const parts of roles.values()) addRole(parts, decoding)
  return true
}

/** Every attribute but those at whose path the state has a mark, or below which it has one. */
function plain(instance: Json): JsonObject {
  const marked = new Set(
    list(field(instance, 'sensitive_attributes')).flatMap((path) => {
      const first = Array.isArray(path) ? (path as readonly Json[])[0] : path
      return string(field(first, 'value')) ?? []
    }),
  )
  return Object.fromEntries(Object.entries(object(field(instance, 'attributes'))).filter(([key]) => !marked.has(key)))
}

type Take = (attributes: JsonObject, instance: Json, decoding: Decoding) => void

const TYPES: Readonly<Record<string, Take>> = {
  aws_eks_access_entry: (attributes, instance, decoding) =>
    void decodeEntry(
      {
        clusterName: attributes.cluster_name ?? null,
        principalArn: attributes.principal_arn ?? null,
        username: attributes.user_name ?? null,
        kubernetesGroups: attributes.kubernetes_groups ?? [],
        type: attributes.type ?? null,
      },
      placed(decoding, instance),
    ),
  aws_eks_access_policy_association: (attributes, instance, decoding) => {
    const principal = string(field(attributes, 'principal_arn'))
    const cluster = string(field(attributes, 'cluster_name'))
    if (principal === undefined) return
    decodeAssociation(
      { policyArn: attributes.policy_arn ?? null, accessScope: list(field(attributes, 'access_scope'))[0] ?? null },
      { ...(cluster === undefined ? {} : { cluster }), principal },
      placed(decoding, instance),
    )
  },
  aws_eks_pod_identity_association: (attributes, instance, { draft, from }) => {
    const { namespace, service_account: account, role_arn: role, cluster_name: cluster } = attributes
    if (typeof namespace !== 'string' || typeof account !== 'string') return
    draft.eks.podIdentities.push({
      ...(typeof cluster === 'string' ? { cluster } : {}),
      namespace,
      account,
      ...(typeof role === 'string' ? { role } : {}),
      from: from(`Pod Identity association of ${namespace}/${account}`, instance),
    })
  },
  aws_organizations_policy: ({ id, name, type, content }, instance, decoding) =>
    decodeControl(
      {
        PolicySummary: { Id: id ?? null, Name: name ?? null, Type: string(type) ?? 'SERVICE_CONTROL_POLICY' },
        Content: content ?? null,
      },
      [],
      placed(decoding, instance),
    ),
  aws_organizations_organizational_unit: parented,
  aws_organizations_account: parented,
  google_project_iam_member: google((attributes) => `projects/${attributes.project}`),
  google_project_iam_binding: google((attributes) => `projects/${attributes.project}`),
  google_folder_iam_member: google((attributes) => string(attributes.folder)),
  google_folder_iam_binding: google((attributes) => string(attributes.folder)),
  google_organization_iam_member: google((attributes) => `organizations/${attributes.org_id}`),
  google_organization_iam_binding: google((attributes) => `organizations/${attributes.org_id}`),
  google_service_account_iam_member: google(serviceAccount),
  google_service_account_iam_binding: google(serviceAccount),
  google_project: ({ project_id: id, number, folder_id: folder, org_id: org }, _, decoding) => {
    if (typeof id !== 'string') return
    if (typeof number === 'string') sayNumber(`projects/${id}`, `projects/${number}`, decoding)
    const above = idIn('folders', folder) ?? idIn('organizations', org)
    if (above !== undefined) sayAbove(`projects/${id}`, [above], decoding)
  },
  google_folder: ({ name, parent }, _, decoding) => {
    if (typeof name === 'string' && typeof parent === 'string') sayAbove(name, [parent], decoding)
  },
  google_iam_deny_policy: ({ name, parent, rules }, instance, decoding) =>
    decodeDeny(
      {
        name: `policies/${string(parent) ?? ''}/denypolicies/${string(name) ?? ''}`,
        rules: list(rules).map((rule) => ({ denyRule: denyRule(list(field(rule, 'deny_rule'))[0]) })),
      },
      undefined,
      placed(decoding, instance),
    ),
  azurerm_role_assignment: (attributes, instance, { draft, from }) => {
    const { principal_id: principalId, role_definition_name: name, role_definition_id: id, scope } = attributes
    const role = string(name) ?? string(id)
    if (typeof principalId !== 'string' || role === undefined || typeof scope !== 'string') return
    const isGroup = attributes.principal_type === 'Group'
    draft.azure.assignments.push({ principalId, isGroup, role, scope, from: from(`${role} on ${scope}`, instance) })
  },
  azurerm_pim_eligible_role_assignment: (attributes, instance, { draft, from }) => {
    const { principal_id: principalId, role_definition_id: role, scope } = attributes
    if (typeof principalId !== 'string' || typeof role !== 'string' || typeof scope !== 'string') return
    const isGroup = attributes.principal_type === 'Group'
    const why = from(`eligible for ${role} on ${scope}`, instance)
    draft.azure.assignments.push({ principalId, isGroup, role, scope, isEligible: true, from: why })
  },
  azuread_group: ({ object_id: group, members }, instance, { draft, from }) => {
    if (typeof group !== 'string' || !Array.isArray(members)) return
    draft.azure.groups.add(group.toLowerCase())
    for (const id of strings(members))
      draft.azure.members.push({
        group,
        id,
        isGroup: false,
        from: from(`${id} is a member of group ${group}`, instance),
      })
  },
  azuread_group_member: ({ group_object_id: group, member_object_id: id }, instance, { draft, from }) => {
    if (typeof group !== 'string' || typeof id !== 'string') return
    draft.azure.members.push({ group, id, isGroup: false, from: from(`${id} is a member of group ${group}`, instance) })
  },
  azurerm_user_assigned_identity: (attributes, instance, { draft, from }) => {
    const { id, name, client_id: clientId, principal_id: principalId } = attributes
    if (typeof name !== 'string' || typeof clientId !== 'string') return
    draft.azure.identities.push({
      ...(typeof id === 'string' ? { id } : {}),
      name,
      clientId,
      ...(typeof principalId === 'string' ? { principalId } : {}),
      from: from(`managed identity ${name}`, instance),
    })
  },
  azurerm_federated_identity_credential: (attributes, instance, { draft, from }) => {
    const { parent_id: parent, user_assigned_identity_id: owner, issuer, subject } = attributes
    const identity = string(parent) ?? string(owner)
    if (typeof issuer !== 'string' || typeof subject !== 'string') return
    draft.azure.federations.push({
      ...(identity === undefined ? {} : { identity }),
      issuer,
      subject,
      from: from(`federated credential of ${subject}`, instance),
    })
  },
}

function google(resourceOf: (attributes: JsonObject) => string | undefined): Take {
  return (attributes, instance, decoding) => {
    const members = attributes.members ?? (attributes.member === undefined ? [] : [attributes.member])
    const condition = list(attributes.condition)[0]
    const item = { role: attributes.role ?? null, members, ...(isObject(condition) ? { condition } : {}) }
    decodeBinding(item, resourceOf(attributes), placed(decoding, instance))
  }
}

/** Attachments of policies are not read: those that AWS itself makes are in no state, so that no level would be whole. */
function parented({ id, parent_id: parent }: JsonObject, _: Json, { draft }: Decoding): void {
  if (typeof id === 'string' && typeof parent === 'string') draft.aws.parents.set(id, parent)
}

/** The state has blocks as lists of one, and names of fields in its own spelling. */
function denyRule(rule: Json | undefined): Json {
  return {
    deniedPrincipals: field(rule, 'denied_principals') ?? [],
    exceptionPrincipals: field(rule, 'exception_principals') ?? [],
    deniedPermissions: field(rule, 'denied_permissions') ?? [],
    exceptionPermissions: field(rule, 'exception_permissions') ?? [],
    denialCondition: list(field(rule, 'denial_condition'))[0] ?? null,
  }
}

function idIn(kind: 'folders' | 'organizations', id: Json | undefined): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined
  return id.startsWith(`${kind}/`) ? id : `${kind}/${id}`
}

function serviceAccount(attributes: JsonObject): string | undefined {
  const name = string(attributes.service_account_id)
  return name === undefined ? undefined : `//iam.googleapis.com/${name}`
}

/** The place of what is made of a resource is the resource. */
function placed(decoding: Decoding, instance: Json): Decoding {
  return {
    ...decoding,
    from: (text) => decoding.from(text, instance),
    tell: (why) => decoding.tell(why, instance),
  }
}

interface RoleParts {
  readonly attached: string[]
  readonly inline: { readonly name: string; readonly policy: Json | undefined }[]
  readonly profiles: string[]
  role?: { readonly attributes: JsonObject; readonly instance: Json }
}

/** A role is put together of several resources, which name it by its name. */
function rolePart(type: string, attributes: JsonObject, instance: Json, roles: Map<string, RoleParts>): void {
  const isRole = type === 'aws_iam_role'
  const name = string(field(attributes, isRole ? 'name' : 'role'))
  if (name === undefined || !ROLE_TYPES.has(type)) return
  const parts: RoleParts = roles.get(name) ?? { attached: [], inline: [], profiles: [] }
  roles.set(name, parts)
  if (isRole) parts.role = { attributes, instance }
  else if (type === 'aws_iam_role_policy')
    parts.inline.push({ name: string(field(attributes, 'name')) ?? '', policy: field(attributes, 'policy') })
  else if (type === 'aws_iam_instance_profile') parts.profiles.push(string(field(attributes, 'arn')) ?? '')
  else parts.attached.push(string(field(attributes, 'policy_arn')) ?? '')
}

const ROLE_TYPES: ReadonlySet<string> = new Set([
  'aws_iam_role',
  'aws_iam_role_policy',
  'aws_iam_role_policy_attachment',
  'aws_iam_instance_profile',
])

function addRole({ role, attached, inline, profiles }: RoleParts, { draft, from }: Decoding): void {
  const arn = string(field(role?.attributes, 'arn'))
  if (!role || arn === undefined) return
  const { attributes, instance } = role
  const trust = policyDocument(attributes.assume_role_policy)
  const boundary = string(attributes.permissions_boundary)
  const own = list(attributes.inline_policy).map((each) => ({
    name: string(field(each, 'name')) ?? '',
    policy: field(each, 'policy'),
  }))
  const arns = new Set([...attached, ...strings(attributes.managed_policy_arns)].filter((each) => each !== ''))
  draft.aws.roles.push({
    arn,
    name: string(attributes.name) ?? nameOf(arn),
    ...(trust === undefined ? {} : { trust }),
    policies: [
      ...distinct([...own, ...inline]).map(({ name, policy }) => {
        const document = policyDocument(policy)
        return { name, ...(document === undefined ? {} : { document }) }
      }),
      ...[...arns].map((each) => ({ name: nameOf(each), arn: each })),
    ],
    toldPolicies: true,
    ...(boundary === undefined || boundary === '' ? {} : { boundary }),
    instanceProfiles: profiles.filter((each) => each !== ''),
    tags: new Map(
      Object.entries(object(at(attributes, 'tags_all') ?? at(attributes, 'tags'))).flatMap(([key, text]) =>
        typeof text === 'string' ? [[key, text] as const] : [],
      ),
    ),
    from: from(`role ${arn}`, instance),
  })
}

/** Terraform tells an inline policy at the role and as a resource of its own. */
function distinct<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((each) => [each.name, each])).values()]
}
