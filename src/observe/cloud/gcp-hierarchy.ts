import { field, isObject, type Json, string, strings } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'

const KINDS: ReadonlyMap<string, string> = new Map([
  ['project', 'projects'],
  ['folder', 'folders'],
  ['organization', 'organizations'],
])
const PLACE = /^(?:projects|folders|organizations)\/[^/]{1,200}$/

/** `{id, type}` of `gcloud projects get-ancestors` and `get-ancestors-iam-policy`, as `projects/P`. */
export function ancestorOf(value: Json | undefined): string | undefined {
  const kind = KINDS.get(string(field(value, 'type')) ?? '')
  const id = string(field(value, 'id'))
  return kind === undefined || id === undefined || id === '' || id.includes('/') ? undefined : `${kind}/${id}`
}

/** A list of them leads from a project, or a folder, up to its organisation; each may stand several times in a row. */
export function decodeAncestry(items: readonly Json[], decoding: Decoding): void {
  let below: string | undefined
  for (const item of items) {
    const place = ancestorOf(item)
    if (below !== undefined && place !== undefined && place !== below && !place.startsWith('projects/'))
      sayAbove(below, [place], decoding)
    below = place
  }
}

/** Whose policy a result of `search-all-iam-policies` is: its project (by number), folders and organisation. */
export function searchedPlace(value: Json, decoding: Decoding): void {
  const resource = string(field(value, 'resource'))
  if (resource === undefined) return
  const project = string(field(value, 'project'))
  const above = [...strings(field(value, 'folders')), string(field(value, 'organization')) ?? ''].filter((each) =>
    PLACE.test(each),
  )
  const isProject = /^\/\/cloudresourcemanager\.googleapis\.com\/projects\/[^/]+$/.test(resource)
  // What is in a project has its id in the path, beside the number in a field of its own.
  const own = /^\/\/[^/]+\/(projects\/[a-z][^/]{0,200})(?=\/|$)/.exec(resource)?.[1]
  if (project !== undefined && PLACE.test(project)) {
    if (own !== undefined) sayNumber(own, project, decoding)
    if (!isProject) sayAbove(resource, [project], decoding)
    sayAbove(project, above, decoding)
  } else sayAbove(resource, above, decoding)
}

/** `gcloud projects describe`, `gcloud projects list`, `gcloud resource-manager folders describe`. */
export function decodePlace(value: Json, decoding: Decoding): boolean {
  const parent = field(value, 'parent')
  const above = isObject(parent) ? ancestorOf(parent) : string(parent)
  const id = string(field(value, 'projectId'))
  const name = string(field(value, 'name')) ?? ''
  if (id !== undefined) {
    const number = string(field(value, 'projectNumber')) ?? /^projects\/(\d+)$/.exec(name)?.[1]
    if (number === undefined && above === undefined) return false
    if (number !== undefined) sayNumber(`projects/${id}`, `projects/${number}`, decoding)
    if (above !== undefined && PLACE.test(above)) sayAbove(`projects/${id}`, [above], decoding)
    return true
  }
  if (!/^folders\/\d+$/.test(name) || above === undefined || !PLACE.test(above)) return false
  sayAbove(name, [above], decoding)
  return true
}

/** That two names are of one project: the one with its id, the other with its number. */
export function sayNumber(first: string, second: string, { draft }: Decoding): void {
  const [a, b] = [first.slice('projects/'.length), second.slice('projects/'.length)]
  const isNumber = (text: string): boolean => /^\d{1,30}$/.test(text)
  if (!first.startsWith('projects/') || !second.startsWith('projects/') || isNumber(a) === isNumber(b)) return
  draft.gcp.projects.set(isNumber(a) ? a : b, isNumber(a) ? b : a)
}

/** Folders nest ten deep. */
const MOST_ABOVE = 64

export function sayAbove(resource: string, above: readonly string[], { draft }: Decoding): void {
  const known = draft.gcp.parents.get(resource) ?? []
  const more = [...new Set(above.slice(0, MOST_ABOVE - known.length))].filter(
    (each) => each !== resource && !known.includes(each),
  )
  if (more.length > 0) draft.gcp.parents.set(resource, [...known, ...more])
}
