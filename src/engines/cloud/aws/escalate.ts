import { OWN_POLICIES } from './escalations/own-policies.ts'
import { PASSED_ROLES } from './escalations/passed-roles.ts'
import { PRINCIPALS } from './escalations/principals.ts'
import { type Escalation, type EscalationRule, escalating, escalationOf } from './escalations/rule.ts'
import { RUNNING } from './escalations/running.ts'
import { administration } from './reach.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

export type { Escalation, EscalationRule, Target } from './escalations/rule.ts'

/** The ways by which a principal of AWS becomes another; the list is that of public research on IAM. */
export const ESCALATIONS: readonly EscalationRule[] = [...OWN_POLICIES, ...PRINCIPALS, ...PASSED_ROLES, ...RUNNING]

/**
 * Whom a principal can become at once, each by the surest way: other principals of the export, or its whole account. Who
 * surely administers the account needs no other way.
 */
export function escalations(principal: AwsPrincipal, world: AwsWorld): readonly Escalation[] {
  const of = escalating(principal, world)
  const admin = administration(principal, world)
  const best = new Map<string, Escalation>()
  const add = (found: Escalation): void => {
    const key = found.to.kind === 'account' ? found.to.id : found.to.arn
    const known = best.get(key)
    if (known === undefined || (known.answer === 'maybe' && found.answer === 'yes')) best.set(key, found)
  }
  if (admin !== undefined) add({ ...admin, rule: 'administrator', to: { kind: 'account', id: of.account } })
  if (admin?.answer === 'yes') return [...best.values()]
  for (const rule of ESCALATIONS)
    for (const step of rule.steps(of)) {
      const found = escalationOf(rule.id, step)
      if (found !== undefined) add(found)
    }
  return [...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found)
}
