import { at, field, isObject, type Json, list, type Path, string } from '../../cluster/json.ts'
import type { Selector } from '../../cluster/labels.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { decodePeer, type Peer } from './policy-peer.ts'
import { decodePorts, type RulePorts } from './policy-port.ts'
import { decodeSelector, items, type Refusal, type Refuse } from './selectors.ts'

/** networking.k8s.io/v1 NetworkPolicy: defaults of pkg/apis/networking/v1, refusals of pkg/apis/networking/validation. */

export type Direction = 'ingress' | 'egress'

export interface Rule {
  /** No peer at all admits everyone, in the cluster and outside it. */
  readonly peers: readonly Peer[] | 'everyone'
  readonly ports: RulePorts
  readonly path: Path
}

export interface Policy {
  readonly object: KubeObject
  readonly namespace: string
  readonly pods: Selector
  /** For each direction in which the policy isolates the pods it selects, what it admits. */
  readonly ingress: readonly Rule[] | undefined
  readonly egress: readonly Rule[] | undefined
}

export interface DecodedPolicy {
  readonly policy: Policy
  /** Why the API server would not store it; then `policy` holds only what could be read. */
  readonly refusals: readonly Refusal[]
}

/** `strict`: refuse what StrictIPCIDRValidation (on by default since 1.36) refuses of objects that are not yet stored. */
export function decodePolicy(object: KubeObject, strict: boolean): DecodedPolicy {
  const refusals: Refusal[] = []
  const refuse = (refusal: Refusal): void => void refusals.push(refusal)
  const spec = field(object.body, 'spec')
  if (spec !== undefined && spec !== null && !isObject(spec)) refuse({ path: ['spec'], why: 'spec is not an object' })
  const types = decodeTypes(spec, refuse)
  const rulesOf = (direction: Direction, type: string): readonly Rule[] | undefined => {
    const rules = items(field(spec, direction), ['spec', direction], refuse).map((rule, index) => {
      return decodeRule(rule, ['spec', direction, index], direction, strict, refuse)
    })
    return types.has(type) ? rules : undefined
  }
  const ingress = rulesOf('ingress', 'Ingress')
  const egress = rulesOf('egress', 'Egress')
  const pods = decodeSelector(field(spec, 'podSelector'), ['spec', 'podSelector'], refuse) ?? []
  return { policy: { object, namespace: object.namespace, pods, ingress, egress }, refusals }
}

/** Without policyTypes a policy isolates ingress, and egress too if it has an egress rule. */
function decodeTypes(spec: Json | undefined, refuse: Refuse): ReadonlySet<string> {
  const given = items(field(spec, 'policyTypes'), ['spec', 'policyTypes'], refuse)
  if (given.length > 2) refuse({ path: ['spec', 'policyTypes'], why: 'there are more than two policyTypes' })
  given.forEach((type, index) => {
    if (type === 'Ingress' || type === 'Egress') return
    refuse({ path: ['spec', 'policyTypes', index], why: `${JSON.stringify(type)} is neither Ingress nor Egress` })
  })
  if (given.length > 0) return new Set(given as readonly string[])
  return new Set(list(field(spec, 'egress')).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'])
}

function decodeRule(rule: Json, path: Path, direction: Direction, strict: boolean, refuse: Refuse): Rule {
  if (rule !== null && !isObject(rule)) refuse({ path, why: 'the rule is not an object' })
  const key = direction === 'ingress' ? 'from' : 'to'
  const peers = items(field(rule, key), [...path, key], refuse).flatMap((peer, index) => {
    return decodePeer(peer, [...path, key, index], strict, refuse) ?? []
  })
  return {
    peers: list(field(rule, key)).length === 0 ? 'everyone' : peers,
    ports: decodePorts(field(rule, 'ports'), [...path, 'ports'], refuse),
    path,
  }
}

export function isNetworkPolicy(object: KubeObject): boolean {
  return object.kind === 'NetworkPolicy' && object.group === 'networking.k8s.io'
}

/** A policy that a live cluster returned was accepted under the rules of its time. */
export function isStored(object: KubeObject): boolean {
  return string(at(object.body, 'metadata', 'uid')) !== undefined
}
