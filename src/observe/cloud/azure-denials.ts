import type { AzureNamed, AzurePermission } from '../../cluster/cloud/azure-exports.ts'
import { field, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'

/** `permissions` of role definitions and of deny assignments. */
export function permissionsOf(written: Json | undefined): readonly AzurePermission[] {
  return list(written).map((each) => ({
    actions: strings(field(each, 'actions')),
    notActions: strings(field(each, 'notActions')),
    dataActions: strings(field(each, 'dataActions')),
    notDataActions: strings(field(each, 'notDataActions')),
  }))
}

/** A deny assignment of the REST API (`az rest`), which no command of its own lists. */
export function azureDenial(item: Json, at: Json, { draft, from, tell }: Decoding): boolean {
  const name = string(field(item, 'denyAssignmentName'))
  const type = string(field(item, 'type'))?.toLowerCase()
  const id = string(field(item, 'id')) ?? ''
  const isDenial = type === undefined ? name !== undefined : type === 'microsoft.authorization/denyassignments'
  if (!isDenial) return false
  // Its id begins with the scope that the properties leave out sometimes.
  const above = /^(.*)\/providers\/microsoft\.authorization\/denyassignments\/[^/]+$/i.exec(id)?.[1]
  const scope = string(field(item, 'scope')) ?? (above === '' ? '/' : above)
  if (scope === undefined) {
    tell('a deny assignment names no scope', at)
    return true
  }
  const effect = string(field(item, 'denyAssignmentEffect'))?.toLowerCase()
  if (effect === 'audit') return true
  const written = list(field(item, 'permissions'))
  const isNarrowed = [item, ...written].some((each) => (string(field(each, 'condition')) ?? '') !== '')
  draft.azure.denials.push({
    name: name ?? string(field(item, 'name')) ?? '',
    scope,
    permissions: permissionsOf(written),
    principals: namedOf(field(item, 'principals')),
    excluded: namedOf(field(item, 'excludePrincipals')),
    isHereOnly: field(item, 'doNotApplyToChildScopes') === true,
    isConditional: isNarrowed || (effect !== undefined && effect !== 'enforced'),
    from: from(`deny assignment ${name ?? ''} on ${scope}`, at),
  })
  return true
}

function namedOf(value: Json | undefined): readonly AzureNamed[] {
  return list(value).flatMap((each) => {
    const type = string(field(each, 'type'))?.toLowerCase()
    const id = string(field(each, 'id')) ?? (type === 'systemdefined' || type === 'everyone' ? EVERYONE : undefined)
    if (id === undefined) return []
    return [{ id, ...(type === undefined ? {} : { isGroup: type.endsWith('group') }) }]
  })
}

const EVERYONE = '00000000-0000-0000-0000-000000000000'
