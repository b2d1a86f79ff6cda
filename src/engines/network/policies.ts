import type { Cluster } from '../../cluster/cluster.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { BOTH, NEITHER, type OtherPolicy } from './other-policies.ts'
import { type DecodedPolicy, decodePolicy, isNetworkPolicy, isStored, type Policy } from './policy.ts'
import type { Refusal } from './selectors.ts'

export interface InvalidPolicy {
  readonly object: KubeObject
  readonly refusals: readonly Refusal[]
  /** Whether it is in force, and in which form, is unknown. */
  readonly asOther: OtherPolicy
}

export interface Policies {
  /** In the order of their ids. */
  readonly valid: readonly Policy[]
  readonly invalid: readonly InvalidPolicy[]
}

/** Since 1.36 the API server refuses CIDRs that it took before; what is stored stays as it is. */
const STRICT_SINCE = 36

export function policiesOf(cluster: Cluster): Policies {
  const isStrict = cluster.version.minor >= STRICT_SINCE
  const decoded = cluster.objects
    .filter(isNetworkPolicy)
    .map((object) => decodedOnce(object, isStrict && !isStored(object)))
  return {
    valid: decoded
      .flatMap(({ policy, refusals }) => (refusals.length === 0 ? [policy] : []))
      .sort((a, b) => (a.object.id < b.object.id ? -1 : 1)),
    invalid: decoded.flatMap((each) => (each.refusals.length === 0 ? [] : [invalid(each)])),
  }
}

const decodings = new WeakMap<KubeObject, Map<boolean, DecodedPolicy>>()

/** A cluster with one change to it has nearly all objects in common with the cluster before. */
function decodedOnce(object: KubeObject, strict: boolean): DecodedPolicy {
  const ofObject = decodings.get(object) ?? new Map<boolean, DecodedPolicy>()
  decodings.set(object, ofObject)
  const known = ofObject.get(strict) ?? decodePolicy(object, strict)
  ofObject.set(strict, known)
  return known
}

function invalid({ policy, refusals }: DecodedPolicy): InvalidPolicy {
  const { object, namespace, pods, ingress, egress } = policy
  return {
    object,
    refusals,
    asOther: {
      object,
      namespace,
      pods,
      ingress: ingress ? BOTH : NEITHER,
      egress: egress ? BOTH : NEITHER,
      yields: false,
      byNetworkPlugin: true,
    },
  }
}
