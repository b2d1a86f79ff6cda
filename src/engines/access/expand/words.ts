import { at, field, type Json, type JsonObject, list, string } from '../../../cluster/json.ts'

/** Roles and subjects of bindings as people read them. */

export function roleText(body: JsonObject): string {
  return `${string(at(body, 'roleRef', 'kind')) ?? ''} ${string(at(body, 'roleRef', 'name')) ?? ''}`
}

const FEW = 3

export function subjectsText(body: JsonObject): string {
  const names = list(field(body, 'subjects')).map(subjectWords)
  if (names.length === 0) return 'nobody'
  return `${names.slice(0, FEW).join(', ')}${names.length > FEW ? ` and ${names.length - FEW} more` : ''}`
}

export function subjectWords(subject: Json): string {
  const namespace = string(field(subject, 'namespace'))
  const name = string(field(subject, 'name')) ?? ''
  return `${string(field(subject, 'kind')) ?? ''} ${namespace ? `${namespace}/${name}` : name}`
}
