import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { type Isolation, isolations } from './isolation.ts'

const CHECK: Check = {
  id: 'network-policy-missing',
  title: 'No network policy isolates the pods, in either direction',
  severity: 'medium',
  category: 'security',
  profiles: ['default'],
  aliases: {
    polaris: 'missingNetworkPolicy',
    'kube-linter': 'non-isolated-pod',
    'kube-score': 'pod-networkpolicy',
    kubescape: 'C-0260',
    checkov: 'CKV2_K8S_6',
  },
  polaris: 'warning',
  references: [
    'NSA/CISA Kubernetes Hardening Guide: Network policies',
    'MITRE ATT&CK TA0008',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
}

/** networking/v1 NetworkPolicySpec: a pod that no policy selects accepts everything and may connect anywhere. */
export const networkPolicyMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const { object, ingress, egress } of isolations(cluster)) {
      if (ingress.truth === 'yes' || egress.truth === 'yes') {
        yield passed(CHECK, object)
        continue
      }
      const reasons = [...new Map([...ingress.because, ...egress.because].map((each) => [each.text, each])).values()]
      const path = reasons.find((each) => each.object === object)?.path ?? ['metadata', 'name']
      const doubt = [ingress, egress].find(({ truth }) => truth === 'unknown')
      if (doubt) yield undecided(CHECK, object, doubt.says, reasons, path)
      else {
        const says = textOf(ingress, egress)
        yield failed(CHECK, object, says, reasons, path)
      }
    }
  },
}

function textOf(ingress: Isolation, egress: Isolation): string {
  if (ingress.isUnselected && egress.isUnselected)
    return 'no network policy isolates its pods: they accept connections from everyone, and may connect anywhere'
  return ingress.says === egress.says ? ingress.says : `${ingress.says}; ${egress.says}`
}
