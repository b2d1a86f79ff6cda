import { field, isObject, type Json, list, string } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** As many as Graph expands; of a group that has so many, others may be missing. */
const EXPANDED = 20

/**
 * Members of groups of Entra ID: `az ad group member list --query "{group: 'ID', members: @}"`, or without the query in a
 * file that is named after the group; a group with its members as Graph expands them; memberships of Privileged Identity
 * Management for groups.
 */
export function azureMembers(item: Json, at: Json, decoding: Decoding): boolean {
  return schedule(item, at, decoding) || group(item, at, decoding) || alone(item, at, decoding)
}

function group(item: Json, at: Json, decoding: Decoding): boolean {
  const asked = string(field(item, 'group'))
  const own = string(field(item, 'id'))
  const id = asked ?? own
  if (id === undefined || !ID.test(id)) return false
  const members = [field(item, 'members'), field(item, 'transitiveMembers')].filter((each) => Array.isArray(each))
  if (members.length === 0) return false
  for (const each of members.flatMap((one) => list(one))) member(id, each, at, decoding)
  const goesOn = Object.keys(item as object).some((key) => key.endsWith('@odata.nextLink'))
  const isWhole = asked !== undefined || (!goesOn && members.every((each) => list(each).length < EXPANDED))
  if (isWhole) decoding.draft.azure.groups.add(id.toLowerCase())
  else decoding.tell(`group ${id} may have more members than are expanded`, at)
  return true
}

function member(group: string, value: Json, at: Json, decoding: Decoding): void {
  const { draft, from, tell } = decoding
  const id = string(value) ?? string(field(value, 'id'))
  if (id === undefined || id === '') {
    tell(`a member of group ${group} has no id`, isObject(value) ? value : at)
    return
  }
  servicePrincipal(value, decoding)
  const name = string(field(value, 'userPrincipalName'))
  draft.azure.members.push({
    group,
    id,
    ...(name === undefined ? {} : { name }),
    isGroup: isGroup(value),
    from: from(`${name ?? id} is a member of group ${group}`, isObject(value) ? value : at),
  })
}

/** `az ad sp list`: which application, by whose client id annotations name it, has which id in role assignments. */
export function servicePrincipal(item: Json, { draft }: Decoding): boolean {
  const clientId = string(field(item, 'appId'))
  const principalId = string(field(item, 'id'))
  if (clientId === undefined || principalId === undefined || field(item, 'servicePrincipalType') === undefined)
    return false
  draft.azure.servicePrincipals.set(principalId.toLowerCase(), clientId)
  return true
}

function isGroup(value: Json): boolean {
  return /graph\.group$/i.test(string(field(value, '@odata.type')) ?? '') || Array.isArray(field(value, 'groupTypes'))
}

/** An object of the directory, in a file that says of which group it is a member. */
function alone(item: Json, at: Json, decoding: Decoding): boolean {
  if (!/^#microsoft\.graph\.[a-zA-Z]+$/.test(string(field(item, '@odata.type')) ?? '')) return false
  const id = groupOfFile(decoding.file)
  if (id === undefined) {
    if (servicePrincipal(item, decoding)) return true
    decoding.tell('an object of the directory is in no file that is named after the id of a group', at)
    return true
  }
  decoding.draft.azure.groups.add(id.toLowerCase())
  member(id, item, at, decoding)
  return true
}

function groupOfFile(file: string): string | undefined {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).split('.', 1)[0] ?? ''
  return ID.test(name) ? name : undefined
}

/** `identityGovernance/privilegedAccess/group/eligibilityScheduleInstances` and `assignmentScheduleInstances` of Graph. */
function schedule(item: Json, at: Json, { draft, from }: Decoding): boolean {
  const id = string(field(item, 'principalId'))
  const of = string(field(item, 'groupId'))
  const access = string(field(item, 'accessId'))
  if (id === undefined || of === undefined || access === undefined) return false
  // Owners of a group are none of its members.
  if (access.toLowerCase() !== 'member') return true
  const isEligible = field(item, 'assignmentScheduleId') === undefined
  draft.azure.members.push({
    group: of,
    id,
    isGroup: false,
    ...(isEligible ? { isEligible: true } : {}),
    from: from(`${id} is ${isEligible ? 'eligible for membership' : 'a member'} of group ${of}`, at),
  })
  return true
}
