import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import type { Direction } from '../policy.ts'
import { isolations } from './isolation.ts'

const SHARED = {
  severity: 'low',
  category: 'security',
  profiles: [],
  aliases: { 'kube-score': 'pod-networkpolicy', kubescape: 'C-0030', popeye: '1204' },
  references: [
    'NSA/CISA Kubernetes Hardening Guide: Network policies',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  ],
} as const

export const networkPolicyMissingIngress = inDirection('ingress', {
  ...SHARED,
  id: 'network-policy-missing-ingress',
  title: 'No network policy isolates the pods for ingress',
})

export const networkPolicyMissingEgress = inDirection('egress', {
  ...SHARED,
  id: 'network-policy-missing-egress',
  title: 'No network policy isolates the pods for egress',
})

/** Ingress and egress are isolated apart: `policyTypes` of the policies that select the pod. */
function inDirection(direction: Direction, check: Check): Join {
  return {
    check,
    *verdicts(cluster) {
      for (const { object, [direction]: found } of isolations(cluster)) {
        const path = found.because.find((each) => each.object === object)?.path ?? ['metadata', 'name']
        if (found.truth === 'yes') yield passed(check, object)
        else if (found.truth === 'no') yield failed(check, object, found.says, found.because, path)
        else yield undecided(check, object, found.says, found.because, path)
      }
    },
  }
}
