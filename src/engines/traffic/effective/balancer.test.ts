import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx, statesOf } from '../routes/testing.ts'

const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
const LOCAL = 'externalTrafficPolicy: Local'
const LOST = ['requests bypassable R1']
const states = (edge: string): readonly string[] => statesOf(edge + ingress(RPS) + app('web'))
const node = (id: string): string => `
apiVersion: v1
kind: Node
metadata: {name: node-1}
spec: {providerID: "${id}"}
---`

describe('a load balancer that nothing of the Service tells of', () => {
  test('is that of the cloud where the nodes are', () => {
    for (const id of ['aws:///eu-west-1a/i-1', 'digitalocean://1', 'hcloud://1'])
      assert.deepEqual(states(node(id) + ingressNginx()), LOST, id)
    for (const id of ['gce://p/z/n', 'azure:///subscriptions/x', 'kind://docker/kind/n'])
      assert.deepEqual(states(node(id) + ingressNginx()), ['requests effective'], id)
    // A class of its own: not the cloud’s.
    const own = ingressNginx('', `${LOCAL}, loadBalancerClass: metallb.io/x`)
    assert.deepEqual(states(node('aws:///eu-west-1a/i-1') + own), ['requests effective'])
  })

  test('is what its name says', () => {
    const named = (name: string): string =>
      ingressNginx().replace(
        'spec: {type: LoadBalancer',
        `status: {loadBalancer: {ingress: [{hostname: ${name}}]}}\nspec: {type: LoadBalancer`,
      )
    assert.deepEqual(states(named('a1-2.eu-west-1.elb.amazonaws.com')), LOST)
    assert.deepEqual(states(named('a1-2.elb.eu-west-1.amazonaws.com')), ['requests effective'])
  })
})

test('EKS Auto Mode sends to pods with its own address', () => {
  const scheme = 'service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing'
  const auto = (annotations: string): string =>
    ingressNginx('', `${LOCAL}, loadBalancerClass: eks.amazonaws.com/nlb`, annotations)
  assert.deepEqual(states(auto(scheme)), LOST)
  const toNodes = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: instance'
  assert.deepEqual(states(auto(`${scheme}, ${toNodes}`)), ['requests effective'])
})

test('the PROXY protocol of peers that are not believed tells nothing', () => {
  const told = 'load-balancer.hetzner.cloud/uses-proxyprotocol: "true"'
  const believing = (cidr: string): string =>
    ingressNginx(`use-proxy-protocol: "true", proxy-real-ip-cidr: "${cidr}"`, 'externalTrafficPolicy: Cluster', told)
  assert.deepEqual(states(believing('203.0.113.0/24')), LOST)
  assert.deepEqual(states(believing('10.0.0.0/8')), ['requests effective'])
})
