import { type Answer, both } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { ask, callerOf, type Found, findAll, surest } from '../candidates.ts'
import type { Context } from '../context.ts'
import type { Because, Decision } from '../decide.ts'
import { mayAssume } from '../trust.ts'
import type { AwsPrincipal, AwsWorld } from '../world.ts'

/** Another principal that a principal can become, or its whole account. */
export type Target =
  | { readonly kind: 'principal'; readonly arn: string }
  | { readonly kind: 'account'; readonly id: string }

/** One answer of several that a step needs. */
export type Needed = Pick<Decision, 'answer' | 'because' | 'unseen'>

export interface Step {
  readonly to: Target
  /** All of these must hold. */
  readonly needs: readonly Needed[]
  /** What must hold besides, and no export tells: the step is `maybe`. */
  readonly besides?: string
}

/** One way by which a principal becomes another. */
export interface EscalationRule {
  readonly id: string
  readonly title: string
  readonly precondition: string
  steps(of: Escalating): Iterable<Step>
}

export interface Escalation {
  /** The id of the rule. */
  readonly rule: string
  readonly to: Target
  readonly answer: Exclude<Answer, 'no'>
  readonly because: readonly Because[]
  readonly unseen: readonly string[]
}

/** A principal, and what its escalations ask. */
export interface Escalating {
  readonly principal: AwsPrincipal
  readonly account: string
  readonly caller: Caller
  readonly world: AwsWorld
  may(action: string, resource: string, context?: Context): Needed
  /** On any resource; undefined where on none. */
  some(action: string, context?: Context): Needed | undefined
  /** The other roles of the export, and the other users of its account. */
  readonly roles: readonly AwsPrincipal[]
  readonly users: readonly AwsPrincipal[]
  /** Whether a role may be given to a service, so that the service acts as it. */
  trusts(role: AwsPrincipal, service: string): Needed
}

const isRole = ({ arn }: AwsPrincipal): boolean => arn.includes(':role/')
const accountIn = (arn: string): string => arn.split(':', 5)[4] ?? ''

export function escalating(principal: AwsPrincipal, world: AwsWorld): Escalating {
  const caller = callerOf(principal)
  const account = accountIn(principal.arn)
  const found = new Map<string, Needed | undefined>()
  const others = [...world.principals.values()].filter(({ arn }) => arn !== principal.arn)
  const roles = others.filter(isRole)
  const users = others.filter((each) => !isRole(each) && accountIn(each.arn) === account)
  const some = (action: string, context?: Context): Needed | undefined => {
    if (context !== undefined) return surest<Found>(findAll(principal, action, world, context))
    if (!found.has(action)) found.set(action, surest<Found>(findAll(principal, action, world)))
    return found.get(action)
  }
  return {
    principal,
    account,
    caller,
    world,
    may: (action, resource, context) => ask(caller, action, resource, world, context),
    some,
    roles,
    users,
    trusts: (role, service) => mayAssume(role.trust, { kind: 'service', name: service }, { role: role.arn, world }),
  }
}

/** A step is as sure as the least sure of what it needs. */
export function escalationOf(rule: string, { to, needs, besides }: Step): Escalation | undefined {
  const answer = needs.reduce<Answer>(
    (least, each) => both(least, each.answer),
    besides === undefined ? 'yes' : 'maybe',
  )
  if (answer === 'no') return undefined
  return {
    rule,
    to,
    answer,
    because: needs.flatMap((each) => each.because),
    unseen: [...needs.flatMap((each) => each.unseen), ...(besides === undefined ? [] : [besides])],
  }
}
