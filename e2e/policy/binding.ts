// Bindings for policies of both kinds, to everything or to the objects of one policy's own lane.
import { at, type JsonObject, object, string } from '../../src/cluster/json.ts'

export const ADMISSION = 'admissionregistration.k8s.io/v1'
/** The label that an object carries to be judged by one policy alone; see `rebind`. */
export const LANE = 'e2e.bulkhead.dev/lane'

export type Action = 'Deny' | 'Warn' | 'Audit'

export function policyName(policy: JsonObject): string {
  return string(at(policy, 'metadata', 'name')) ?? ''
}

/** A binding of the policy's own name to everything, with the parameter object where the policy takes parameters. */
export function bindingOf(policy: JsonObject, param?: JsonObject): JsonObject {
  const name = policyName(policy)
  const actions = policy.kind === 'ValidatingAdmissionPolicy' ? { validationActions: ['Deny'] } : {}
  const namespace = string(at(param, 'metadata', 'namespace'))
  const paramRef = {
    name: at(param, 'metadata', 'name') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    parameterNotFoundAction: 'Deny',
  }
  const takesParam = param !== undefined && at(policy, 'spec', 'paramKind') !== undefined
  return {
    apiVersion: ADMISSION,
    kind: `${string(policy.kind)}Binding`,
    metadata: { name },
    spec: { policyName: name, ...actions, ...(takesParam ? { paramRef } : {}) },
  }
}

/** The bindings with another action; with `alone`, each policy sees only the objects that carry the label of its lane. */
export function rebind(bindings: readonly JsonObject[], action: Action, alone: boolean): JsonObject[] {
  return bindings.map((binding) => {
    const spec = object(binding.spec)
    const matchResources = object(spec.matchResources)
    const selector = object(matchResources.objectSelector)
    const matchLabels = { ...object(selector.matchLabels), [LANE]: laneOf(string(spec.policyName) ?? '') }
    const narrowed = alone
      ? { matchResources: { ...matchResources, objectSelector: { ...selector, matchLabels } } }
      : {}
    const actions = spec.validationActions === undefined ? {} : { validationActions: [action] }
    return { ...binding, spec: { ...spec, ...actions, ...narrowed } }
  })
}

/** The object as the policy's lane sees it. */
export function inLane(body: JsonObject, policy: string): JsonObject {
  const metadata = object(body.metadata)
  return { ...body, metadata: { ...metadata, labels: { ...object(metadata.labels), [LANE]: laneOf(policy) } } }
}

/** A policy's name may be longer than the value of a label. */
function laneOf(policy: string): string {
  return policy.length <= 63 ? policy : `${policy.slice(0, 40)}_${Buffer.from(policy).toString('hex').slice(-20)}`
}
