import { isControlled } from './actions.ts'
import { type Answer, both, either, not } from './answer.ts'
import { accountOf, parseArn } from './arn.ts'
import { type Caller, callerAccount, callerLookup } from './caller.ts'
import { type Context, type Lookup, lookupIn } from './context.ts'
import type { PolicyDocument } from './document.ts'
import { managedPolicies } from './managed.ts'
import { type Because, type Said, SILENT, said, UNSEEN } from './part.ts'
import type { Asked } from './statement.ts'
import type { AwsAccount, AwsWorld } from './world.ts'

export type { Answer } from './answer.ts'
export type { Because, Part } from './part.ts'

export interface AwsRequest {
  readonly principal: Caller
  /** `s3:GetObject`, in any case of letters. */
  readonly action: string
  /** An ARN, or `*` where the action is on no resource. */
  readonly resource: string
  readonly context?: Context
}

export interface Decision {
  readonly answer: Answer
  /** The statements that decided: what denies, else what allows and what might deny. */
  readonly because: readonly Because[]
  /** What was not given and would have had a say: policies, in words. */
  readonly unseen: readonly string[]
}

/** A policy of the resource, which the world does not hold, or the trust policy of a role. */
export interface ResourcePolicy {
  readonly part: 'resource' | 'trust'
  /** Undefined: not known; null: there is none. */
  readonly document: PolicyDocument | null | undefined
  /** The caller’s own policies are not asked: what needs them is `maybe`. */
  readonly alone?: boolean
}

/** Actions of KMS that are on no key, so that no key policy has a say. */
const KEYLESS: ReadonlySet<string> = new Set(
  ['createkey', 'listkeys', 'listaliases', 'generaterandom', 'createcustomkeystore', 'describecustomkeystores'].map(
    (name) => `kms:${name}`,
  ),
)
const isOnKey = (action: string): boolean => action.startsWith('kms:') && !KEYLESS.has(action)

/** `sts:` actions on a role are decided by its trust policy, which must allow them itself. */
const isAssumption = (action: string, resource: string): boolean =>
  action.startsWith('sts:') && parseArn(resource)?.service === 'iam'

/**
 * Whether AWS would allow a request, by the policies that are known: an explicit denial anywhere denies; the resource and
 * service control policies must allow; boundary and session policies narrow what the identity is allowed; within an
 * account the identity or the resource must allow it, between accounts both; trust and key policies must in any case.
 * Control policies and policies of resources that were not given are not asked, which `unseen` tells; where one would
 * have to allow, the answer is at most `maybe`.
 */
export function decide(request: AwsRequest, world: AwsWorld): Decision {
  const resource = world.resources.get(request.resource)
  const role = world.principals.get(request.resource)
  return isAssumption(request.action.toLowerCase(), request.resource)
    ? judge(request, world, { part: 'trust', document: role?.trust })
    : judge(request, world, { part: 'resource', document: resource?.policy })
}

export function judge(request: AwsRequest, world: AwsWorld, policy: ResourcePolicy): Decision {
  const { principal: caller, resource } = request
  const own = callerAccount(caller)
  const target = world.resources.get(resource)?.account ?? accountOf(resource)
  const asked: Asked = { action: request.action.toLowerCase(), resource, lookup: lookupOf(request, target, world) }
  const unseen: string[] = []
  const service = asked.action.slice(0, asked.action.indexOf(':'))

  const ofIdentity = policy.alone ? { ...SILENT, allow: 'maybe' as const } : identitySaid(caller, world, asked, unseen)
  const boundary = boundarySaid(caller, world, asked)
  const session = sessionSaid(caller, asked)
  const ofResource = resourceSaid(policy, caller, world, asked)
  const mustAllow = policy.part === 'trust' || isOnKey(asked.action)
  if (policy.document === undefined && resource !== '*') unseen.push(`the policy of ${resource}`)
  const scp = controlSaid('scp', own, caller, world, asked, unseen)
  const rcp = doubted(controlSaid('rcp', target ?? own, caller, world, asked, unseen), isControlled(service))

  const all = [ofIdentity, boundary ?? SILENT, session ?? SILENT, ofResource, scp, rcp]
  const deny = all.reduce<Answer>((found, each) => either(found, each.deny), 'no')
  const limits = both(boundary?.allow ?? 'yes', session?.allow ?? 'yes')
  const identity = both(ofIdentity.allow, limits)
  const isCross = own !== undefined && target !== undefined && own !== target
  const granted = both(
    both(scp.allow, rcp.allow),
    grantedBy(caller, { identity, limits, ofResource, isCross, mustAllow }),
  )
  const answer = both(granted, not(deny))
  return { answer, because: reasons(answer, deny, all), unseen }
}

interface Grants {
  readonly identity: Answer
  /** What boundary and session policies leave. */
  readonly limits: Answer
  readonly ofResource: Said
  readonly isCross: boolean
  readonly mustAllow: boolean
}

/** Who allows it, of identity and resource (IAM user guide, "Policy evaluation for requests within a single account"). */
function grantedBy(caller: Caller, { identity, limits, ofResource, isCross, mustAllow }: Grants): Answer {
  const { direct, session, account, any } = ofResource.allows
  const byResource = either(either(direct, session), either(account, any))
  if (caller.kind !== 'user' && caller.kind !== 'role' && caller.kind !== 'account') return byResource
  if (isCross) return both(byResource, identity)
  // A policy that names a user or a session is not narrowed by boundary and session policies that are silent; one that
  // names a role is. Of `*` this is not said.
  const named = caller.kind === 'role' ? both(direct, limits) : direct
  const byAny = both(any, either(limits, 'maybe'))
  const alone = either(either(named, session), byAny)
  return either(alone, mustAllow ? both(account, identity) : identity)
}

/** What is told of an answer: what denies it; else all that bears on it. */
function reasons(answer: Answer, deny: Answer, all: readonly Said[]): readonly Because[] {
  const because = all.flatMap((each) => each.because)
  if (deny === 'yes')
    return because.filter(({ statement, answer: one }) => statement.effect === 'deny' && one === 'yes')
  return answer === 'yes'
    ? because.filter(({ statement, answer: one }) => statement.effect === 'allow' && one === 'yes')
    : because
}

function lookupOf(request: AwsRequest, account: string | undefined, world: AwsWorld): Lookup {
  const given = lookupIn(request.context ?? new Map())
  const caller = callerLookup(request.principal, world)
  const { organization, path } = (account === undefined ? undefined : world.accounts.get(account)) ?? {}
  const tags = world.resources.get(request.resource)?.tags ?? world.principals.get(request.resource)?.tags
  const ofResource = new Map<string, readonly string[] | null>()
  if (account !== undefined) ofResource.set('aws:resourceaccount', [account])
  if (organization !== undefined) ofResource.set('aws:resourceorgid', [organization])
  if (path !== undefined) ofResource.set('aws:resourceorgpaths', [path])
  for (const [key, value] of tags ?? []) ofResource.set(`aws:resourcetag/${key.toLowerCase()}`, [value])
  return (key) => {
    const lower = key.toLowerCase()
    const known = given(lower)
    if (known !== undefined) return known
    const told = caller(lower)
    if (told !== undefined) return told
    const tagKey = lower.replace(/^[a-z0-9-]+:resourcetag\//, 'aws:resourcetag/')
    const value = ofResource.get(tagKey)
    return value === undefined && tags !== undefined && tagKey.startsWith('aws:resourcetag/') ? null : value
  }
}

function identitySaid(caller: Caller, world: AwsWorld, asked: Asked, unseen: string[]): Said {
  if (caller.kind === 'account') return { ...SILENT, allow: 'yes' }
  if (caller.kind !== 'user' && caller.kind !== 'role') return SILENT
  const principal = world.principals.get(caller.arn)
  if (principal === undefined) {
    unseen.push(`the policies of ${caller.arn}`)
    return UNSEEN
  }
  const { documents, missing } = managedPolicies(principal.unread ?? [])
  const known = said('identity', [...principal.policies, ...documents], asked)
  if (missing.length === 0) return known
  for (const arn of missing) unseen.push(`the policy ${arn}`)
  return {
    ...known,
    allow: either(known.allow, 'maybe'),
    deny: either(known.deny, missing.some(mayDeny) ? 'maybe' : 'no'),
  }
}

/** Of the policies that AWS manages, those that deny say so in their names. */
const mayDeny = (arn: string): boolean => !/^arn:[^:]+:iam::aws:policy\//.test(arn) || /deny|quarantine/i.test(arn)

function boundarySaid(caller: Caller, world: AwsWorld, asked: Asked): Said | undefined {
  const boundary = 'arn' in caller ? world.principals.get(caller.arn)?.boundary : undefined
  return boundary && said('boundary', [boundary], asked)
}

function sessionSaid(caller: Caller, asked: Asked): Said | undefined {
  const policies = caller.kind === 'role' || caller.kind === 'user' ? caller.policies : undefined
  return policies && said('session', policies, asked)
}

function resourceSaid({ part, document }: ResourcePolicy, caller: Caller, world: AwsWorld, asked: Asked): Said {
  if (document === null || (asked.resource === '*' && !isOnKey(asked.action))) return SILENT
  if (document !== undefined) return said(part, [document], asked, { caller, world })
  const account = callerAccount(caller)
  const isOther =
    account !== undefined && accountOf(asked.resource) !== undefined && accountOf(asked.resource) !== account
  // A policy that nobody has seen is not thought to grant or to deny; it is where it would have to allow.
  const isNeeded = part === 'trust' || isOnKey(asked.action) || isOther || account === undefined
  if (!isNeeded) return SILENT
  return {
    ...SILENT,
    allow: 'maybe',
    allows:
      part === 'trust'
        ? UNSEEN.allows
        : { ...UNSEEN.allows, direct: isOther ? 'maybe' : 'no', session: 'no', any: 'no' },
  }
}

/** The control policies of an organisation: each level must allow, any may deny. */
function controlSaid(
  part: 'scp' | 'rcp',
  account: string | undefined,
  caller: Caller,
  world: AwsWorld,
  asked: Asked,
  unseen: string[],
): Said {
  const free: Said = { ...SILENT, allow: 'yes' }
  if (account === undefined) return free
  const known: AwsAccount = world.accounts.get(account) ?? {}
  const isServiceLinked = caller.kind === 'role' && parseArn(caller.arn)?.resource.startsWith('role/aws-service-role/')
  if (known.management || isServiceLinked) return free
  const levels = part === 'scp' ? known.scps : known.rcps
  if (levels === undefined) {
    unseen.push(`the ${part === 'scp' ? 'service' : 'resource'} control policies of ${account}`)
    return free
  }
  const each = levels.map((documents) => said(part, documents, asked, part === 'rcp' ? { caller, world } : undefined))
  return {
    ...SILENT,
    deny: each.reduce<Answer>((found, level) => either(found, level.deny), 'no'),
    allow: each.reduce<Answer>((found, level) => both(found, level.allow), 'yes'),
    because: each.flatMap((level) => level.because),
  }
}

function doubted(control: Said, isSure: boolean): Said {
  if (isSure) return control
  return { ...control, deny: both(control.deny, 'maybe'), allow: either(control.allow, 'maybe') }
}
