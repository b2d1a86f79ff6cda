import { roleKey } from '../../cluster/cloud/aks.ts'
import { field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoder, Decoding } from './draft.ts'

/** `az role assignment list`, `az role definition list`, `az identity list`, `az identity federated-credential list`, `az aks show`, an item of them or the REST list. */
export const azure: Decoder = (value, decoding) => {
  const values = field(value, 'value')
  if (Array.isArray(values)) return list(values).filter((each) => azure(each, decoding)).length > 0
  if (!isObject(value)) return false
  // The REST API has the same fields below `properties`.
  const properties = field(value, 'properties')
  const item: Json = isObject(properties) ? { ...value, ...properties } : value
  return (
    aks(item, value, decoding) ||
    definition(item, decoding) ||
    assignment(item, value, decoding) ||
    federation(item, value, decoding) ||
    identity(item, value, decoding)
  )
}

function assignment(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const principalId = string(field(item, 'principalId'))
  // The command line leaves the name empty where the caller may not read the definition.
  const role = string(field(item, 'roleDefinitionName')) || string(field(item, 'roleDefinitionId'))
  const scope = string(field(item, 'scope'))
  if (principalId === undefined || role === undefined || scope === undefined) return false
  const name = string(field(item, 'principalName'))
  draft.azure.assignments.push({
    principalId,
    ...(name === undefined || name === '' ? {} : { principalName: name }),
    isGroup: ['Group', 'ForeignGroup'].includes(string(field(item, 'principalType')) ?? ''),
    role,
    scope,
    ...(string(field(item, 'condition')) ? { isConditional: true } : {}),
    from: from(`${role} on ${scope}`, at),
  })
  return true
}

/** `az role definition list`, of built-in roles and of custom ones. */
function definition(item: Json, { draft }: Decoding): boolean {
  const written = field(item, 'permissions')
  const name = string(field(item, 'roleName'))
  const id = string(field(item, 'id'))
  if (!Array.isArray(written) || (name === undefined && id === undefined)) return false
  const permissions = list(written).map((each) => ({
    actions: strings(field(each, 'actions')),
    notActions: strings(field(each, 'notActions')),
    dataActions: strings(field(each, 'dataActions')),
    notDataActions: strings(field(each, 'notDataActions')),
  }))
  for (const key of [name, id]) if (key !== undefined) draft.azure.definitions.set(roleKey(key), { permissions })
  return true
}

function aks(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const id = string(field(item, 'id'))
  const nodeResourceGroup = string(field(item, 'nodeResourceGroup'))
  if (id === undefined || nodeResourceGroup === undefined) return false
  const profile = field(item, 'aadProfile')
  const azureRbac = field(profile, 'enableAzureRbac') === true || field(profile, 'enableAzureRBAC') === true
  draft.azure.clusters.push({ id, nodeResourceGroup, azureRbac, from: from(`cluster ${id}`, at) })
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
