import type { AccessBehaviour } from '../../engines/access/used/behaviour.ts'
import type { NameSeen } from '../../engines/access/used/names.ts'

/** The objects that were asked for; undefined where there were too many to keep them, or none was named. */
export function namesOf({
  request,
  names,
  hidesNames,
  first,
  last,
  times,
  days,
  place,
}: AccessBehaviour): ReadonlyMap<string, NameSeen> | undefined {
  if ('path' in request) return undefined
  if (hidesNames) return names && names.beyond === undefined ? names.kept : undefined
  if (request.name === '') return undefined
  return new Map([[request.name, { times, first, last, days, file: place.file, line: place.line }]])
}
