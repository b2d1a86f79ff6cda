import { roleKey } from '../../cluster/cloud/aks.ts'
import { field, at as inside, isObject, type Json, list, string } from '../../cluster/json.ts'
import { azureDenial, permissionsOf } from './azure-denials.ts'
import { azureMembers, servicePrincipal } from './azure-groups.ts'
import type { Decoder, Decoding } from './draft.ts'

/**
 * `az role assignment list`, `az role definition list`, `az identity list`, `az identity federated-credential list`, `az aks
 * show`, `az ad sp list`, members of groups, and the lists of the REST API, deny assignments and eligible ones among them.
 */
export const azure: Decoder = (value, decoding) => {
  const values = field(value, 'value')
  if (Array.isArray(values)) return listed(value, list(values), decoding)
  if (!isObject(value)) return false
  // The REST API has the same fields below `properties`.
  const properties = field(value, 'properties')
  const item: Json = isObject(properties) ? { ...value, ...properties } : value
  return (
    aks(item, value, decoding) ||
    azureDenial(item, value, decoding) ||
    definition(item, decoding) ||
    assignment(item, value, decoding) ||
    federation(item, value, decoding) ||
    identity(item, value, decoding) ||
    azureMembers(item, value, decoding) ||
    servicePrincipal(item, decoding)
  )
}

/** Of a list that nothing is known of, its reader says what it holds. */
function listed(whole: Json, values: readonly Json[], decoding: Decoding): boolean {
  const strange = values.filter((each) => !azure(each, decoding))
  if (values.length > 0 && strange.length === values.length) return false
  for (const each of strange) decoding.tell('an item of the list is no export that is read', each)
  // Nothing but the list itself: an answer of the REST API or of Graph, which has an empty one as well.
  const isAnswer = Object.keys(whole as object).every(
    (key) => key === 'value' || /^(@odata\..*|nextLink|count)$/.test(key),
  )
  if (values.length === 0 && !isAnswer) return false
  if (string(field(whole, 'nextLink')) ?? string(field(whole, '@odata.nextLink')))
    decoding.tell('the list goes on at its nextLink, and what is there was not given', whole)
  return true
}

/** The kind of an object of Microsoft.Authorization, in lower case, by its type or else by its id. */
function kindOf(item: Json): string | undefined {
  const prefix = 'microsoft.authorization/'
  for (const key of ['type', 'id']) {
    const text = string(field(item, key))?.toLowerCase() ?? ''
    const at = text.lastIndexOf(prefix)
    if (at >= 0) return text.slice(at + prefix.length).split('/', 1)[0]
  }
  return undefined
}

const ENDED: ReadonlySet<string> = new Set(['revoked', 'denied', 'canceled', 'failed', 'timedout', 'invalid'])

/** Also eligible ones, which are no assignments until they are activated (Privileged Identity Management). */
function assignment(item: Json, at: Json, decoding: Decoding): boolean {
  const { draft, from } = decoding
  const principalId = string(field(item, 'principalId'))
  // The command line leaves the name empty where the caller may not read the definition.
  const role = string(field(item, 'roleDefinitionName')) || string(field(item, 'roleDefinitionId'))
  const scope = string(field(item, 'scope'))
  if (principalId === undefined || role === undefined || scope === undefined) return false
  const kind = kindOf(item)
  // Without type and id, as by `--query`, fields of their own tell what is no assignment.
  const fields = Object.keys(item as object)
  const isAsked = fields.includes('requestType') || fields.includes('roleAssignmentScheduleRequestId')
  if (isAsked || (kind !== undefined && /requests$|approvals$|^roleassignmentschedules$/.test(kind))) {
    decoding.tell('what is asked for or planned says nothing of what is held, which the list of instances does', at)
    return true
  }
  if (ENDED.has((string(field(item, 'status')) ?? '').toLowerCase())) return true
  const isEligible = kind?.startsWith('roleeligibility') ?? fields.some((each) => each.startsWith('roleEligibility'))
  const expanded = field(item, 'expandedProperties')
  const told = string(inside(expanded, 'roleDefinition', 'displayName'))
  const name = string(field(item, 'principalName')) ?? string(inside(expanded, 'principal', 'email'))
  draft.azure.assignments.push({
    principalId,
    ...(name === undefined || name === '' ? {} : { principalName: name }),
    isGroup: ['Group', 'ForeignGroup'].includes(string(field(item, 'principalType')) ?? ''),
    role: told ?? role,
    scope,
    ...(string(field(item, 'condition')) ? { isConditional: true } : {}),
    ...(isEligible ? { isEligible: true } : {}),
    from: from(`${isEligible ? 'eligible for ' : ''}${told ?? role} on ${scope}`, at),
  })
  return true
}

/** `az role definition list`, of built-in roles and of custom ones. */
function definition(item: Json, { draft }: Decoding): boolean {
  const written = field(item, 'permissions')
  const name = string(field(item, 'roleName'))
  const id = string(field(item, 'id'))
  if (!Array.isArray(written) || (name === undefined && id === undefined)) return false
  const permissions = permissionsOf(written)
  for (const key of [name, id]) if (key !== undefined) draft.azure.definitions.set(roleKey(key), { permissions })
  return true
}

function aks(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const id = string(field(item, 'id'))
  const nodeResourceGroup = string(field(item, 'nodeResourceGroup'))
  if (id === undefined || nodeResourceGroup === undefined) return false
  const profile = field(item, 'aadProfile')
  const azureRbac = field(profile, 'enableAzureRbac') === true || field(profile, 'enableAzureRBAC') === true
  const kubelet = string(inside(item, 'identityProfile', 'kubeletidentity', 'clientId'))
  const access = string(inside(item, 'networkProfile', 'podLinkLocalAccess'))
  draft.azure.clusters.push({
    id,
    nodeResourceGroup,
    azureRbac,
    entra: isObject(profile),
    ...(kubelet === undefined ? {} : { kubelet }),
    ...(access === undefined ? {} : { podLinkLocalAccess: access }),
    from: from(`cluster ${id}`, at),
  })
  return true
}

function federation(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const issuer = string(field(item, 'issuer'))
  const subject = string(field(item, 'subject'))
  if (issuer === undefined || subject === undefined) return false
  const id = string(field(item, 'id'))
  const end = id?.toLowerCase().indexOf('/federatedidentitycredentials/') ?? -1
  draft.azure.federations.push({
    ...(id === undefined || end < 0 ? {} : { identity: id.slice(0, end) }),
    issuer,
    subject,
    from: from(`federated credential of ${subject}`, at),
  })
  return true
}

function identity(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const clientId = string(field(item, 'clientId'))
  const name = string(field(item, 'name'))
  if (clientId === undefined || name === undefined) return false
  const id = string(field(item, 'id'))
  const principalId = string(field(item, 'principalId'))
  draft.azure.identities.push({
    ...(id === undefined ? {} : { id }),
    name,
    clientId,
    ...(principalId === undefined ? {} : { principalId }),
    from: from(`managed identity ${name}`, at),
  })
  return true
}
