import { matches } from './constraints.ts'
import type { PolicyBinding } from './definition.ts'
import { inputsOf } from './inputs.ts'
import { type ParamSource, paramsOf } from './params.ts'
import type { Policy, PolicySet } from './policy.ts'
import type { AdmissionRequest } from './request.ts'
import { Run } from './run.ts'
import { type Decision, validate } from './validate.ts'

/** The plugin's answer to a request, as far as policies decide it. */
export interface Told {
  readonly denied?: { readonly cause: string; readonly reason: string }
  readonly warnings: readonly string[]
  readonly annotations: ReadonlyMap<string, string>
  readonly failures: readonly Failure[]
  readonly unknown?: string
}

/** What a binding with `Audit` writes into the audit log. */
export interface Failure {
  readonly message: string
  readonly policy: string
  readonly binding: string
  readonly expressionIndex: number
  readonly validationActions: readonly string[]
}

/** k8s.io/apiserver pkg/admission/plugin/policy/validating/dispatcher.go Dispatch: policies without a binding are not asked. */
export function dispatch(
  set: PolicySet,
  bindings: readonly PolicyBinding[],
  request: AdmissionRequest,
  source: ParamSource,
): Told {
  const run = new Run(set.slots)
  const denials: { cause: string; reason: string }[] = []
  const warnings: string[] = []
  const failures: Failure[] = []
  const annotations = new Map<string, string>()
  let unknown: string | undefined
  const deny = (policy: Policy, binding: PolicyBinding | undefined, message: string, reason: string): void => {
    const by = binding ? ` with binding '${binding.name}'` : ''
    const cause = `ValidatingAdmissionPolicy '${policy.definition.name}'${by} denied request: ${message}`
    denials.push({ cause, reason: reason || 'Invalid' })
  }
  const misconfigured = (policy: Policy, binding: PolicyBinding | undefined, why: string): void => {
    if (policy.definition.failurePolicy === 'Fail')
      deny(policy, binding, `failed to configure ${binding ? 'binding' : 'policy'}: ${why}`, '')
  }
  const act = (policy: Policy, binding: PolicyBinding, decision: Decision, expressionIndex: number): void => {
    const { message, reason } = decision
    for (const action of binding.actions)
      if (action === 'Deny') deny(policy, binding, message, reason)
      else if (action === 'Warn')
        warnings.push(
          `Validation failed for ValidatingAdmissionPolicy '${policy.definition.name}' with binding '${binding.name}': ${message}`,
        )
      else {
        const validationActions = binding.actions
        failures.push({
          message,
          policy: policy.definition.name,
          binding: binding.name,
          expressionIndex,
          validationActions,
        })
      }
  }
  for (const policy of set.policies) {
    const bound = bindings.filter((binding) => binding.policy === policy.definition.name)
    if (bound.length === 0) continue
    const match = matches(policy.definition.constraints, request)
    if (match.truth === 'no') continue
    if (match.error !== undefined) {
      misconfigured(policy, undefined, match.error)
      continue
    }
    run.begin(inputsOf(request, match.group, match.version))
    const published = new Map<string, Set<string>>()
    for (const binding of bound) {
      const own = binding.constraints && matches(binding.constraints, request)
      if (own?.truth === 'no') continue
      const params = paramsOf(policy.definition, binding.params, request.namespace, source)
      if (own?.error !== undefined) misconfigured(policy, binding, own.error)
      else if ('error' in params) misconfigured(policy, binding, params.error)
      else if ('unknown' in params) unknown = params.unknown
      else
        for (const param of params.values) {
          run.takeParams(param)
          const outcome = validate(policy, run)
          unknown ??= outcome.unknown
          for (const [index, decision] of outcome.decisions.entries())
            if (decision.action === 'deny') act(policy, binding, decision, index)
          for (const { key, action, text } of outcome.annotations)
            if (action === 'error') deny(policy, binding, text, '')
            else if (action === 'publish') published.set(key, (published.get(key) ?? new Set()).add(text))
        }
    }
    for (const [key, texts] of published) annotations.set(`${policy.definition.name}/${key}`, [...texts].join(', '))
  }
  const [denied] = denials
  return {
    ...(denied ? { denied } : {}),
    warnings,
    annotations,
    failures,
    ...(unknown === undefined ? {} : { unknown }),
  }
}
