import type { Context } from '../context.ts'
import type { Escalating, EscalationRule, Needed, Step } from './rule.ts'

const ADMINISTRATOR: Context = new Map([['iam:PolicyARN', ['arn:aws:iam::aws:policy/AdministratorAccess']]])

function* toAccount(of: Escalating, found: Needed | undefined, besides?: string): Generator<Step> {
  if (found === undefined || found.answer === 'no') return
  const bound = of.principal.boundary === undefined ? undefined : 'whether its permissions boundary may be taken away'
  const more = besides ?? bound
  yield { to: { kind: 'account', id: of.account }, needs: [found], ...(more !== undefined && { besides: more }) }
}

/** Policies of the account that are attached to the principal. */
const attached = ({ principal, account }: Escalating): readonly string[] =>
  principal.policies.flatMap(({ source }) => (source.arn?.includes(`:${account}:policy/`) ? [source.arn] : []))

const isUser = ({ caller }: Escalating): boolean => caller.kind === 'user'

const edit = (id: string, title: string, action: string, besides?: string): EscalationRule => ({
  id,
  title,
  precondition: `${action} on a policy of the account that is attached to itself`,
  *steps(of) {
    for (const arn of attached(of)) yield* toAccount(of, of.may(action, arn), besides)
  },
})

const own = (id: string, title: string, user: string, role: string): EscalationRule => ({
  id,
  title,
  precondition: `${user} or ${role} on itself`,
  *steps(of) {
    yield* toAccount(of, of.may(isUser(of) ? user : role, of.principal.arn, ADMINISTRATOR))
  },
})

const group = (id: string, title: string, action: string, besides: string): EscalationRule => ({
  id,
  title,
  precondition: `${action} on a group, for a user`,
  *steps(of) {
    if (isUser(of)) yield* toAccount(of, of.some(action, ADMINISTRATOR), besides)
  },
})

/** A principal that may change its own policies may do anything in its account. */
export const OWN_POLICIES: readonly EscalationRule[] = [
  edit('create-policy-version', 'Write a new version of its own policy', 'iam:CreatePolicyVersion'),
  edit(
    'set-default-policy-version',
    'Go back to a wider version of its own policy',
    'iam:SetDefaultPolicyVersion',
    'what the other versions of the policy allow',
  ),
  own('put-own-policy', 'Give itself an inline policy', 'iam:PutUserPolicy', 'iam:PutRolePolicy'),
  own('attach-own-policy', 'Attach a policy to itself', 'iam:AttachUserPolicy', 'iam:AttachRolePolicy'),
  group('put-group-policy', 'Give its group an inline policy', 'iam:PutGroupPolicy', 'whether it is in the group'),
  group('attach-group-policy', 'Attach a policy to its group', 'iam:AttachGroupPolicy', 'whether it is in the group'),
  group('add-user-to-group', 'Enter a group', 'iam:AddUserToGroup', 'what the group may do'),
]
