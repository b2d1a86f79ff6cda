import { type Answer, either } from './answer.ts'
import { accountOf, arnParts } from './arn.ts'
import { type Caller, callerLookup } from './caller.ts'
import type { Context } from './context.ts'
import { type Because, type Decision, decide } from './decide.ts'
import type { PolicyDocument } from './document.ts'
import { matches } from './glob.ts'
import { managedPolicies } from './managed.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

/** What is asked of an action on any resource: each pattern of an allowing statement stands for the resources it names. */
export interface Found {
  readonly resource: string
  readonly answer: Exclude<Answer, 'no'>
  readonly because: readonly Because[]
  readonly unseen: readonly string[]
}

export const callerOf = (principal: AwsPrincipal): Caller =>
  principal.arn.includes(':user/') ? { kind: 'user', arn: principal.arn } : { kind: 'role', arn: principal.arn }

export function documentsOf(principal: AwsPrincipal): readonly PolicyDocument[] {
  return [...principal.policies, ...managedPolicies(principal.unread ?? []).documents]
}

/**
 * Patterns that are compared for one action. A principal of AWS, whose policies are bounded in size, stays
 * far below; what is left of another is `maybe`.
 */
const LIMIT = 400_000
/** And for all that is asked of one export. */
const LIMIT_OF_WORLD = 200_000_000

const spent = new WeakMap<AwsWorld, number>()

/** What one question looks through: the patterns of all that has a say about a principal. */
function weightOf(documents: readonly PolicyDocument[]): number {
  let weight = 1
  for (const { statements } of documents)
    for (const { actions, resources } of statements)
      weight += 1 + actions.patterns.length + (resources?.patterns.length ?? 0)
  return weight
}

/** Where the name of an action and that of its resources differ. */
const RESOURCES_OF: ReadonlyMap<string, string> = new Map([
  ['rds-data', 'rds'],
  ['eks-auth', 'eks'],
  ['ssmmessages', 'ssm'],
  ['sts', 'iam'],
  ['ebs', 'ec2'],
])

/**
 * The resources on which a principal may do something, as patterns of its own policies and as resources whose policy is
 * known. A denial counts where it covers all that a pattern names.
 */
export function findAll(principal: AwsPrincipal, action: string, world: AwsWorld, context?: Context): readonly Found[] {
  const caller = callerOf(principal)
  const found: Found[] = []
  let left = LIMIT
  const weight = weightOf(limitsOf(principal, world))
  for (const resource of candidates(principal, caller, action, world)) {
    left -= weight
    const all = (spent.get(world) ?? 0) + weight
    spent.set(world, all)
    if (left < 0 || all > LIMIT_OF_WORLD) {
      found.push({
        resource: '*',
        answer: 'maybe',
        because: [],
        unseen: [`${principal.arn}: more policies than are asked`],
      })
      break
    }
    const decision = ask(caller, action, resource, world, context)
    if (decision.answer !== 'no') found.push({ ...decision, resource, answer: decision.answer })
  }
  return found
}

export function ask(caller: Caller, action: string, resource: string, world: AwsWorld, context?: Context): Decision {
  return decide({ principal: caller, action, resource, ...(context && { context }) }, world)
}

function candidates(principal: AwsPrincipal, caller: Caller, action: string, world: AwsWorld): ReadonlySet<string> {
  const lower = action.toLowerCase()
  const [service = ''] = lower.split(':', 1)
  const ofService = RESOURCES_OF.get(service) ?? service
  const resources = new Set<string>()
  for (const document of documentsOf(principal)) {
    for (const { effect, actions, resources: of } of document.statements) {
      if (effect !== 'allow') continue
      const speaks = actions.patterns.some((pattern) => matches(pattern.toLowerCase(), lower) !== 'no')
      if (speaks === actions.not) continue
      if (of === undefined || of.not) resources.add('*')
      else for (const pattern of of.patterns) if (isOf(pattern, ofService)) resources.add(named(pattern, caller, world))
    }
  }
  // What bounds a principal, or excepts resources from a denial, names parts of what its own policies name.
  for (const document of limitsOf(principal, world)) {
    for (const { effect, actions, resources: of } of document.statements) {
      if (of === undefined || (effect === 'deny') !== of.not || resources.size >= MOST_CANDIDATES) continue
      if (actions.patterns.some((pattern) => matches(pattern.toLowerCase(), lower) !== 'no') === actions.not) continue
      for (const pattern of of.patterns) if (isOf(pattern, ofService)) resources.add(named(pattern, caller, world))
    }
  }
  for (const [arn, { policy }] of world.resources) if (policy && isOf(arn, ofService)) resources.add(arn)
  if (resources.size === 0 && (principal.unread ?? []).length > 0) resources.add('*')
  return resources
}

/** More patterns are not asked about one by one. */
const MOST_CANDIDATES = 2_000

/** Documents that take away what others give: all that may deny, boundary and control policies besides. */
function limitsOf(principal: AwsPrincipal, world: AwsWorld): readonly PolicyDocument[] {
  const { scps = [], rcps = [] } = world.accounts.get(accountOfPrincipal(principal)) ?? {}
  const { boundary } = principal
  return [...documentsOf(principal), ...(boundary ? [boundary] : []), ...scps.flat(), ...rcps.flat()]
}

const isOf = (pattern: string, service: string): boolean => {
  const [, , written] = arnParts(pattern)
  return written === undefined || matches(written.toLowerCase(), service) !== 'no'
}

/** A pattern with its variables put in; what is not known stands for anything. */
function named(pattern: string, caller: Caller, world: AwsWorld): string {
  if (!pattern.includes('${')) return pattern
  const lookup = callerLookup(caller, world)
  return pattern.replace(
    /\$\{([^{},]*)(?:,[^{}]*)?\}/g,
    (_, key: string) => lookup(key.trim().toLowerCase())?.[0] ?? '*',
  )
}

/** The surest of several. */
export function surest<T extends { readonly answer: Answer }>(found: readonly T[]): T | undefined {
  let best: T | undefined
  for (const each of found) if (best === undefined || either(best.answer, each.answer) !== best.answer) best = each
  return best
}

export const accountOfPrincipal = (principal: AwsPrincipal): string => accountOf(principal.arn) ?? ''
