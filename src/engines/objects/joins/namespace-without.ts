import { because } from '../../../cluster/because.ts'
import type { Check, Join } from '../../check.ts'
import { failed, passed } from '../../verdict.ts'

const SHARED = { severity: 'low', category: 'reliability', profiles: [] } as const

export const resourceQuotaMissing = without('ResourceQuota', {
  ...SHARED,
  id: 'resource-quota-missing',
  title: 'A namespace has no ResourceQuota',
  aliases: { trivy: 'KSV-0040' },
  references: [
    'NSA/CISA Kubernetes Hardening Guide: Resource policies',
    'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  ],
})

export const limitRangeMissing = without('LimitRange', {
  ...SHARED,
  id: 'limit-range-missing',
  title: 'A namespace has no LimitRange',
  aliases: { trivy: 'KSV-0039' },
  references: [
    'NSA/CISA Kubernetes Hardening Guide: Resource policies',
    'https://kubernetes.io/docs/concepts/policy/limit-range/',
  ],
})

/** Kubernetes’ own, where a quota can keep the cluster from healing. */
const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

function without(kind: string, check: Check): Join {
  return {
    check,
    *verdicts(cluster) {
      const having = new Set(cluster.ofKind(kind).map(({ namespace }) => namespace))
      for (const object of cluster.ofKind('Namespace')) {
        if (SYSTEM.has(object.name)) continue
        const path = ['metadata', 'name']
        if (having.has(object.name)) yield passed(check, object)
        else yield failed(check, object, `no ${kind} is in it`, [because(`has no ${kind}`, object, path)], path)
      }
    },
  }
}
