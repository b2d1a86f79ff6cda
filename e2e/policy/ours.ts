// What the product's own evaluator says of the objects that the API server is asked about.
import type { JsonObject } from '../../src/cluster/json.ts'
import { resolveNamespaces } from '../../src/cluster/namespace.ts'
import { type KubeObject, toObject } from '../../src/cluster/object.ts'
import { definitionOf } from '../../src/engines/policy/admission/definition.ts'
import { Evaluator, type PolicyUse } from '../../src/engines/policy/admission/evaluate.ts'
import { compileSet } from '../../src/engines/policy/admission/policy.ts'
import { creations } from '../../src/engines/policy/admission/request.ts'
import { checkOf } from '../../src/engines/policy/check.ts'

/** One policy's word on an object that it matches. */
export type Verdict =
  | { readonly verdict: 'allow' }
  /** The messages of the failed validations, in their order. */
  | { readonly verdict: 'deny'; readonly messages: readonly string[] }
  | { readonly verdict: 'unknown'; readonly why: string }

/** By the policy's name; of a policy that does not match the object there is none. */
export type Judge = (body: JsonObject) => ReadonlyMap<string, Verdict>

export type World = {
  /** The minor release of Kubernetes 1. */
  readonly minor: number
  readonly params: readonly JsonObject[]
  readonly namespaces: readonly JsonObject[]
}

/** Every policy is bound to everything, and takes the parameters of its kind. */
export function ours(policies: readonly JsonObject[], { minor, params, namespaces }: World): Judge {
  const definitions = policies.map((policy) => definitionOf(kubeObject(policy)))
  const set = compileSet(definitions, { minor, mode: 'stored' })
  const uses = set.policies.map((policy): PolicyUse => {
    const check = { ...checkOf(policy.definition.object), id: policy.definition.name }
    return { check, policy, bindings: 'everything' }
  })
  const known = params.map(kubeObject)
  const ofKind = ({ group, kind }: { group: string; kind: string }) =>
    known.filter((param) => param.group === group && param.kind === kind)
  const evaluator = new Evaluator(set, uses, { find: ofKind, brought: ofKind, isComplete: () => true })
  const places = resolveNamespaces(namespaces.map(kubeObject))
  const request = creations({ namespaces: places, ofKind: () => [] }, minor)
  return (body) => {
    const { verdicts, passed } = evaluator.judge(request(kubeObject(body)))
    const found = new Map<string, Verdict>(passed.map(({ id }) => [id, { verdict: 'allow' }]))
    for (const { check, result, messages, message } of verdicts)
      found.set(check.id, result === 'fail' ? { verdict: 'deny', messages } : { verdict: 'unknown', why: message })
    return found
  }
}

const NOWHERE = { source: 0, start: 0, end: 0, inner: [] }
const PLACEMENT = { namespace: 'default', clusterScoped: new Set<string>() }

export function kubeObject(body: JsonObject): KubeObject {
  const read = toObject(body, NOWHERE, PLACEMENT)
  if (typeof read === 'string') throw new Error(`${read}: ${JSON.stringify(body).slice(0, 200)}`)
  return read
}
