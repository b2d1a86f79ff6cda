// Whether the API server takes a policy, and what it cannot do with it.
import { at, type Json, type JsonObject, list, object, string } from '../../src/cluster/json.ts'
import type { Api } from './api.ts'

export type Cause = { readonly field: string; readonly reason: string; readonly message: string }

export type Acceptance =
  | { readonly accepted: true; readonly stored: JsonObject }
  | {
      readonly accepted: false
      readonly code: number
      readonly reason: string
      readonly message: string
      /** Empty where the policy could not even be read. */
      readonly causes: readonly Cause[]
    }

/**
 * A create by dry run, so that the policy's expressions are compiled: with the fault of each, at its field. Fields that no policy has are
 * refused as kubectl asks for it (`fieldValidation=Strict`), by 400 and without causes.
 */
export async function acceptance(api: Api, policy: JsonObject): Promise<Acceptance> {
  const { code, body } = await api.dryRunCreate(policy, { query: { fieldValidation: 'Strict' } })
  if (code < 300) return { accepted: true, stored: object(body) }
  const text = (value: Json | undefined) => string(value) ?? ''
  const causes = list(at(body, 'details', 'causes')).map((cause) => ({
    field: text(at(cause, 'field')),
    reason: text(at(cause, 'reason')),
    message: text(at(cause, 'message')),
  }))
  return { accepted: false, code, reason: text(at(body, 'reason')), message: text(at(body, 'message')), causes }
}

/**
 * Whether warnings of the policy may get lost: one that holds a control character, as the text of an expression of several lines does,
 * is no header and is dropped in silence (NewWarningHeader in k8s.io/apimachinery/pkg/util/net/http.go).
 */
export function mayBeSilent(policy: JsonObject): boolean {
  const holdsControl = (value: Json | undefined): boolean => {
    if (typeof value === 'string') return /\p{Cc}/u.test(value)
    if (Array.isArray(value)) return value.some(holdsControl)
    return Object.values(object(value)).some(holdsControl)
  }
  return holdsControl(policy.spec)
}
