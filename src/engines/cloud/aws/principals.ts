import { type Answer, answerOf, either } from './answer.ts'
import { accountOf, entityOf, parseArn } from './arn.ts'
import { type Caller, callerAccount, issuerName, POD_IDENTITY, sessionArn } from './caller.ts'
import type { Principals } from './document.ts'
import type { AwsWorld } from './world.ts'

/**
 * How a policy of a resource names a caller, since each has its own effect: by its own ARN, by that of its session, by
 * its account (which leaves the decision to the policies of that account), or as anyone.
 */
export interface Named {
  readonly direct: Answer
  readonly session: Answer
  readonly account: Answer
  readonly any: Answer
}

export const NOT_NAMED: Named = { direct: 'no', session: 'no', account: 'no', any: 'no' }

/** Principal and NotPrincipal. An element that is missing where one is needed is `maybe`. */
export function named(principals: Principals | undefined, caller: Caller, world: AwsWorld): Named {
  if (principals === undefined) return { ...NOT_NAMED, any: 'maybe' }
  let found = NOT_NAMED
  for (const { kind, value } of principals.named) {
    const one = kind === '*' ? anyone(caller) : namedBy(kind, value, caller, world)
    if (one !== NOT_NAMED) found = union(found, one)
  }
  return principals.not ? { ...NOT_NAMED, any: outside(found, caller) } : found
}

export const isNamed = (by: Named): Answer => either(either(by.direct, by.session), either(by.account, by.any))

const union = (a: Named, b: Named): Named => ({
  direct: either(a.direct, b.direct),
  session: either(a.session, b.session),
  account: either(a.account, b.account),
  any: either(a.any, b.any),
})

/** NotPrincipal exempts a caller surely where it names all that it is: its account, its ARN, and of a role its session. */
function outside(found: Named, caller: Caller): Answer {
  if (isNamed(found) === 'no') return 'yes'
  if (found.any === 'yes') return 'no'
  const isOfAccount = caller.kind === 'user' || caller.kind === 'role'
  const all = found.direct === 'yes' && (!isOfAccount || found.account === 'yes')
  return all && (caller.kind !== 'role' || found.session === 'yes') ? 'no' : 'maybe'
}

/** The documentation does not say that `*` admits tokens of any issuer, or EKS. */
function anyone(caller: Caller): Named {
  const doubtful = caller.kind === 'web-identity' || caller.kind === 'pod-identity'
  return { ...NOT_NAMED, any: doubtful ? 'maybe' : 'yes' }
}

function namedBy(
  kind: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser',
  value: string,
  caller: Caller,
  world: AwsWorld,
): Named {
  switch (kind) {
    case 'AWS':
      return value === '*' ? anyone(caller) : namedByArn(value, caller, world)
    case 'Service': {
      const service =
        caller.kind === 'service' ? caller.name : caller.kind === 'pod-identity' ? POD_IDENTITY : undefined
      if (service === undefined) return NOT_NAMED
      return value === '*' || value.toLowerCase() === service.toLowerCase() ? direct('yes') : NOT_NAMED
    }
    case 'Federated':
      if (caller.kind !== 'web-identity') return NOT_NAMED
      if (value === '*') return anyone(caller)
      return direct(answerOf(providerName(value) === issuerName(caller.issuer).toLowerCase()))
    case 'CanonicalUser':
      // The canonical id of an account is in no policy and in few exports.
      return callerAccount(caller) === undefined ? NOT_NAMED : { ...NOT_NAMED, account: 'maybe' }
    default:
      return kind satisfies never
  }
}

const direct = (answer: Answer): Named => (answer === 'no' ? NOT_NAMED : { ...NOT_NAMED, direct: answer })

/** Of `arn:aws:iam::1:oidc-provider/HOST/PATH` the issuer; other providers are named as they are. */
function providerName(value: string): string {
  const resource = parseArn(value)?.resource
  return (resource?.startsWith('oidc-provider/') ? resource.slice('oidc-provider/'.length) : value).toLowerCase()
}

function namedByArn(value: string, caller: Caller, world: AwsWorld): Named {
  const account = callerAccount(caller)
  if (account === undefined) return NOT_NAMED
  const isRoot = parseArn(value)?.service === 'iam' && parseArn(value)?.resource === 'root'
  if (/^\d{12}$/.test(value) || isRoot) {
    if ((isRoot ? accountOf(value) : value) !== account) return NOT_NAMED
    return caller.kind === 'account' ? direct('yes') : { ...NOT_NAMED, account: 'yes' }
  }
  if (caller.kind !== 'user' && caller.kind !== 'role') return NOT_NAMED
  if (value === caller.arn) return direct('yes')
  if (/^A(IDA|ROA)[A-Z0-9]{12,}(:.*)?$/.test(value)) return namedById(value, caller, world)
  if (caller.kind !== 'role' || accountOf(value) !== account) return NOT_NAMED
  return { ...NOT_NAMED, session: namedBySession(value, caller) }
}

/** The unique id of a principal, and after a colon a session of it. */
function namedById(value: string, caller: Caller & { kind: 'user' | 'role' }, world: AwsWorld): Named {
  const [id, session] = value.split(':', 2)
  if ((caller.kind === 'user') !== (id as string).startsWith('AIDA')) return NOT_NAMED
  const known = world.principals.get(caller.arn)?.id
  const same: Answer = known === undefined ? 'maybe' : answerOf(known === id)
  if (session === undefined || same === 'no') return direct(same)
  const isSession =
    caller.kind === 'role' && caller.session !== undefined ? answerOf(caller.session === session) : 'maybe'
  return { ...NOT_NAMED, session: isSession === 'yes' ? same : isSession }
}

function namedBySession(value: string, caller: Caller & { kind: 'role' }): Answer {
  const own = sessionArn(caller)
  if (own !== undefined) return answerOf(own === value)
  const [kind, name] = (parseArn(value)?.resource ?? '').split('/', 2)
  return kind === 'assumed-role' && name === entityOf(caller.arn)?.name ? 'maybe' : 'no'
}
