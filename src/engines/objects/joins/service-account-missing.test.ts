import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { serviceAccountMissing } from './service-account-missing.ts'

const web = (name: string): string => workload('web', { pod: name && `, serviceAccountName: ${name}` })
const account = (name: string, namespace = 'default'): string => made('v1', 'ServiceAccount', name, '', namespace)

describe('service-account-missing', () => {
  test('there, not there, and the one that every namespace has', () => {
    says(serviceAccountMissing, web('app') + account('app'), ['Deployment web: pass'])
    says(serviceAccountMissing, web('app') + account('other'), [
      'Deployment web: fail … ServiceAccount app is not in namespace default',
    ])
    says(serviceAccountMissing, web('app') + account('app', 'other'), ['Deployment web: fail'])
    says(serviceAccountMissing, web('') + account('other'), ['Deployment web: pass'])
  })

  test('an input without any account does not tell, unless they were listed', () => {
    says(serviceAccountMissing, web('app'), ['Deployment web: unknown … not in the input'])
    says(serviceAccountMissing, web('app'), ['Deployment web: fail'], { listed: new Set(['ServiceAccount']) })
  })
})
