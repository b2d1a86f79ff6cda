import { Meter } from '../../../cel/cel.ts'
import { CelError, CostExceeded, Unknown } from '../../../cel/error.ts'
import { trimSpace } from '../../../cel/library/text.ts'
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

const NOTHING: Outcome = { decisions: [], annotations: [] }
const SKIPPED: Outcome = { ...NOTHING, skipped: true }
const ADMIT: Decision = { action: 'admit', evaluation: 'admit', message: '', reason: '' }
const ADMITTED: readonly (readonly Decision[])[] = [[], [ADMIT], [ADMIT, ADMIT], [ADMIT, ADMIT, ADMIT]]

/** What simply passes; the same object each time, so that it is known at a glance. */
export const PASSED: Outcome = { decisions: [ADMIT], annotations: [] }

const meter = new Meter(PER_CALL_LIMIT)

/** What `size(variables.x) == 0` costs for a list, whose variable is charged apart: the test beside this file evaluates it. */
export const EMPTINESS_COST = 4

/**
 * Whether a policy that asks only for empty lists admits the object: what `validate` would say, without evaluating
 * `size(variables.x) == 0` itself. False is no answer.
 */
function admitsAtOnce(policy: Policy, run: Run): boolean {
  const { empties } = policy
  if (empties === undefined) return false
  run.activate()
  for (const slot of empties) {
    const value = run.valueOf(slot)
    if (!Array.isArray(value) || value.length > 0) return false
  }
  return !mayRunOut(policy, RUNTIME_BUDGET - run.pending - EMPTINESS_COST * empties.length)
}

/** Evaluates a policy for the object that `run` has begun, with the params that it uses. */
export function validate(policy: Policy, run: Run): Outcome {
  run.use(policy.variables, policy.definition.paramKind !== undefined)
  if (admitsAtOnce(policy, run)) return PASSED
  const failure = policy.definition.failurePolicy === 'Fail' ? 'deny' : 'admit'
  const condition = conditions(policy, run)
  if (condition === 'skipped') return SKIPPED
  if (condition instanceof Unknown) return { ...NOTHING, unknown: condition.what }
  if (condition !== 'met') return failure === 'admit' ? SKIPPED : { ...NOTHING, decisions: [erred(failure, condition)] }

  const validations = emptiness(policy, run) ?? evaluateAll(policy.validations, run, RUNTIME_BUDGET)
  if (validations.spent) return { ...NOTHING, decisions: [erred(failure, OUT_OF_BUDGET)] }
  let unknown = validations.unknown
  const isDenied = validations.values.some((value) => value !== true && !(value instanceof Unknown))
  const messages =
    isDenied || mayRunOut(policy, validations.budget)
      ? evaluateAll(policy.messages, run, validations.budget)
      : undefined
  let decisions: readonly Decision[]
  if (!isDenied && messages?.spent !== true)
    decisions = ADMITTED[validations.values.length] ?? validations.values.map(() => ADMIT)
  else
    decisions = validations.values.flatMap((value, at): readonly Decision[] => {
      if (value instanceof Unknown) return []
      if (value instanceof CelError) return [erred(failure, errorText(policy.validations[at] as Expression, value))]
      if (messages?.spent === true) return [erred(failure, `failed messageExpression: ${OUT_OF_BUDGET}`)]
      if (value === true) return [ADMIT]
      return [
        {
          action: 'deny',
          evaluation: 'deny',
          message: messageOf(policy, at, messages?.values[at]),
          reason: policy.definition.validations[at]?.reason || 'Invalid',
        },
      ]
    })
  if (decisions === ADMITTED[1] && unknown === undefined && policy.annotations.length === 0) return PASSED
  const annotations = policy.annotations.length === 0 ? [] : annotate(policy, run, failure)
  if (typeof annotations === 'string') return { ...NOTHING, decisions: [erred(failure, annotations)] }
  unknown ??= policy.annotations.length === 0 ? undefined : unknownOf(annotations)
  return { decisions, annotations: annotations.filter(isKnown), ...(unknown === undefined ? {} : { unknown }) }
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
  for (const { expression, issues } of expressions) {
    if (expression === undefined) {
      values.push(issues === '' ? null : new CelError(issues))
      continue
    }
    run.pending = 0
    let value: Result
    try {
      value = run.evaluate(expression, meter)
    } catch (error) {
      if (error instanceof Unknown) {
        value = error
        unknown ??= error.what
      } else if (error instanceof CelError) value = error
      else if (error instanceof CostExceeded) value = new CelError(COST_EXCEEDED)
      else throw error
    }
    left -= run.pending + meter.cost
    if (left < 0) return { values, budget: -1, spent: true, unknown }
    values.push(value)
  }
  return { values, budget: left, spent: false, unknown }
}

/** The validations of a policy that asks only for empty lists, told without evaluating them. */
function emptiness({ empties }: Policy, run: Run): Results | undefined {
  if (empties === undefined) return undefined
  run.activate()
  const values: boolean[] = []
  for (const slot of empties) {
    const value = run.valueOf(slot)
    if (!Array.isArray(value)) return undefined
    values.push(value.length === 0)
  }
  const budget = RUNTIME_BUDGET - run.pending - EMPTINESS_COST * empties.length
  return budget < 0 ? undefined : { values, budget, spent: false, unknown: undefined }
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

const encoder = new TextEncoder()

/** The messageExpression, else the message, else the expression itself. */
function messageOf(policy: Policy, at: number, result: Result | undefined): string {
  const { expression, message } = policy.definition.validations[at] as { expression: string; message: string }
  if (typeof result === 'string') {
    const text = trimSpace(result)
    if (text !== '' && !text.includes('\n') && encoder.encode(text).length <= MAX_MESSAGE_BYTES) return text
  }
  return trimSpace(message) || `failed expression: ${trimSpace(expression)}`
}

/** As many bytes of UTF-8; a character that is cut through goes. */
function cut(text: string, bytes: number): string {
  const encoded = encoder.encode(text)
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd$/, '')
}

interface Pending extends AuditAnnotation {
  readonly unknown?: string
}

function annotate(policy: Policy, run: Run, failure: Decision['action']): readonly Pending[] | string {
  const { values, spent } = evaluateAll(policy.annotations, run, RUNTIME_BUDGET)
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
