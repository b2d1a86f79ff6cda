import type { AuthenticationMode } from '../../cluster/cloud/exports.ts'
import { at, field, isObject, type Json, list, number, string, strings } from '../../cluster/json.ts'
import { nameOf } from './aws-iam.ts'
import type { Decoder, Decoding } from './draft.ts'

/** What `aws eks` says of access entries, their policies, Pod Identity and the cluster. */
export const awsEks: Decoder = (value, decoding) => {
  if (!isObject(value)) return false
  const entry = field(value, 'accessEntry')
  if (isObject(entry)) return decodeEntry(entry, decoding)
  const entries = field(value, 'accessEntries')
  if (Array.isArray(entries)) {
    for (const each of list(entries)) {
      // Some write the described entries into one list.
      if (isObject(each)) decodeEntry(each, decoding)
      else if (typeof each === 'string') {
        const cluster = string(field(value, 'clusterName'))
        decoding.draft.eks.entries.push({
          ...(cluster === undefined ? {} : { cluster }),
          principal: each,
          from: decoding.from(`access entry of ${each}`, value),
        })
      }
    }
    return true
  }
  if (Array.isArray(field(value, 'associatedAccessPolicies'))) return decodePolicies(value, decoding)
  const association = field(value, 'association')
  if (isObject(association)) return decodePodIdentity(association, decoding)
  const associations = field(value, 'associations')
  if (Array.isArray(associations)) {
    for (const each of list(associations)) decodePodIdentity(each, decoding)
    return true
  }
  const cluster = field(value, 'cluster')
  return isObject(cluster) && string(field(cluster, 'arn'))?.includes(':eks:') === true
    ? decodeCluster(cluster, decoding)
    : false
}

export function decodeEntry(item: Json, decoding: Decoding): boolean {
  const principal = string(field(item, 'principalArn'))
  if (principal === undefined) {
    decoding.tell('an access entry has no principalArn', item)
    return true
  }
  const cluster = string(field(item, 'clusterName'))
  const username = string(field(item, 'username'))
  const type = string(field(item, 'type'))
  decoding.draft.eks.entries.push({
    ...(cluster === undefined ? {} : { cluster }),
    principal,
    ...(username === undefined || username === '' ? {} : { username }),
    groups: strings(field(item, 'kubernetesGroups')),
    ...(type === undefined ? {} : { type }),
    from: decoding.from(`access entry of ${principal}`, item),
  })
  return true
}

function decodePolicies(value: Json, decoding: Decoding): boolean {
  const principal = string(field(value, 'principalArn'))
  if (principal === undefined) {
    decoding.tell('associated access policies name no principalArn', value)
    return true
  }
  const cluster = string(field(value, 'clusterName'))
  for (const item of list(field(value, 'associatedAccessPolicies')))
    decodeAssociation(item, { ...(cluster === undefined ? {} : { cluster }), principal }, decoding)
  return true
}

export function decodeAssociation(
  item: Json,
  of: { readonly cluster?: string; readonly principal: string },
  decoding: Decoding,
): void {
  const arn = string(field(item, 'policyArn'))
  if (arn === undefined) {
    decoding.tell('an associated access policy has no policyArn', item)
    return
  }
  const scope = field(item, 'accessScope') ?? null
  const isCluster = string(field(scope, 'type'))?.toLowerCase() === 'cluster'
  decoding.draft.eks.associations.push({
    ...of,
    policy: nameOf(arn),
    ...(isCluster ? {} : { namespaces: strings(field(scope, 'namespaces')) }),
    from: decoding.from(`${nameOf(arn)} for ${of.principal}`, item),
  })
}

function decodePodIdentity(item: Json, decoding: Decoding): boolean {
  const namespace = string(field(item, 'namespace'))
  const account = string(field(item, 'serviceAccount'))
  if (namespace === undefined || account === undefined) {
    decoding.tell('a Pod Identity association names no service account', item)
    return true
  }
  const cluster = string(field(item, 'clusterName'))
  const role = string(field(item, 'roleArn'))
  decoding.draft.eks.podIdentities.push({
    ...(cluster === undefined ? {} : { cluster }),
    namespace,
    account,
    ...(role === undefined ? {} : { role }),
    from: decoding.from(`Pod Identity association of ${namespace}/${account}`, item),
  })
  return true
}

const MODES: ReadonlySet<string> = new Set(['CONFIG_MAP', 'API_AND_CONFIG_MAP', 'API'])

function decodeCluster(item: Json, decoding: Decoding): boolean {
  const name = string(field(item, 'name')) ?? ''
  const arn = string(field(item, 'arn'))
  const mode = string(at(item, 'accessConfig', 'authenticationMode'))
  const issuer = string(at(item, 'identity', 'oidc', 'issuer'))
  decoding.draft.eks.clusters.push({
    name,
    ...(arn === undefined ? {} : { arn }),
    ...(mode !== undefined && MODES.has(mode) ? { mode: mode as AuthenticationMode } : {}),
    ...(issuer === undefined ? {} : { issuer: issuer.replace(/^https:\/\//, '') }),
    from: decoding.from(`EKS cluster ${name}`, item),
  })
  return true
}

/** `aws ec2 describe-instances` and `describe-launch-template-versions`: who may ask the instance metadata service. */
export const awsEc2: Decoder = (value, decoding) => {
  const reservations = field(value, 'Reservations')
  const versions = field(value, 'LaunchTemplateVersions')
  if (!Array.isArray(reservations) && !Array.isArray(versions)) return false
  for (const reservation of list(reservations))
    for (const instance of list(field(reservation, 'Instances'))) {
      const node = string(field(instance, 'PrivateDnsName'))
      const id = string(field(instance, 'InstanceId'))
      decodeMetadata(instance, `instance ${id ?? ''}`, decoding, {
        ...(node === undefined ? {} : { node }),
        ...(id === undefined ? {} : { instance: id }),
      })
    }
  for (const version of list(versions)) {
    const data = field(version, 'LaunchTemplateData')
    if (isObject(data))
      decodeMetadata(data, `launch template ${string(field(version, 'LaunchTemplateName')) ?? ''}`, decoding, {})
  }
  return true
}

function decodeMetadata(
  item: Json,
  title: string,
  decoding: Decoding,
  of: { readonly node?: string; readonly instance?: string },
): void {
  const options = field(item, 'MetadataOptions')
  const hopLimit = number(field(options, 'HttpPutResponseHopLimit'))
  const profile = string(at(item, 'IamInstanceProfile', 'Arn'))
  // Without a session token the hop limit keeps nobody out: IMDSv1 answers from any distance.
  const isBounded = field(options, 'HttpTokens') === 'required'
  decoding.draft.eks.metadata.push({
    ...of,
    ...(profile === undefined ? {} : { profile }),
    ...(hopLimit === undefined ? {} : { hopLimit: isBounded ? hopLimit : Number.POSITIVE_INFINITY }),
    disabled: field(options, 'HttpEndpoint') === 'disabled',
    from: decoding.from(
      `${title}: HttpPutResponseHopLimit ${hopLimit ?? 'not set'}, HttpTokens ${string(field(options, 'HttpTokens')) ?? 'not set'}`,
      item,
    ),
  })
}
