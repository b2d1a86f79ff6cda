import { describe, test } from 'node:test'
import { made, says } from '../../joins.testing.ts'
import { routeBackendMissing } from './route-backend-missing.ts'
import { routeNotAttached } from './route-not-attached.ts'

const GATEWAY = 'gateway.networking.k8s.io/v1'
const WEB = made('v1', 'Service', 'web', 'spec: {ports: [{port: 80}]}')
const route = (spec: string, kind = 'HTTPRoute'): string => made(GATEWAY, kind, 'r', `spec: {${spec}}`)
const to = (backend: string, kind?: string): string => route(`rules: [{backendRefs: [${backend}]}]`, kind)

describe('route-backend-missing', () => {
  test('the Service and its port', () => {
    says(routeBackendMissing, WEB + to('{name: web, port: 80}'), ['HTTPRoute r: pass'])
    says(routeBackendMissing, WEB + to('{name: web, port: 81}'), ['HTTPRoute r: fail … port 81 of Service web'])
    says(routeBackendMissing, WEB + to('{name: api, port: 80}', 'GRPCRoute'), ['GRPCRoute r: fail … Service api'])
    says(routeBackendMissing, to('{group: example.com, kind: Bucket, name: b}'), ['HTTPRoute r: pass'])
  })

  test('in another namespace only where it is granted', () => {
    const other = made('v1', 'Service', 'web', 'spec: {ports: [{port: 80}]}', 'other')
    const text = other + to('{name: web, namespace: other, port: 80}')
    says(routeBackendMissing, text, ['HTTPRoute r: unknown … ReferenceGrant'])
    says(routeBackendMissing, text, ['HTTPRoute r: fail'], {
      listed: new Set(['ReferenceGrant.gateway.networking.k8s.io']),
    })
    const grant = made(
      'gateway.networking.k8s.io/v1beta1',
      'ReferenceGrant',
      'g',
      'spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}',
      'other',
    )
    says(routeBackendMissing, text + grant, ['HTTPRoute r: pass'])
  })
})

describe('route-not-attached', () => {
  const gateway = (listener: string): string =>
    made(GATEWAY, 'Gateway', 'g', `spec: {gatewayClassName: c, listeners: [{name: l, ${listener}}]}`)

  test('by kind, host name and section', () => {
    const web = route('parentRefs: [{name: g}], hostnames: [shop.example.com]')
    says(routeNotAttached, web + gateway('protocol: HTTP, port: 80'), ['HTTPRoute r: pass'])
    says(routeNotAttached, web + gateway('protocol: HTTP, port: 80, hostname: "*.example.com"'), ['HTTPRoute r: pass'])
    says(routeNotAttached, web + gateway('protocol: HTTP, port: 80, hostname: other.org'), [
      'HTTPRoute r: fail … no listener',
    ])
    says(routeNotAttached, web + gateway('protocol: TCP, port: 80'), ['HTTPRoute r: fail'])
    says(routeNotAttached, route('parentRefs: [{name: g, sectionName: x}]') + gateway('protocol: HTTP, port: 80'), [
      'HTTPRoute r: fail',
    ])
  })

  test('a Gateway that is not in the input is unknown, a Service as parent is the mesh', () => {
    says(routeNotAttached, route('parentRefs: [{name: g}]'), [
      'HTTPRoute r: unknown … Gateway default/g is not in the input',
    ])
    says(routeNotAttached, route('parentRefs: [{kind: Service, group: "", name: web}]'), ['HTTPRoute r: pass'])
  })
})
