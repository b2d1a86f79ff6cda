import type { Value } from '../../../cel/value.ts'
import type { JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Offence } from '../../check.ts'
import type { PolicyCheck } from '../check.ts'
import { Alike, type Member } from '../memory/memory.ts'
import { offencesOf } from '../offence.ts'
import { Places } from '../places.ts'
import { candidateRules, isByTypeAlone, isExempt, type Match, matches } from './constraints.ts'
import type { PolicyBinding } from './definition.ts'
import { inputsOf } from './inputs.ts'
import { type ParamSource, paramsOf, typed } from './params.ts'
import { MAX_VARIABLES, type Policy, type PolicySet } from './policy.ts'
import { type Picked, Recalls } from './recalls.ts'
import type { AdmissionRequest } from './request.ts'
import { Run } from './run.ts'
import { type Outcome, PASSED, validate } from './validate.ts'

/** A policy and how it is bound: the catalogue to everything, a cluster's own as its bindings say. */
export interface PolicyUse {
  readonly check: PolicyCheck
  readonly policy: Policy
  readonly bindings: readonly PolicyBinding[] | 'everything'
  /** Why no API server takes the policy or a binding of it: what it says of objects is unknown then. */
  readonly refused?: string
}

/** What a policy says of an object that it does not simply admit. Passes are only counted, there are so many. */
export interface PolicyVerdict {
  readonly check: PolicyCheck
  readonly object: KubeObject
  readonly result: 'fail' | 'unknown'
  readonly message: string
  /** What each failed validation says, of every binding and its params in turn; the API server tells the first. */
  readonly messages: readonly string[]
  /** `Deny`, `Warn`, `Audit` of the bindings that would act; of a policy that is not bound, none. */
  readonly actions: readonly string[]
  at(): readonly Offence[]
}

export interface Judgement {
  /** Those that fail or are unknown. */
  readonly verdicts: readonly PolicyVerdict[]
  /** Empty where they are only counted. */
  readonly passed: readonly PolicyCheck[]
}

/** Evaluates a set of policies over one object after another; pure, but for what it remembers of the object at hand. */
export class Evaluator {
  readonly #uses: readonly PolicyUse[]
  readonly #run: Run
  readonly #params: ParamSource
  readonly #candidates = new Map<string, Candidates>()
  readonly #recalls: Recalls<Denial>

  readonly #budget: number

  /** `budget`: what all evaluations together may cost, for policies that the scanned input brings. */
  constructor(
    set: PolicySet,
    uses: readonly PolicyUse[],
    params: ParamSource,
    budget: number = Number.POSITIVE_INFINITY,
  ) {
    this.#uses = uses
    this.#run = new Run(set.slots)
    this.#params = params
    this.#budget = budget
    this.#recalls = new Recalls(set.slots)
  }

  /** `withPasses`: whether each check that passes is told; they are always counted. */
  judge(request: AdmissionRequest, withPasses = true): Judgement {
    const verdicts: PolicyVerdict[] = []
    const passed: PolicyCheck[] = []
    if (isExempt(request.object)) return { verdicts, passed }
    let begun: Match | undefined
    let places: Places | undefined
    const { candidates, alike } = this.#candidatesOf(request)
    let groups: readonly number[] | undefined
    for (let at = 0; at < candidates.length; at++) {
      const candidate = candidates[at] as Candidate
      const { use, always } = candidate
      const match = always ?? matches(use.policy.definition.constraints, request)
      if (match.truth === 'no') continue
      if (match.group !== begun?.group || match.version !== begun.version) {
        const inputs = inputsOf(request, match.group, match.version)
        this.#run.begin(inputs)
        // What is shown otherwise than it stands there holds what is not known.
        groups = inputs.object === request.body ? alike?.groupsOf(request.body) : undefined
      }
      begun = match
      if (groups !== undefined && candidate.answers?.hasPassed(groups[candidate.passGroup] as number)) {
        candidate.passes++
        if (withPasses) passed.push(use.check)
        continue
      }
      const recalled = this.#recalled(candidate, groups)
      const found = recalled?.found ?? this.#found(candidate, match, request)
      if (groups !== undefined && recalled === undefined) this.#remember(candidate, groups, found)
      if (found === undefined) continue
      if (isPass(found)) {
        candidate.passes++
        if (withPasses) passed.push(use.check)
        continue
      }
      const offenders = found.messages.length > 0 ? this.#offenders(use, recalled?.picked) : undefined
      places ??= new Places(request.body)
      verdicts.push(verdict(use, request, found, offenders, places))
    }
    return { verdicts, passed }
  }

  /** How often each check has passed so far; those that never did are left out. */
  passes(): ReadonlyMap<PolicyCheck, number> {
    const counts = new Map<PolicyCheck, number>()
    for (const { candidates } of this.#candidates.values())
      for (const { use, passes } of candidates)
        if (passes > 0) counts.set(use.check, (counts.get(use.check) ?? 0) + passes)
    return counts
  }

  /** What the policy has said against an object that is like this one in all that it reads. */
  #recalled({ answers, denialGroup }: Candidate, groups: readonly number[] | undefined): Denial | undefined {
    return groups === undefined || denialGroup < 0 ? undefined : answers?.denial(groups[denialGroup] as number)
  }

  #remember(candidate: Candidate, groups: readonly number[], found: Found | undefined): void {
    const { answers, passGroup, denialGroup, use } = candidate
    if (answers === undefined || found === undefined || found.unknown !== undefined) return
    candidate.misses++
    if (found !== NONE) {
      answers.hasDenied = true
      if (denialGroup >= 0)
        answers.deny(groups[denialGroup] as number, { found, picked: this.#recalls.picked(use.policy, this.#run) })
      // Where only the list counts that it filters, it passes because that is empty.
    } else if (answers.basis.depth === 'whole' || this.#run.isEmptyList(use.policy.filtered as number)) {
      // What is alike as far as the guard may differ behind it.
      if (answers.withGuarded || !this.#run.passedGuard) answers.pass(groups[passGroup] as number)
    }
  }

  /** Undefined where the policy does not look at the object. */
  #found({ use, never, isSimple }: Candidate, match: Match, request: AdmissionRequest): Found | undefined {
    if (never !== undefined) return never
    if (this.#run.total > this.#budget)
      return { ...NONE, undecided: 'the policies of the input cost more than a run spends on them' }
    if (match.error !== undefined) return refused(use, match.error)
    if (match.truth === 'unknown') return { ...NONE, unknown: `the labels of namespace ${request.namespace}` }
    this.#run.passedGuard = false
    return isSimple ? foundIn(validate(use.policy, this.#run), NO_ACTIONS) : this.#outcome(use, request)
  }

  /** What all bindings say together; undefined where none looks at the object. */
  #outcome(use: PolicyUse, request: AdmissionRequest): Found | undefined {
    const { definition } = use.policy
    if (use.bindings === 'everything') {
      const kind = definition.paramKind
      const given = kind === undefined ? [] : this.#params.brought(kind)
      if (kind !== undefined && given.length === 0) return { ...NONE, unknown: `params of kind ${kind.kind}` }
      const values = kind === undefined ? [null] : given.map((each) => typed(each, kind))
      return this.#withParams(use, values, NO_ACTIONS)
    }
    let all: Found | undefined
    for (const binding of use.bindings) {
      const match = binding.constraints === undefined ? BOUND : matches(binding.constraints, request)
      if (match.truth === 'no') continue
      const params = paramsOf(definition, binding.params, request.namespace, this.#params)
      const found =
        match.error !== undefined
          ? refused(use, match.error, binding)
          : match.truth === 'unknown'
            ? { ...NONE, unknown: `the labels of namespace ${request.namespace}` }
            : 'error' in params
              ? refused(use, params.error, binding)
              : 'unknown' in params
                ? { ...NONE, unknown: params.unknown }
                : this.#withParams(use, params.values, binding.actions)
      if (found) all = all === undefined ? found : both(all, found)
    }
    return all
  }

  #withParams(use: PolicyUse, values: readonly (JsonObject | null)[], actions: readonly string[]): Found | undefined {
    let all: Found | undefined
    for (const value of values) {
      if (use.policy.definition.paramKind !== undefined) this.#run.takeParams(value)
      const found = foundIn(validate(use.policy, this.#run), actions)
      if (found) all = all === undefined ? found : both(all, found)
    }
    return all
  }

  /** The value of the policy's variable `offenders`, as it was when the policy denied. */
  #offenders({ policy }: PolicyUse, picked: Picked | undefined): Value | undefined {
    if (policy.offenders === undefined) return undefined
    this.#run.use(policy.variables, policy.definition.paramKind !== undefined)
    try {
      if (picked === undefined) return this.#run.variable(policy.offenders)
      const from = this.#run.variable(picked.list) as readonly Value[]
      return picked.at.map((index) => from[index] as Value)
    } catch {
      // The variable failed, so the message says why; there is no place to show.
      return undefined
    }
  }

  #candidatesOf(request: AdmissionRequest): Candidates {
    const { object, group, version, resource, subresource, operation, namespace } = request
    const key = `${object.group}/${object.kind}/${group}/${version}/${resource}/${subresource}/${operation}/${namespace === ''}`
    const known = this.#candidates.get(key)
    if (known) return known
    const candidates: Candidate[] = []
    this.#uses.forEach((use, index) => {
      const { constraints } = use.policy.definition
      if (!candidateRules(constraints, request)) return
      const always = isByTypeAlone(constraints) ? matches(constraints, request) : undefined
      const never = unevaluated(use)
      const isSimple = use.bindings === 'everything' && use.policy.definition.paramKind === undefined
      // What evaluations cost together counts where they have a budget.
      const isPlain = isSimple && never === undefined && this.#budget === Number.POSITIVE_INFINITY
      const isAlways = always?.truth === 'yes' && always.error === undefined
      const recall = isPlain && isAlways ? this.#recalls.of(use.policy, index, object.kind) : undefined
      candidates.push({ use, always, never, isSimple, passes: 0, recall, ...UNASKED })
    })
    const made = { candidates, alike: new Alike(this.#recalls.memory, object.kind, candidates) }
    this.#candidates.set(key, made)
    return made
  }
}

/** Those of one type, and what tells its objects apart. */
interface Candidates {
  readonly candidates: readonly Candidate[]
  readonly alike: Alike<Denial>
}

/** A policy whose rules are about the type of an object. */
interface Candidate extends Member<Denial> {
  readonly use: PolicyUse
  /** What they say, where they are about nothing else. */
  readonly always: Match | undefined
  /** What is said of a policy that is never evaluated. */
  readonly never: Found | undefined
  /** It is bound to everything, and takes no params. */
  readonly isSimple: boolean
  /** How many objects of the type it has passed: a count here, since there are hundreds of thousands. */
  passes: number
}

/** Of a policy of which nothing is known yet. */
const UNASKED = { answers: undefined, passGroup: -1, denialGroup: -1, misses: 0 } as const

const BOUND = { truth: 'yes', group: '', version: '', error: undefined } as const

interface Found {
  readonly messages: readonly string[]
  readonly actions: readonly string[]
  readonly unknown?: string
  readonly refused?: string
  /** Why the policy was not evaluated, whatever the input tells. */
  readonly undecided?: string
}

/** What a policy has said against objects, and of what. */
interface Denial {
  readonly found: Found
  readonly picked: Picked | undefined
}

const NONE: Found = { messages: [], actions: [] }
const NO_ACTIONS: readonly string[] = []

function isPass(found: Found): boolean {
  const { messages, unknown, refused, undecided } = found
  return found === NONE || (messages.length === 0 && unknown === undefined && !refused && !undecided)
}

function unevaluated({ policy, refused }: PolicyUse): Found | undefined {
  if (refused !== undefined) return { ...NONE, refused }
  if (policy.definition.variables.length > MAX_VARIABLES)
    return { ...NONE, undecided: `the policy has more than ${MAX_VARIABLES} variables` }
  return undefined
}

/** Undefined where the match conditions left the object out. */
function foundIn(outcome: Outcome, actions: readonly string[]): Found | undefined {
  if (outcome === PASSED) return NONE
  const { decisions, annotations, unknown, skipped } = outcome
  if (skipped) return undefined
  const messages: string[] = []
  for (const { action, message } of decisions) if (action === 'deny') messages.push(message)
  for (const { action, text } of annotations) if (action === 'error') messages.push(text)
  if (messages.length === 0 && unknown === undefined) return NONE
  return unknown === undefined
    ? { messages, actions }
    : { messages, actions: messages.length > 0 ? actions : NO_ACTIONS, unknown }
}

function both(a: Found, b: Found): Found {
  const unknown = a.unknown ?? b.unknown
  return {
    messages: [...a.messages, ...b.messages],
    actions: [...new Set([...a.actions, ...b.actions])],
    ...(unknown === undefined ? {} : { unknown }),
  }
}

/** A policy that cannot be applied: its failure policy decides (plugin/policy/validating/dispatcher.go addConfigError). */
function refused({ policy }: PolicyUse, why: string, binding?: PolicyBinding): Found {
  if (policy.definition.failurePolicy === 'Ignore') return NONE
  return {
    messages: [`failed to configure ${binding ? 'binding' : 'policy'}: ${why}`],
    actions: binding?.actions ?? [],
  }
}

function verdict(
  { check, policy }: PolicyUse,
  { object, body }: AdmissionRequest,
  found: Found,
  offenders: Value | undefined,
  places: Places,
): PolicyVerdict {
  const isFail = found.messages.length > 0
  // Found now, so that nothing keeps the object as admission saw it: there are tens of thousands of these.
  const messages = bounded(found.messages)
  const offences = offencesOf(object.body, body, places, offenders, check.fields, policy.hasPodSpec)
  return {
    check,
    object,
    result: isFail ? 'fail' : 'unknown',
    message: isFail ? messages.join('; ') : whyUnknown(found),
    messages,
    actions: found.actions,
    at: () => offences,
  }
}

/** Errors quote the values that they are about, whole; what is kept of a verdict is what a person could read. */
const MAX_KEPT = 6_000

function bounded(messages: readonly string[]): readonly string[] {
  let left = MAX_KEPT
  for (const { length } of messages) left -= length
  if (left >= 0) return messages
  left = MAX_KEPT
  const kept: string[] = []
  for (const message of messages) {
    if (message.length > left) {
      // A copy, since a slice would keep the whole text in memory.
      kept.push(`${Array.from(message.slice(0, Math.max(0, left))).join('')}… (${message.length} characters)`)
      if (kept.length < messages.length) kept.push(`and ${messages.length - kept.length} more`)
      return kept
    }
    left -= message.length
    kept.push(message)
  }
  return messages
}

function whyUnknown({ refused, unknown, undecided }: Found): string {
  if (undecided !== undefined) return `not evaluated: ${undecided}`
  return refused === undefined
    ? `needs ${unknown}, which the input does not tell`
    : `not evaluated, since the API server refuses the policy: ${refused}`
}
