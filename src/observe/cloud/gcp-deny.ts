import type { GcpDenyRule } from '../../cluster/cloud/gcp-exports.ts'
import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'
import { sayNumber } from './gcp-hierarchy.ts'

const NAME = /^policies\/([^/]{1,500})\/denypolicies\/(.{1,100})$/
const ATTACHED = /^cloudresourcemanager\.googleapis\.com\/((?:projects|folders|organizations)\/[^/]{1,200})$/

/** A policy of version 2 of the IAM API: `policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/N`. */
export function isDeny(value: Json | undefined): boolean {
  return NAME.test(string(field(value, 'name')) ?? '')
}

/** `above`: the project, folder or organisation whose deny policy it is, as the form around it has it. */
export function decodeDeny(value: Json | undefined, above: string | undefined, decoding: Decoding): void {
  if (value === undefined) return
  const name = string(field(value, 'name')) ?? ''
  const [, point = '', id = ''] = NAME.exec(name) ?? []
  const resource = attachedTo(point)
  if (resource === undefined) {
    decoding.tell('a deny policy is attached to no project, folder or organisation', value)
    return
  }
  // Names in answers have the number of a project, whatever the question had.
  if (above?.startsWith('projects/') === true) sayNumber(above, resource, decoding)
  const rules = field(value, 'rules')
  decoding.draft.gcp.denies.push({
    name: id,
    resource,
    ...(Array.isArray(rules) ? { rules: list(rules).flatMap((rule) => ruleOf(rule)) } : {}),
    from: decoding.from(`deny policy ${id} of ${above ?? resource}`, value),
  })
}

function attachedTo(point: string): string | undefined {
  try {
    return ATTACHED.exec(decodeURIComponent(point))?.[1]
  } catch {
    return undefined
  }
}

function ruleOf(rule: Json): readonly GcpDenyRule[] {
  const deny = field(rule, 'denyRule')
  if (deny === undefined) return []
  const condition = field(deny, 'denialCondition')
  const expression = string(at(condition, 'expression'))
  return [
    {
      deniedPrincipals: strings(field(deny, 'deniedPrincipals')),
      exceptionPrincipals: strings(field(deny, 'exceptionPrincipals')),
      deniedPermissions: strings(field(deny, 'deniedPermissions')),
      exceptionPermissions: strings(field(deny, 'exceptionPermissions')),
      ...(expression === undefined || expression === '' ? {} : { condition: expression }),
    },
  ]
}
