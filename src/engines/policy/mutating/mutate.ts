import { Unknown } from '../../../cel/error.ts'
import type { JsonObject } from '../../../cluster/json.ts'
import { isExempt, matches } from '../admission/constraints.ts'
import type { PolicyBinding } from '../admission/definition.ts'
import { inputsOf } from '../admission/inputs.ts'
import { type ParamSource, paramsOf } from '../admission/params.ts'
import type { AdmissionRequest } from '../admission/request.ts'
import { type Inputs, Run } from '../admission/run.ts'
import { conditions } from '../admission/validate.ts'
import type { Mutation } from './definition.ts'
import type { Operation } from './json-patch.ts'
import { patch, type Releases } from './patch.ts'
import type { MutatingPolicy, MutatingSet } from './policy.ts'

/** A mutating policy and how it is bound. */
export interface MutatingUse {
  readonly policy: MutatingPolicy
  readonly bindings: readonly PolicyBinding[] | 'everything'
}

/** What mutating admission makes of an object. */
export interface Mutated {
  /** As the last policy left it; unchanged where the request is denied. */
  readonly body: JsonObject
  /** What led there, mutation by mutation. */
  readonly steps: readonly MutationStep[]
  readonly denied?: Denial
  /** What had to be known and is not; what depends on it was not done. */
  readonly unknown?: string
}

/** The operations of one mutation; between two mutations the object is read into its type again, and defaulted. */
export interface MutationStep {
  readonly before: JsonObject
  readonly operations: readonly Operation[]
}

export interface Denial {
  readonly message: string
  readonly reason: string
  readonly code: number
  readonly causes: readonly string[]
}

/** Applies a set of mutating policies to one object after another, in the order of the uses (the API server's: by name). */
export class Mutator {
  readonly #uses: readonly MutatingUse[]
  readonly #run: Run
  readonly #releases: Releases
  readonly #params: ParamSource
  readonly #inputs: typeof inputsOf

  /** `minor`: the release whose types and defaults objects have. */
  constructor(
    set: MutatingSet,
    uses: readonly MutatingUse[],
    minor: number,
    params: ParamSource,
    inputs: typeof inputsOf = inputsOf,
  ) {
    this.#uses = uses
    this.#run = new Run(set.slots)
    this.#releases = { minor, language: set.language.minor }
    this.#params = params
    this.#inputs = inputs
  }

  /**
   * The request's body is as mutating admission sees it (`beforeCreation`). Policies that match it see what the ones before
   * made of it; who asks to be reinvoked is asked once more when something was changed (k8s.io/apiserver
   * pkg/admission/plugin/policy/mutating/dispatcher.go).
   */
  mutate(request: AdmissionRequest): Mutated {
    const { body } = request
    if (isExempt(request.object)) return { body, steps: [] }
    const pass = new Pass(this.#run, request, this.#releases, this.#inputs)
    const invocations = this.#uses.flatMap((use) => this.#invocations(use, pass))
    const again = new Set<Invocation>()
    for (const invocation of invocations)
      if (pass.invoke(invocation) && invocation.policy.definition.reinvocation === 'IfNeeded') again.add(invocation)
    if (pass.isTouched && pass.outcome(body).denied === undefined)
      for (const invocation of invocations) if (again.has(invocation)) pass.invoke(invocation)
    return pass.outcome(body)
  }

  /** policy_dispatcher.go Dispatch: what the object is like after a mutation changes nothing about who is asked. */
  #invocations({ policy, bindings }: MutatingUse, pass: Pass): readonly Invocation[] {
    const { request } = pass
    const match = matches(policy.definition.constraints, request)
    if (match.truth === 'no') return []
    if (match.error !== undefined) pass.refuse(policy, undefined, `failed to configure policy: ${match.error}`)
    if (match.truth === 'unknown') pass.unknown ??= `the labels of namespace ${request.namespace}`
    if (match.error !== undefined || match.truth === 'unknown') return []
    const { group, version } = match
    const kind = policy.definition.paramKind
    if (bindings === 'everything') {
      const given = kind === undefined ? [] : this.#params.brought(kind)
      return (given.length === 0 ? [null] : given.map(({ body }) => body)).map((params) => ({
        policy,
        group,
        version,
        params,
      }))
    }
    return bindings.flatMap((binding): readonly Invocation[] => {
      const bound = binding.constraints && matches(binding.constraints, request)
      if (bound?.truth === 'no') return []
      const params = paramsOf(policy.definition, binding.params, request.namespace, this.#params)
      const error = bound?.error ?? ('error' in params ? params.error : undefined)
      const unknown =
        bound?.truth === 'unknown'
          ? `the labels of namespace ${request.namespace}`
          : 'unknown' in params
            ? params.unknown
            : undefined
      if (error !== undefined) pass.refuse(policy, binding, `failed to configure binding: ${error}`)
      else if (unknown !== undefined) pass.unknown ??= unknown
      else if ('values' in params)
        return params.values.map((value) => ({ policy, binding, group, version, params: value }))
      return []
    })
  }
}

/** A policy, one of its bindings, and one of the params of that. */
interface Invocation {
  readonly policy: MutatingPolicy
  readonly binding?: PolicyBinding
  readonly group: string
  readonly version: string
  readonly params: JsonObject | null
}

/** What becomes of one object. */
class Pass {
  readonly request: AdmissionRequest
  unknown: string | undefined
  /** Some mutation was applied, even if it changed nothing. */
  isTouched = false
  readonly #run: Run
  readonly #releases: Releases
  readonly #inputs: typeof inputsOf
  readonly #steps: MutationStep[] = []
  readonly #errors: { readonly text: string; readonly reason: string }[] = []
  #body: JsonObject
  #internal: string | undefined

  constructor(run: Run, request: AdmissionRequest, releases: Releases, inputs: typeof inputsOf) {
    this.request = request
    this.#run = run
    this.#releases = releases
    this.#inputs = inputs
    this.#body = request.body
  }

  /** Whether its match conditions let the policy look at the object. */
  invoke(invocation: Invocation): boolean {
    const { policy, binding } = invocation
    if (this.#internal !== undefined) return false
    this.#begin(invocation)
    const condition = conditions(policy.base, this.#run)
    if (condition instanceof Unknown) this.unknown ??= condition.what
    else if (condition !== 'met' && condition !== 'skipped') this.refuse(policy, binding, condition, 'Invalid')
    if (condition !== 'met') return false
    for (const [index, mutation] of policy.definition.mutations.entries()) this.#apply(invocation, mutation, index)
    return true
  }

  #apply(invocation: Invocation, mutation: Mutation, index: number): void {
    const { policy, binding, group, version } = invocation
    const expression = policy.mutations[index]
    if (!expression || this.#internal !== undefined) return
    const kind = { group, version, kind: this.request.object.kind, ...this.#releases }
    const made = patch(mutation, expression, this.#run, this.#body, kind)
    if ('unknown' in made) this.unknown ??= made.unknown
    else if ('error' in made) this.refuse(policy, binding, made.error, 'Invalid')
    else if ('internal' in made) this.#internal = made.internal
    else {
      this.isTouched = true
      if (made.operations.length > 0) this.#steps.push({ before: this.#body, operations: made.operations })
      this.#body = made.body
      this.#begin(invocation)
    }
  }

  #begin({ policy, group, version, params }: Invocation): void {
    const inputs: Inputs = this.#inputs({ ...this.request, body: this.#body }, group, version)
    this.#run.begin(inputs)
    this.#run.takeParams(params)
    this.#run.use(policy.base.variables, policy.definition.paramKind !== undefined)
  }

  refuse({ definition }: MutatingPolicy, binding: PolicyBinding | undefined, why: string, reason = 'Forbidden'): void {
    if (definition.failurePolicy === 'Ignore') return
    const who = binding
      ? `policy '${definition.name}' with binding '${binding.name}'`
      : `policy ${JSON.stringify(definition.name)}`
    this.#errors.push({ text: `${who} denied request: ${why}`, reason })
  }

  outcome(before: JsonObject): Mutated {
    const known = this.unknown === undefined ? {} : { unknown: this.unknown }
    const denied = this.#denial()
    if (denied) return { body: before, steps: [], denied, ...known }
    return { body: this.#body, steps: this.#steps, ...known }
  }

  #denial(): Denial | undefined {
    if (this.#internal !== undefined)
      return {
        message: `Internal error occurred: ${this.#internal}`,
        reason: 'InternalError',
        code: 500,
        causes: [this.#internal],
      }
    const [first] = this.#errors
    if (!first) return undefined
    return { message: first.text, reason: first.reason, code: 403, causes: this.#errors.map(({ text }) => text) }
  }
}
