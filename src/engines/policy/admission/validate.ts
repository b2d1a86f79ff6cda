import { Meter } from '../../../cel/cel.ts'
import { CelError, CostExceeded, Unknown } from '../../../cel/error.ts'
import { trimSpace, utf8Length } from '../../../cel/library/text.ts'
import type { Value } from '../../../cel/value.ts'
import {
  MATCH_CONDITIONS_BUDGET,
  MAX_ANNOTATION_BYTES,
  MAX_MESSAGE_BYTES,
  OUT_OF_BUDGET,
  PER_CALL_LIMIT,
  RUNTIME_BUDGET,
} from './budget.ts'
import type { Expression, Policy } from './policy.ts'
import { COST_EXCEEDED, type Run } from './run.ts'

/** What the API server would decide of one validation: k8s.io/apiserver pkg/admission/plugin/policy/validating/validator.go. */
export interface Decision {
  readonly action: 'admit' | 'deny'
  /** `error` where the expression failed, and the failure policy decided. */
  readonly evaluation: 'admit' | 'deny' | 'error'
  readonly message: string
  readonly reason: string
}

export interface AuditAnnotation {
  readonly key: string
  readonly action: 'publish' | 'exclude' | 'error'
  /** The value, or why there is none. */
  readonly text: string
}

export interface Outcome {
  readonly decisions: readonly Decision[]
  readonly annotations: readonly AuditAnnotation[]
  /** What had to be known and is not; decisions without it are missing. */
  readonly unknown?: string
  /** A match condition left the object out. */
  readonly skipped?: true
}

const NO_ANNOTATIONS: readonly AuditAnnotation[] = []
const NOTHING: Outcome = { decisions: [], annotations: NO_ANNOTATIONS }
const SKIPPED: Outcome = { ...NOTHING, skipped: true }
const ADMIT: Decision = { action: 'admit', evaluation: 'admit', message: '', reason: '' }
const ADMITTED: readonly (readonly Decision[])[] = [[], [ADMIT], [ADMIT, ADMIT], [ADMIT, ADMIT, ADMIT]]

/** What simply passes; the same object each time, so that it is known at a glance. */
export const PASSED: Outcome = { decisions: [ADMIT], annotations: NO_ANNOTATIONS }

const meter = new Meter(PER_CALL_LIMIT)

/** What `size(variables.x) == 0` costs for a list, whose variable is charged apart: the test beside this file evaluates it. */
export const EMPTINESS_COST = 4

/** Evaluates a policy for the object that `run` has begun, with the params that it uses. */
export function validate(policy: Policy, run: Run): Outcome {
  if (passesAsEmpty(policy, run)) return PASSED
  run.use(policy.variables, policy.definition.paramKind !== undefined)
  const told = emptiness(policy, run)
  if (told === 'admitted') return PASSED
  const failure = policy.definition.failurePolicy === 'Fail' ? 'deny' : 'admit'
  const condition = conditions(policy, run)
  if (condition === 'skipped') return SKIPPED
  if (condition instanceof Unknown) return { ...NOTHING, unknown: condition.what }
  if (condition !== 'met') return failure === 'admit' ? SKIPPED : { ...NOTHING, decisions: [erred(failure, condition)] }

  const validations = told ?? evaluateAll(policy.validations, run, RUNTIME_BUDGET)
  if (validations.spent) return { ...NOTHING, decisions: [erred(failure, OUT_OF_BUDGET)] }
  let unknown = validations.unknown
  const isDenied = validations.values.some((value) => value !== true && !(value instanceof Unknown))
  const messages =
    isDenied || mayRunOut(policy, validations.budget)
      ? evaluateAll(policy.messages, run, validations.budget)
      : undefined
  const decisions =
    !isDenied && messages?.spent !== true
      ? (ADMITTED[validations.values.length] ?? validations.values.map(() => ADMIT))
      : decided(policy, validations, messages, failure)
  if (decisions === ADMITTED[1] && unknown === undefined && policy.annotations.length === 0) return PASSED
  if (policy.annotations.length === 0 && unknown === undefined) return { decisions, annotations: NO_ANNOTATIONS }
  const annotations = policy.annotations.length === 0 ? [] : annotate(policy, run, failure)
  if (typeof annotations === 'string') return { ...NOTHING, decisions: [erred(failure, annotations)] }
  unknown ??= unknownOf(annotations)
  return { decisions, annotations: annotations.filter(isKnown), ...(unknown === undefined ? {} : { unknown }) }
}

/** What is decided of each validation whose value is known. */
function decided(
  policy: Policy,
  { values }: Results,
  messages: Results | undefined,
  failure: Decision['action'],
): readonly Decision[] {
  const decisions: Decision[] = []
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as Result
    if (value instanceof Unknown) continue
    if (value instanceof CelError)
      decisions.push(erred(failure, errorText(policy.validations[at] as Expression, value)))
    else if (messages?.spent === true) decisions.push(erred(failure, `failed messageExpression: ${OUT_OF_BUDGET}`))
    else if (value === true) decisions.push(ADMIT)
    else
      decisions.push({
        action: 'deny',
        evaluation: 'deny',
        message: messageOf(policy, at, messages?.values[at]),
        reason: policy.definition.validations[at]?.reason || 'Invalid',
      })
  }
  return decisions
}

function erred(action: Decision['action'], message: string): Decision {
  return { action, evaluation: 'error', message, reason: '' }
}

type Result = Value | CelError | Unknown

interface Results {
  readonly values: readonly Result[]
  /** What is left of the budget. */
  readonly budget: number
  readonly spent: boolean
  readonly unknown: string | undefined
}

/** One activation over expressions that share a budget: plugin/cel/condition.go ForInput, activation.go Evaluate. */
export function evaluateAll(expressions: readonly Expression[], run: Run, budget: number): Results {
  run.activate()
  const values: Result[] = []
  let left = budget
  let unknown: string | undefined
  for (let at = 0; at < expressions.length; at++) {
    const each = expressions[at] as Expression
    const { expression } = each
    if (expression === undefined) {
      const { issues } = each
      values.push(issues === '' ? null : new CelError(issues))
      continue
    }
    run.pending = 0
    const value = run.evaluate(expression, meter)
    if (value instanceof Unknown) unknown ??= value.what
    left -= run.pending + meter.cost
    if (left < 0) return { values, budget: -1, spent: true, unknown }
    values.push(value instanceof CostExceeded ? new CelError(COST_EXCEEDED) : value)
  }
  return { values, budget: left, spent: false, unknown }
}

/** Whether the list is empty that the policy filters, as another policy that filters it has found of the object at hand. */
function passesAsEmpty(policy: Policy, run: Run): boolean {
  if (policy.filtered === undefined) return false
  const left = run.leftAsEmpty(policy.filtered)
  return left !== undefined && !mayRunOut(policy, left)
}

/**
 * The validations of a policy that asks only for empty lists, told without evaluating `size(variables.x) == 0`, or that
 * they all hold, and nothing else can come of it. Undefined is no answer.
 */
function emptiness(policy: Policy, run: Run): Results | 'admitted' | undefined {
  const { empties } = policy
  if (empties === undefined) return undefined
  run.activate()
  let isAdmitted = true
  for (let at = 0; at < empties.length; at++) {
    const value = run.valueOf(empties[at] as number)
    if (!Array.isArray(value)) return undefined
    if (value.length > 0) isAdmitted = false
  }
  const budget = RUNTIME_BUDGET - run.pending - EMPTINESS_COST * empties.length
  if (budget < 0) return undefined
  if (isAdmitted && !mayRunOut(policy, budget)) {
    if (policy.filtered !== undefined && run.isEmptyList(policy.filtered)) run.passedAsEmpty(policy.filtered, budget)
    return 'admitted'
  }
  const values = empties.map((slot) => (run.valueOf(slot) as readonly Value[]).length === 0)
  return { values, budget, spent: false, unknown: undefined }
}

/** The API server evaluates the messages of what it admits as well, and refuses when they spend the budget. */
function mayRunOut({ reserve }: Policy, budget: number): boolean {
  return reserve > budget
}

/** 'met', 'skipped', what is unknown, or the error that the failure policy answers: webhook/matchconditions/matcher.go. */
export function conditions(policy: Policy, run: Run): 'met' | 'skipped' | Unknown | string {
  if (policy.conditions.length === 0) return 'met'
  const namespace = run.showNamespace(null)
  const { values, spent } = evaluateAll(policy.conditions, run, MATCH_CONDITIONS_BUDGET)
  run.showNamespace(namespace)
  const isIgnored = policy.definition.failurePolicy === 'Ignore'
  if (spent) return isIgnored ? 'skipped' : OUT_OF_BUDGET
  if (values.some((value) => value === false)) return 'skipped'
  const unknown = values.find((value) => value instanceof Unknown)
  if (unknown !== undefined) return unknown as Unknown
  const errors = values.flatMap((value, at) =>
    value instanceof CelError ? [errorText(policy.conditions[at] as Expression, value)] : [],
  )
  if (errors.length === 0) return 'met'
  return isIgnored ? 'skipped' : aggregate(errors)
}

export function errorText({ expression, source }: Expression, { message }: CelError): string {
  return expression === undefined
    ? `compilation error: ${message}`
    : `expression '${source}' resulted in error: ${message}`
}

/** k8s.io/apimachinery pkg/util/errors Aggregate.Error: each text once, in brackets if there are several. */
function aggregate(errors: readonly string[]): string {
  const texts = [...new Set(errors)]
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
}

/** The messageExpression, else the message, else the expression itself. */
function messageOf(policy: Policy, at: number, result: Result | undefined): string {
  const { expression, message } = policy.definition.validations[at] as { expression: string; message: string }
  if (typeof result === 'string') {
    const text = trimSpace(result)
    if (text !== '' && !text.includes('\n') && isWithin(text, MAX_MESSAGE_BYTES)) return text
  }
  return trimSpace(message) || `failed expression: ${trimSpace(expression)}`
}

/** Whether a text takes no more bytes of UTF-8, of which a code unit takes three at most. */
function isWithin(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || utf8Length(text) <= bytes
}

/** As many bytes of UTF-8; a character that is cut through goes. */
function cut(text: string, bytes: number): string {
  if (isWithin(text, bytes)) return text
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes)).replace(/\ufffd$/, '')
}

interface Pending extends AuditAnnotation {
  readonly unknown?: string
}

function annotate(policy: Policy, run: Run, failure: Decision['action']): readonly Pending[] | string {
  const { values, spent } = run.withoutAuthorizer(() => evaluateAll(policy.annotations, run, RUNTIME_BUDGET))
  if (spent) return OUT_OF_BUDGET
  const onError = failure === 'deny' ? 'error' : 'exclude'
  return values.map((value, at): Pending => {
    const key = policy.definition.auditAnnotations[at]?.name ?? ''
    if (value instanceof Unknown) return { key, action: 'exclude', text: '', unknown: value.what }
    if (value instanceof CelError)
      return { key, action: onError, text: errorText(policy.annotations[at] as Expression, value) }
    const text = typeof value === 'string' ? cut(trimSpace(value), MAX_ANNOTATION_BYTES) : ''
    return { key, action: text === '' ? 'exclude' : 'publish', text }
  })
}

function unknownOf(annotations: readonly Pending[]): string | undefined {
  return annotations.find(({ unknown }) => unknown !== undefined)?.unknown
}

function isKnown({ unknown }: Pending): boolean {
  return unknown === undefined
}
