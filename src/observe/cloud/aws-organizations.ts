import { at, field, isObject, type Json, list, string } from '../../cluster/json.ts'
import type { Decoder, Decoding } from './draft.ts'
import { policyDocument } from './policy-text.ts'

const TYPES: ReadonlyMap<string, 'SCP' | 'RCP'> = new Map([
  ['SERVICE_CONTROL_POLICY', 'SCP'],
  ['RESOURCE_CONTROL_POLICY', 'RCP'],
])

/**
 * `aws organizations describe-policy`, `list-policies-for-target`, `list-parents`, `list-roots`, `describe-account`,
 * `list-accounts`, `describe-organization`. Answers that do not say what they were asked of have it added by `--query`:
 * `{Target: 'ou-…', Policies: Policies}`, `{Child: 'ou-…', Parents: Parents}`.
 */
export const awsOrganizations: Decoder = (value, decoding) => {
  const policy = field(value, 'Policy')
  if (field(policy, 'PolicySummary') !== undefined) {
    decodeControl(policy as Json, list(field(value, 'Targets')), decoding)
    return true
  }
  const policies = field(value, 'Policies')
  const target = string(field(value, 'Target'))
  if (Array.isArray(policies) && (target !== undefined || isSummaries(policies))) {
    if (target === undefined) {
      const described = list(policies).filter((each) => field(each, 'Content') !== undefined)
      for (const each of described) decodeControl(each, [], decoding)
      if (described.length === 0)
        decoding.tell('does not say whose policies these are: --query "{Target: \'ID\', Policies: Policies}"', value)
      return true
    }
    decodeAttached(value, target, decoding)
    return true
  }
  const parents = field(value, 'Parents')
  if (Array.isArray(parents)) {
    const child = string(field(value, 'Child'))
    const parent = string(field(list(parents)[0], 'Id'))
    if (child === undefined || parent === undefined)
      decoding.tell('does not say whose parents these are: --query "{Child: \'ID\', Parents: Parents}"', value)
    else decoding.draft.aws.parents.set(child, parent)
    return true
  }
  const roots = field(value, 'Roots')
  if (Array.isArray(roots)) {
    for (const root of list(roots)) decodeRoot(root, decoding)
    return true
  }
  const organization = field(value, 'Organization')
  const management = string(field(organization, 'MasterAccountId'))
  if (management !== undefined) {
    decoding.draft.aws.organizations.set(management, string(field(organization, 'Id')) ?? '')
    return true
  }
  const accounts = field(value, 'Accounts') ?? field(value, 'OrganizationalUnits')
  const one = field(value, 'Account') ?? field(value, 'OrganizationalUnit')
  const all = isObject(one) ? [one] : list(accounts)
  for (const each of all) for (const path of list(field(each, 'Paths'))) decodePath(string(path) ?? '', decoding)
  return (isObject(one) && field(one, 'Arn') !== undefined) || Array.isArray(accounts)
}

function isSummaries(policies: Json): boolean {
  return list(policies).some(
    (each) => field(each, 'PolicySummary') !== undefined || TYPES.has(string(field(each, 'Type')) ?? ''),
  )
}

export function decodeControl(item: Json, targets: readonly Json[], decoding: Decoding): void {
  const type = TYPES.get(string(at(item, 'PolicySummary', 'Type')) ?? '')
  if (type === undefined) return
  const document = policyDocument(field(item, 'Content'))
  const id = string(at(item, 'PolicySummary', 'Id'))
  const name = string(at(item, 'PolicySummary', 'Name')) ?? id ?? ''
  if (document === undefined) {
    decoding.tell(`the control policy ${name} has no document`, item)
    return
  }
  decoding.draft.aws.controls.push({
    type,
    ...(id === undefined ? {} : { id }),
    name,
    document,
    targets: targets.flatMap((each) => string(each) ?? string(field(each, 'TargetId')) ?? []),
    from: decoding.from(`control policy ${name}`, item),
  })
}

/** All policies of one type at one target; what type it is, an empty list does not tell. */
function decodeAttached(value: Json, target: string, { draft, tell }: Decoding): void {
  const items = list(field(value, 'Policies'))
  const types = new Set(
    [string(field(value, 'Filter')), ...items.map((each) => string(field(each, 'Type')))].flatMap(
      (each) => TYPES.get(each ?? '') ?? [],
    ),
  )
  if (types.size !== 1 || field(value, 'NextToken') !== undefined) {
    tell(types.size === 1 ? 'is one page of several: it has a NextToken' : 'names policies of no one type', value)
    return
  }
  draft.aws.attached.set(
    `${[...types][0]} ${target}`,
    items.map((each) => string(field(each, 'Id')) ?? ''),
  )
}

function decodeRoot(root: Json, { draft }: Decoding): void {
  const id = string(field(root, 'Id'))
  if (id === undefined) return
  const enabled = list(field(root, 'PolicyTypes')).flatMap((each) =>
    field(each, 'Status') === 'ENABLED' ? (string(field(each, 'Type')) ?? []) : [],
  )
  draft.aws.roots.push({ id, enabled })
}

/** Roots, five levels of units and an account. */
const MOST_LEVELS = 32

/** `o-…/r-…/ou-…/111122223333/`. */
function decodePath(path: string, { draft }: Decoding): void {
  const parts = path.split('/', MOST_LEVELS).filter((each) => each !== '')
  for (const [index, part] of parts.entries()) {
    const above = parts[index - 1]
    if (above !== undefined && !above.startsWith('o-')) draft.aws.parents.set(part, above)
  }
}
