import { describe, test } from 'node:test'
import { made, says } from '../../joins.testing.ts'
import { limitRangeMissing, resourceQuotaMissing } from './namespace-without.ts'

const namespace = (name: string): string => `---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}}
`

describe('resource-quota-missing, limit-range-missing', () => {
  const text =
    namespace('a') +
    namespace('b') +
    namespace('kube-system') +
    made('v1', 'ResourceQuota', 'q', 'spec: {}', 'a') +
    made('v1', 'LimitRange', 'l', 'spec: {}', 'b')

  test('each namespace of the input but Kubernetes’ own', () => {
    says(resourceQuotaMissing, text, ['Namespace a: pass', 'Namespace b: fail … no ResourceQuota'])
    says(limitRangeMissing, text, ['Namespace a: fail … no LimitRange', 'Namespace b: pass'])
  })
})
