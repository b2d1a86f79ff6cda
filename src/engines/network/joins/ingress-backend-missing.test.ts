import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { made, says, verdictsOf } from '../../joins.testing.ts'
import { ingressBackendMissing } from './ingress-backend-missing.ts'

const WEB = made('v1', 'Service', 'web', 'spec: {ports: [{name: http, port: 80}]}')
const ingress = (backend: string, apiVersion = 'networking.k8s.io/v1'): string =>
  made(apiVersion, 'Ingress', 'i', `spec: {rules: [{http: {paths: [{backend: ${backend}}]}}]}`)
const check = (backend: string, result: string): void =>
  says(ingressBackendMissing, WEB + ingress(backend), [`Ingress i: ${result}`])

describe('ingress-backend-missing', () => {
  test('the Service and its port, by number or name', () => {
    check('{service: {name: web, port: {number: 80}}}', 'pass')
    check('{service: {name: web, port: {name: http}}}', 'pass')
    check('{service: {name: web, port: {number: 8080}}}', 'fail … port 8080 of Service web')
    check('{service: {name: web, port: {name: admin}}}', 'fail … port admin')
    check('{service: {name: api, port: {number: 80}}}', 'fail … Service api, which is not in namespace default')
  })

  test('of the first API versions', () => {
    const old = (name: string): string => ingress(`{serviceName: ${name}, servicePort: 80}`, 'extensions/v1beta1')
    says(ingressBackendMissing, WEB + old('web'), ['Ingress i: pass'])
    says(ingressBackendMissing, WEB + old('api'), ['Ingress i: fail'])
  })

  test('the default backend counts, and what is no Service does not', () => {
    const spec = (text: string): string => made('networking.k8s.io/v1', 'Ingress', 'i', `spec: {${text}}`)
    says(ingressBackendMissing, spec('defaultBackend: {service: {name: gone, port: {number: 1}}}'), ['Ingress i: fail'])
    says(ingressBackendMissing, spec('defaultBackend: {resource: {kind: StorageBucket, name: b}}'), ['Ingress i: pass'])
    check('{service: {name: redirect, port: {name: use-annotation}}}', 'pass')
  })

  test('a name outside has its own ports', () => {
    const outside = made('v1', 'Service', 'out', 'spec: {type: ExternalName, externalName: example.com}')
    says(ingressBackendMissing, outside + ingress('{service: {name: out, port: {number: 443}}}'), ['Ingress i: pass'])
  })

  test('the place is the backend', () => {
    const [verdict] = verdictsOf(ingressBackendMissing, ingress('{service: {name: gone, port: {number: 80}}}'))
    assert.deepEqual(verdict?.at, [{ path: ['spec', 'rules', 0, 'http', 'paths', 0, 'backend'] }])
  })

  test('a Service of another namespace does not count', () => {
    const other = made('v1', 'Service', 'web', 'spec: {ports: [{port: 80}]}', 'other')
    says(ingressBackendMissing, other + ingress('{service: {name: web, port: {number: 80}}}'), ['Ingress i: fail'])
  })
})
