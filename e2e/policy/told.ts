// What an answer of the API server says of policies.
import { at, type Json, list, string } from '../../src/cluster/json.ts'
import type { Answer } from './api.ts'

/** One policy's denial. `message` is the policy's own, without what the API server puts around it. */
export type Denial = {
  readonly policy: string
  /** Absent where the policy could not be configured at all, before any binding was looked at. */
  readonly binding?: string
  readonly message: string
  readonly reason: string
  readonly code: number
}

export type Outcome =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'denied'; readonly denial: Denial }
  /** For another reason than a policy; whether before or after policies were asked is not known. */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string; readonly message: string }

// Dispatch in k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go puts the message into the last cause, alone; so does
// policyDispatcher for mutating policies (generic/policy_dispatcher.go), in other words.
const DENIED = /^(?:ValidatingAdmissionPolicy|policy) '([^']*)'(?: with binding '([^']*)')? denied request: (.*)$/s
const WARNED = /^Validation failed for ValidatingAdmissionPolicy '([^']*)' with binding '[^']*': (.*)$/s

/** Of several denials the API server tells one alone, of an order that changes from time to time: ask each policy on its own. */
export function outcome({ code, body }: Answer): Outcome {
  if (code < 300) return { kind: 'admitted' }
  const reason = string(at(body, 'reason')) ?? ''
  const last: Json | undefined = list(at(body, 'details', 'causes')).at(-1)
  const denied = DENIED.exec(string(at(last, 'message')) ?? '')
  if (denied) {
    const [, policy, binding, message] = denied as unknown as [string, string, string | undefined, string]
    const denial = { policy, ...(binding === undefined ? {} : { binding }), message, reason, code }
    return { kind: 'denied', denial }
  }
  // Whether the name is taken is found when the object is stored, and admission comes before it.
  if (reason === 'AlreadyExists') return { kind: 'admitted' }
  return { kind: 'refused', code, reason, message: string(at(body, 'message')) ?? JSON.stringify(body) }
}

/** The messages of every failed validation, by policy, in their order. */
export function warned({ warnings }: Answer): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const warning of warnings) {
    const [, policy, message] = WARNED.exec(warning) ?? []
    if (policy === undefined || message === undefined) continue
    const messages = found.get(policy) ?? []
    messages.push(message)
    found.set(policy, messages)
  }
  return found
}

const TOTAL_CHARACTERS = 4096
const CUT_CHARACTERS = 256

/**
 * Whether all warnings came. Beyond 4,096 characters in all each is cut to 256, and later ones are dropped: WithWarningRecorder in
 * k8s.io/apiserver/pkg/endpoints/filters/warning.go.
 */
export function isWhole({ warnings }: Answer): boolean {
  const lengths = warnings.map((text) => [...text].length)
  return !lengths.includes(CUT_CHARACTERS) && lengths.reduce((sum, length) => sum + length, 0) < TOTAL_CHARACTERS
}
