import { accountOf, entityOf, parseArn } from './arn.ts'
import type { Lookup } from './context.ts'
import type { PolicyDocument } from './document.ts'
import type { AwsWorld } from './world.ts'

/** Who makes a request of AWS. */
export type Caller =
  | { readonly kind: 'user'; readonly arn: string; readonly policies?: readonly PolicyDocument[] }
  | {
      readonly kind: 'role'
      readonly arn: string
      /** The name of the session; undefined: not known. */
      readonly session?: string
      /** Session policies, by which the session may do less than its role. */
      readonly policies?: readonly PolicyDocument[]
      readonly tags?: ReadonlyMap<string, string>
    }
  /** The root user of an account. */
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'service'; readonly name: string }
  /** Who holds a token of an OpenID Connect issuer, `https://` or not. Without an audience it is not known. */
  | { readonly kind: 'web-identity'; readonly issuer: string; readonly subject: string; readonly audience?: string }
  /** The EKS service, for a pod of a service account that has an association. */
  | ({ readonly kind: 'pod-identity'; readonly account?: string } & PodIdentityTags)
  | { readonly kind: 'anonymous' }

/** The session tags that EKS sets; undefined ones are not known. */
export interface PodIdentityTags {
  readonly clusterArn?: string
  readonly cluster?: string
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly pod?: string
  readonly podUid?: string
}

export const POD_IDENTITY = 'pods.eks.amazonaws.com'

/** An issuer as IAM names its provider: without the scheme. */
export const issuerName = (issuer: string): string => issuer.replace(/^https:\/\//i, '').replace(/\/$/, '')

/** The account that makes the request; undefined for whoever belongs to none. */
export function callerAccount(caller: Caller): string | undefined {
  switch (caller.kind) {
    case 'user':
    case 'role':
      return accountOf(caller.arn)
    case 'account':
      return caller.id
    default:
      return undefined
  }
}

/** The ARN of a role session, which has no path; undefined where its name is not known. */
export function sessionArn(caller: Caller & { kind: 'role' }): string | undefined {
  const arn = parseArn(caller.arn)
  const name = entityOf(caller.arn)?.name
  if (arn === undefined || name === undefined || caller.session === undefined) return undefined
  return `arn:${arn.partition}:sts::${arn.account}:assumed-role/${name}/${caller.session}`
}

/** What the caller itself tells of a request; keys come in lower case. */
export function callerLookup(caller: Caller, world: AwsWorld): Lookup {
  const values = new Map<string, readonly string[] | null>()
  const account = callerAccount(caller)
  if (account !== undefined) {
    values.set('aws:principalaccount', [account])
    const { organization, path } = world.accounts.get(account) ?? {}
    if (organization !== undefined) values.set('aws:principalorgid', [organization])
    if (path !== undefined) values.set('aws:principalorgpaths', [path])
  }
  const isService = caller.kind === 'service' || caller.kind === 'pod-identity'
  values.set('aws:principalisawsservice', [String(isService)])
  if (!isService) {
    // Set only where a service makes the request in its own name.
    for (const key of ['aws:sourcearn', 'aws:sourceaccount', 'aws:principalservicename']) values.set(key, null)
  }
  let hasAllTags = false
  const tag = (tags: ReadonlyMap<string, string> | undefined): void => {
    for (const [key, value] of tags ?? []) values.set(`aws:principaltag/${key.toLowerCase()}`, [value])
  }
  switch (caller.kind) {
    case 'user': {
      const user = world.principals.get(caller.arn)
      values.set('aws:principalarn', [caller.arn])
      values.set('aws:principaltype', ['User'])
      const name = entityOf(caller.arn)?.name
      if (name !== undefined) values.set('aws:username', [name])
      tag(user?.tags)
      hasAllTags = user !== undefined
      break
    }
    case 'role':
      values.set('aws:principalarn', [caller.arn])
      values.set('aws:principaltype', ['AssumedRole'])
      values.set('aws:username', null)
      // A session may have tags that the role has not: only a full list of them tells that one is missing.
      tag(world.principals.get(caller.arn)?.tags)
      tag(caller.tags)
      if (caller.session !== undefined) values.set('sts:rolesessionname', [caller.session])
      break
    case 'account':
      values.set('aws:principaltype', ['Account'])
      values.set('aws:principalarn', [`arn:aws:iam::${caller.id}:root`])
      values.set('aws:username', null)
      hasAllTags = true
      break
    case 'service':
      values.set('aws:principalservicename', [caller.name])
      break
    case 'pod-identity':
      podIdentityValues(caller, values, world)
      break
    case 'web-identity': {
      const issuer = issuerName(caller.issuer).toLowerCase()
      values.set(`${issuer}:sub`, [caller.subject])
      if (caller.audience !== undefined) values.set(`${issuer}:aud`, [caller.audience])
      values.set('aws:username', null)
      break
    }
    case 'anonymous':
      for (const key of ['aws:principalarn', 'aws:principalaccount', 'aws:principalorgid', 'aws:username'])
        values.set(key, null)
      hasAllTags = true
      break
    default:
      caller satisfies never
  }
  return (key) => {
    const known = values.get(key)
    return known === undefined && hasAllTags && key.startsWith('aws:principaltag/') ? null : known
  }
}

function podIdentityValues(
  caller: Caller & { kind: 'pod-identity' },
  values: Map<string, readonly string[] | null>,
  world: AwsWorld,
): void {
  const tags = {
    'eks-cluster-arn': caller.clusterArn,
    'eks-cluster-name': caller.cluster,
    'kubernetes-namespace': caller.namespace,
    'kubernetes-service-account': caller.serviceAccount,
    'kubernetes-pod-name': caller.pod,
    'kubernetes-pod-uid': caller.podUid,
  }
  for (const [key, value] of Object.entries(tags)) if (value !== undefined) values.set(`aws:requesttag/${key}`, [value])
  values.set('aws:principalservicename', [POD_IDENTITY])
  const account = caller.account ?? accountOf(caller.clusterArn ?? '')
  if (account !== undefined) values.set('aws:sourceaccount', [account])
  const { organization, path } = (account === undefined ? undefined : world.accounts.get(account)) ?? {}
  if (organization !== undefined) values.set('aws:sourceorgid', [organization])
  if (path !== undefined) values.set('aws:sourceorgpaths', [path])
  if (caller.clusterArn !== undefined) values.set('aws:sourcearn', [caller.clusterArn])
}
