import { mayAssume } from '../trust.ts'
import type { EscalationRule } from './rule.ts'

const takeUser = (id: string, title: string, action: string, besides?: string): EscalationRule => ({
  id,
  title,
  precondition: `${action} on the user`,
  *steps(of) {
    if (of.some(action) === undefined) return
    for (const { arn } of of.users)
      yield { to: { kind: 'principal', arn }, needs: [of.may(action, arn)], ...(besides !== undefined && { besides }) }
  },
})

/** Becoming a role or a user at once. */
export const PRINCIPALS: readonly EscalationRule[] = [
  {
    id: 'assume-role',
    title: 'Assume a role',
    precondition: 'sts:AssumeRole, and the trust policy of the role',
    *steps(of) {
      for (const role of of.roles) {
        // Most roles trust somebody else, which their own policy tells without ours.
        if (mayAssume(role.trust, of.caller, { role: role.arn }).answer === 'no') continue
        yield { to: { kind: 'principal', arn: role.arn }, needs: [of.may('sts:AssumeRole', role.arn)] }
      }
    },
  },
  {
    id: 'update-assume-role-policy',
    title: 'Rewrite who may assume a role',
    precondition: 'iam:UpdateAssumeRolePolicy on a role of its account',
    *steps(of) {
      if (of.some('iam:UpdateAssumeRolePolicy') === undefined) return
      for (const { arn } of of.roles)
        if (arn.includes(`::${of.account}:`))
          yield { to: { kind: 'principal', arn }, needs: [of.may('iam:UpdateAssumeRolePolicy', arn)] }
    },
  },
  {
    id: 'widen-assumed-role',
    title: 'Give a role that it may assume a policy',
    precondition: 'iam:PutRolePolicy or iam:AttachRolePolicy on a role, and sts:AssumeRole',
    *steps(of) {
      for (const action of ['iam:PutRolePolicy', 'iam:AttachRolePolicy']) {
        if (of.some(action) === undefined) continue
        for (const { arn } of of.roles)
          if (arn.includes(`::${of.account}:`))
            yield {
              to: { kind: 'account', id: of.account },
              needs: [of.may(action, arn), of.may('sts:AssumeRole', arn)],
            }
      }
    },
  },
  takeUser('create-access-key', 'Make an access key of a user', 'iam:CreateAccessKey'),
  takeUser(
    'create-login-profile',
    'Give a user a password',
    'iam:CreateLoginProfile',
    'whether the user has a password',
  ),
  takeUser(
    'update-login-profile',
    'Change the password of a user',
    'iam:UpdateLoginProfile',
    'whether the user has a password',
  ),
]
