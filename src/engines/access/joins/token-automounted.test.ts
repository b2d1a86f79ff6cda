import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { tokenAutomounted } from './token-automounted.ts'

const account = (field: string): string => made('v1', 'ServiceAccount', 'app', field)
const pod = (field: string): string => workload('web', { pod: `, serviceAccountName: app${field}` })

describe('token-automounted', () => {
  test('the pod decides where it says', () => {
    says(tokenAutomounted, pod(', automountServiceAccountToken: false') + account(''), ['Deployment web: pass'])
    says(
      tokenAutomounted,
      pod(', automountServiceAccountToken: true') + account('automountServiceAccountToken: false'),
      ['Deployment web: fail … is true'],
    )
  })

  test('else the account', () => {
    says(tokenAutomounted, pod('') + account('automountServiceAccountToken: false'), ['Deployment web: pass'])
    says(tokenAutomounted, pod('') + account('automountServiceAccountToken: true'), ['Deployment web: fail'])
    says(tokenAutomounted, pod('') + account(''), ['Deployment web: fail … neither the pod nor its ServiceAccount app'])
  })

  test('an account that is not in the input turns nothing off', () => {
    says(tokenAutomounted, pod(''), ['Deployment web: fail … is not in the input'])
    says(tokenAutomounted, workload('web'), ['Deployment web: fail … ServiceAccount default'])
  })

  test('the account of another namespace does not count', () => {
    const other = made('v1', 'ServiceAccount', 'app', 'automountServiceAccountToken: false', 'other')
    says(tokenAutomounted, pod('') + other, ['Deployment web: fail'])
  })

  test('custom kinds and bare pods are workloads', () => {
    says(tokenAutomounted, workload('web', { kind: 'Rollout' }) + workload('one', { kind: 'Pod' }), [
      'Pod one: fail',
      'Rollout web: fail',
    ])
  })
})
