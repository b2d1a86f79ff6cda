import type { IamPolicy } from '../../cluster/cloud/exports.ts'
import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoder, Decoding } from './draft.ts'
import { policyDocument } from './policy-text.ts'

/** `aws iam get-account-authorization-details` (any part of it), `list-roles`, `get-role`. */
export const awsIam: Decoder = (value, decoding) => {
  let isKnown = false
  for (const [key, decode] of LISTS) {
    const items = field(value, key)
    if (!Array.isArray(items)) continue
    isKnown = true
    for (const item of list(items)) decode(item, decoding)
  }
  const role = field(value, 'Role')
  if (field(role, 'Arn') !== undefined) {
    isKnown = true
    decodeRole(role as Json, decoding)
  }
  if (isKnown && field(value, 'IsTruncated') === true)
    decoding.tell('is one page of several: IsTruncated is true', value)
  return isKnown
}

const LISTS: readonly (readonly [string, (item: Json, decoding: Decoding) => void])[] = [
  ['RoleDetailList', decodeRole],
  ['Roles', decodeRole],
  ['UserDetailList', decodeUser],
  ['GroupDetailList', decodeGroup],
  ['Policies', decodePolicy],
]

function decodeRole(item: Json, decoding: Decoding): void {
  const arn = string(field(item, 'Arn'))
  if (arn === undefined) {
    decoding.tell('a role has no Arn', item)
    return
  }
  const trust = policyDocument(field(item, 'AssumeRolePolicyDocument'))
  const boundary = boundaryOf(item)
  const id = string(field(item, 'RoleId'))
  decoding.draft.aws.roles.push({
    arn,
    ...(id === undefined ? {} : { id }),
    name: string(field(item, 'RoleName')) ?? nameOf(arn),
    ...(trust === undefined ? {} : { trust }),
    policies: policiesOf(item, 'RolePolicyList'),
    toldPolicies: field(item, 'RolePolicyList') !== undefined || field(item, 'AttachedManagedPolicies') !== undefined,
    ...(boundary === undefined ? {} : { boundary }),
    instanceProfiles: list(field(item, 'InstanceProfileList')).flatMap((each) => string(field(each, 'Arn')) ?? []),
    tags: tagsOf(item),
    from: decoding.from(`role ${arn}`, item),
  })
}

function decodeUser(item: Json, decoding: Decoding): void {
  const arn = string(field(item, 'Arn'))
  if (arn === undefined) {
    decoding.tell('a user has no Arn', item)
    return
  }
  const boundary = boundaryOf(item)
  const id = string(field(item, 'UserId'))
  decoding.draft.aws.users.push({
    arn,
    ...(id === undefined ? {} : { id }),
    name: string(field(item, 'UserName')) ?? nameOf(arn),
    policies: policiesOf(item, 'UserPolicyList'),
    groups: strings(field(item, 'GroupList')),
    ...(boundary === undefined ? {} : { boundary }),
    from: decoding.from(`user ${arn}`, item),
  })
}

function decodeGroup(item: Json, decoding: Decoding): void {
  const arn = string(field(item, 'Arn'))
  if (arn === undefined) {
    decoding.tell('a group has no Arn', item)
    return
  }
  decoding.draft.aws.groups.push({
    arn,
    name: string(field(item, 'GroupName')) ?? nameOf(arn),
    policies: policiesOf(item, 'GroupPolicyList'),
    from: decoding.from(`group ${arn}`, item),
  })
}

function decodePolicy(item: Json, decoding: Decoding): void {
  const arn = string(field(item, 'Arn'))
  const versions = list(field(item, 'PolicyVersionList'))
  const version =
    versions.find((each) => field(each, 'IsDefaultVersion') === true) ??
    versions.find((each) => field(each, 'VersionId') === field(item, 'DefaultVersionId'))
  const document = policyDocument(field(version, 'Document'))
  if (arn !== undefined && document !== undefined) decoding.draft.aws.managed.set(arn, document)
}

function policiesOf(item: Json, inline: string): readonly IamPolicy[] {
  return [
    ...list(field(item, inline)).flatMap((each): readonly IamPolicy[] => {
      const document = policyDocument(field(each, 'PolicyDocument'))
      return [{ name: string(field(each, 'PolicyName')) ?? '', ...(document === undefined ? {} : { document }) }]
    }),
    ...list(field(item, 'AttachedManagedPolicies')).flatMap((each): readonly IamPolicy[] => {
      const arn = string(field(each, 'PolicyArn'))
      return arn === undefined ? [] : [{ name: string(field(each, 'PolicyName')) ?? nameOf(arn), arn }]
    }),
  ]
}

function boundaryOf(item: Json): string | undefined {
  return string(at(item, 'PermissionsBoundary', 'PermissionsBoundaryArn'))
}

function tagsOf(item: Json): ReadonlyMap<string, string> {
  return new Map(
    list(field(item, 'Tags')).flatMap((each): readonly (readonly [string, string])[] => {
      const key = string(field(each, 'Key'))
      return key === undefined ? [] : [[key, string(field(each, 'Value')) ?? '']]
    }),
  )
}

export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}
