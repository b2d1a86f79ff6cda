import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx, statesOf } from '../routes/testing.ts'

const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
const FRONT = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: edge, annotations: {alb.ingress.kubernetes.io/scheme: internet-facing}}
spec: {ingressClassName: alb, rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: controller, port: {number: 80}}}}]}}]}
---`
const behind = (settings: string, front = FRONT, type = 'NodePort'): readonly string[] =>
  statesOf(ingressNginx(settings).replace('type: LoadBalancer', `type: ${type}`) + front + ingress(RPS) + app('web'))

describe('behind another proxy', () => {
  test('its address is counted, until its header is believed', () => {
    assert.deepEqual(behind(''), ['requests bypassable R1'])
    assert.deepEqual(behind('', FRONT, 'ClusterIP'), ['requests bypassable R1'])
    assert.deepEqual(behind('use-forwarded-headers: "true", proxy-real-ip-cidr: 10.0.0.0/16'), ['requests effective'])
  })

  test('whoever believes everybody believes what a client wrote before it', () => {
    assert.deepEqual(behind('use-forwarded-headers: "true"'), ['requests bypassable R2'])
  })

  test('a header that it does not write is the client’s', () => {
    const header = 'use-forwarded-headers: "true", forwarded-for-header: X-Real-IP, proxy-real-ip-cidr: 10.0.0.0/16'
    assert.deepEqual(behind(header), ['requests bypassable R2'])
  })

  test('a tunnel to Cloudflare is one, whose header nobody else writes', () => {
    const tunnel = `
apiVersion: v1
kind: ConfigMap
metadata: {name: cf, namespace: edge}
data: {config.yaml: "ingress: [{service: 'http://controller.edge.svc:80'}]"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cloudflared, namespace: edge}
spec: {selector: {matchLabels: {app: cf}}, template: {metadata: {labels: {app: cf}}, spec: {volumes: [{name: c, configMap: {name: cf}}], containers: [{name: c, image: "cloudflare/cloudflared:2026.1.0", args: [tunnel, run]}]}}}
---`
    const header =
      'use-forwarded-headers: "true", forwarded-for-header: CF-Connecting-IP, proxy-real-ip-cidr: 10.0.0.0/8'
    assert.deepEqual(behind(header, tunnel, 'ClusterIP'), ['requests effective'])
    assert.match(behind('', tunnel, 'ClusterIP')[0] ?? '', /^requests bypassable R[13]$/)
  })
})
