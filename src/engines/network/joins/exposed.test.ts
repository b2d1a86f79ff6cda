import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { exposedVulnerableImage } from './exposed-vulnerable-image.ts'
import { internetExposed } from './internet-exposed.ts'

const service = (type: string): string =>
  made('v1', 'Service', 's', `spec: {type: ${type}, selector: {app: web}, ports: [{port: 80}]}`)

describe('internet-exposed, exposed-vulnerable-image', () => {
  test('by a load balancer', () => {
    const text = workload('db') + workload('web') + service('LoadBalancer')
    says(internetExposed, text, [
      'Deployment db: pass',
      'Deployment web: fail … reached from the internet through Service default/s',
    ])
    says(exposedVulnerableImage, text, ['Deployment db: pass', 'Deployment web: unknown … no vulnerability report'])
  })

  test('by a port of the nodes it may be', () => {
    const text = workload('web') + service('NodePort')
    says(internetExposed, text, ['Deployment web: unknown … may be reached'])
    says(exposedVulnerableImage, text, ['Deployment web: unknown … may be reached'])
  })

  test('not where a policy keeps the internet out', () => {
    const policy = made('networking.k8s.io/v1', 'NetworkPolicy', 'p', 'spec: {podSelector: {}}')
    says(internetExposed, workload('web') + service('LoadBalancer') + policy, ['Deployment web: pass'])
  })
})
