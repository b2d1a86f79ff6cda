import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'

const POLICY = /^organizations\/[^/]{1,100}\/locations\/[^/]{1,100}\/principalAccessBoundaryPolicies\/[^/]{1,200}$/
const BINDING = /^(?:projects|folders|organizations)\/[^/]{1,100}\/locations\/[^/]{1,100}\/policyBindings\/[^/]{1,200}$/
const PLACE = /^\/\/cloudresourcemanager\.googleapis\.com\/((?:projects|folders|organizations)\/[^/]{1,200})$/

/**
 * Principal access boundaries: `gcloud iam principal-access-boundary-policies describe` and `list`, `gcloud iam
 * policy-bindings list` and the searches for bindings, an item of them or the answer of the API.
 */
export function gcpBoundary(value: Json, decoding: Decoding): boolean {
  for (const key of ['policyBindings', 'principalAccessBoundaryPolicies']) {
    const all = field(value, key)
    if (!Array.isArray(all)) continue
    const strange = list(all).filter((each) => !gcpBoundary(each, decoding))
    for (const each of strange) decoding.tell(`one of ${key} is none`, each)
    if (string(field(value, 'nextPageToken'))) decoding.tell(`the list of ${key} has another page`, value)
    return true
  }
  const name = string(field(value, 'name')) ?? ''
  if (POLICY.test(name)) return policy(name, value, decoding)
  if (BINDING.test(name)) return binding(name, value, decoding)
  return false
}

function policy(name: string, value: Json, { draft, from, tell }: Decoding): boolean {
  const resources: string[] = []
  for (const rule of list(at(value, 'details', 'rules'))) {
    const effect = string(field(rule, 'effect'))
    if (effect !== 'ALLOW') {
      tell(`a rule of a principal access boundary has the effect ${JSON.stringify(effect ?? null).slice(0, 40)}`, rule)
      continue
    }
    for (const each of strings(field(rule, 'resources'))) {
      const place = PLACE.exec(each)?.[1]
      if (place === undefined)
        tell('a rule of a principal access boundary names no project, folder or organisation', rule)
      else resources.push(place)
    }
  }
  const written = at(value, 'details', 'enforcementVersion')
  const version = typeof written === 'number' ? String(written) : string(written)
  draft.gcp.boundaries.push({
    name,
    resources,
    ...(version === undefined || version === '' ? {} : { version }),
    from: from(`principal access boundary ${last(name)}`, value),
  })
  return true
}

function binding(name: string, value: Json, { draft, from, tell }: Decoding): boolean {
  const kind = string(field(value, 'policyKind')) ?? 'PRINCIPAL_ACCESS_BOUNDARY'
  const of = string(field(value, 'policy'))
  const principalSet = string(at(value, 'target', 'principalSet'))
  if (kind !== 'PRINCIPAL_ACCESS_BOUNDARY' || of === undefined || principalSet === undefined) {
    tell('a policy binding is none of a principal access boundary, or names no principals', value)
    return true
  }
  const condition = string(at(value, 'condition', 'expression'))
  draft.gcp.boundaryBindings.push({
    policy: of,
    principalSet,
    ...(condition === undefined || condition === '' ? {} : { condition }),
    from: from(`principal access boundary ${last(of)}, bound to ${principalSet} by ${last(name)}`, value),
  })
  return true
}

const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
