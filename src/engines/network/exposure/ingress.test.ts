import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served, waysIn } from './testing.ts'

test('an Ingress without a class is served by the default class, if there is one', () => {
  const ingress = (spec = ''): string => `
kind: Ingress
apiVersion: networking.k8s.io/v1
metadata: {name: i}
spec: {${spec} defaultBackend: {service: {name: a, port: {number: 80}}}}`
  const ingressClass = (isDefault: boolean): string => `
kind: IngressClass
apiVersion: networking.k8s.io/v1
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "${isDefault}"}}
spec: {controller: k8s.io/ingress-nginx}`
  const [YES, UNKNOWN] = [['exposed-ingress a TCP 80 yes'], ['exposed-ingress a TCP 80 unknown']] as const
  assert.deepEqual(waysIn(served('a'), ingress(), ingressClass(false)), UNKNOWN)
  assert.deepEqual(waysIn(served('a'), ingress(), ingressClass(true)), YES)
  assert.deepEqual(waysIn(served('a'), ingress('ingressClassName: nginx,'), ingressClass(false)), YES)
  assert.deepEqual(waysIn(served('a'), ingress()), YES)
})
