import { at, field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoder, Decoding } from './draft.ts'
import { gcpBoundary } from './gcp-boundaries.ts'
import { decodeDeny, isDeny } from './gcp-deny.ts'
import { ancestorOf, decodePlace, searchedPlace } from './gcp-hierarchy.ts'
import { gcpMachine } from './gcp-machines.ts'

/**
 * `gcloud projects get-ancestors-iam-policy --include-deny`, `gcloud asset search-all-iam-policies`, `get-iam-policy` of a
 * project or service account, `gcloud iam policies get`, `gcloud iam roles describe` and `list`, `gcloud projects describe`, principal access
 * boundaries, instances of Compute Engine.
 */
export const gcp: Decoder = (value, decoding) => {
  if (gcpBoundary(value, decoding) || gcpMachine(value, decoding)) return true
  const above = ancestorOf(value)
  if (above !== undefined) {
    const own = field(value, 'policy')
    if (isDeny(own)) decodeDeny(own, above, decoding)
    else if (isObject(own)) decodePolicy(own, above, decoding)
    return true
  }
  if (isDeny(value)) {
    decodeDeny(value, undefined, decoding)
    return true
  }
  if (Array.isArray(field(value, 'bindings'))) {
    decodePolicy(value, resourceOfFile(decoding.file), decoding)
    return true
  }
  const policy = field(value, 'policy')
  if (isObject(policy) && field(value, 'resource') !== undefined) {
    searchedPlace(value, decoding)
    decodePolicy(policy, string(field(value, 'resource')), decoding)
    return true
  }
  // The results of the API itself, rather than of gcloud.
  const results = field(value, 'results')
  if (Array.isArray(results) && list(results).some((each) => isObject(at(each, 'policy')))) {
    for (const each of list(results)) {
      searchedPlace(each, decoding)
      decodePolicy(field(each, 'policy') ?? null, string(field(each, 'resource')), decoding)
    }
    return true
  }
  const name = string(field(value, 'name'))
  if (name !== undefined && Array.isArray(field(value, 'includedPermissions'))) {
    decoding.draft.gcp.roles.set(name, strings(field(value, 'includedPermissions')))
    return true
  }
  return decodePlace(value, decoding)
}

function decodePolicy(policy: Json, resource: string | undefined, decoding: Decoding): void {
  for (const binding of list(field(policy, 'bindings'))) decodeBinding(binding, resource, decoding)
}

export function decodeBinding(item: Json, resource: string | undefined, decoding: Decoding): void {
  const role = string(field(item, 'role'))
  if (role === undefined) {
    decoding.tell('a binding names no role', item)
    return
  }
  const condition = field(item, 'condition')
  for (const member of strings(field(item, 'members')))
    decoding.draft.gcp.bindings.push({
      ...(resource === undefined ? {} : { resource }),
      role,
      member,
      ...(isObject(condition) ? { condition } : {}),
      from: decoding.from(`${role} for ${member}${resource === undefined ? '' : ` on ${resource}`}`, item),
    })
}

/** `get-iam-policy` does not say whose policy it is: a file that is named after the service account does. */
function resourceOfFile(file: string): string | undefined {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
  const email = /^([a-z0-9.-]{1,63}@[a-z0-9.:-]{1,120}\.gserviceaccount\.com)\b/.exec(name)?.[1]
  return email === undefined ? undefined : `//iam.googleapis.com/projects/-/serviceAccounts/${email}`
}
