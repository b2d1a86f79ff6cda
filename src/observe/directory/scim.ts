import type { DirectoryPlace, GroupEntry, PersonEntry } from '../../cluster/directory.ts'
import { at, field, isObject, type Json, type JsonObject, list, string, strings } from '../../cluster/json.ts'
import { MOST_EMAILS } from './rows.ts'

/**
 * A resource of SCIM 2.0 (RFC 7643, 4.1 and 4.2) or 1.1 as a person or a group; undefined for what is neither. The schema
 * decides, and where none is given, what the resource has.
 */
export function decodeResource(
  value: Json,
  place: DirectoryPlace,
): { person: PersonEntry } | { group: GroupEntry } | undefined {
  if (!isObject(value)) return undefined
  const schemas = strings(field(value, 'schemas')).map((each) => each.toLowerCase())
  const isGroup = schemas.some((each) => /[:.]group$/.test(each))
  const isUser = schemas.some((each) => /[:.]user$/.test(each))
  if (isUser || (!isGroup && string(field(value, 'userName')) !== undefined)) return personIn(value, place)
  if (isGroup || (string(field(value, 'displayName')) !== undefined && Array.isArray(field(value, 'members'))))
    return groupIn(value, place)
  return undefined
}

function personIn(value: JsonObject, place: DirectoryPlace): { person: PersonEntry } | undefined {
  const name = string(field(value, 'userName')) ?? ''
  const emails = valuesOf(field(value, 'emails')).slice(0, MOST_EMAILS)
  if (name === '' && emails.length === 0) return undefined
  const groups = list(field(value, 'groups')).flatMap((each) => {
    if (typeof each === 'string') return [each]
    const id = string(field(each, 'value')) ?? ''
    const display = string(field(each, 'display')) ?? ''
    return id !== '' || display !== '' ? [display !== '' ? display : id] : []
  })
  const active = field(value, 'active')
  return {
    person: {
      name,
      emails,
      groups,
      active: typeof active === 'boolean' ? active : typeof active === 'string' ? activeText(active) : undefined,
      id: string(field(value, 'id')) ?? '',
      place,
    },
  }
}

/** Some providers write the boolean as a string. */
function activeText(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

function groupIn(value: JsonObject, place: DirectoryPlace): { group: GroupEntry } | undefined {
  const name = string(field(value, 'displayName')) ?? ''
  if (name === '') return undefined
  return { group: { name, id: string(field(value, 'id')) ?? '', members: valuesOf(field(value, 'members')), place } }
}

/** A multi-valued attribute: objects with `value`, or plain strings. */
function valuesOf(value: Json | undefined): readonly string[] {
  return list(value)
    .flatMap((each) => string(each) ?? string(at(each, 'value')) ?? [])
    .filter((each) => each !== '')
}
