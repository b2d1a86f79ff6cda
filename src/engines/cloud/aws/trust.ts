import { both, either } from './answer.ts'
import { accountOf, parseArn } from './arn.ts'
import type { Caller } from './caller.ts'
import type { Context } from './context.ts'
import { type Decision, judge } from './decide.ts'
import type { PolicyDocument } from './document.ts'
import { type AwsWorld, NOTHING_KNOWN } from './world.ts'

export interface AssumeOptions {
  /** The ARN of the role. Without it its account is not known. */
  readonly role?: string
  /** With it the caller’s own policies count, and those of the organisation. */
  readonly world?: AwsWorld
  readonly context?: Context
}

/** The role of no account, which belongs to the account of whoever asks. */
const SOME_ROLE = 'arn:aws:iam:::role/'

/**
 * Whether a caller may assume the role that has a trust policy; undefined where the policy is not known. A user or role
 * that the policy names only by its account needs an identity policy besides: without a world that is `maybe`.
 */
export function mayAssume(trust: PolicyDocument | undefined, who: Caller, options: AssumeOptions = {}): Decision {
  const world = options.world ?? NOTHING_KNOWN
  const resource = options.role ?? SOME_ROLE
  const ask = (action: string): Decision =>
    judge({ principal: who, action, resource, ...(options.context && { context: options.context }) }, world, {
      part: 'trust',
      document: trust === undefined ? undefined : inAccount(trust, accountOf(resource)),
      alone: options.world === undefined,
    })
  if (who.kind === 'web-identity') return ask('sts:AssumeRoleWithWebIdentity')
  const assumed = ask('sts:AssumeRole')
  if (who.kind !== 'pod-identity' || assumed.answer === 'no') return assumed
  const { account } = who
  const isOther = account !== undefined && accountOf(resource) !== undefined && accountOf(resource) !== account
  if (isOther) return { ...assumed, answer: 'no' }
  // EKS tags the session, for which the policy must allow sts:TagSession, unless the association switches that off.
  const tagged = ask('sts:TagSession')
  return {
    answer: both(assumed.answer, either(tagged.answer, 'maybe')),
    because: [...assumed.because, ...tagged.because],
    unseen: tagged.answer === 'yes' ? assumed.unseen : [...assumed.unseen, 'whether the association tags its sessions'],
  }
}

/** A role trusts the identity providers of its own account alone. */
function inAccount(trust: PolicyDocument, account: string | undefined): PolicyDocument {
  if (account === undefined) return trust
  const isOutside = (value: string): boolean =>
    parseArn(value)?.resource.startsWith('oidc-provider/') === true && accountOf(value) !== account
  const statements = trust.statements.map((statement) => {
    const { principals } = statement
    if (
      principals === undefined ||
      !principals.named.some(({ kind, value }) => kind === 'Federated' && isOutside(value))
    )
      return statement
    const named = principals.named.filter(({ kind, value }) => kind !== 'Federated' || !isOutside(value))
    return { ...statement, principals: { ...principals, named } }
  })
  return { ...trust, statements }
}
